"""The shape of a table that was read: its columns, its rows in chunks, and cells that cannot be taken as they are."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum, auto
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a stranger's file we are ready to read."""

    rows: int = 1_048_576  # as many as Excel has; the header counts
    columns: int = 64
    cell_characters: int = 4_096
    file_bytes: int = 64 << 20
    unpacked_bytes: int = 2 << 30
    parts: int = 2_000  # files inside a workbook
    seconds: int = 60  # of computing in all, and of waiting for the next chunk
    memory_megabytes: int = 2_048

    def as_dict(self) -> dict[str, Any]:
        """For the child process."""
        return asdict(self)


class CellFault(StrEnum):
    """Why a cell cannot be taken as it is. Nothing is ever guessed: the cell reads as empty, and this tells why."""

    DIGITS_LOST = auto()
    LEADING_ZEROS = auto()
    ERROR_VALUE = auto()
    FORMULA_WITHOUT_VALUE = auto()
    MERGED = auto()
    CONTROL_CHARACTER = auto()
    BEYOND_HEADER = auto()


FAULT_TEXTS: dict[CellFault, tuple[str, str]] = {
    CellFault.DIGITS_LOST: (
        "stored as a number with more than 15 digits, so digits were lost: format the column as text and fill it again",
        "以超过 15 位的数字存储，部分数字已丢失：请将该列设为文本格式后重新填写",
    ),
    CellFault.LEADING_ZEROS: (
        "a number that is only shown with leading zeros: format the column as text and fill it again",
        "前导零仅为显示格式，并未保存：请将该列设为文本格式后重新填写",
    ),
    CellFault.ERROR_VALUE: ("an error value such as #N/A", "为错误值（如 #N/A）"),
    CellFault.FORMULA_WITHOUT_VALUE: (
        "a formula without a stored result: open the file in Excel, save it again, or paste values",
        "公式没有保存计算结果：请用 Excel 打开并重新保存，或粘贴为数值",
    ),
    CellFault.MERGED: ("part of a merged cell: unmerge it and fill every row", "属于合并单元格：请取消合并并逐行填写"),
    CellFault.CONTROL_CHARACTER: ("contains a control character", "包含控制字符"),
    CellFault.BEYOND_HEADER: ("has no column name in row 1", "第 1 行中没有对应的列名"),
}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell at fault. `row` is what a person sees in Excel; `column` counts from 0, as in `columns`."""

    row: int
    column: int
    fault: CellFault

    @property
    def address(self) -> str:
        """As Excel says it: B7."""
        return f"{column_letters(self.column)}{self.row}"

    def message(self, language: str) -> str:
        """For a person; never what stands in the cell."""
        english, chinese = FAULT_TEXTS[self.fault]
        return f"单元格 {self.address} {chinese}。" if language == "zh" else f"Cell {self.address}: {english}."


@dataclass(frozen=True, slots=True)
class TableChunk:
    """Some rows in order, each as wide as the header. An empty row may stand in between only to keep the count."""

    first_row_number: int
    rows: list[list[str]] = field(repr=False)
    problems: list[CellProblem]

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that has content or a problem, with the number a person sees in Excel (the header is row 1)."""
        troubled = {problem.row for problem in self.problems}
        for number, row in enumerate(self.rows, self.first_row_number):
            if any(row) or number in troubled:
                yield number, row


def column_letters(column: int) -> str:
    """A, B … Z, AA … of a column counted from 0."""
    letters = ""
    while column >= 0:
        column, digit = divmod(column, 26)
        letters, column = chr(65 + digit) + letters, column - 1
    return letters
