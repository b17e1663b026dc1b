"""Writing sheets: XLSX and CSV, row after row; also the template, which says what each column is for."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

import xlsxwriter

from perkhub.catalog.sheets.cells import Cell, Place, Row
from perkhub.catalog.sheets.columns import COLUMNS, FREE, Of, header_of

PIECE = 1 << 18
VERSIONS = frozenset({"version", "variant_version", "listing_version"})
EXACT_DIGITS = 15  # as many as a spreadsheet keeps of a number
WIDTH = 18


def places(free: Iterable[Place] = ()) -> list[Place]:
    """The columns of what we write, in their order: those of the product, of the variant, of the listing. Versions are left
    for whoever adds them: what is written once and brought in twice would be refused the second time."""
    named = sorted(free)
    return [
        place
        for of in Of
        for place in (
            *((column.key, None) for column in COLUMNS if column.of is of and column.key not in VERSIONS),
            *(one for one in named if FREE[one[0]][0] is of),
        )
    ]


class SheetWriter(Protocol):
    """Takes rows, then gives the file away."""

    def add(self, rows: Iterable[Row]) -> bytes:
        """Write rows; what of the file is ready."""

    def end(self) -> Iterator[bytes]:
        """The rest of the file."""


class CsvWriter:
    """With a byte order mark: without it, Excel takes UTF-8 for something else."""

    def __init__(self, columns: Sequence[Place], language: str) -> None:
        self._columns = columns
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, lineterminator="\r\n")
        self._out.write("\ufeff")
        self._writer.writerow(header_of(key, language, name) for key, name in columns)

    def add(self, rows: Iterable[Row]) -> bytes:
        """Write rows."""
        for row in rows:
            self._writer.writerow(_shown(row.get(place, "")) for place in self._columns)
        written = self._out.getvalue().encode()
        self._out.seek(0)
        self._out.truncate()
        return written

    def end(self) -> Iterator[bytes]:
        """What is left."""
        yield self.add(())


class XlsxWriter:
    """A workbook of one sheet; its rows wait on the disk in a folder of the writer's own, not in memory."""

    def __init__(self, columns: Sequence[Place], language: str, *, about: bool = False) -> None:
        self._columns = {place: number for number, place in enumerate(columns)}
        self._out = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._out, {"constant_memory": True})
        self._sheet = self._book.add_worksheet("商品" if language == "zh" else "Products")
        bold = self._book.add_format({"bold": True})
        for number, (key, name) in enumerate(columns):
            self._sheet.write_string(0, number, header_of(key, language, name), bold)
        self._sheet.freeze_panes(1, 0)
        self._next = 1
        if about:
            _explain(self._book.add_worksheet("说明" if language == "zh" else "Columns"), language)

    def add(self, rows: Iterable[Row]) -> bytes:
        """Write rows; a workbook is ready only as a whole."""
        for row in rows:
            for place, cell in row.items():
                if place in self._columns:
                    self._put(self._columns[place], cell)
            self._next += 1
        return b""

    def _put(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(self._next, column, cell)
        elif isinstance(cell, Decimal) and len(cell.normalize().as_tuple().digits) > EXACT_DIGITS:
            self._sheet.write_string(self._next, column, f"{cell.normalize():f}")
        else:
            self._sheet.write_number(self._next, column, float(cell))

    def end(self) -> Iterator[bytes]:
        """The file."""
        self._book.close()
        self._out.seek(0)
        while piece := self._out.read(PIECE):
            yield piece


def _shown(cell: Cell) -> str:
    return f"{cell.normalize():f}" if isinstance(cell, Decimal) else str(cell)


def _explain(sheet: Any, language: str) -> None:
    """What stands in which column; on a sheet of its own, which nobody reads back."""
    sheet.set_column(0, 1, WIDTH * 2)
    for number, column in enumerate(COLUMNS):
        sheet.write_string(number, 0, header_of(column.key, language))
        sheet.write_string(number, 1, column.about_zh if language == "zh" else column.about)
    for number, key in enumerate(FREE, len(COLUMNS)):
        sheet.write_string(number, 0, header_of(key, language, "…"))
        sheet.write_string(
            number, 1, "“.”后为属性代码或键名" if language == "zh" else "the attribute's code, or a key, after the dot"
        )


def template(language: str, *, attributes: Iterable[Place] = ()) -> bytes:
    """An empty sheet with every column, and what they are for."""
    return b"".join(XlsxWriter(places(attributes), language, about=True).end())
