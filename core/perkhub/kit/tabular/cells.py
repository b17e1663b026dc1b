"""What a cell says, as text: numbers, dates and booleans in one form each, spaces trimmed, nothing guessed."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from perkhub.kit.tabular.errors import CellTooLong
from perkhub.kit.tabular.table import CellFault

# Spaces that people cannot see and spreadsheets collect: no-break, ideographic, zero-width, byte order mark, soft hyphen.
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u200e\u200f"
BLANKS = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + UNSEEN
BLANKS += "".join(map(chr, range(0x2000, 0x200B)))
UNSEEN_ANYWHERE = dict.fromkeys(map(ord, UNSEEN))

EXACT_BELOW = 10**15  # a spreadsheet keeps 15 digits of a number; the 16th was lost before the file was written
SCIENTIFIC = re.compile(r"[1-9](\.\d+)?E\+\d+")
ERROR_VALUES = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
TEXT_OF_FORMULA = re.compile(r'="([^"]*)"')  # how exports force a spreadsheet to take digits as text

Faults = list[tuple[int, CellFault]]
RawRow = tuple[Sequence[object], Mapping[int, CellFault]]  # what stands in the cells, and which of them are at fault
NO_FAULTS: Mapping[int, CellFault] = {}


def normalise_cell(text: str) -> str:
    """The form to compare and to store: full-width digits and letters made narrow (NFKC), no unseen characters, trimmed."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text.translate(UNSEEN_ANYWHERE)).strip(BLANKS)


def read_cells(values: Sequence[object], *, row: int, limit: int) -> tuple[list[str], Faults]:
    """The texts of a row's cells, and which of them (by position) cannot be taken."""
    faults: Faults = []
    texts: list[str] = []
    for value in values:
        said = _said(value)
        if isinstance(said, CellFault):
            faults.append((len(texts), said))
            said = ""
        elif len(said) > limit:
            raise CellTooLong(row=row, limit=limit)
        texts.append(said)
    return texts, faults


def read_text(value: str) -> str | CellFault:
    """What a cell with this text says."""
    text = value.strip()
    plain = text.isascii() and text.isprintable() and "E+" not in text and text[:1] not in ("#", "=")
    return text if plain else _peculiar(text)


def _said(value: object) -> str | CellFault:
    if isinstance(value, str):
        return read_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return CellFault.ERROR_VALUE


def _peculiar(text: str) -> str | CellFault:
    text = text.strip(BLANKS)
    forced = TEXT_OF_FORMULA.fullmatch(text)
    if forced:
        text = forced[1].strip(BLANKS)
    if text in ERROR_VALUES:
        return CellFault.ERROR_VALUE
    # A spreadsheet that saved a long number as text has rounded it: the digits are gone.
    if SCIENTIFIC.fullmatch(text):
        return CellFault.DIGITS_LOST
    if not text.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\r\n" for c in text):
        return CellFault.CONTROL_CHARACTER
    return text


def _number(value: int | float) -> str | CellFault:
    if not math.isfinite(value) or abs(value) >= EXACT_BELOW:
        return CellFault.DIGITS_LOST
    if value == int(value):
        return str(int(value))
    exact = Decimal(repr(value))
    return CellFault.DIGITS_LOST if len(exact.as_tuple().digits) > 15 else f"{exact:f}"
