"""Face values that buyers choose: the very amount is ordered, its price is guarded, and another one is not believed."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import FaceRange
from perkhub.entitlements import EntitlementState
from perkhub.fulfilment import purchase_stock
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.plugin.supplier import Cost, Delivered, Echo, FaceValue
from perkhub.suppliers import Offer, OfferNotLive, SupplierOrderState, list_offers
from perkhub.suppliers.errors import OfferNotMappable
from perkhub.vault import OutOfStock
from tests.factories import Shop, StockedVariant
from tests.fulfilment.scripted import Script, Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, breaches
from tests.orders.desk import wallet_of
from tests.plugins.suppliers.vendors import Vendor

S, E = SupplierOrderState, EntitlementState
TENS = FaceRange(Decimal(10), Decimal(2000), Decimal(10))
RANGED = {"face_range": TENS, "face_currency": "CNY"}
APPLE = "122"  # CNY 10 to 1000 by amount, 0.1386 USD for each
MAKE_RANGED = "UPDATE supplier_offer SET face_least = 10, face_greatest = 1000, face_currency = 'CNY' WHERE id = $1"


async def ranged(shop: Shop) -> StockedVariant:
    return await shop.variant(codes=0, price="10.00", form=RANGED)


@pytest.fixture
def script() -> Iterator[Script]:
    with offered(scripted(by_amount=True)):
        yield Scripted.scripts["amounts"]


async def by_amount(sourcing: Sourcing, variant: StockedVariant, **terms: Any) -> Offer:
    """An offer of a scripted supplier that is sold by amount, mapped."""
    account = await sourcing.account("scripted", {"script": "amounts"})
    unmapped = await sourcing.unmapped(account, "RANGE", cost="0.9")
    await db.value(MAKE_RANGED, unmapped)
    [offer] = await list_offers(account=account)
    made = await sourcing.mapped(offer, variant.id, **terms)
    return next(one for one in await list_offers(account=account) if one.id == made)


async def test_the_chosen_amount_is_bought_at_reloadly(sourcing: Sourcing, reloadly: Vendor, shop: Shop):
    variant, buyer = await ranged(shop), await shop.customer(wallet="1000.00")
    account = await sourcing.account("reloadly", reloadly.settings)
    offer = (await sourcing.synced(account))[APPLE]
    assert (offer.by_amount, offer.face_currency, offer.cost) == (True, "CNY", Decimal("0.1386"))
    await sourcing.mapped(offer, variant.id)
    bought = await sourcing.buy(buyer, (variant, 2), face="120")
    assert [unit.state for unit in await sourcing.settle(bought)] == [E.ISSUED] * 2
    [attempt] = await attempts()
    assert (attempt.sku, attempt.face_value, attempt.face_currency) == (APPLE, Decimal(120), "CNY")
    assert (attempt.maximum_cost, attempt.cost) == (Decimal("33.264"), 3326)
    [booked] = [one for one in reloadly.books()["transactions"] if one["customIdentifier"] == attempt.reference]
    assert (Decimal(str(booked["product"]["unitPrice"])), booked["product"]["quantity"]) == (120, 2)
    # The SKU itself is still there, for other variants and fixed values.
    assert APPLE in await sourcing.synced(account)
    assert await breaches() == {}


async def test_what_the_supplier_does_not_sell_is_out_of_stock(sourcing: Sourcing, script: Script, shop: Shop):
    variant, buyer = await ranged(shop), await shop.customer(wallet="10000.00")
    await by_amount(sourcing, variant)
    with pytest.raises(OutOfStock):
        await sourcing.buy(buyer, (variant, 1), face="1010")
    assert await wallet_of(buyer) == 1_000_000
    with pytest.raises(OfferNotLive):
        await transact(lambda tx: purchase_stock(tx, new_id(), variant.id, 5, actor="tests"))


@pytest.mark.parametrize(
    ("echo", "cause"),
    [
        (Echo(face_value=FaceValue(Decimal(60), "CNY")), "mismatch_face_value"),
        (Echo(face_value=FaceValue(Decimal(50), "USD")), "mismatch_face_value"),
        (Echo(cost=Cost(Decimal("45.01"), "CNY")), "mismatch_cost"),
    ],
    ids=["another_amount", "another_currency", "dearer"],
)
async def test_another_amount_is_not_believed(sourcing: Sourcing, script: Script, shop: Shop, echo: Echo, cause: str):
    variant, buyer = await ranged(shop), await shop.customer(wallet="100.00")
    await by_amount(sourcing, variant)
    script.places.append(Delivered(echo, codes=codes(1)))
    await sourcing.buy(buyer, (variant, 1), face="50")
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.cause) == (S.UNKNOWN, cause)
    [request] = script.placed
    assert (request.face_value, request.maximum_cost) == (FaceValue(Decimal(50), "CNY"), Cost(Decimal(45), "CNY"))


async def test_terms_of_a_mapped_range_change_in_place(sourcing: Sourcing, script: Script, shop: Shop):
    variant = await ranged(shop)
    offer = await by_amount(sourcing, variant, maximum_cost=Decimal("0.95"))
    assert (offer.by_amount, offer.maximum_cost, offer.active) == (True, Decimal("0.95"), True)
    again = await sourcing.mapped(offer, variant.id, maximum_cost=Decimal("0.92"))
    assert again == offer.id
    assert len(await list_offers(variant=variant.id)) == 1


async def test_a_choice_of_values_needs_a_sku_by_amount(sourcing: Sourcing, script: Script, shop: Shop):
    variant = await ranged(shop)
    account = await sourcing.account("scripted", {"script": "amounts"})
    with pytest.raises(OfferNotMappable):
        await sourcing.offer(account, variant.id, "FIXED-50", cost="45")


async def test_a_printed_value_is_bought_as_it_is(sourcing: Sourcing, script: Script, shop: Shop):
    variant = await shop.variant(codes=0, price="50.00", form={"face_value": Decimal(50), "face_currency": "CNY"})
    account = await sourcing.account("scripted", {"script": "amounts"})
    await sourcing.offer(account, variant.id, "FIXED-50", cost="45")
    script.places.append(Delivered(Echo(), codes=codes(1)))
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    await drain()
    assert [unit.state for unit in await sourcing.now_of(bought)] == [E.ISSUED]
    assert [one.face_value for one in script.placed] == [None]
