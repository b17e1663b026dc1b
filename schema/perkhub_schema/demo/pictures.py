"""The demo's pictures, drawn here: a brand's name on a colour of its own, before a pattern for what it is about.

Nobody's logo, and nothing fetched: the letters are those that come with Pillow.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

SIZE = WIDTH, HEIGHT = 1280, 800
FINER = 2  # drawn so much larger, for smooth edges
MARGIN = 96
LARGEST_LETTERS, SMALLEST_LETTERS = 176, 72
WHITE, INK = "#ffffff", "#1b1f1a"
PALE = 0.62  # of a colour this bright, white letters are not read

Colour = tuple[int, int, int]
Pattern = Callable[[ImageDraw.ImageDraw, int, int], None]


def draw_picture(name: str, colour: str, pattern: Pattern) -> bytes:
    """A PNG."""
    tone = _rgb(colour)
    ink = INK if _brightness(tone) > PALE else WHITE
    picture = _shaded(tone)
    picture.paste(_rgb(ink), (0, 0), _drawn(pattern))
    letters, font = _fitting(name)
    ImageDraw.Draw(picture).multiline_text(
        (MARGIN, HEIGHT - MARGIN), letters, fill=ink, font=font, anchor="ld", spacing=20, stroke_width=font.size / 40
    )
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def rings(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """For what is seen and heard."""
    for number in range(1, 7):
        radius = number * height // 7
        box = (width - radius, -radius, width + radius, radius)
        draw.ellipse(box, outline=255, width=height // 22)


def dots(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """For what is eaten and drunk."""
    step = height // 8
    for column in range(9):
        for row in range(8 - column):
            x, y, radius = width - step // 2 - column * step, step // 2 + row * step, step * (9 - column - row // 2) // 26
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def roads(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """For what takes one somewhere."""
    for number in range(6):
        x = width * (9 + 2 * number) // 16
        draw.line((x, -height // 10, x - height // 2, height * 11 // 10), fill=255, width=height // 18)


def cards(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """For what is spent in shops."""
    for number in range(4):
        x, y = width * (7 + 2 * number) // 16, height // 9 + number * height // 9
        box = (x, y, x + width // 2, y + height // 2)
        draw.rounded_rectangle(box, radius=height // 16, outline=255, width=height // 60)


def bars(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """For what one learns and works with."""
    step = width // 16
    for number, tall in enumerate((2, 3, 5, 4, 6, 8, 7)):
        x = width - (7 - number) * step
        draw.rounded_rectangle((x, -step, x + step * 5 // 8, tall * height // 12), radius=step // 4, fill=255)


def _shaded(tone: Colour) -> Image.Image:
    light, deep = _mixed(tone, (255, 255, 255), 0.14), _mixed(tone, (0, 0, 0), 0.24)
    down = Image.linear_gradient("L")
    slanting = Image.blend(down, down.transpose(Image.Transpose.ROTATE_90), 0.4)
    return Image.composite(Image.new("RGB", SIZE, deep), Image.new("RGB", SIZE, light), slanting.resize(SIZE))


@cache
def _drawn(pattern: Pattern) -> Image.Image:
    """How much of each pixel it covers; softly, for it stands behind the name."""
    mask = Image.new("L", (WIDTH * FINER, HEIGHT * FINER))
    pattern(ImageDraw.Draw(mask), *mask.size)
    return mask.reduce(FINER).point(lambda covered: covered // 7)


def _fitting(name: str) -> tuple[str, ImageFont.FreeTypeFont]:
    """The name in the largest letters that fit, on two lines where that makes them larger."""
    words = name.split()
    broken = [" ".join(words[:place]) + "\n" + " ".join(words[place:]) for place in range(1, len(words))]
    for size in range(LARGEST_LETTERS, SMALLEST_LETTERS, -8):
        font = _font(size)
        for letters in (name, *broken):
            if max(font.getlength(line) for line in letters.split("\n")) <= WIDTH - 2 * MARGIN:
                return letters, font
    return name, _font(SMALLEST_LETTERS)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow's wheels bring FreeType along"
    return font


def _rgb(colour: str) -> Colour:
    red, green, blue, *_ = ImageColor.getrgb(colour)
    return red, green, blue


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _brightness(tone: Colour) -> float:
    red, green, blue = tone
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
