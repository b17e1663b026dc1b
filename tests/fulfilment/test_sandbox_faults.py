"""The sandboxes' fault tables: never two orders, never a code that the supplier does not confirm, never a leak."""

import asyncio

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.fulfilment import Decision
from perkhub.kit.jobs import drain
from perkhub.suppliers import SupplierOrderState
from tests.factories import Shop
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches, plain_codes
from tests.plugins.suppliers.vendors import Vendor

S, E = SupplierOrderState, EntitlementState

# Whether the order exists at the supplier after the fault.
TRANSPORT = {
    "drop_before_accept": False,
    "redirect": False,
    "accept_then_drop": True,
    "error_500_then_accepted": True,
    "html_error_page": True,
    "malformed_json": True,
    "empty_body": True,
    "wrong_charset": True,
    "huge_body": True,
}


async def ordered(vendor: Vendor) -> list[str]:
    """The references that the vendor knows of this house's attempts, each as often as it was ordered."""
    told = await asyncio.to_thread(vendor.books)
    known = [one["customer_order_no"] for one in told.get("orders", ())]
    known += [one["customIdentifier"] for one in told.get("transactions", ())]
    ours = {one.reference for one in await attempts()}
    return [reference for reference in known if reference in ours]


@pytest.mark.parametrize(("fault", "exists"), [*TRANSPORT.items(), ("refuse_429", False)])
async def test_fulu_whatever_befalls_the_answer(sourcing: Sourcing, shop: Shop, fulu: Vendor, fault: str, exists: bool):
    variant = await sourcing.fulu_variant(fulu)
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    fulu.fault(**{fault: 1})
    units = await sourcing.settle(bought, seconds=5)
    [attempt] = await attempts()
    assert await ordered(fulu) == [attempt.reference] * exists
    assert attempt.state is (S.DELIVERED if exists else S.UNKNOWN)
    assert units[0].state is (E.ISSUED if exists else E.PENDING)
    assert await breaches() == {}


@pytest.mark.parametrize(("fault", "exists"), TRANSPORT.items())
async def test_reloadly_whatever_befalls_the_answer(sourcing: Sourcing, shop: Shop, reloadly: Vendor, fault: str, exists: bool):
    variant = await sourcing.reloadly_variant(reloadly)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    reloadly.fault(**{fault: 1})
    units = await sourcing.settle(bought, seconds=5)
    [attempt] = await attempts()
    assert await ordered(reloadly) == [attempt.reference] * exists
    assert attempt.state is (S.DELIVERED if exists else S.UNKNOWN)
    assert units[0].state is (E.ISSUED if exists else E.PENDING)
    assert await breaches() == {}


@pytest.mark.parametrize("fault", ["wrong_product", "malformed_card"])
async def test_fulu_an_answer_that_does_not_fit_is_not_believed(sourcing: Sourcing, shop: Shop, fulu: Vendor, fault: str):
    variant = await sourcing.fulu_variant(fulu)
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    fulu.fault(**{fault: 2})
    units = await sourcing.settle(bought)
    assert units[0].state is E.ISSUED
    assert len(await ordered(fulu)) == 1
    assert await breaches() == {}


async def test_reloadly_fewer_cards_than_the_order_says_are_not_believed(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    variant = await sourcing.reloadly_variant(reloadly)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 2))
    reloadly.fault(fewer_cards=2, wrong_product=1)
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.ISSUED] * 2
    assert len(await ordered(reloadly)) == 1


async def test_fulu_a_part_is_kept_and_the_rest_bought(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 3))
    fulu.fault(partial=1)
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [E.ISSUED] * 3
    assert [(one.state, one.received) for one in await attempts()] == [(S.PARTIAL, 2), (S.DELIVERED, 1)]
    told = [one for one in fulu.books()["orders"] if one["customer_order_no"] in await ordered(fulu)]
    assert sorted(await plain_codes(units)) == sorted(tuple(card) for one in told for card in one["cards"])
    assert (await books())["prepaid", "CNY"] == 5940
    assert await breaches() == {}


async def test_fulu_a_failed_order_is_refunded(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu, limit=5)
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    fulu.fault(fail_order=1)
    units = await sourcing.settle(bought)
    assert units[0].state is E.FAILED
    assert await books() == {("party", "CNY"): 10000, ("adjustment", "CNY"): -10000}
    assert await breaches() == {}


async def test_fulu_an_expired_card_is_nobodys(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu)
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    fulu.fault(past_deadline=1)
    units = await sourcing.settle(bought)
    assert units[0].state is E.FAILED
    assert (await books())["loss", "CNY"] == -1980
    assert await breaches() == {}


