"""Selling what is not there: money moves at once, the code is bought, sealed and given, and our books agree with theirs."""

from perkhub.entitlements import EntitlementState
from perkhub.suppliers import SupplierOrderState
from tests.factories import Shop
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches, plain_codes
from tests.plugins.suppliers.vendors import Vendor


async def test_a_code_is_bought_from_fulu_for_who_paid(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu)
    buyer = await shop.customer(wallet="100.00")
    bought = await sourcing.buy(buyer, (variant, 2))
    assert [unit.state for unit in bought.units] == [EntitlementState.PENDING] * 2
    assert await books() == {("party", "CNY"): 4000, ("adjustment", "CNY"): -10000, ("deferred", "CNY"): 6000}
    assert await breaches() == {}
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED] * 2
    [attempt] = await attempts()
    assert (attempt.state, attempt.received, attempt.cost, attempt.quantity) == (SupplierOrderState.DELIVERED, 2, 3960, 2)
    [booked] = [one for one in fulu.books()["orders"] if one["customer_order_no"] == attempt.reference]
    assert await plain_codes(units) == [tuple(card) for card in booked["cards"]]
    assert await books() == {
        ("party", "CNY"): 4000,
        ("adjustment", "CNY"): -10000,
        ("revenue", "CNY"): 6000,
        ("cost", "CNY"): -3960,
        ("prepaid", "CNY"): 3960,
    }
    assert await breaches() == {}


async def test_a_code_is_bought_from_reloadly_in_its_own_currency(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    variant = await sourcing.reloadly_variant(reloadly)
    buyer = await shop.customer(wallet="1000.00")
    bought = await sourcing.buy(buyer, (variant, 3))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED] * 3
    [attempt] = await attempts()
    [booked] = [one for one in reloadly.books()["transactions"] if one["customIdentifier"] == attempt.reference]
    assert {code[0] for code in await plain_codes(units)} == {str(card["cardNumber"]) for card in booked["cards"]}
    told = await books()
    # 3 x 24.375 is 73.125 in the vendor's books; here it is rounded once, and each code by itself.
    assert told["prepaid", "USD"] == 7313
    assert (told["cost", "USD"], told["rounding", "USD"]) == (-7314, 1)
    assert await breaches() == {}


async def test_the_pool_goes_first_and_nothing_is_ordered(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu)
    await shop.lot(variant.id, codes=2)
    buyer = await shop.customer(wallet="100.00")
    bought = await sourcing.buy(buyer, (variant, 2))
    assert [unit.state for unit in bought.units] == [EntitlementState.ISSUED] * 2
    assert await attempts() == []
    assert [unit.state for unit in (await sourcing.buy(buyer, (variant, 1))).units] == [EntitlementState.PENDING]
