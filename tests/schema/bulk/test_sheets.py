"""Sheets of products from an operator's desk to the shop and back, through HTTP."""

import io
from typing import Any
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.catalog.sheets.desk import numbered, xlsx
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, top_level

IMPORTED = "id state filename rowsRead created changed unchanged leftOut refused errorPolicy dryRun"
IMPORT = f"""mutation ($input: ProductsImportInput!) {{ productsImport(input: $input) {{
    productImport {{ {IMPORTED} }} {ERRORS} }} }}"""
FOLLOW = f"""query ($id: ID!, $first: Int, $after: String) {{ productImport(id: $id) {{ {IMPORTED} finishedAt
    failure {{ code message }} refusals(first: $first, after: $after) {{
        nodes {{ row column code message }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
EXPORTED = "id state filename format products rows path expiresAt"
EXPORT = f"""mutation ($input: ProductsExportInput!) {{ productsExport(input: $input) {{
    productExport {{ {EXPORTED} }} {ERRORS} }} }}"""
FETCH = f"query ($id: ID!) {{ productExport(id: $id) {{ {EXPORTED} }} }}"
EXPORTS = "{ productExports { nodes { id } } productImports { nodes { id } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"


@pytest.fixture
async def keeper(shop: Shop) -> Person:
    """Whoever keeps the catalog and its prices."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES)


