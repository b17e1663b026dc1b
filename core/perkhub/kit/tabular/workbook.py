"""Rows out of an XLSX. Runs only in the child process: the parser holds the sheet, and aborts when memory runs out."""

import io
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from perkhub.kit.tabular.archive import STRINGS, Archive
from perkhub.kit.tabular.cells import NO_FAULTS, RawRow
from perkhub.kit.tabular.errors import FileDamaged, SheetMissing, TableTooLong, TableTooWide
from perkhub.kit.tabular.scan import CellFaults, scan_sheet
from perkhub.kit.tabular.table import CellFault, Limits

Place = tuple[int, int]  # row and column, both from 0


def workbook_rows(data: bytes, *, sheet: str | None, limits: Limits) -> Iterator[RawRow]:
    """Every row from row 1 and column A on."""
    archive = Archive(data, limits)
    position, part = _chosen(archive, sheet)
    archive.verify(STRINGS)
    faults = scan_sheet(archive, part, limits)
    parsed = _parse(data, position)
    # Not `total_height` and `total_width`: those are one short.
    last_row, last_column = parsed.end or (-1, -1)
    if last_column >= limits.columns:
        raise TableTooWide(limit=limits.columns)
    if last_row >= limits.rows:
        raise TableTooLong(limit=limits.rows)
    _mark_merged(parsed.merged_cell_ranges or [], faults, last_row, last_column)
    # The parser leaves out empty columns on the left, though not empty rows above.
    left: list[object] = [""] * (parsed.start[1] if parsed.start else 0)
    for number, values in enumerate(parsed.iter_rows()):
        yield [*left, *values] if left else values, faults.get(number, NO_FAULTS)


def _chosen(archive: Archive, asked: str | None) -> tuple[int, str]:
    for position, sheet in enumerate(archive.sheets()):
        if sheet.readable and asked in (None, sheet.name):
            return position, sheet.part
    raise SheetMissing


def _parse(data: bytes, position: int) -> CalamineSheet:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(position)
    except (CalamineError, ValueError, OSError):
        raise FileDamaged from None


def _mark_merged(areas: list[tuple[Place, Place]], faults: CellFaults, last_row: int, last_column: int) -> None:
    """Only the first cell of a merged area holds its value; the others would read as empty without a reason."""
    for (top, left), (bottom, right) in areas:
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(left, min(right, last_column) + 1):
                if (row, column) != (top, left):
                    faults[row].setdefault(column, CellFault.MERGED)
