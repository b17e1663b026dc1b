"""The demo's suppliers: connected anew at each start, each benefit made once, and sold just in time."""

from typing import Any

from perkhub.catalog import product_by_slug, variants_of_products
from perkhub.channels import channel_by_key
from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.money import Money
from perkhub_schema.demo.shop import CHANNEL
from perkhub_schema.demo.supplied import SANDBOXES, SUPPLIED, sell_from_suppliers
from tests.factories import Shop, StockedVariant
from tests.fulfilment.conftest import (
    clock_set_back,
    fulu,
    fulu_process,
    reloadly,
    reloadly_process,
    sourcing,
    wide_pool,
)
from tests.fulfilment.sourcing import Sourcing, breaches
from tests.plugins.suppliers.vendors import Vendor

__all__ = ["clock_set_back", "fulu", "fulu_process", "reloadly", "reloadly_process", "sourcing", "wide_pool"]


async def test_a_benefit_from_each_is_sold(shop: Shop, sourcing: Sourcing, fulu: Vendor, reloadly: Vendor):
    await shop.channel(CHANNEL)
    announced: dict[str, Any] = {"fulu": fulu.line, "reloadly": reloadly.line}
    await sell_from_suppliers(announced)
    await sell_from_suppliers(announced)
    assert await db.value("SELECT count(*) FROM supplier_account") == len(SANDBOXES)
    assert await db.value("SELECT count(*) FROM supplier_offer WHERE active") == len(SUPPLIED)
    channel, buyer = await channel_by_key(CHANNEL), await shop.customer(wallet="500.00")
    for supplied in SUPPLIED:
        product = await product_by_slug(supplied.slug)
        assert product is not None
        [variant] = await variants_of_products([product.id])
        price = Money.of(supplied.price, "CNY")
        sold = StockedVariant(variant.id, product.id, variant.id, channel, price)
        said = {one.key: "10086123" for one in supplied.asked}
        units = await sourcing.settle(await sourcing.buy(buyer, (sold, 1), said=said))
        done = EntitlementState.DELIVERED if supplied.is_top_up else EntitlementState.ISSUED
        assert [unit.state for unit in units] == [done]
    assert await breaches() == {}
