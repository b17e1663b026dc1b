"""Codes from a file on an operator's desk to the stock, through HTTP."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level, unchanged
from tests.vault.desk import csv, ensure_counters_agree, numbered, xlsx

COUNTS = "id state filename rowsRead rowsStocked rowsRefused dryRun skipRefusedRows"
IMPORT = f"mutation ($input: CodesImportInput!) {{ codesImport(input: $input) {{ codeImport {{ {COUNTS} }} {ERRORS} }} }}"
FOLLOW = f"""query ($id: ID!, $first: Int, $after: String) {{ codeImport(id: $id) {{ {COUNTS}
    issuer reference unitCost {{ amount currency }} variant {{ id stock }} finishedAt failure {{ code message }}
    lot {{ id state quantity counts {{ available sold frozen expired burnt }} }}
    refusals(first: $first, after: $after) {{
        nodes {{ row column code message }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
ALL = "query ($first: Int, $after: String) { codeImports(first: $first, after: $after) { nodes { id } } }"


@pytest.fixture
async def importer(shop: Shop) -> Person:
    """Whoever brings codes in."""
    return await shop.staff(Permission.IMPORT_CODES, Permission.READ_CODES)


async def uploaded(api: Api, who: Person, content: bytes, name: str = "codes.xlsx") -> str:
    """The file, sent as a client sends it."""
    headers = {"Authorization": f"Bearer {who.token}", "Perkhub-Filename": quote(name)}
    answer = await api.http.post("/uploads", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    upload: str = answer.json()["uploadId"]
    return upload


def an_import(upload: str, variant: UUID, **more: Any) -> dict[str, Any]:
    asked = {"idempotencyKey": "1", "uploadId": upload, "variantId": global_id(Kind.VARIANT, variant), "issuer": "Acme"}
    return {**asked, "unitCost": {"amount": "9.5", "currency": "CNY"}, **more}


async def followed(api: Api, who: Person, asked: str, **page: Any) -> Any:
    return await read(api, FOLLOW, {"id": asked, **page}, who)


async def test_a_workbook_is_checked_then_taken_in(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    upload = await uploaded(api, importer, xlsx(numbered(1, 30)), "七月 卡密.xlsx")
    dry = (await done(api, IMPORT, an_import(upload, sold.id, dryRun=True), importer))["codeImport"]
    assert (dry["state"], dry["dryRun"], dry["filename"]) == ("QUEUED", True, "七月 卡密.xlsx")
    await drain()
    checked = await followed(api, importer, dry["id"])
    assert (checked["state"], checked["rowsRead"], checked["rowsStocked"], checked["rowsRefused"]) == ("CHECKED", 30, 0, 0)
    assert (checked["lot"], checked["variant"]["stock"]) == (None, 0)

    asked = an_import(upload, sold.id, idempotencyKey="2", reference="PO-7")
    real = (await done(api, IMPORT, asked, importer))["codeImport"]
    await drain()
    ended = await followed(api, importer, real["id"])
    assert (ended["state"], ended["rowsRead"], ended["rowsStocked"], ended["rowsRefused"]) == ("DONE", 30, 30, 0)
    assert (ended["issuer"], ended["reference"]) == ("Acme", "PO-7")
    assert ended["unitCost"] == {"amount": "9.50", "currency": "CNY"}
    counts = {"available": 30, "sold": 0, "frozen": 0, "expired": 0, "burnt": 0}
    assert ended["lot"] == {"id": ended["lot"]["id"], "state": "OPEN", "quantity": 30, "counts": counts}
    assert ended["variant"]["stock"] == 30
    await ensure_counters_agree()
    assert [one["id"] for one in (await read(api, ALL, None, importer))["nodes"]] == [real["id"], dry["id"]]


async def test_refused_rows_are_told_by_row_and_column_and_never_by_content(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    rows = [*numbered(1, 5), ("", "123456", "2099-12-31"), *numbered(3, 1), ("622200009999", "1234", "whenever")]
    upload = await uploaded(api, importer, csv(rows), "codes.csv")
    asked = (await done(api, IMPORT, an_import(upload, sold.id, dryRun=True), importer))["codeImport"]
    await drain()
    told = await followed(api, importer, asked["id"])
    assert (told["state"], told["rowsRead"], told["rowsRefused"]) == ("CHECKED", 8, 3)
    assert [(one["row"], one["column"], one["code"]) for one in told["refusals"]["nodes"]] == [
        (7, "卡号", "CREDENTIAL_MISSING"),
        (8, "卡号", "DUPLICATE_IN_FILE"),
        (9, "有效期", "EXPIRY_UNREADABLE"),
    ]
    for secret in ("6222", "whenever", "123456", "1234"):
        assert secret not in str(told["refusals"])
    first = await followed(api, importer, asked["id"], first=2)
    assert first["refusals"]["pageInfo"]["hasNextPage"] is True
    rest = await followed(api, importer, asked["id"], first=2, after=first["refusals"]["pageInfo"]["endCursor"])
    assert [one["row"] for one in rest["refusals"]["nodes"]] == [9]
    chinese = await read(api, FOLLOW, {"id": asked["id"]}, importer, language="zh-CN")
    assert chinese["refusals"]["nodes"][0]["message"] == "第 7 行“卡号”列为空。"

    # One bad row refuses all of a real import, unless it says otherwise.
    refused = (await done(api, IMPORT, an_import(upload, sold.id, idempotencyKey="2"), importer))["codeImport"]
    await drain()
    ended = await followed(api, importer, refused["id"])
    assert (ended["state"], ended["rowsStocked"], ended["variant"]["stock"]) == ("FAILED", 0, 0)
    assert ended["failure"]["code"] == "ROWS_REFUSED"
    assert "3 rows" in ended["failure"]["message"]
    again = await uploaded(api, importer, csv(rows), "codes.csv")
    wanted = an_import(again, sold.id, idempotencyKey="3", skipRefusedRows=True)
    skipping = (await done(api, IMPORT, wanted, importer))["codeImport"]
    await drain()
    ended = await followed(api, importer, skipping["id"])
    assert (ended["state"], ended["rowsStocked"], ended["rowsRefused"], ended["variant"]["stock"]) == ("DONE", 5, 3, 5)
    await ensure_counters_agree()


async def test_columns_may_be_told_and_days_end_where_it_is_said(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    table = csv([("AB12CD34EF56", "x", "2099-06-30")], header=("Gutschein", "Notiz", "Ende"))
    columns = [{"name": "Gutschein", "meaning": "CLAIM_CODE"}, {"name": "Ende", "meaning": "EXPIRES_AT"}]
    upload = await uploaded(api, importer, table, "codes.csv")
    asked = an_import(upload, sold.id, columns=columns, zone="Europe/Berlin")
    await done(api, IMPORT, asked, importer)
    await drain()
    expires_at = await db.value("SELECT expires_at FROM code WHERE variant_id = $1", sold.id)
    assert expires_at.isoformat() == "2099-06-30T21:59:59+00:00"


async def test_a_repeated_key_imports_once(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    upload = await uploaded(api, importer, xlsx(numbered(1, 3)))
    asked = an_import(upload, sold.id)
    answers = await asyncio.gather(*(done(api, IMPORT, asked, importer) for _ in range(8)))
    assert len({answer["codeImport"]["id"] for answer in answers}) == 1
    await drain()
    assert (await done(api, IMPORT, asked, importer))["codeImport"]["state"] == "DONE"
    other = await refusal(api, IMPORT, {**asked, "issuer": "Other"}, importer)
    assert (other["code"], other["path"]) == ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    assert await db.value("SELECT count(*) FROM code_import") == 1
    assert await db.value("SELECT count(*) FROM code") == 3


async def test_an_upload_is_its_senders_alone_and_taken_in_once(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    upload = await uploaded(api, importer, xlsx(numbered(1, 3)))
    colleague = await shop.staff(Permission.IMPORT_CODES)
    foreign = await refusal(api, IMPORT, an_import(upload, sold.id), colleague)
    assert (foreign["code"], foreign["path"]) == ("UPLOAD_UNUSABLE", ["input", "uploadId"])
    await done(api, IMPORT, an_import(upload, sold.id), importer)
    second = await refusal(api, IMPORT, an_import(upload, sold.id, idempotencyKey="2"), importer)
    assert (second["code"], second["path"]) == ("UPLOAD_IN_USE", ["input", "uploadId"])
    await drain()
    gone = await refusal(api, IMPORT, an_import(upload, sold.id, idempotencyKey="3"), importer)
    assert gone["code"] == "UPLOAD_UNUSABLE"


def one_column(name: str, meaning: str) -> list[dict[str, str]]:
    return [{"name": name, "meaning": meaning}]


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"uploadId": global_id(Kind.UPLOAD, UUID(int=1))}, "uploadId", "UPLOAD_UNUSABLE"),
    ({"uploadId": "upl_"}, "uploadId", "INVALID_INPUT"),
    ({"uploadId": global_id(Kind.LOT, UUID(int=1))}, "uploadId", "INVALID_INPUT"),
    ({"variantId": global_id(Kind.VARIANT, UUID(int=1))}, "variantId", "NOT_FOUND"),
    ({"variantId": "x" * 10_000}, "variantId", "INVALID_INPUT"),
    ({"issuer": ""}, "issuer", "INVALID_INPUT"),
    ({"issuer": "x" * 81}, "issuer", "INVALID_INPUT"),
    ({"issuer": "A\x00"}, "issuer", "INVALID_INPUT"),
    ({"reference": "x" * 121}, "reference", "INVALID_INPUT"),
    ({"unitCost": {"amount": "-1", "currency": "CNY"}}, "unitCost", "INVALID_INPUT"),
    ({"unitCost": {"amount": "1000000001", "currency": "CNY"}}, "unitCost", "INVALID_INPUT"),
    ({"unitCost": {"amount": "0.0000001", "currency": "CNY"}}, "unitCost", "INVALID_INPUT"),
    ({"unitCost": {"amount": "1", "currency": "XQX"}}, "unitCost.currency", "CURRENCY_MISMATCH"),
    ({"columns": one_column("密码", "PIN")}, "columns", "INVALID_INPUT"),
    ({"columns": one_column("", "NUMBER")}, "columns", "INVALID_INPUT"),
    ({"columns": one_column("x" * 201, "NUMBER")}, "columns", "INVALID_INPUT"),
    ({"columns": one_column("卡号", "NUMBER") * 2}, "columns", "INVALID_INPUT"),
    ({"columns": one_column("a", "NUMBER") + one_column("b", "NUMBER")}, "columns", "INVALID_INPUT"),
    ({"defaultExpiresAt": (now() - timedelta(days=1)).isoformat()}, "defaultExpiresAt", "INVALID_INPUT"),
    ({"zone": "Mars/Olympus"}, "zone", "INVALID_INPUT"),
    ({"idempotencyKey": ""}, "idempotencyKey", "INVALID_INPUT"),
    ({"idempotencyKey": "x" * 121}, "idempotencyKey", "INVALID_INPUT"),
]


async def test_an_odd_import_is_not_accepted(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    upload = await uploaded(api, importer, xlsx(numbered(1, 3)))
    for number, (given, path, code) in enumerate(ODD):
        asked = an_import(upload, sold.id, **{"idempotencyKey": str(number), **given})
        error = await refusal(api, IMPORT, asked, importer)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given
        # The same key says the same again.
        assert (await refusal(api, IMPORT, asked, importer)) == error, given
    await done(api, IMPORT, an_import(upload, sold.id, idempotencyKey="good"), importer)


async def test_what_is_no_import_input_ends_the_operation(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    asked = an_import("upl_x", sold.id)
    for given in (
        {"uploadId": None},
        {"unitCost": "9.5"},
        {"unitCost": {"amount": 9.5, "currency": "CNY"}},
        {"unitCost": {"amount": "9.5"}},
        {"columns": {"卡号": "NUMBER"}},
        {"columns": one_column("卡号", "CARD")},
        {"columns": [None]},
        {"defaultExpiresAt": "2099-12-31"},
        {"dryRun": "yes"},
    ):
        assert "invalid value" in (await top_level(api, IMPORT, {"input": {**asked, **given}}, importer))["message"], given


async def test_only_who_imports_codes_sees_imports(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    upload = await uploaded(api, importer, xlsx(numbered(1, 3)))
    made = (await done(api, IMPORT, an_import(upload, sold.id), importer))["codeImport"]
    others = await shop.staff(*(set(Permission) - {Permission.IMPORT_CODES}))
    for who, code in ((None, "NOT_SIGNED_IN"), (await shop.customer(), "NOT_ALLOWED"), (others, "NOT_ALLOWED")):
        asked = an_import(upload, sold.id, idempotencyKey="2")
        assert (await top_level(api, IMPORT, {"input": asked}, who))["extensions"]["code"] == code
        assert (await top_level(api, FOLLOW, {"id": made["id"]}, who))["extensions"]["code"] == code
        assert (await top_level(api, ALL, None, who))["extensions"]["code"] == code
    # Who only imports sees how it went, and no lot.
    only = await shop.staff(Permission.IMPORT_CODES)
    told = await api("query ($id: ID!) { codeImport(id: $id) { state lot { id } } }", {"id": made["id"]}, only.token)
    assert told["data"]["codeImport"] == {"state": "QUEUED", "lot": None}
    assert told["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"


async def test_what_is_not_there_is_null_and_what_is_no_id_is_refused(api: Api, importer: Person):
    assert await followed(api, importer, global_id(Kind.CODE_IMPORT, UUID(int=1))) is None
    for wrong in ("", "imp_zz", global_id(Kind.LOT, UUID(int=1))):
        assert (await top_level(api, FOLLOW, {"id": wrong}, importer))["extensions"]["code"] == "INVALID_INPUT"
    for page in ({"first": 0}, {"first": 101}, {"first": -1}, {"after": "x"}, {"after": "\x00"}, {"after": ""}):
        assert (await top_level(api, ALL, page, importer))["extensions"]["code"] == "INVALID_INPUT", page


async def test_a_file_that_is_no_table_fails_without_a_trace_in_stock(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    for number, content in enumerate((b"\x00\x01\x02 binary", b"PK\x03\x04 cut off", b"name\n", "密码\n123456\n".encode())):
        upload = await uploaded(api, importer, content)
        asked = an_import(upload, sold.id, idempotencyKey=f"bad {number}")
        made = (await done(api, IMPORT, asked, importer))["codeImport"]
        await drain()
        ended = await followed(api, importer, made["id"])
        assert (ended["state"], ended["rowsStocked"], ended["lot"]) == ("FAILED", 0, None)
        assert ended["failure"]["message"]
    assert await db.value("SELECT count(*) FROM code") == 0
    assert await db.value("SELECT count(*) FROM upload") == 0


async def test_refusals_of_the_payload_change_nothing_even_in_parallel(api: Api, shop: Shop, importer: Person):
    sold = await shop.variant(codes=0)
    asked = an_import(global_id(Kind.UPLOAD, UUID(int=1)), sold.id)
    async with unchanged():
        answers = await asyncio.gather(*(payload(api, IMPORT, asked, importer) for _ in range(8)))
    assert {answer["errors"][0]["code"] for answer in answers} == {"UPLOAD_UNUSABLE"}
