"""Pictures of strangers are drawn anew, in every size that pages need; what is none, or too much, is refused."""

from io import BytesIO

import pytest
from PIL import Image

from perkhub.kit.images import child, render
from perkhub.kit.images.child import draw
from perkhub.kit.images.errors import ImageDamaged, ImageRefused, ImageTooDemanding, NotAnImage
from perkhub.kit.images.form import ImageFormat, Rendered, begins_as_image
from perkhub.kit.images.render import render_image
from tests.fixtures.pictures import (
    GPS,
    SCRIPT,
    SVG,
    a_bomb,
    a_movie,
    a_photo,
    a_picture,
    a_png_that_says,
    encoded,
)

WEBP = ImageFormat.WEBP
TAKEN = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")


def sizes(rendered: Rendered) -> list[tuple[str, int, int]]:
    return [(str(one.format), one.width, one.height) for one in rendered.renditions]


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("form", TAKEN)
async def test_every_form_that_we_take(form: str):
    data = a_picture(form)
    assert begins_as_image(data[:32])
    rendered = await render_image(data)
    assert sizes(rendered) == [("webp", 64, 48), ("jpeg", 64, 48)]
    red, green, _ = opened(rendered.renditions[0].content).convert("RGB").getpixel((30, 20))  # type: ignore[misc]
    assert red > 170
    assert green < 70


def test_a_large_picture_has_a_form_for_each_width_and_none_that_is_larger_than_a_screen():
    rendered = draw(a_photo(size=(4000, 2500)))
    assert sizes(rendered) == [
        ("webp", 320, 200),
        ("webp", 640, 400),
        ("webp", 1280, 800),
        ("webp", 1920, 1200),
        ("jpeg", 1280, 800),
    ]
    for one in rendered.renditions:
        assert opened(one.content).size == (one.width, one.height)
        assert opened(one.content).format == one.format.name


def test_nothing_is_made_larger_than_it_was():
    assert sizes(draw(a_picture(size=(1, 1)))) == [("webp", 1, 1), ("jpeg", 1, 1)]
    assert sizes(draw(a_picture(size=(2000, 1))))[-2] == ("webp", 1920, 1)


def test_what_shows_through_goes_on_to():
    rendered = draw(a_picture(color=(0, 0, 0, 0)))
    assert sizes(rendered) == [("webp", 64, 48), ("png", 64, 48)]
    assert all(opened(one.content).convert("RGBA").getpixel((5, 5))[3] == 0 for one in rendered.renditions)  # type: ignore[index]


def test_a_picture_stands_upright_and_says_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    exif[0x010F] = "Camera of Li Lei"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    data = a_photo(size=(400, 200), exif=exif.tobytes(), comment=b"taken at home")
    assert b"Camera of Li Lei" in data
    rendered = draw(data)
    assert sizes(rendered)[0] == ("webp", 200, 400)
    for one in rendered.renditions:
        for secret in (b"Li Lei", b"Exif", b"taken at home", b"GPS"):
            assert secret not in one.content
        assert dict(opened(one.content).getexif()) == {}


@pytest.mark.parametrize("form", TAKEN)
def test_what_hangs_on_a_picture_falls_off(form: str):
    """Polyglots: a picture to one program, a page with a script or an archive to another."""
    rendered = draw(a_picture(form) + GPS + SCRIPT + b"PK\x03\x04" + b"x" * 100)
    assert not any(SCRIPT in one.content or b"PK\x03\x04" in one.content for one in rendered.renditions)


def test_a_script_in_a_comment_falls_off():
    rendered = draw(a_picture("GIF", comment=SCRIPT))
    assert not any(b"script" in one.content for one in rendered.renditions)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_goes_on_moving(form: str):
    rendered = draw(a_movie(5, form))
    assert (rendered.frames, sizes(rendered)) == (5, [("webp", 24, 16), ("jpeg", 24, 16)])
    assert getattr(opened(rendered.renditions[0].content), "n_frames", 1) == 5
    assert getattr(opened(rendered.renditions[1].content), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "I;16", "RGBA"])
def test_every_way_to_say_a_colour(mode: str):
    image = Image.new(mode, (8, 8)) if mode == "I;16" else Image.new("RGB", (8, 8), "red").convert(mode)
    form = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    assert sizes(draw(encoded(image, form)))[0] == ("webp", 8, 8)