async def test_fulu_a_price_that_moved_waits_for_a_person(sourcing: Sourcing, shop: Shop, fulu: Vendor):
    variant = await sourcing.fulu_variant(fulu, sku="card:10000602", cost="24.00")
    bought = await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
    fulu.fault(price_moves=1)
    units = await sourcing.settle(bought, seconds=4)
    [attempt] = await attempts()
    assert (units[0].state, attempt.state, attempt.cause) == (E.PENDING, S.UNKNOWN, "mismatch_cost")
    assert attempt.review_since is not None
    await sourcing.settled(attempt.id, Decision.COST_ACCEPTED, cost="29.00")
    units = await sourcing.settle(bought)
    assert units[0].state is E.ISSUED
    assert (await books())["prepaid", "CNY"] == 2900
    assert len(await ordered(fulu)) == 1
    assert await breaches() == {}


async def test_fulu_without_money_there_new_orders_stay_away(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    """Reloadly says that it is the account that is refused: the next order goes straight to whoever is left."""
    variant = await sourcing.reloadly_variant(reloadly)
    first = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    reloadly.fault(no_money=1)
    assert [unit.state for unit in await sourcing.settle(first)] == [E.FAILED]
    second = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    await drain()
    assert [one.state for one in await attempts()] == [S.REJECTED]
    assert [unit.state for unit in await sourcing.settle(second, seconds=1)] == [E.PENDING]
    assert await breaches() == {}


async def test_reloadly_a_success_taken_back(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    variant = await sourcing.reloadly_variant(reloadly)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    await sourcing.settle(bought)
    [attempt] = await attempts()
    reloadly.act(reverse=attempt.reference)
    await sourcing.hint(attempt.id)
    await drain()
    assert [one.state for one in await attempts()] == [S.REVERSED]
    assert [unit.state for unit in await sourcing.settle(bought)] == [E.FROZEN]
    assert ("prepaid", "USD") not in await books()
    assert await breaches() == {}


async def test_a_stuck_order_is_delivered_when_it_comes(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    variant = await sourcing.reloadly_variant(reloadly)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    reloadly.fault(stuck=1)
    assert [unit.state for unit in await sourcing.settle(bought, seconds=3)] == [E.PENDING]
    [attempt] = await attempts()
    assert attempt.state is S.ACCEPTED
    reloadly.act(finish=attempt.reference)
    assert [unit.state for unit in await sourcing.settle(bought)] == [E.ISSUED]


async def test_what_is_given_up_at_our_risk_and_comes_late_is_nobodys(sourcing: Sourcing, shop: Shop, reloadly: Vendor):
    variant = await sourcing.reloadly_variant(reloadly)
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 1))
    reloadly.fault(stuck=1)
    await sourcing.settle(bought, seconds=2)
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.AT_OUR_RISK)
    assert [unit.state for unit in await sourcing.settle(bought)] == [E.FAILED]
    assert (await books())["exposure", "USD"] == -2438
    assert await breaches() == {}
    reloadly.act(finish=attempt.reference)
    for _ in range(20):
        await sourcing.hint(attempt.id)
        await drain()
        if [one.state for one in await attempts()] == [S.LATE]:
            break
    told = await books()
    assert (told["prepaid", "USD"], told["loss", "USD"], told.get(("exposure", "USD"))) == (2438, -2438, None)
    assert await sourcing.free(variant.id) == 0
    assert await breaches() == {}


async def test_no_secret_of_a_supplier_stands_in_a_log(
    sourcing: Sourcing, shop: Shop, reloadly: Vendor, fulu: Vendor, caplog: pytest.LogCaptureFixture
):
    """Settings and codes, however the answers are broken."""
    caplog.set_level("DEBUG")
    buyer = await shop.customer(wallet="1000.00")
    first = await sourcing.buy(buyer, (await sourcing.reloadly_variant(reloadly), 1))
    second = await sourcing.buy(buyer, (await sourcing.fulu_variant(fulu), 1))
    reloadly.fault(error_500_then_accepted=1)
    fulu.fault(malformed_json=1)
    codes = await plain_codes([*await sourcing.settle(first), *await sourcing.settle(second)])
    out = caplog.text
    assert "outbound" in out
    secrets = [reloadly.settings["client_secret"], reloadly.settings["webhook_secret"], fulu.settings["app_secret"]]
    assert len(codes) == 2
    assert [one for one in (*secrets, *(value for code in codes for value in code if len(value) > 4)) if one in out] == []
