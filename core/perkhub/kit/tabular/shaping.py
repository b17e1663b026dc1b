"""From raw rows to a table: the header, texts, faults, and chunks that stay small. Runs only in the child process."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from perkhub.kit.tabular.cells import NO_FAULTS, RawRow, normalise_cell, read_cells
from perkhub.kit.tabular.errors import HeaderMissing, HeaderRepeated, RowsMissing, TableTooLong, TableTooWide
from perkhub.kit.tabular.frames import Frame, write_frame
from perkhub.kit.tabular.table import CellFault, Limits, column_letters

ROWS_AT_ONCE = 1_000
CHARACTERS_AT_ONCE = 1 << 20

Problem = tuple[int, int, CellFault]


class Chunks:
    """Collects rows and writes them in chunks. Rows without content are only counted, until one with content follows."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._first = 0
        self._rows: list[list[str]] = []
        self._problems: list[Problem] = []
        self._characters = 0
        self.written = 0

    def add(self, number: int, texts: list[str], problems: list[Problem]) -> None:
        """Take the next row that has content."""
        gap = number - self._first - len(self._rows)
        if len(self._rows) + gap >= ROWS_AT_ONCE or self._characters > CHARACTERS_AT_ONCE:
            self.flush()
        if not self._rows:
            self._first, gap = number, 0
        self._rows.extend([] for _ in range(gap))
        self._rows.append(texts)
        self._problems.extend(problems)
        self._characters += sum(map(len, texts))

    def flush(self) -> None:
        """Write what is held."""
        if self._rows:
            write_frame(self._out, Frame.ROWS, self._first, self._rows, self._problems)
            self.written += len(self._rows)
        self._rows, self._problems, self._characters = [], [], 0


def shape_table(rows: Iterator[RawRow], limits: Limits, out: BinaryIO) -> None:
    """Write the columns, then every row."""
    columns = _header(rows, limits)
    write_frame(out, Frame.COLUMNS, columns)
    width = len(columns)
    chunks = Chunks(out)
    for number, (values, marked) in enumerate(rows, 2):
        texts, problems = _row(values, marked, number=number, width=width, limits=limits)
        if problems or any(texts):
            if number > limits.rows:
                raise TableTooLong(limit=limits.rows)
            chunks.add(number, texts, problems)
    chunks.flush()
    if not chunks.written:
        raise RowsMissing


def _header(rows: Iterator[RawRow], limits: Limits) -> list[str]:
    values, _ = next(rows, ((), NO_FAULTS))
    columns = [normalise_cell(text) for text in read_cells(values, row=1, limit=limits.cell_characters)[0]]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise HeaderMissing
    if len(columns) > limits.columns:
        raise TableTooWide(limit=limits.columns)
    seen: dict[str, int] = {}
    for column, name in enumerate(columns):
        first = seen.setdefault(name, column)
        if name and first != column:
            raise HeaderRepeated(first=column_letters(first), second=column_letters(column))
    return columns


def _row(
    values: Sequence[object], marked: Mapping[int, CellFault], *, number: int, width: int, limits: Limits
) -> tuple[list[str], list[Problem]]:
    """The row's texts, as wide as the header, and its cells at fault."""
    texts, found = read_cells(values, row=number, limit=limits.cell_characters)
    if len(texts) == width and not found and not marked:
        return texts, []
    if any(texts[limits.columns :]):
        raise TableTooWide(limit=limits.columns)
    faults = dict(found)
    for column, fault in marked.items():
        if fault is not CellFault.MERGED or (column < width and not any(texts[column : column + 1])):
            faults[column] = fault
    faults.update({column: CellFault.BEYOND_HEADER for column, text in enumerate(texts) if column >= width and text})
    kept = ["" if column in faults else text for column, text in enumerate(texts[:width])]
    kept += [""] * (width - len(kept))
    # A merged area that spans an otherwise empty row is no content of that row.
    if not any(kept) and set(faults.values()) <= {CellFault.MERGED}:
        return kept, []
    return kept, [(number, column, fault) for column, fault in sorted(faults.items())]
