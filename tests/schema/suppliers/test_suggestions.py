"""Whoever maps a supplier's catalog sees what each offer may be, and why; one look for a whole page."""

from decimal import Decimal

from perkhub.accounts import Permission
from perkhub.catalog import BrandDraft, create_brand
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.plugins.suppliers.vendors import Vendor
from tests.schema.conftest import Api
from tests.schema.ops.asking import done
from tests.schema.suppliers.test_selling import SYNC, connected, told

SUGGESTED = """query ($id: ID!) { supplierOffers(accountId: $id, mapped: false, first: 50) { nodes {
    sku printedValue { amount currency }
    suggestions { variant { id } score faceValue reasons { what points offered ours } } } } }"""


async def test_a_page_of_offers_with_what_they_may_be(api: Api, shop: Shop, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await connected(api, staff, fulu)
    brand = await transact(lambda tx: create_brand(tx, BrandDraft("jd", {"en": "JD", "zh": "京东"})))
    form = {"name": {"zh": "京东E卡 100元"}, "face_value": Decimal(100), "face_currency": "CNY"}
    variant = await shop.variant(codes=0, brand=brand, form=form)
    await done(api, SYNC, {"accountId": account}, staff)
    await drain()
    nodes = (await told(api, SUGGESTED, {"id": account}, staff))["nodes"]
    by_sku = {one["sku"]: one for one in nodes}
    card = by_sku.pop("card:10000601")
    assert card["printedValue"] == {"amount": "100.00", "currency": "CNY"}
    [suggestion] = card["suggestions"]
    assert suggestion["variant"] == {"id": global_id(Kind.VARIANT, variant.id)}
    assert suggestion["score"] == sum(reason["points"] for reason in suggestion["reasons"]) >= 80
    assert [reason["what"] for reason in suggestion["reasons"]] == ["BRAND", "NAME", "CURRENCY", "FACE_VALUE"]
    assert suggestion["reasons"][3] == {"what": "FACE_VALUE", "points": 20, "offered": "100 CNY", "ours": "100 CNY"}
    assert [one["suggestions"] for one in by_sku.values()] == [[]] * len(by_sku)
    assert await db.value("SELECT count(*) FROM supplier_offer WHERE variant_id IS NOT NULL") == 0
