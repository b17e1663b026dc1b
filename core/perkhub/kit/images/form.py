"""What is a picture to us: how one begins, how large it may be, and in which forms it is kept."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

MEGABYTES = 20
# What is larger than any screen is made smaller; what is larger than this is no picture for a shop.
LONGEST_SIDE = 8000
MOST_PIXELS = LONGEST_SIDE * LONGEST_SIDE
# Of all frames together; each is drawn and compressed anew.
MOST_FRAMES = 200
MOST_MOVING_PIXELS = 40_000_000
WIDTHS = (320, 640, 1280)
LARGEST = 1920
# For those who cannot read WebP: previews in chats, documents.
LARGEST_COMPATIBLE = 1280

MEMORY_MEGABYTES = 1536
SECONDS = 60

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
HEAD = 32


class ImageFormat(StrEnum):
    WEBP = auto()
    JPEG = auto()
    PNG = auto()

    @property
    def content_type(self) -> str:
        """The media type."""
        return f"image/{self}"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One form of a picture, made by us: there is nothing in it but what is seen."""

    format: ImageFormat
    width: int
    height: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture in all its forms, the smallest WebP first, the compatible one last."""

    frames: int
    renditions: tuple[Rendition, ...]


def begins_as_image(head: bytes) -> bool:
    """Whether the first bytes are those of a form that we take. What a file is called tells nothing."""
    return (
        head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and any(head[at : at + 4] in (b"avif", b"avis") for at in (8, *range(16, HEAD, 4))))
    )
