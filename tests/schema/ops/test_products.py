"""Products, variants and listings, set up through HTTP."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level, unchanged

PRODUCT = "id slug name description howToUse kind brand { slug } minimumValidityDays externalReference version archivedAt"
CREATE = f"mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: ProductUpdateInput!) {{ productUpdate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
ARCHIVE = f"mutation ($input: ProductArchiveInput!) {{ productArchive(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
VARIANT = f"""mutation ($input: VariantCreateInput!) {{ variantCreate(input: $input) {{
    variant {{ id sku name faceValue {{ amount currency }} product {{ id }} price {{ unit {{ amount }} }} }} {ERRORS} }} }}"""
LISTING = f"mutation ($input: ListingUpsertInput!) {{ listingUpsert(input: $input) {{ listing {{ id }} {ERRORS} }} }}"
PRODUCTS = "{ products { nodes { slug variants { sku price { unit { amount currency } } } } } }"
NAME = {"zh": "视频月卡", "en": "Video month"}


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog, in a house with one channel."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES)


async def a_product(api: Api, operator: Person, slug: str = "video-month", **more: Any) -> Any:
    return (await done(api, CREATE, {"slug": slug, "name": NAME, **more}, operator))["product"]


async def test_a_product_goes_on_sale_by_mutations_alone(api: Api, shop: Shop, operator: Person):
    product = await a_product(
        api,
        operator,
        brandId=global_id(Kind.BRAND, await shop.brand()),
        description={"zh": "看视频。\n无广告。", "en": "Watch."},
        howToUse={"zh": "输入兑换码。"},
        minimumValidityDays=7,
        externalReference="erp-1",
    )
    assert product == {
        "id": product["id"],
        "slug": "video-month",
        "name": "Video month",
        "description": "Watch.",
        "howToUse": "输入兑换码。",
        "kind": "CODE",
        "brand": {"slug": "acme"},
        "minimumValidityDays": 7,
        "externalReference": "erp-1",
        "version": 1,
        "archivedAt": None,
    }
    assert await read(api, PRODUCTS) == {"nodes": []}
    face = {"amount": "30.00", "currency": "USD"}
    asked = {"productId": product["id"], "sku": "VIDEO-1M", "name": {"zh": "月卡"}, "faceValue": face}
    variant = (await done(api, VARIANT, asked, operator))["variant"]
    assert variant == {
        "id": variant["id"],
        "sku": "VIDEO-1M",
        "name": "月卡",
        "faceValue": {"amount": "30.00", "currency": "USD"},
        "product": {"id": product["id"]},
        "price": None,
    }
    listing = (
        """mutation ($input: ListingUpsertInput!) { listingUpsert(input: $input) { listing { id version } errors { code } } }"""
    )
    await done(api, listing, {"channel": "retail", "variantId": variant["id"], "unitPrice": "19.9"}, operator)
    price = {"unit": {"amount": "19.90", "currency": "CNY"}}
    shown = {"nodes": [{"slug": "video-month", "variants": [{"sku": "VIDEO-1M", "price": price}]}]}
    assert await read(api, PRODUCTS) == shown


async def test_what_is_left_out_stays_and_null_takes_away(api: Api, shop: Shop, operator: Person):
    brand = global_id(Kind.BRAND, await shop.brand())
    made = await a_product(api, operator, brandId=brand, description={"en": "Watch."}, externalReference="erp-1")
    given = {"productId": made["id"], "expectedVersion": 1, "minimumValidityDays": 30}
    changed = (await done(api, UPDATE, given, operator))["product"]
    assert changed == {**made, "minimumValidityDays": 30, "version": 2}
    given = {"productId": made["id"], "expectedVersion": 2, "brandId": None, "description": None, "externalReference": None}
    emptied = (await done(api, UPDATE, given, operator))["product"]
    assert emptied == {**changed, "brand": None, "description": "", "externalReference": None, "version": 3}
    given = {"productId": made["id"], "expectedVersion": 3, "slug": "film", "name": {"zh": "电影"}, "howToUse": {"zh": "看"}}
    renamed = (await done(api, UPDATE, given, operator))["product"]
    assert renamed == {**emptied, "slug": "film", "name": "电影", "howToUse": "看", "version": 4}


async def test_of_many_changes_of_one_version_one_wins(api: Api, operator: Person):
    made = await a_product(api, operator)
    asked = [{"productId": made["id"], "expectedVersion": 1, "howToUse": {"en": f"Way {number}"}} for number in range(8)]
    answers = await asyncio.gather(*(payload(api, UPDATE, given, operator) for given in asked))
    won = [answer["product"] for answer in answers if answer["product"] is not None]
    lost = [answer["errors"][0] for answer in answers if answer["product"] is None]
    assert [product["version"] for product in won] == [2]
    assert len(lost) == 7
    assert {error["__typename"] for error in lost} == {"VersionMoved"}
    assert {error["version"] for error in lost} == {2}
    assert lost[0]["path"] == ["input", "expectedVersion"]
    found = await read(api, "query ($id: ID!) { node(id: $id) { ... on Product { howToUse } } }", {"id": made["id"]}, operator)
    assert found == {"howToUse": won[0]["howToUse"]}


async def test_an_archived_product_is_off_every_channel_for_good(api: Api, shop: Shop, operator: Person):
    sold = await shop.variant()
    product = global_id(Kind.PRODUCT, sold.product_id)
    assert len((await read(api, PRODUCTS))["nodes"]) == 1
    stale = {"productId": product, "expectedVersion": 0}
    assert (await refusal(api, ARCHIVE, stale, operator))["code"] == "VERSION_MOVED"
    archived = (await done(api, ARCHIVE, {"productId": product, "expectedVersion": 1}, operator))["product"]
    assert archived["archivedAt"].endswith("+00:00")
    assert archived["version"] == 2
    assert await read(api, PRODUCTS) == {"nodes": []}
    again = (await done(api, ARCHIVE, {"productId": product, "expectedVersion": 2}, operator))["product"]
    assert again == {**archived, "version": 3}
    # Who bought it still reads how to use it: that can be mended.
    given = {"productId": product, "expectedVersion": 3, "howToUse": {"en": "Call us."}}
    assert (await done(api, UPDATE, given, operator))["product"]["howToUse"] == "Call us."


ODD_PRODUCTS: list[tuple[dict[str, Any], str, str]] = [
    ({"slug": ""}, "slug", "INVALID_INPUT"),
    ({"slug": "-video"}, "slug", "INVALID_INPUT"),
    ({"slug": "Video"}, "slug", "INVALID_INPUT"),
    ({"slug": "a" * 81}, "slug", "INVALID_INPUT"),
    ({"slug": "taken"}, "slug", "ALREADY_NAMED"),
    ({"externalReference": "erp-taken"}, "externalReference", "ALREADY_NAMED"),
    ({"name": {}}, "name", "INVALID_INPUT"),
    ({"name": {"zh": " ", "en": ""}}, "name", "INVALID_INPUT"),
    ({"name": {"en": "x" * 201}}, "name.en", "INVALID_INPUT"),
    ({"name": {"en": "two\nlines"}}, "name.en", "INVALID_INPUT"),
    ({"name": {"en": "nul\x00"}}, "name.en", "INVALID_INPUT"),
    ({"brandId": global_id(Kind.BRAND, UUID(int=1))}, "brandId", "NOT_FOUND"),
    ({"brandId": "Acme"}, "brandId", "INVALID_INPUT"),
    ({"categoryIds": [global_id(Kind.CATEGORY, UUID(int=1))]}, "categoryIds.0", "NOT_FOUND"),
    ({"categoryIds": [global_id(Kind.CATEGORY, UUID(int=1))] * 2}, "categoryIds", "INVALID_INPUT"),
    ({"categoryIds": [global_id(Kind.CATEGORY, UUID(int=number)) for number in range(21)]}, "categoryIds", "INVALID_INPUT"),
    ({"validity": {"kind": "UNTIL"}}, "validity.until", "INVALID_INPUT"),
    ({"validity": {"kind": "AS_PRINTED", "until": "2099-01-31"}}, "validity.until", "INVALID_INPUT"),
    ({"validity": {"kind": "FROM_DELIVERY"}}, "validity.days", "INVALID_INPUT"),
    ({"validity": {"kind": "FROM_DELIVERY", "days": 0}}, "validity.days", "INVALID_INPUT"),
    ({"validity": {"kind": "UNTIL", "until": "2099-01-31", "days": 3}}, "validity.days", "INVALID_INPUT"),
    ({"refundPolicy": {"kind": "WITHIN_DAYS"}}, "refundPolicy.days", "INVALID_INPUT"),
    ({"refundPolicy": {"kind": "WITHIN_DAYS", "days": 3651}}, "refundPolicy.days", "INVALID_INPUT"),
    ({"refundPolicy": {"kind": "NEVER", "days": 7}}, "refundPolicy.days", "INVALID_INPUT"),
    ({"metadata": [{"key": "", "value": "x"}]}, "metadata.0.key", "INVALID_INPUT"),
    ({"metadata": [{"key": "a b", "value": "x"}]}, "metadata.0.key", "INVALID_INPUT"),
    ({"metadata": [{"key": "a", "value": "x"}, {"key": "a", "value": "y"}]}, "metadata.1.key", "INVALID_INPUT"),
    ({"metadata": [{"key": f"k{number}", "value": "x"} for number in range(51)]}, "metadata", "INVALID_INPUT"),
    ({"privateMetadata": [{"key": "a", "value": "x" * 4001}]}, "privateMetadata.0.value", "INVALID_INPUT"),
    ({"description": {"zh": "长" * 20_001}}, "description.zh", "INVALID_INPUT"),
    ({"howToUse": {"zh": "\x1b[31m"}}, "howToUse.zh", "INVALID_INPUT"),
    ({"externalReference": "x" * 121}, "externalReference", "INVALID_INPUT"),
    ({"minimumValidityDays": -1}, "minimumValidityDays", "INVALID_INPUT"),
    ({"minimumValidityDays": 3651}, "minimumValidityDays", "INVALID_INPUT"),
]


async def test_an_odd_product_is_neither_made_nor_changed_into(api: Api, operator: Person):
    await a_product(api, operator, "taken", externalReference="erp-taken")
    other = await a_product(api, operator, "other")
    for given, path, code in ODD_PRODUCTS:
        error = await refusal(api, CREATE, {"slug": "video-month", "name": NAME, **given}, operator)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given
        error = await refusal(api, UPDATE, {"productId": other["id"], "expectedVersion": 1, **given}, operator)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given


NO_PRODUCTS: list[Any] = [
    {},
    {"slug": None, "name": NAME},
    {"slug": "video"},
    {"slug": 5, "name": NAME},
    {"slug": "video", "name": "Video"},
    {"slug": "video", "name": NAME, "kind": "CAR"},
    {"slug": "video", "name": NAME, "minimumValidityDays": 3_000_000_000},
    {"slug": "video", "name": NAME, "minimumValidityDays": "7"},
    {"slug": "video", "name": NAME, "colour": "red"},
    [],
    None,
]


async def test_what_is_no_product_input_ends_the_operation(api: Api, operator: Person):
    for given in NO_PRODUCTS:
        error = await top_level(api, CREATE, {"input": given}, operator)
        assert "invalid value" in error["message"] or "non-null type" in error["message"], given


ODD_VARIANTS: list[tuple[dict[str, Any], str, str]] = [
    ({"sku": ""}, "sku", "INVALID_INPUT"),
    ({"sku": "with space"}, "sku", "INVALID_INPUT"),
    ({"sku": "x" * 61}, "sku", "INVALID_INPUT"),
    ({"sku": "TAKEN"}, "sku", "ALREADY_NAMED"),
    ({"name": {}}, "name", "INVALID_INPUT"),
    ({"faceValue": {"amount": "0", "currency": "CNY"}}, "faceValue.amount", "INVALID_INPUT"),
    ({"faceValue": {"amount": "-1", "currency": "CNY"}}, "faceValue.amount", "INVALID_INPUT"),
    ({"faceValue": {"amount": "1000000001", "currency": "CNY"}}, "faceValue.amount", "INVALID_INPUT"),
    ({"faceValue": {"amount": "0.0000001", "currency": "CNY"}}, "faceValue.amount", "INVALID_INPUT"),
    ({"faceValue": {"amount": "1", "currency": "XQX"}}, "faceValue.currency", "CURRENCY_MISMATCH"),
    ({"faceValue": {"amount": "1", "currency": ""}}, "faceValue.currency", "CURRENCY_MISMATCH"),
    ({"productId": global_id(Kind.PRODUCT, UUID(int=1))}, "productId", "NOT_FOUND"),
    ({"productId": "prd_1"}, "productId", "INVALID_INPUT"),
    ({"productId": ""}, "productId", "INVALID_INPUT"),
    ({"productId": "x" * 10_000}, "productId", "INVALID_INPUT"),
]


async def test_an_odd_variant_is_not_made(api: Api, operator: Person):
    product = await a_product(api, operator)
    asked = {"productId": product["id"], "sku": "TAKEN", "name": NAME}
    await done(api, VARIANT, asked, operator)
    for given, path, code in ODD_VARIANTS:
        error = await refusal(api, VARIANT, {**asked, "sku": "FREE", **given}, operator)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given


async def test_only_who_keeps_the_catalog_may(api: Api, shop: Shop, operator: Person):
    product = await a_product(api, operator)
    asked = {
        CREATE: {"slug": "film", "name": NAME},
        UPDATE: {"productId": product["id"], "expectedVersion": 1, "slug": "other"},
        ARCHIVE: {"productId": product["id"], "expectedVersion": 1},
        VARIANT: {"productId": product["id"], "sku": "S", "name": NAME},
    }
    others = await shop.staff(*(set(Permission) - {Permission.MANAGE_CATALOG}))
    for who, code in ((None, "NOT_SIGNED_IN"), (await shop.customer(), "NOT_ALLOWED"), (others, "NOT_ALLOWED")):
        for operation, given in asked.items():
            assert (await top_level(api, operation, {"input": given}, who))["extensions"]["code"] == code


async def test_a_foreign_id_is_not_found_whatever_is_asked_of_it(api: Api, shop: Shop, operator: Person):
    sold = await shop.variant()
    foreign = global_id(Kind.VARIANT, sold.id)
    for operation in (UPDATE, ARCHIVE):
        error = await refusal(api, operation, {"productId": foreign, "expectedVersion": 1}, operator)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "productId"])


async def test_refusals_are_told_in_the_callers_language(api: Api, operator: Person):
    async with unchanged():
        answer = await payload(api, CREATE, {"slug": "-", "name": NAME}, operator, language="zh-CN")
    assert answer["errors"][0]["message"].startswith("须为 1 至 80 个")
