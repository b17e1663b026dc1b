"""Variants, changed and archived through HTTP, and found by the names that other systems know."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.catalog import NotListed
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal

VARIANT = """id sku name faceValue { amount currency } externalReference version archivedAt metadata { key value }"""
UPDATE = f"mutation ($input: VariantUpdateInput!) {{ variantUpdate(input: $input) {{ variant {{ {VARIANT} }} {ERRORS} }} }}"
ARCHIVE = f"mutation ($input: VariantArchiveInput!) {{ variantArchive(input: $input) {{ variant {{ {VARIANT} }} {ERRORS} }} }}"
ASK = "query ($id: ID, $sku: String, $ref: String) { variant(id: $id, sku: $sku, externalReference: $ref) { id } }"


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG)


async def test_a_variant_is_changed_against_its_version(api: Api, shop: Shop, operator: Person):
    sold, other = await shop.variant(), await shop.variant()
    variant = global_id(Kind.VARIANT, sold.id)
    given: dict[str, Any] = {"sku": "NEW", "name": {"zh": "季卡"}, "externalReference": "erp-9"}
    face = {"faceValue": {"amount": "30.00", "currency": "CNY"}, "metadata": [{"key": "a", "value": "b"}]}
    changed = (await done(api, UPDATE, {"variantId": variant, "expectedVersion": 1, **given, **face}, operator))["variant"]
    assert changed == {"id": variant, "version": 2, "archivedAt": None, **given, **face, "name": "季卡"}
    bare = {"variantId": variant, "expectedVersion": 2, "faceValue": None, "externalReference": None}
    assert (await done(api, UPDATE, bare, operator))["variant"] == {
        **changed, "faceValue": None, "externalReference": None, "version": 3,
    }  # fmt: skip
    taken = (await read(api, "query ($id: ID!) { variant(id: $id) { sku } }", {"id": global_id(Kind.VARIANT, other.id)}))["sku"]
    for odd, path, code in (
        ({"sku": taken}, "sku", "ALREADY_NAMED"),
        ({"sku": "with space"}, "sku", "INVALID_INPUT"),
        ({"position": -1}, "position", "INVALID_INPUT"),
        ({"faceValue": {"amount": "0", "currency": "CNY"}}, "faceValue.amount", "INVALID_INPUT"),
        ({"expectedVersion": 1}, "expectedVersion", "VERSION_MOVED"),
    ):
        error = await refusal(api, UPDATE, {"variantId": variant, "expectedVersion": 3, **odd}, operator)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")])


async def test_an_archived_variant_is_sold_nowhere(api: Api, shop: Shop, operator: Person):
    sold, buyer = await shop.variant(), await shop.customer(wallet="100.00")
    variant = global_id(Kind.VARIANT, sold.id)
    await desk.buy(buyer, sold)
    archived = (await done(api, ARCHIVE, {"variantId": variant, "expectedVersion": 1}, operator))["variant"]
    assert archived["archivedAt"] is not None
    assert await read(api, "{ products { nodes { id } } }") == {"nodes": []}
    async with desk.nothing_changes():
        with pytest.raises(NotListed):
            await desk.buy(buyer, sold)
    # Whoever bought it still sees what it was.
    mine = await read(api, "{ me { entitlements { nodes { variant { sku } } } } }", None, buyer)
    assert [node["variant"]["sku"] for node in mine["entitlements"]["nodes"]] == [archived["sku"]]


async def test_a_variant_is_found_where_it_is_on_sale(api: Api, shop: Shop, operator: Person):
    sold = await shop.variant()
    await shop.channel("elsewhere")
    variant = global_id(Kind.VARIANT, sold.id)
    given = {"variantId": variant, "expectedVersion": 1, "sku": "FOUND", "externalReference": "erp-1"}
    await done(api, UPDATE, given, operator)
    for by in ({"id": variant}, {"sku": "FOUND"}, {"ref": "erp-1"}):
        assert await read(api, ASK, by) == {"id": variant}
        assert await read(api, ASK, by, channel="elsewhere") is None
        assert await read(api, ASK, by, operator, channel="elsewhere") == {"id": variant}
    assert await read(api, ASK, {"sku": "NOWHERE"}, operator) is None
    for odd in ({}, {"sku": "FOUND", "id": variant}):
        assert (await api(ASK, odd))["errors"][0]["message"] == "Give exactly one of id, sku, externalReference."
