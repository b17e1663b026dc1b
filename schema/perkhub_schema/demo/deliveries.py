"""Deliveries of made-up codes: the bytes of spreadsheets as suppliers send them. No code here opens anything anywhere."""

import csv
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import xlsxwriter

from perkhub.kit.clock import now

# Without what people mistake for one another: 0 and O, 1 and I.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SHORTEST_LIFE_DAYS = 360
LIVES = 5
DAYS_APART = 45


@dataclass(frozen=True, slots=True)
class Sheet:
    """A supplier's form: names of the columns, and the credentials of one code. The last column is when it expires."""

    suffix: str
    header: tuple[str, ...]
    make: Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file of so many codes."""

    filename: str
    content: bytes


def make_delivery(sheet: Sheet, sku: str, codes: int) -> Delivery:
    """A new file for this SKU; no two are alike."""
    rows = [(*sheet.make(), _expiry(number).isoformat()) for number in range(codes)]
    write = _xlsx if sheet.suffix == "xlsx" else _csv
    return Delivery(f"{sku}.{sheet.suffix}", write([sheet.header, *rows]))


def _expiry(number: int) -> date:
    """A few different days, so that the first to expire are dealt first."""
    return (now() + timedelta(days=SHORTEST_LIFE_DAYS + number % LIVES * DAYS_APART)).date()


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")  # with the mark that Excel writes


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("卡密")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def _digits(length: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))


def _letters(*groups: int) -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(length)) for length in groups)


def _card() -> tuple[str, ...]:
    return _digits(16), f"{secrets.randbelow(10**8):08}"


def _code() -> tuple[str, ...]:
    return (_letters(4, 4, 4, 4),)


def _link() -> tuple[str, ...]:
    return (f"https://vouchers.example.com/r/{_letters(20)}",)


CARDS_XLSX = Sheet("xlsx", ("卡号", "密码", "有效期"), _card)
CARDS_CSV = Sheet("csv", ("卡号", "卡密", "有效期至"), _card)
CODES_XLSX = Sheet("xlsx", ("兑换码", "有效期"), _code)
CODES_CSV = Sheet("csv", ("激活码", "截止日期"), _code)
ENGLISH_CSV = Sheet("csv", ("Claim code", "Expires at"), lambda: (_letters(5, 5, 5),))
LINKS_XLSX = Sheet("xlsx", ("兑换链接", "有效期"), _link)