NO_PICTURES = {
    "SVG with a script": SVG,
    "HTML": b"<!doctype html><html>" + SCRIPT + b"</html>",
    "a script": b"alert(1)//" + b" " * 100,
    "a PDF": b"%PDF-1.7\n" + b"x" * 100,
    "an archive": b"PK\x03\x04" + b"\x00" * 100,
    "a bitmap": b"BM" + b"\x00" * 100,
    "a TIFF": b"II*\x00" + b"\x00" * 100,
    "an icon": b"\x00\x00\x01\x00" + b"\x00" * 100,
    "PostScript": b"%!PS-Adobe-3.0\n" + b"x" * 100,
    "a film": b"\x00\x00\x00\x20ftypisom" + b"\x00" * 100,
    "a sound": b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * 100,
    "nothing": b"",
    "a NUL": b"\x00",
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_seen_by_its_first_bytes(name: str):
    assert not begins_as_image(NO_PICTURES[name][:32])


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_not_drawn_either(name: str):
    with pytest.raises((NotAnImage, ImageDamaged)):
        draw(NO_PICTURES[name])


BROKEN = {
    "a cut PNG": a_photo("PNG")[:-500],
    "a cut JPEG": a_photo("JPEG")[:3000],
    "a cut WebP": a_photo("WEBP")[:-300],
    "a cut AVIF": a_photo("AVIF")[:-300],
    "a head alone": a_photo("PNG")[:33],
    "a JPEG's first bytes and a page": b"\xff\xd8\xff\xe0" + SCRIPT * 10,
    "a GIF's first bytes and a script": b"GIF89a=1;alert(1)//" + b" " * 100,
    "a PNG with wrong sums": a_picture("PNG")[:60] + b"\x00\x01\x02" + a_picture("PNG")[63:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_go_on_as_a_picture_is_refused(name: str):
    with pytest.raises((NotAnImage, ImageDamaged)):
        draw(BROKEN[name])


async def test_a_bomb_is_refused_before_it_is_drawn():
    bomb = a_bomb()
    assert len(bomb) < 1_000_000
    with pytest.raises(ImageTooDemanding):
        await render_image(bomb)


@pytest.mark.parametrize(("width", "height"), [(8001, 10), (10, 8001), (2**31 - 1, 1), (50_000, 50_000)])
def test_too_many_pixels_are_refused_by_the_head_alone(width: int, height: int):
    with pytest.raises(ImageTooDemanding):
        draw(a_png_that_says(width, height))


def test_ten_thousand_frames_are_too_many():
    with pytest.raises(ImageTooDemanding):
        draw(a_movie(10_000, size=(4, 4)))


def test_few_large_frames_are_too_many_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child, "MOST_MOVING_PIXELS", 10_000)
    assert draw(a_movie(6, size=(40, 40))).frames == 6
    with pytest.raises(ImageTooDemanding):
        draw(a_movie(7, size=(40, 40)))


async def test_what_the_child_refuses_is_refused_here():
    for data, refused in ((SVG, NotAnImage), (a_photo("PNG")[:-500], ImageDamaged), (a_movie(201), ImageTooDemanding)):
        with pytest.raises(refused):
            await render_image(data)


async def test_a_child_that_dies_refuses_the_picture(monkeypatch: pytest.MonkeyPatch):
    """However it ends, the process that asked goes on."""
    for code in ("import os; os.abort()", "raise SystemExit(1)", "pass", "bytearray(1 << 62)"):
        monkeypatch.setattr(render, "CHILD", ("-c", code))
        with pytest.raises(ImageTooDemanding):
            await render_image(a_picture())


async def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(render, "CHILD", ("-c", "import time; time.sleep(1000)"))
    monkeypatch.setattr(render, "SECONDS", 0)
    monkeypatch.setattr(render, "GRACE_SECONDS", 0.2)
    with pytest.raises(ImageTooDemanding):
        await render_image(a_picture())


def test_a_refusal_is_told_in_both_languages():
    with pytest.raises(ImageRefused) as refused:
        draw(a_bomb())
    assert "8000" in refused.value.message("en")
    assert "8000" in refused.value.message("zh")
