"""A success that is taken back: nobody reads its codes any more, what came back is booked once, and a person has seen it."""

from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.fulfilment import Decision
from perkhub.kit.errors import InvalidInput
from perkhub.kit.jobs import drain
from perkhub.plugin.supplier import (
    Cost,
    Delivered,
    Echo,
    Reversed,
)
from perkhub.suppliers import OrderSettled, SupplierOrder, SupplierOrderState
from tests.factories import Shop
from tests.fulfilment.scripted import Script, codes, sold
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches

S = SupplierOrderState


async def delivered(sourcing: Sourcing, stage: ExitStack, *, quantity: int = 1) -> tuple[Script, Any, SupplierOrder]:
    """A supplier's script, what was bought of it and has come, and the order there."""
    first, _, bought, _ = await sold(sourcing, stage, quantity=quantity)
    first.places.append(Delivered(Echo(), "R1", codes=codes(quantity)))
    await sourcing.settle(bought)
    [attempt] = await attempts()
    return first, bought, attempt


async def test_a_success_taken_back_freezes_its_codes_and_compensates(sourcing: Sourcing, stage: ExitStack, shop: Shop):
    first, bought, attempt = await delivered(sourcing, stage, quantity=2)
    before = await books()
    first.looks.append(Reversed("refunded", returned=Cost(Decimal("40.00"), "CNY")))
    await sourcing.hint(attempt.id)
    await drain()
    [attempt] = await attempts()
    assert attempt.state is S.REVERSED
    assert attempt.review_since is not None
    assert [unit.state for unit in await sourcing.settle(bought)] == [EntitlementState.FROZEN] * 2
    after = await books()
    assert after.get(("prepaid", "CNY"), 0) == before["prepaid", "CNY"] - 4000
    assert after["loss", "CNY"] == 4000
    assert await breaches() == {}
    # Told again, it changes nothing.
    await sourcing.hint(attempt.id)
    await drain()
    assert await books() == after
    # Refunding its holder brings nothing of it back on sale.
    await sourcing.refund(bought)
    assert await breaches() == {}
    assert await sourcing.free(bought.units[0].variant_id) == 0


@pytest.mark.parametrize(
    ("told", "booked"),
    [(Cost(Decimal("45.00"), "CNY"), 4000), (Cost(Decimal("30.00"), "CNY"), 3000), (Cost(Decimal(40), "USD"), 0)],
)
async def test_more_than_was_paid_never_comes_back(sourcing: Sourcing, stage: ExitStack, told: Cost, booked: int):
    first, _, attempt = await delivered(sourcing, stage, quantity=2)
    before = await books()
    first.looks.append(Reversed("refunded", returned=told))
    await sourcing.hint(attempt.id)
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.review_since is not None) == (S.REVERSED, True)
    assert (await books()).get(("prepaid", "CNY"), 0) == before["prepaid", "CNY"] - booked
    assert await breaches() == {}


async def test_who_closes_the_review_says_what_came_back(sourcing: Sourcing, stage: ExitStack):
    first, _, attempt = await delivered(sourcing, stage, quantity=2)
    with pytest.raises(OrderSettled):
        await sourcing.settled(attempt.id, Decision.CLOSED, returned="1.00")
    before = await books()
    first.looks.append(Reversed("refunded"))
    await sourcing.hint(attempt.id)
    await drain()
    for odd in ("40.01", "0.001", "-1", "NaN"):
        with pytest.raises(InvalidInput, match=r"between 0 and 40\.00"):
            await sourcing.settled(attempt.id, Decision.CLOSED, returned=odd)
    await sourcing.settled(attempt.id, Decision.CLOSED, returned="35.50")
    [attempt] = await attempts()
    assert (attempt.returned, attempt.review_since) == (3550, None)
    assert (await books()).get(("prepaid", "CNY"), 0) == before["prepaid", "CNY"] - 3550
    assert await breaches() == {}


async def test_what_came_back_may_be_heard_later(sourcing: Sourcing, stage: ExitStack):
    first, _, attempt = await delivered(sourcing, stage)
    first.looks.append(Reversed("refunded"))
    await sourcing.hint(attempt.id)
    await drain()
    before = await books()
    await sourcing.settled(attempt.id, Decision.CLOSED)
    with pytest.raises(OrderSettled):
        await sourcing.settled(attempt.id, Decision.CLOSED)
    await sourcing.settled(attempt.id, Decision.CLOSED, returned="20.00")
    with pytest.raises((InvalidInput, OrderSettled)):
        await sourcing.settled(attempt.id, Decision.CLOSED, returned="20.00")
    assert (await books()).get(("prepaid", "CNY"), 0) == before["prepaid", "CNY"] - 2000
    assert await breaches() == {}


async def test_where_the_supplier_said_what_came_back_a_person_does_not(sourcing: Sourcing, stage: ExitStack):
    first, _, attempt = await delivered(sourcing, stage)
    first.looks.append(Reversed("refunded", returned=Cost(Decimal("20.00"), "CNY")))
    await sourcing.hint(attempt.id)
    await drain()
    with pytest.raises(InvalidInput) as refused:
        await sourcing.settled(attempt.id, Decision.CLOSED, returned="20.00")
    assert refused.value.path == ("returned",)
    await sourcing.settled(attempt.id, Decision.CLOSED)
    assert await breaches() == {}
