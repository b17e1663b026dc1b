"""Many products in one request: results in the order of the rows, refusals with their paths, rights as for single verbs."""

from typing import Any

from perkhub.accounts import Permission
from perkhub.kit import db
from tests.factories import Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, top_level, unchanged

UPSERT = f"""mutation ($input: ProductBulkUpsertInput!) {{ productBulkUpsert(input: $input) {{
    taken results {{ outcome product {{ id slug version variants {{ sku listings {{ unitPrice {{ amount }} version }} }} }}
                     errors {{ code path }} }} {ERRORS} }} }}"""
LOG = "{ activity(first: 1) { nodes { operation changes(first: 9) { nodes { subjectKind } } } } }"


def a_row(slug: str, *, price: str = "19.90", **more: Any) -> dict[str, Any]:
    listings = [{"channel": "retail", "unitPrice": price}]
    variant = {"sku": slug.upper(), "name": {"zh": "月卡"}, "listings": listings}
    return {"slug": slug, "name": {"zh": "会员"}, "variants": [variant], **more}


async def test_products_come_in_with_everything_below_them(api: Api, shop: Shop):
    await shop.channel()
    keeper = await shop.staff(Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES, Permission.READ_ACTIVITY)
    asked = {"rows": [a_row("one"), a_row("two", price="5")]}
    async with unchanged():
        dry = await done(api, UPSERT, {**asked, "dryRun": True}, keeper)
    assert [(one["outcome"], one["product"]) for one in dry["results"]] == [("CREATED", None)] * 2
    made = await done(api, UPSERT, asked, keeper)
    assert made["taken"] == 2
    assert [one["outcome"] for one in made["results"]] == ["CREATED", "CREATED"]
    first = made["results"][0]["product"]
    assert first["variants"] == [{"sku": "ONE", "listings": [{"unitPrice": {"amount": "19.90"}, "version": 1}]}]
    again = await done(api, UPSERT, {"rows": [a_row("one", price="20", expectedVersion=1), a_row("two", price="5")]}, keeper)
    assert [one["outcome"] for one in again["results"]] == ["CHANGED", "UNCHANGED"]
    [deed] = (await read(api, LOG, None, keeper))["nodes"]
    assert deed["operation"] == "productBulkUpsert"
    assert [one["subjectKind"] for one in deed["changes"]["nodes"]] == ["listing"]


async def test_refusals_name_their_row_whatever_the_policy(api: Api, shop: Shop):
    await shop.channel()
    keeper = await shop.staff(Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES)
    rows = [a_row("good"), a_row("BAD"), a_row("late", expectedVersion=3)]
    rows[0]["variants"][0]["listings"][0]["quota"] = -1
    told = [
        ["input", "rows", "0", "variants", "0", "listings", "0", "quota"],
        ["input", "rows", "1", "slug"],
        ["input", "rows", "2", "expectedVersion"],
    ]
    for policy, outcomes in (
        ("REJECT_EVERYTHING", ["LEFT_OUT"] * 3),
        ("REJECT_FAILED_ROWS", ["LEFT_OUT"] * 3),
        ("IGNORE_FAILED", ["CREATED", "LEFT_OUT", "LEFT_OUT"]),
    ):
        answer = await payload(api, UPSERT, {"rows": rows, "errorPolicy": policy}, keeper)
        assert [one["path"] for one in answer["errors"]] == told
        assert [one["outcome"] for one in answer["results"]] == outcomes
        assert [len(one["errors"]) for one in answer["results"]] == [1, 1, 1]
    assert await db.value("SELECT count(*) FROM product") == 1


async def test_a_listing_needs_the_right_to_its_channel(api: Api, shop: Shop):
    retail, _ = await shop.channel(), await shop.channel("partner")
    for keeper in (
        await shop.staff(Permission.MANAGE_CATALOG),
        await shop.staff_in(([Permission.MANAGE_CATALOG], None), ([Permission.MANAGE_PRICES], [retail])),
    ):
        row = a_row("one")
        row["variants"][0]["listings"][0]["channel"] = "partner"
        assert (await top_level(api, UPSERT, {"input": {"rows": [row]}}, keeper))["extensions"]["code"] == "NOT_ALLOWED"
    await done(api, UPSERT, {"rows": [a_row("one")]}, keeper)
    row = a_row("one")
    row["variants"][0]["listings"][0]["channel"] = "nowhere"
    refused = (await payload(api, UPSERT, {"rows": [row]}, keeper))["errors"]
    place = ["input", "rows", "0", "variants", "0", "listings", "0", "channel"]
    assert [(one["code"], one["path"]) for one in refused] == [("CHANNEL_NOT_FOUND", place)]
    refused = (await payload(api, UPSERT, {"rows": [{**a_row("two"), "brandId": "brd_x"}]}, keeper))["errors"]
    assert [one["path"] for one in refused] == [["input", "rows", "0", "brandId"]]


async def test_no_more_than_five_hundred(api: Api, shop: Shop):
    keeper = await shop.staff(Permission.MANAGE_CATALOG)
    for rows in ([], [{"slug": f"s-{n}", "name": {"en": "x"}} for n in range(501)]):
        refused = (await payload(api, UPSERT, {"rows": rows}, keeper))["errors"]
        assert [one["path"] for one in refused] == [["input", "rows"]]
