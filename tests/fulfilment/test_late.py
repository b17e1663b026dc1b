"""What takes too long is DELAYED and comes all the same; what lost its job gets another; two people settle by hand."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.channels import update_channel
from perkhub.entitlements import EntitlementState
from perkhub.fulfilment import Decision
from perkhub.fulfilment.jobs import find_lost, tell_delays
from perkhub.kit import db
from perkhub.kit.clock import shift
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.jobs import drain
from perkhub.orders import Bought
from perkhub.plugin.supplier import Accepted, Cost, Delivered, Echo, Rejected, Unknown
from perkhub.suppliers import OrderSettled, SecondPersonNeeded, SettlementMoved, SupplierOrder, SupplierOrderState
from tests.factories import Shop
from tests.fulfilment.scripted import Script, Scripted, a_code, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches

E, S = EntitlementState, SupplierOrderState


@pytest.fixture
def script() -> Iterator[Script]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted()))
        yield Scripted.scripts["late"]


async def sold(sourcing: Sourcing, shop: Shop, quantity: int = 1) -> Bought:
    variant = await shop.variant(codes=0, price="30.00")
    await sourcing.offer(await sourcing.account("scripted", {"script": "late"}), variant.id, "sku", cost="20.00")
    return await sourcing.buy(await shop.customer(wallet="100.00"), (variant, quantity))


async def states(sourcing: Sourcing, bought: Bought) -> list[Any]:
    return [unit.state for unit in await sourcing.now_of(bought)]


async def test_past_the_deadline_it_is_delayed_and_still_delivered(sourcing: Sourcing, shop: Shop, script: Script):
    bought = await sold(sourcing, shop)
    script.places.append(Accepted(Echo(), "R1"))
    script.looks.extend([Accepted(Echo(), "R1")] * 3)
    await drain()
    await tell_delays()
    assert await states(sourcing, bought) == [E.PENDING]
    shift(timedelta(minutes=16))
    await tell_delays()
    assert await states(sourcing, bought) == [E.DELAYED]
    await drain()
    [attempt] = await attempts()
    assert attempt.review_since is not None
    assert await breaches() == {}
    script.looks.clear()
    script.looks.append(Delivered(Echo(), "R1", codes=codes(1)))
    shift(timedelta(hours=1))
    await drain()
    assert await states(sourcing, bought) == [E.ISSUED]
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'entitlements.delayed'") == 1
    assert await breaches() == {}


async def test_the_deadline_is_its_channels(sourcing: Sourcing, shop: Shop, script: Script):
    channel = await shop.channel()
    await transact(lambda tx: update_channel(tx, channel.id, {"delivery_minutes": 60}, expected_version=channel.version))
    bought = await sold(sourcing, shop)
    script.places.append(Accepted(Echo(), "R1"))
    script.looks.extend([Accepted(Echo(), "R1")] * 9)
    for minutes, state, is_reviewed in ((0, E.PENDING, False), (59, E.PENDING, False), (2, E.DELAYED, True)):
        shift(timedelta(minutes=minutes))
        await tell_delays()
        await drain()
        [attempt] = await attempts()
        assert (await states(sourcing, bought), attempt.review_since is not None) == ([state], is_reviewed)


async def test_what_lost_its_job_gets_another(sourcing: Sourcing, shop: Shop, script: Script):
    bought = await sold(sourcing, shop)
    await db.value("DELETE FROM outbox WHERE name = 'fulfilment.obtain'")
    shift(timedelta(minutes=4))
    await find_lost()
    await drain()
    assert await attempts() == []
    shift(timedelta(minutes=2))
    await find_lost()
    script.places.append(Unknown("timeout"))
    await drain()
    await db.value("DELETE FROM outbox WHERE name = 'fulfilment.look'")
    shift(timedelta(minutes=7))
    await find_lost()
    script.looks.append(Delivered(Echo(), codes=codes(1)))
    await drain()
    assert await states(sourcing, bought) == [E.ISSUED]
    assert len(script.placed) == 1


async def test_a_proposal_is_nothing_until_somebody_else_approves_it(sourcing: Sourcing, shop: Shop, script: Script):
    bought = await sold(sourcing, shop)
    script.places.append(Unknown("timeout"))
    script.looks.extend([Unknown("still")] * 5)
    await drain()
    [attempt] = await attempts()
    with pytest.raises(SecondPersonNeeded):
        await sourcing.settled(attempt.id, Decision.FAILED, approved_by="staff:one")
    assert ([one.state for one in await attempts()], await states(sourcing, bought)) == (["unknown"], [E.PENDING])
    # One proposal at a time waits.
    with pytest.raises(SettlementMoved):
        await sourcing.settled(attempt.id, Decision.AT_OUR_RISK)


async def given_up(sourcing: Sourcing, shop: Shop, script: Script) -> SupplierOrder:
    """Refunded at our risk, and then the supplier's answer does not fit: nothing but a person ends the exposure."""
    bought = await sold(sourcing, shop)
    script.places.append(Unknown("timeout"))
    await drain()
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.AT_OUR_RISK)
    dearer = Delivered(Echo(cost=Cost(Decimal("23.00"), "CNY")), "R1", codes=codes(1))
    script.looks.extend([dearer] * 3)
    await drain()
    assert await states(sourcing, bought) == [E.FAILED]
    [attempt] = await attempts()
    assert (attempt.state, attempt.cause, (await books())["exposure", "CNY"]) == (S.ABANDONED, "mismatch_cost", -2000)
    return attempt


