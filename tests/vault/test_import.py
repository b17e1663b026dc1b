"""Imports from the file to the stock: real workbooks and text tables, a real child process, a real database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.vault import CredentialKind, ImportState
from perkhub.vault.models import NEVER
from tests.factories import Shop
from tests.fixtures.workbooks import by_hand, inline, ole, workbook
from tests.vault.desk import (
    ask,
    books,
    bring_in,
    count_of,
    csv,
    drain,
    ensure_counters_agree,
    found,
    numbered,
    opened,
    upload,
    xlsx,
)

NUMBER, CLAIM_CODE, URL, PIN = (
    CredentialKind.NUMBER,
    CredentialKind.CLAIM_CODE,
    CredentialKind.URL,
    CredentialKind.PIN,
)


async def nothing_came_in() -> bool:
    counts = [await count_of(table) for table in ("lot", "code", "fingerprint", "custody", "stock", "ledger_transfer")]
    return not any(counts)


async def test_a_workbook_is_sealed_fingerprinted_and_stocked(shop: Shop):
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx(numbered(1, 3)), variant.id, reference="PO-7")
    assert (done.state, done.rows_read, done.rows_stocked, done.rows_refused) == (ImportState.DONE, 3, 3, 0)
    assert (done.refusals, done.failure) == ([], None)
    assert await opened(variant.id) == [{NUMBER: number, PIN: pin} for number, pin, _ in numbered(1, 3)]
    codes = await db.rows("SELECT masked, expires_at, state FROM code ORDER BY id")
    assert {row["state"] for row in codes} == {"available"}
    assert codes[0]["masked"] == "•••• 0001"
    assert codes[0]["expires_at"] == datetime(2099, 12, 31, 15, 59, 59, tzinfo=UTC)
    lot = await db.row("SELECT * FROM lot")
    assert lot is not None
    assert (lot["issuer"], lot["reference"], lot["quantity"], lot["unit_cost"]) == ("Acme", "PO-7", 3, Decimal("9.5"))
    assert await books() == {"inventory": -2850, "payable": 2850}
    touches = await db.rows("SELECT DISTINCT action, actor, lot_id FROM custody")
    assert [tuple(row) for row in touches] == [("in", "staff:operator", lot["id"])]
    events = {row["name"] for row in await db.rows("SELECT name FROM outbox WHERE kind = 'event'")}
    assert events == {"lot.imported", "import.finished"}
    assert await count_of("upload") == await count_of("upload_piece") == 0
    await ensure_counters_agree()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (csv(numbered(1, 3)), "codes.csv"),
        (csv(numbered(1, 3), encoding="utf-8-sig"), "codes.csv"),
        (csv(numbered(1, 3), encoding="gbk"), "codes.csv"),
        (csv(numbered(1, 3), encoding="utf-16"), "codes.txt"),
        (csv(numbered(1, 3), delimiter="\t"), "codes.tsv"),
        (csv(numbered(1, 3), delimiter=";"), "codes.csv"),
        (csv([[f'="{number}"', f"\t{pin}", expiry] for number, pin, expiry in numbered(1, 3)]), "codes.csv"),
        (xlsx(numbered(1, 3)), "没有后缀"),
    ],
)
async def test_one_table_in_many_forms(shop: Shop, content: bytes, name: str):
    variant = await shop.variant(codes=0)
    done = await bring_in(content, variant.id, name=name)
    assert (done.state, done.rows_stocked, done.failure) == (ImportState.DONE, 3, None)
    assert await opened(variant.id) == [{NUMBER: number, PIN: pin} for number, pin, _ in numbered(1, 3)]


async def test_cells_as_people_leave_them(shop: Shop):
    """Numbers, dates, full-width digits, unseen blanks, empty rows in between, columns that mean nothing."""
    variant = await shop.variant(codes=0)
    rows: list[list[Any]] = [
        ["序号", "Card No.", "PIN", "Expires", "备注"],
        [1, 622200001111, 7, "2099-12-31", None],
        [2, "６２２２００００１１１２", "０１２３", "2099/12/31", "#N/A"],
        [],
        [3, "\u200b622200001113 ", " 0123\u00a0", "永久有效", ""],
        [4, 622200001114.0, "=1+1", "", ""],
    ]
    done = await bring_in(workbook(rows), variant.id)
    assert (done.state, done.rows_read, done.refusals) == (ImportState.DONE, 4, [])
    assert [code[NUMBER] for code in await opened(variant.id)] == [f"62220000111{last}" for last in range(1, 5)]
    assert [code[PIN] for code in await opened(variant.id)] == ["7", "0123", "0123", "=1+1"]
    expiries = [row["expires_at"] for row in await db.rows("SELECT expires_at FROM code ORDER BY id")]
    end = datetime(2099, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert expiries == [end, end, NEVER, NEVER]


async def test_dates_that_a_spreadsheet_keeps_as_dates(shop: Shop):
    serial = (date(2099, 12, 31) - date(1899, 12, 30)).days
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    cells = f'<row r="2">{inline("A2", "622200001111")}<c r="B2" s="1"><v>{serial}</v></c></row>'
    sheet = by_hand(f'<row r="1">{inline("A1", "卡号")}{inline("B1", "有效期")}</row>{cells}', parts={"xl/styles.xml": styles})
    variant = await shop.variant(codes=0)
    done = await bring_in(sheet, variant.id, zone="UTC")
    assert (done.state, done.failure, done.refusals) == (ImportState.DONE, None, [])
    assert await db.value("SELECT expires_at FROM code") == datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)


async def test_columns_told_by_the_request_and_an_expiry_of_its_own(shop: Shop):
    variant = await shop.variant(codes=0)
    default = now() + timedelta(days=100)
    rows = [["https://example.com/1", "x"], ["https://example.com/2", "y"]]
    columns = {"Where": "URL"}
    done = await bring_in(
        csv(rows, header=["Where", "卡号"]), variant.id, name="a.csv", columns=columns, default_expires_at=default
    )
    assert (done.state, done.rows_stocked) == (ImportState.DONE, 2)
    assert await opened(variant.id) == [{URL: row[0]} for row in rows]
    kept = await db.rows("SELECT DISTINCT masked, expires_at FROM code")
    assert [tuple(row) for row in kept] == [("••••", default)]


BAD = [
    ["6222000000000001", "1", "2099-12-31"],
    ["6222000000000001", "1", "2099-12-31"],
    ["62", "1", "2099-12-31"],
    ["6222000000000003", "", "2001-12-31"],
    [6222000000000004123.0, "1", "31/12/2099"],
    ["6222000000000005", "1", "2099-12-31"],
]
WHY = [
    (3, "卡号", "DUPLICATE_IN_FILE"),
    (4, "卡号", "CODE_MALFORMED"),
    (5, "密码", "CREDENTIAL_MISSING"),
    (5, "有效期", "EXPIRES_TOO_SOON"),
    (6, "卡号", "DIGITS_LOST"),
    (6, "有效期", "EXPIRY_UNREADABLE"),
]


async def test_one_refused_row_keeps_all_out(shop: Shop):
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx(BAD), variant.id)
    assert (done.state, done.rows_read, done.rows_stocked, done.rows_refused) == (ImportState.FAILED, 6, 0, 4)
    assert [(one.row, one.column, one.code) for one in done.refusals] == WHY
    assert done.failure is not None
    assert done.failure.code == "ROWS_REFUSED"
    assert done.failure.en.startswith("4 rows were refused")
    assert await nothing_came_in()
    assert await count_of("upload") == 0


async def test_refused_rows_may_be_skipped(shop: Shop):
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx(BAD), variant.id, skip_refused_rows=True)
    assert (done.state, done.rows_read, done.rows_stocked, done.rows_refused) == (ImportState.DONE, 6, 2, 4)
    assert [(one.row, one.column, one.code) for one in done.refusals] == WHY
    assert [code[NUMBER] for code in await opened(variant.id)] == ["6222000000000001", "6222000000000005"]
    await ensure_counters_agree()


async def test_codes_of_the_vault_do_not_come_in_again(shop: Shop):
    variant, other = await shop.variant(codes=0), await shop.variant(codes=0)
    await bring_in(xlsx(numbered(1, 3)), variant.id)
    again = await bring_in(xlsx(numbered(3, 2)), other.id, skip_refused_rows=True)
    assert (again.rows_stocked, again.rows_refused) == (1, 1)
    assert [(one.row, one.code) for one in again.refusals] == [(2, "DUPLICATE_IN_VAULT")]
    none = await bring_in(csv(numbered(1, 3)), other.id, name="a.csv", skip_refused_rows=True)
    assert none.failure is not None
    assert (none.state, none.rows_refused, none.failure.code) == (ImportState.FAILED, 3, "EVERY_ROW_REFUSED")
    elsewhere = await bring_in(csv(numbered(1, 3)), other.id, name="a.csv", issuer="Another")
    assert elsewhere.rows_stocked == 3
    await ensure_counters_agree()


async def test_a_dry_run_tells_all_and_takes_nothing_in(shop: Shop):
    variant = await shop.variant(codes=0)
    made = await upload(xlsx(BAD))
    checked = await ask(made, variant.id, dry_run=True)
    await drain()
    view = await found(checked)
    assert (view.state, view.rows_read, view.rows_stocked, view.rows_refused) == (ImportState.CHECKED, 6, 0, 4)
    assert [(one.row, one.column, one.code) for one in view.refusals] == WHY
    assert await nothing_came_in()
    # The same upload, now for real.
    real = await ask(made, variant.id, skip_refused_rows=True)
    await drain()
    assert (await found(real)).rows_stocked == 2
    assert await count_of("upload") == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"\x00\x01\x02\x03" * 100, "a.csv", "FILE_UNREADABLE"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "FILE_DAMAGED"),
        (xlsx(numbered(1, 50))[:-200], "a.xlsx", "FILE_DAMAGED"),
        (ole("EncryptedPackage"), "a.xlsx", "FILE_PASSWORD_PROTECTED"),
        (ole("Workbook"), "a.xls", "FILE_OLD_FORMAT"),
        (b"\xff\xff\xff", "a.csv", "FILE_ENCODING_UNKNOWN"),
        (csv([]), "a.csv", "ROWS_MISSING"),
        (
            by_hand(f'<row r="1">{inline("A1", "卡号")}</row><row r="1048576">{inline("XFD1048576", "x")}</row>'),
            "a.xlsx",
            "TABLE_TOO_WIDE",
        ),
        (csv([["1234", "1"]], header=["卡号", "口令"]), "a.csv", "COLUMNS_UNKNOWN"),
        (csv([["1234", "1"]], header=["卡号", "卡号"]), "a.csv", "HEADER_REPEATED"),
        (csv([["1234"]], header=["密码"]), "a.csv", "COLUMNS_NOT_IDENTIFYING"),
        (csv([["6222000011112222", "123456"]], header=["6222000011113333", "654321"]), "a.csv", "COLUMNS_UNKNOWN"),
        (b'\xe5\x8d\xa1\xe5\x8f\xb7\n"6222', "a.csv", "QUOTES_BROKEN"),
    ],
)
async def test_files_that_cannot_be_taken(shop: Shop, content: bytes, name: str, code: str):
    variant = await shop.variant(codes=0)
    done = await bring_in(content, variant.id, name=name)
    assert done.failure is not None
    assert (done.state, done.failure.code) == (ImportState.FAILED, code)
    assert done.finished_at is not None
    assert "6222" not in done.failure.en + done.failure.zh
    assert await nothing_came_in()
    assert await count_of("upload") == 0


async def test_a_told_column_that_is_not_there(shop: Shop):
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx(numbered(1, 1)), variant.id, columns={"Number": "NUMBER"})
    assert done.failure is not None
    assert done.failure.code == "COLUMN_MISSING"
    assert "NUMBER" in done.failure.en


async def test_a_failed_dry_run_leaves_the_upload_for_a_better_request(shop: Shop):
    variant = await shop.variant(codes=0)
    made = await upload(csv([["6222000011112222"]], header=["Nummer"]), name="a.csv")
    failed = await ask(made, variant.id, dry_run=True)
    await drain()
    assert (await found(failed)).state is ImportState.FAILED
    better = await ask(made, variant.id, columns={"Nummer": "NUMBER"})
    await drain()
    assert (await found(better)).rows_stocked == 1


async def test_codes_that_leave_too_little_validity(shop: Shop):
    variant = await shop.variant(codes=0, minimum_validity_days=30)
    soon, late = ((now() + timedelta(days=days)).date().isoformat() for days in (28, 32))
    rows = [["622200001111", "1", soon], ["622200001112", "1", late]]
    done = await bring_in(xlsx(rows), variant.id, skip_refused_rows=True)
    assert [(one.row, one.column, one.code) for one in done.refusals] == [(2, "有效期", "EXPIRES_TOO_SOON")]
    assert done.rows_stocked == 1


async def test_codes_that_cost_nothing_book_nothing(shop: Shop):
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx(numbered(1, 2)), variant.id, unit_cost=Decimal(0))
    assert done.rows_stocked == 2
    assert await books() == {}


async def test_cost_is_rounded_once_for_each_code(shop: Shop):
    variant = await shop.variant(codes=0)
    await bring_in(xlsx(numbered(1, 7)), variant.id, unit_cost=Decimal("0.335"))
    assert await books() == {"inventory": -7 * 34, "payable": 7 * 34}


async def test_done_again_it_does_nothing(shop: Shop):
    variant = await shop.variant(codes=0)
    await bring_in(xlsx(numbered(1, 4)), variant.id)
    await db.rows("UPDATE outbox SET state = 'ready', progress = NULL WHERE name = 'vault.import'")
    assert await drain() == 1
    assert len(await opened(variant.id)) == 4
    await ensure_counters_agree()
