"""The child that draws a stranger's picture anew: limits itself first, takes the file from stdin, answers on stdout.

What comes out is made of pixels alone: no place where it was taken, no name of a camera, no script behind the last byte.
The answer is one line of JSON, and the renditions' bytes one after another.
"""

import contextlib
import sys
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import orjson
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from perkhub.kit.images.errors import ImageDamaged, ImageTooDemanding, NotAnImage
from perkhub.kit.images.form import (
    FORMATS,
    LARGEST,
    LARGEST_COMPATIBLE,
    LONGEST_SIDE,
    MEMORY_MEGABYTES,
    MOST_FRAMES,
    MOST_MOVING_PIXELS,
    MOST_PIXELS,
    SECONDS,
    WIDTHS,
    ImageFormat,
    Rendered,
    Rendition,
)
from perkhub.kit.limited import limit_process

# Imported, they are known; what is known is found without importing the fifty others first.
DECODERS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
LOOK = {"quality": 82, "method": 4}
LOOK_MOVING = {"quality": 75, "method": 2}
QUICKEST_FRAME = 20  # milliseconds; what says less is shown by browsers at a tenth of a second
USUAL_FRAME = 100


def draw(data: bytes) -> Rendered:
    """The picture in all its forms.

    Raises:
        NotAnImage, ImageDamaged, ImageTooDemanding.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            frames = _frames(image)
            return _moving(image, frames) if frames > 1 else _still(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise too_demanding() from None
    except UnidentifiedImageError:
        raise NotAnImage from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError):
        raise ImageDamaged from None  # each of these is how some decoder says so


def too_demanding() -> ImageTooDemanding:
    """With what would be taken."""
    return ImageTooDemanding(side=LONGEST_SIDE, frames=MOST_FRAMES)


def _frames(image: Image.Image) -> int:
    """How many there are, before any is drawn. Counted no further than needed: a GIF's number is found by going there."""
    if max(image.size) > LONGEST_SIDE:
        raise too_demanding()
    most = min(MOST_FRAMES, MOST_MOVING_PIXELS // max(1, image.width * image.height))
    frames = 1
    if getattr(image, "is_animated", False) and image.format != "JPEG":
        with contextlib.suppress(EOFError):
            while True:
                image.seek(frames)
                frames += 1
                if frames > most:
                    raise too_demanding()
        image.seek(0)
    return frames


def _still(image: Image.Image) -> Rendered:
    image.draft("RGB", (LARGEST, LARGEST))
    shown = _clean(image)
    shown.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    drawn = [_saved(one, ImageFormat.WEBP, **LOOK) for one in _sizes(shown)]
    return Rendered(1, (*drawn, _compatible(shown)))


def _moving(image: Image.Image, frames: int) -> Rendered:
    drawn, times = [], []
    for number in range(frames):
        image.seek(number)
        frame = image.convert("RGBA")
        frame.info = {}
        drawn.append(frame)
        told = image.info.get("duration") or USUAL_FRAME
        times.append(max(QUICKEST_FRAME, int(told)))
    renditions = []
    for size in {one.size: None for one in _sizes(drawn[0], largest=LARGEST_COMPATIBLE)}:
        first, *others = (frame if frame.size == size else frame.resize(size, Image.Resampling.BILINEAR) for frame in drawn)
        how = {**LOOK_MOVING, "save_all": True, "append_images": others, "duration": times, "loop": 0}
        renditions.append(_saved(first, ImageFormat.WEBP, **how))
    return Rendered(frames, (*renditions, _compatible(drawn[0])))


def _sizes(image: Image.Image, *, largest: int = LARGEST) -> Iterator[Image.Image]:
    """The picture at each width that is smaller than its own, and at its own: never larger than it was."""
    for width in (*(width for width in WIDTHS if width < min(image.width, largest)), min(image.width, largest)):
        height = max(1, round(image.height * width / image.width))
        yield image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _clean(image: Image.Image) -> Image.Image:
    """Upright, in the colours of the web, and without a word besides."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # sixteen bits of grey
        upright = upright.convert("I").point(lambda grey: grey / 256).convert("L")
    see_through = upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info
    if profile and upright.mode in ("RGB", "CMYK", "L"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):  # an odd profile is no profile
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(upright, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            upright = turned if turned is not None else upright
    plain = upright.convert("RGBA" if see_through else "RGB")
    plain.info = {}
    return plain


def _compatible(image: Image.Image) -> Rendition:
    """What everything reads: a JPEG, or a PNG where something shows through."""
    small = image.copy()
    small.thumbnail((LARGEST_COMPATIBLE, LARGEST_COMPATIBLE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if small.mode == "RGBA" and small.getchannel("A").getextrema() != (255, 255):
        return _saved(small, ImageFormat.PNG, optimize=True)
    return _saved(small.convert("RGB"), ImageFormat.JPEG, quality=86, progressive=True, optimize=True)


def _saved(image: Image.Image, form: ImageFormat, **how: Any) -> Rendition:
    out = BytesIO()
    image.info = {}
    image.save(out, form.name, **how)
    return Rendition(form, *image.size, out.getvalue())


def main() -> None:
    """The file until its end, and the answer."""
    limit_process(memory_megabytes=MEMORY_MEGABYTES, seconds=SECONDS)
    out = sys.stdout.buffer
    with contextlib.suppress(BrokenPipeError):
        try:
            drawn = draw(sys.stdin.buffer.read())
        except (NotAnImage, ImageDamaged, ImageTooDemanding) as refused:
            out.write(orjson.dumps({"refused": refused.code}) + b"\n")
        except MemoryError:
            out.write(orjson.dumps({"refused": ImageTooDemanding.code}) + b"\n")
        else:
            told = [[one.format, one.width, one.height, len(one.content)] for one in drawn.renditions]
            out.write(orjson.dumps({"frames": drawn.frames, "renditions": told}) + b"\n")
            for one in drawn.renditions:
                out.write(one.content)
        out.flush()


if __name__ == "__main__":
    main()
