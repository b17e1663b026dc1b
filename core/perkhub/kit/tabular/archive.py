"""A workbook's zip, looked at before anything is unpacked: bombs, encryption, embedded files, and where its sheets lie."""

import io
import posixpath
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from perkhub.kit.tabular.errors import (
    FileDamaged,
    FileOldFormat,
    FilePasswordProtected,
    FileSuspicious,
    FileUnreadable,
)
from perkhub.kit.tabular.table import Limits

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORKBOOK = "xl/workbook.xml"
STRINGS = "xl/sharedstrings.xml"
STYLES = "xl/styles.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"

# Nothing nested is ever opened, but a table has no use for it, and a next reader may be less careful.
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".tar", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".jar")
ENCRYPTED = 0x1
RATIO = 120  # a sheet that repeats one cell a million times stays below 40
RATIO_MATTERS_ABOVE = 16 << 20
SMALL = 16 << 20  # for parts that are parsed as a whole: the list of sheets, styles
PIECE = 1 << 20
DOCUMENT_TYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


def refuse_ole(data: bytes) -> None:
    """Both an encrypted workbook and an .xls are OLE files; the names in its directory (UTF-16) tell them apart."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FilePasswordProtected
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        raise FileOldFormat
    raise FileUnreadable


@dataclass(frozen=True)
class Sheet:
    """One sheet by the workbook's own list."""

    name: str
    part: str
    readable: bool  # a visible sheet of cells


class Archive:
    """The zip of an XLSX, checked. Names are compared without case, as spreadsheets do."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = ZipFile(io.BytesIO(data))
        except (BadZipFile, ValueError, OSError, NotImplementedError):
            raise FileDamaged from None
        self._limits = limits
        self._parts = {part.filename.lower(): part for part in self._zip.infolist()}
        self._check_directory(self._zip.infolist())

    def _check_directory(self, parts: list[ZipInfo]) -> None:
        if any(part.flag_bits & ENCRYPTED for part in parts):
            raise FilePasswordProtected
        if len(parts) > self._limits.parts or any(part.filename.lower().endswith(ARCHIVES) for part in parts):
            raise FileSuspicious
        # Two entries of one name: two readers may see two different workbooks.
        if len(self._parts) != len(parts) or any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise FileDamaged
        unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        if unpacked > self._limits.unpacked_bytes or (unpacked > RATIO_MATTERS_ABOVE and unpacked > RATIO * packed):
            raise FileSuspicious
        if WORKBOOK not in self._parts:
            raise FileUnreadable

    def sheets(self) -> list[Sheet]:
        """Every sheet in the workbook's order."""
        relations = {item.get("Id"): item for item in self._elements(RELATIONS, "Relationship")}
        sheets = []
        for item in self._elements(WORKBOOK, "sheet"):
            relation = relations.get(next((value for name, value in item.items() if name.endswith("}id")), None))
            if relation is None:
                raise FileDamaged
            part = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            # Charts and macros have sheets too.
            readable = item.get("state", "visible") == "visible" and relation.get("Type", "").endswith("/worksheet")
            sheets.append(Sheet(item.get("name", ""), part.lower(), readable))
        return sheets

    def styles(self) -> Iterator[ElementTree.Element]:
        """The elements of the style sheet, if there is one."""
        return self._elements(STYLES) if STYLES in self._parts else iter(())

    def pieces(self, name: str) -> Iterator[bytes]:
        """One part, unpacked piece by piece. It is read to its end, so that a wrong size or checksum shows."""
        if name not in self._parts:
            raise FileDamaged
        try:
            with self._zip.open(self._parts[name]) as part:
                while piece := part.read(PIECE):
                    # Entities are how a small XML grows large; no spreadsheet declares any.
                    if any(declared in piece for declared in DOCUMENT_TYPE):
                        raise FileSuspicious
                    yield piece
        except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise FileDamaged from None

    def verify(self, name: str) -> None:
        """Unpack a part to nowhere."""
        for _ in self.pieces(name) if name in self._parts else ():
            pass

    def _elements(self, name: str, local: str | None = None) -> Iterator[ElementTree.Element]:
        text = bytearray()
        for piece in self.pieces(name):
            text += piece
            if len(text) > SMALL:
                raise FileSuspicious
        try:
            # Without a document type there are no entities to expand: `pieces` has refused one.
            root = ElementTree.fromstring(bytes(text))  # noqa: S314
        except ElementTree.ParseError:
            raise FileDamaged from None
        return (item for item in root.iter() if local is None or item.tag.rsplit("}", 1)[-1] == local)
