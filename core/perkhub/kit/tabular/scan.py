"""A first pass over a sheet's XML, for what the parser does not tell: error values, formulas without a result, numbers
that only look zero-padded, and cells so far out that parsing them would ask for all memory."""

import re
from collections import defaultdict
from collections.abc import Iterator

from perkhub.kit.tabular.archive import Archive
from perkhub.kit.tabular.errors import TableTooWide
from perkhub.kit.tabular.table import CellFault, Limits

CellFaults = dict[int, dict[int, CellFault]]  # row, column (both from 0)

CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
# Three letters: beyond column 702, wider than any table we take.
FAR = re.compile(rb" r=[\"'][A-Z]{3}")
PLACE = re.compile(rb"\sr=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
KIND = re.compile(rb"\st=[\"'](\w+)[\"']")
STYLE = re.compile(rb"\ss=[\"'](\d+)[\"']")
VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)<")
SIGNS = (b't="e"', b"t='e'", b"<f", b":f")  # of an error value or a formula: a plain search, most sheets have none
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
LONGEST_CELL = 1 << 20

# The integer part of a number format that pads with zeros: 000000, but neither 0.00 nor a date.
PADDED = re.compile(r"0{2,}")
NOT_DIGITS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def scan_sheet(archive: Archive, part: str, limits: Limits) -> CellFaults:
    """Where the sheet's cells are at fault.

    Raises:
        TableTooWide: a cell with content lies where no table reaches.
    """
    paddings = padded_styles(archive)
    faults: CellFaults = defaultdict(dict)
    for region in _regions(archive, part):
        if FAR.search(region):
            _refuse_far_content(region, limits)
        if paddings or any(sign in region for sign in SIGNS):
            for attributes, body in CELL.findall(region):
                fault = _fault(attributes, body, paddings)
                place = PLACE.search(attributes) if fault else None
                if fault and place:
                    faults[int(place[2]) - 1][_column(place[1])] = fault
    return faults


def padded_styles(archive: Archive) -> dict[int, int]:
    """Cell styles whose number format shows leading zeros, with the number of digits it pads to."""
    digits: dict[str, int] = {}
    styles: dict[int, int] = {}
    for element in archive.styles():
        name = element.tag.rsplit("}", 1)[-1]
        if name == "numFmts":
            digits.update({item.get("numFmtId", ""): _padding(item.get("formatCode", "")) for item in element})
        elif name == "cellXfs":
            widths = ((index, digits.get(item.get("numFmtId", ""), 0)) for index, item in enumerate(element))
            styles.update({index: width for index, width in widths if width})
    return styles


def _padding(format_code: str) -> int:
    whole = NOT_DIGITS.sub("", format_code.split(";", 1)[0]).split(".", 1)[0]
    return whole.count("0") if PADDED.search(whole) and "/" not in whole and "E" not in whole else 0


def _regions(archive: Archive, part: str) -> Iterator[bytes]:
    """The sheet in pieces that end before a cell begins, so that no cell is cut in two."""
    held = b""
    for piece in archive.pieces(part):
        held += piece
        begin = held.rfind(b"<c ")
        if begin < 0:
            begin = held.rfind(b"<", 0, max(held.rfind(b":c "), 0))
        cut = begin if begin > 0 and len(held) - begin < LONGEST_CELL else len(held)
        yield held[:cut]
        held = held[cut:]
    yield held


def _refuse_far_content(region: bytes, limits: Limits) -> None:
    """Styled cells without content may lie anywhere; the parser leaves them out."""
    for attributes, body in CELL.findall(region):
        place = PLACE.search(attributes)
        if place and len(place[1]) == 3 and body:
            raise TableTooWide(limit=limits.columns)


def _fault(attributes: bytes, body: bytes, paddings: dict[int, int]) -> CellFault | None:
    found = KIND.search(attributes)
    kind = found[1] if found else b"n"
    if kind == b"e":
        return CellFault.ERROR_VALUE
    value = VALUE.search(body)
    if value is None:
        # An empty text ("str") is a result too.
        return CellFault.FORMULA_WITHOUT_VALUE if kind != b"str" and FORMULA.search(body) else None
    style = STYLE.search(attributes) if paddings and kind == b"n" else None
    width = paddings.get(int(style[1]), 0) if style else 0
    shown = value[1].strip()
    return CellFault.LEADING_ZEROS if width and shown.isdigit() and len(shown) < width else None


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