async def test_what_was_given_up_is_believed_at_a_higher_cost(sourcing: Sourcing, shop: Shop, script: Script):
    attempt = await given_up(sourcing, shop, script)
    await sourcing.settled(attempt.id, Decision.COST_ACCEPTED, cost="23.00")
    assert await breaches() == {}
    await drain()
    assert [one.state for one in await attempts()] == [S.LATE]
    told = await books()
    assert (told["prepaid", "CNY"], told["loss", "CNY"], told.get(("exposure", "CNY"))) == (2300, -2300, None)
    assert await breaches() == {}


async def test_what_came_late_and_is_taken_back_is_no_loss(sourcing: Sourcing, shop: Shop, script: Script):
    attempt = await given_up(sourcing, shop, script)
    await sourcing.settled(attempt.id, Decision.DELIVERED, codes=codes(1), cost="19.00")
    script.looks.clear()
    script.looks.append(Rejected("failed", elsewhere=True))
    await sourcing.hint(attempt.id)
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.review_since is not None) == (S.REVERSED, True)
    told = await books()
    assert [told.get((book, "CNY")) for book in ("prepaid", "loss", "exposure")] == [None] * 3
    assert await breaches() == {}


@pytest.mark.parametrize(("decision", "state", "lost"), [(Decision.DELIVERED, S.LATE, -2300), (Decision.FAILED, S.REJECTED, 0)])
async def test_two_people_end_what_was_given_up(
    sourcing: Sourcing, shop: Shop, script: Script, decision: Decision, state: SupplierOrderState, lost: int
):
    attempt = await given_up(sourcing, shop, script)
    more: dict[str, Any] = {"codes": codes(1), "cost": "23.00"} if decision is Decision.DELIVERED else {}
    await sourcing.settled(attempt.id, decision, **more)
    assert [one.state for one in await attempts()] == [state]
    told = await books()
    assert (told.get(("loss", "CNY"), 0), told.get(("exposure", "CNY"))) == (lost, None)
    assert await breaches() == {}


async def test_what_was_given_up_is_not_given_up_again(sourcing: Sourcing, shop: Shop, script: Script):
    attempt = await given_up(sourcing, shop, script)
    with pytest.raises(OrderSettled):
        await sourcing.settled(attempt.id, Decision.AT_OUR_RISK)


@pytest.mark.parametrize(
    ("decision", "more"),
    [
        (Decision.DELIVERED, {}),
        (Decision.DELIVERED, {"codes": codes(3)}),
        (Decision.FAILED, {"codes": codes(1)}),
        (Decision.FAILED, {"cost": "1"}),
        (Decision.COST_ACCEPTED, {}),
        (Decision.COST_ACCEPTED, {"cost": "-1"}),
        (Decision.CLOSED, {}),
    ],
)
async def test_what_does_not_fit_is_not_proposed(
    sourcing: Sourcing, shop: Shop, script: Script, decision: Decision, more: dict[str, Any]
):
    await sold(sourcing, shop, 2)
    script.places.append(Unknown("timeout"))
    script.looks.append(Unknown("still"))
    await drain()
    [attempt] = await attempts()
    with pytest.raises((InvalidInput, OrderSettled)):
        await sourcing.settled(attempt.id, decision, **more)
    assert await db.value("SELECT count(*) FROM supplier_settlement") == 0


async def test_delivered_by_hand_in_part_orders_the_rest(sourcing: Sourcing, shop: Shop, script: Script):
    bought = await sold(sourcing, shop, 2)
    script.places.extend([Unknown("timeout"), Rejected("off_sale", elsewhere=True)])
    script.looks.append(Unknown("still"))
    await drain()
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.DELIVERED, codes=(a_code(),), cost="19.00")
    await drain()
    assert [one.state for one in await attempts()] == ["partial", "rejected"]
    assert sorted(await states(sourcing, bought)) == [E.FAILED, E.ISSUED]
    told = await books()
    assert (told["prepaid", "CNY"], told["party", "CNY"]) == (1900, 7000)
    assert await breaches() == {}
    with pytest.raises(OrderSettled):
        await sourcing.settled(attempt.id, Decision.FAILED)


async def test_failed_by_hand_goes_on_to_nobody_and_refunds(sourcing: Sourcing, shop: Shop, script: Script):
    bought = await sold(sourcing, shop)
    script.places.append(Unknown("timeout"))
    script.looks.append(Unknown("still"))
    await drain()
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.FAILED)
    await drain()
    assert await states(sourcing, bought) == [E.FAILED]
    assert await books() == {("party", "CNY"): 10000, ("adjustment", "CNY"): -10000}
    assert await breaches() == {}
