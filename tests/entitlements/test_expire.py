"""Benefits whose time is over: expired at their second, shown never again, whatever asks at that moment."""

from datetime import timedelta

import pytest

from perkhub.entitlements import EntitlementNotRevealable, EntitlementState, expire_units
from perkhub.entitlements.states import ENTITLEMENT
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.orders import OrderState
from tests.factories import Shop
from tests.orders import desk

LATER = timedelta(days=2, minutes=1)
COUNT = "SELECT count(*) FROM entitlement WHERE state = 'expired'"


async def test_what_is_over_is_never_shown_with_the_job_or_without(shop: Shop):
    variant = await shop.variant(codes=3, expires_at=now() + timedelta(days=2))
    lasting = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 3), lasting)
    unseen, seen, frozen, other = await desk.units_of(order)
    await desk.show(buyer, seen.id)
    await transact(lambda tx: ENTITLEMENT.move(tx, frozen.id, EntitlementState.FROZEN, event=None))
    with travel(LATER):
        for expired in (0, 2):
            states = [unit.state for unit in await desk.units_of(order)]
            over, kept = EntitlementState.EXPIRED, EntitlementState.ISSUED
            assert states == [over, over, EntitlementState.FROZEN, kept]
            async with desk.nothing_changes():
                for unit in (unseen, seen):
                    with pytest.raises(EntitlementNotRevealable) as refused:
                        await desk.show(buyer, unit.id)
                    assert refused.value.data["state"] == "EXPIRED"
            assert await db.value(COUNT) == expired
            if not expired:
                assert await expire_units() == 2
        assert await expire_units() == 0
        assert await db.value("SELECT count(*) FROM outbox WHERE name = 'entitlements.expired'") == 1
        assert await desk.show(buyer, other.id)
        await desk.assert_clean()


async def test_nobody_has_to_be_told_twice(shop: Shop):
    """Two workers at once: each unit ends once."""
    variant = await shop.variant(codes=20, expires_at=now() + timedelta(days=2))
    buyer = await shop.customer(wallet="1000.00")
    await desk.buy(buyer, (variant, 20))
    with travel(LATER):
        told = await desk.outcomes([expire_units() for _ in range(5)])
        assert sum(told) == 20
        assert await db.value(COUNT) == 20


async def test_more_than_one_chunk(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("perkhub.entitlements.expire.AT_ONCE", 3)
    variant = await shop.variant(codes=10, expires_at=now() + timedelta(days=2))
    buyer = await shop.customer(wallet="1000.00")
    await desk.buy(buyer, (variant, 4), shown=True)
    await desk.buy(buyer, (variant, 6))
    with travel(LATER):
        assert await expire_units() == 10
        await desk.assert_clean()


async def test_an_order_whose_last_living_unit_goes_back_keeps_its_expired_ones(shop: Shop):
    dying = await shop.variant(codes=1, expires_at=now() + timedelta(days=2))
    lasting = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, dying, lasting)
    with travel(LATER):
        refunded = await desk.refund(buyer, order)
        assert (refunded.state, refunded.refunded.minor) == (OrderState.PARTLY_REFUNDED, 1990)
        await desk.assert_clean()