async def uploaded(api: Api, who: Person, content: bytes, name: str = "products.xlsx") -> str:
    headers = {"Authorization": f"Bearer {who.token}", "Perkhub-Filename": quote(name)}
    answer = await api.http.post("/uploads", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    upload: str = answer.json()["uploadId"]
    return upload


async def exported(api: Api, who: Person, **more: Any) -> dict[str, Any]:
    asked = (await done(api, EXPORT, {"idempotencyKey": "out", **more}, who))["productExport"]
    assert (asked["state"], asked["path"]) == ("QUEUED", None)
    await drain()
    found: dict[str, Any] = await read(api, FETCH, {"id": asked["id"]}, who)
    return found


async def fetched(api: Api, path: str, who: Person | None) -> Any:
    headers = {} if who is None else {"Authorization": f"Bearer {who.token}"}
    return await api.http.get(path, headers=headers)


async def test_a_sheet_is_checked_then_taken_in(api: Api, keeper: Person):
    upload = await uploaded(api, keeper, xlsx(numbered(30)), "商品.xlsx")
    asked = {"idempotencyKey": "1", "uploadId": upload, "dryRun": True}
    dry = (await done(api, IMPORT, asked, keeper))["productImport"]
    assert (dry["state"], dry["filename"], dry["errorPolicy"]) == ("QUEUED", "商品.xlsx", "REJECT_EVERYTHING")
    assert (await done(api, IMPORT, asked, keeper))["productImport"]["id"] == dry["id"]
    await drain()
    checked = await read(api, FOLLOW, {"id": dry["id"]}, keeper)
    assert (checked["state"], checked["rowsRead"], checked["created"], checked["refused"]) == ("CHECKED", 30, 30, 0)
    assert await db.value("SELECT count(*) FROM product") == 0
    real = (await done(api, IMPORT, {"idempotencyKey": "2", "uploadId": upload}, keeper))["productImport"]
    await drain()
    ended = await read(api, FOLLOW, {"id": real["id"]}, keeper)
    assert (ended["state"], ended["rowsRead"], ended["created"], ended["leftOut"]) == ("DONE", 30, 30, 0)
    assert await db.value("SELECT count(*) FROM listing") == 30
    # The deed of whoever asked, though a worker did it.
    deeds = (
        "SELECT count(*) FROM activity_change c JOIN activity a ON a.id = c.activity_id WHERE a.operation = 'productsImport'"
    )
    assert await db.value(f"{deeds} AND c.subject = 'product'") == 30


async def test_refused_cells_are_told_in_pages_and_languages(api: Api, keeper: Person):
    rows = [(f"p-{n}", "", f"S-{n}", "月卡", "retail", "dear") for n in range(3)]
    upload = await uploaded(api, keeper, xlsx(rows))
    asked = (await done(api, IMPORT, {"idempotencyKey": "1", "uploadId": upload}, keeper))["productImport"]
    await drain()
    ended = await read(api, FOLLOW, {"id": asked["id"], "first": 4}, keeper, language="zh")
    assert (ended["state"], ended["failure"]["code"], ended["refused"]) == ("FAILED", "SHEET_ROWS_REFUSED", 6)
    first = ended["refusals"]["nodes"]
    assert [(one["row"], one["column"]) for one in first] == [(2, "price"), (2, "name_zh"), (3, "price"), (3, "name_zh")]
    assert first[0]["message"] == "须为数字,如 19.90。"
    page = {"id": asked["id"], "first": 4, "after": ended["refusals"]["pageInfo"]["endCursor"]}
    rest = (await read(api, FOLLOW, page, keeper))["refusals"]
    assert ([one["row"] for one in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([4, 4], False)


async def test_rows_may_leave_the_channel_to_the_request_with_the_right_to_it(api: Api, shop: Shop, keeper: Person):
    sheet = xlsx([("p", "名", "P", "月卡", 5)], header=("slug", "name_zh", "sku", "variant_name_zh", "price"))
    weak = await shop.staff(Permission.MANAGE_CATALOG)
    asked = {"idempotencyKey": "1", "uploadId": await uploaded(api, weak, sheet), "defaultChannel": "retail"}
    assert (await top_level(api, IMPORT, {"input": asked}, weak))["extensions"]["code"] == "NOT_ALLOWED"
    asked["uploadId"] = await uploaded(api, keeper, sheet)
    refused = (await payload(api, IMPORT, {**asked, "defaultChannel": "nowhere"}, keeper))["errors"]
    assert [one["code"] for one in refused] == ["CHANNEL_NOT_FOUND"]
    await done(api, IMPORT, asked, keeper)
    await drain()
    assert await db.value("SELECT unit_price FROM listing") == 5


async def test_an_upload_of_somebody_else_is_none(api: Api, shop: Shop, keeper: Person):
    other = await shop.staff(Permission.MANAGE_CATALOG)
    upload = await uploaded(api, other, xlsx(numbered(1)))
    refused = (await payload(api, IMPORT, {"idempotencyKey": "1", "uploadId": upload}, keeper))["errors"]
    assert [(one["code"], one["path"]) for one in refused] == [("UPLOAD_UNUSABLE", ["input", "uploadId"])]


async def test_what_goes_out_is_fetched_by_its_requester_alone_for_a_day(api: Api, shop: Shop, keeper: Person):
    upload = await uploaded(api, keeper, xlsx(numbered(5)))
    await done(api, IMPORT, {"idempotencyKey": "1", "uploadId": upload}, keeper)
    await drain()
    export = await exported(api, keeper, where={"slug": {"oneOf": ["p-1", "p-3"]}})
    assert (export["state"], export["products"], export["rows"], export["format"]) == ("DONE", 2, 2, "XLSX")
    answer = await fetched(api, export["path"], keeper)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{export['filename']}"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[rows[0].index("slug")] for row in rows[1:]] == ["p-1", "p-3"]

    other, weak, customer = await shop.staff(Permission.MANAGE_CATALOG), await shop.staff(), await shop.customer()
    statuses = [(await fetched(api, export["path"], who)).status_code for who in (other, weak, customer, None)]
    assert statuses == [404, 403, 403, 401]
    assert await read(api, FETCH, {"id": export["id"]}, other) is None
    assert await read(api, NODE, {"id": export["id"]}, other) is None
    assert await read(api, NODE, {"id": export["id"]}, keeper) == {"id": export["id"]}
    listed = await api(EXPORTS, None, other.token)
    assert (listed["data"]["productExports"]["nodes"], len(listed["data"]["productImports"]["nodes"])) == ([], 1)
    assert (await fetched(api, "/exports/pex_1", keeper)).status_code == 404
    await db.value("UPDATE product_export SET expires_at = $1", now())
    assert (await fetched(api, export["path"], keeper)).status_code == 404
    assert (await read(api, FETCH, {"id": export["id"]}, keeper))["path"] is None


async def test_listings_of_channels_without_the_right_stay_out(api: Api, shop: Shop, keeper: Person):
    partner = await shop.channel("partner")
    rows = [*numbered(1), ("p-0", "", "SKU-0", "", "partner", 3)]
    await done(api, IMPORT, {"idempotencyKey": "1", "uploadId": await uploaded(api, keeper, xlsx(rows))}, keeper)
    await drain()
    weak = await shop.staff_in(([Permission.MANAGE_CATALOG], None), ([Permission.MANAGE_PRICES], [partner]))
    export = await exported(api, weak, format="CSV")
    lines = (await fetched(api, export["path"], weak)).content.decode("utf-8-sig")
    assert ("partner" in lines, "retail" in lines) == (True, False)
    export = await exported(api, keeper, format="CSV", channels=["retail"], where={"price": {"lte": "11"}})
    lines = (await fetched(api, export["path"], keeper)).content.decode("utf-8-sig")
    assert ("partner" in lines, "retail" in lines) == (False, True)


@pytest.mark.parametrize(("language", "first"), [("zh", "商品外部编号"), ("en", "external_reference")])
async def test_the_template_names_every_column_and_comes_in(api: Api, shop: Shop, keeper: Person, language: str, first: str):
    headers = {"Authorization": f"Bearer {keeper.token}", "Accept-Language": language}
    answer = await api.http.get("/templates/products.xlsx", headers=headers)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    [header] = book.get_sheet_by_index(0).to_python()
    assert (header[0], len(header), len(book.sheet_names)) == (first, 33, 2)
    row = {"商品标识": "t-1", "slug": "t-1", "商品英文名称": "T", "name_en": "T"}
    upload = await uploaded(api, keeper, xlsx([[row.get(name, "") for name in header]], header=header))
    asked = (await done(api, IMPORT, {"idempotencyKey": "1", "uploadId": upload}, keeper))["productImport"]
    await drain()
    assert (await read(api, FOLLOW, {"id": asked["id"]}, keeper))["created"] == 1
    assert (await api.http.get("/templates/products.xlsx")).status_code == 401


async def test_what_goes_out_is_narrowed_by_names(api: Api, shop: Shop, keeper: Person):
    one, other = await shop.variant(), await shop.variant()
    gifts = {"collection": {"id": {"eq": global_id(Kind.COLLECTION, await shop.collection(one.product_id))}}}
    for where, many in [
        (gifts, 1),
        ({"NOT": gifts}, 1),
        ({"brandSlug": {"eq": "nobody"}}, 0),
    ]:
        found = await exported(api, keeper, where=where, idempotencyKey=str(where))
        assert (found["state"], found["products"]) == ("DONE", many), where
    assert one.product_id != other.product_id
