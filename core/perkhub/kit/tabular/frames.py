"""What the child says to its parent: length-prefixed JSON, one frame for each chunk of rows."""

import struct
from enum import StrEnum
from typing import Any, BinaryIO

import orjson

HEAD = struct.Struct("<I")
LARGEST = 16 << 20  # the child breaks chunks long before; more than this is not from it


class Frame(StrEnum):
    COLUMNS = "c"
    ROWS = "r"
    REFUSED = "x"
    END = "e"


def write_frame(out: BinaryIO, kind: Frame, *content: Any) -> None:
    """Write one frame."""
    body = orjson.dumps([kind, *content])
    out.write(HEAD.pack(len(body)))
    out.write(body)


def read_body(body: bytes) -> tuple[Frame, list[Any]]:
    """The frame's kind and its content."""
    kind, *content = orjson.loads(body)
    return Frame(kind), content
