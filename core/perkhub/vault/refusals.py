"""Why a row of an uploaded table was refused: by row, column and code. What stands in the row is never told."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from perkhub.kit.tabular.table import FAULT_TEXTS, CellFault

KEPT = 1_000


class RowFault(StrEnum):
    """Besides the faults of cells, which have codes of the same form."""

    CREDENTIAL_MISSING = "CREDENTIAL_MISSING"
    CODE_MALFORMED = "CODE_MALFORMED"
    PIN_MALFORMED = "PIN_MALFORMED"
    LINK_MALFORMED = "LINK_MALFORMED"
    EXPIRY_UNREADABLE = "EXPIRY_UNREADABLE"
    EXPIRES_TOO_SOON = "EXPIRES_TOO_SOON"
    COLUMN_UNNAMED = "COLUMN_UNNAMED"
    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE"
    DUPLICATE_IN_VAULT = "DUPLICATE_IN_VAULT"


ROW_FAULT_TEXTS: dict[str, tuple[str, str]] = {
    RowFault.CREDENTIAL_MISSING: ("is empty", "为空"),
    RowFault.CODE_MALFORMED: ("must have 4 to 128 letters, digits and signs", "须为 4 至 128 位字母、数字或符号"),
    RowFault.PIN_MALFORMED: ("must have 1 to 64 letters, digits and signs", "须为 1 至 64 位字母、数字或符号"),
    RowFault.LINK_MALFORMED: ("must be a http or https address of at most 1024 characters", "须为不超过 1024 个字符的网址"),
    RowFault.EXPIRY_UNREADABLE: ("is no date; write it as 2027-12-31", "不是日期,请写成 2027-12-31 的形式"),
    RowFault.EXPIRES_TOO_SOON: (
        "leaves less than the shortest validity that the product may be sold with",
        "剩余有效期短于该商品的最短可售有效期",
    ),
    RowFault.COLUMN_UNNAMED: ("has content, but row 1 does not name it", "有内容,但第 1 行没有列名"),
    RowFault.DUPLICATE_IN_FILE: ("holds a code that stands further up in the file", "与文件中前面的卡券重复"),
    RowFault.DUPLICATE_IN_VAULT: ("holds a code that the vault has already", "与已入库的卡券重复"),
    **{fault.upper(): FAULT_TEXTS[fault] for fault in CellFault},
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason to refuse a row. `row` is what a person sees in a spreadsheet, `column` a known name or the letter."""

    row: int
    column: str
    code: str

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"row": self.row, "column": self.column, "code": self.code}

    def message(self, language: str) -> str:
        """For a person."""
        english, chinese = ROW_FAULT_TEXTS[self.code]
        if language == "zh":
            return f"第 {self.row} 行“{self.column}”列{chinese}。"
        return f"Row {self.row}, column “{self.column}” {english}."


class Tally:
    """How many rows were read and refused, and the first reasons."""

    def __init__(self) -> None:
        self.read = 0
        self.refused = 0
        self.refusals: list[Refusal] = []

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Count one row as refused; its reasons are kept while there is room."""
        self.refused += 1
        self.refusals += list(refusals)[: KEPT - len(self.refusals)]

    def add(self, other: "Tally") -> None:
        """Count what another tally has counted of further rows."""
        self.read += other.read
        self.refused += other.refused
        self.refusals += other.refusals[: KEPT - len(self.refusals)]

    def as_json(self, *, kept: int = 0) -> str:
        """The reasons as they are kept beside those that were kept before, in the order of the rows."""
        room = max(0, KEPT - kept)
        in_order = sorted(self.refusals, key=lambda refusal: refusal.row)[:room]
        return orjson.dumps([refusal.as_json() for refusal in in_order]).decode()
