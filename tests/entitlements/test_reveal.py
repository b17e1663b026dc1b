"""Showing a code: to its holder alone, logged each time, never after it was taken back."""

import pytest

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.entitlements import EntitlementNotRevealable, EntitlementState
from perkhub.entitlements.states import ENTITLEMENT
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from tests.factories import Shop
from tests.orders import desk


async def looks(unit: object) -> int:
    count: int = await db.value("SELECT count(*) FROM custody WHERE action = 'revealed' AND entitlement_id = $1", unit)
    return count


async def test_each_look_is_logged_and_the_first_is_an_event(shop: Shop):
    variant = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    (unit,) = await desk.units_of(await desk.buy(buyer, variant))
    for look in (1, 2, 3):
        assert await desk.show(buyer, unit.id) == variant.codes[0].credentials
        assert await looks(unit.id) == look
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'entitlement.revealed'") == 1
    assert await db.value("SELECT DISTINCT actor FROM custody WHERE action = 'revealed'") == desk.actor_of(buyer)
    await desk.assert_clean()


async def test_others_are_told_the_same_whatever_state_it_is_in(shop: Shop):
    """Whether a unit exists, was seen or was taken back is its holder's business."""
    variant = await shop.variant(codes=4)
    buyer, stranger = await shop.customers(2, wallet="100.00")
    order = await desk.buy(buyer, (variant, 4))
    issued, seen, revoked, frozen = await desk.units_of(order)
    await desk.show(buyer, seen.id)
    await desk.refund(buyer, order, [revoked.id])
    await transact(lambda tx: ENTITLEMENT.move(tx, frozen.id, EntitlementState.FROZEN, event=None))
    async with desk.nothing_changes():
        for unit in (issued.id, seen.id, revoked.id, frozen.id, new_id()):
            with pytest.raises(NotFound):
                await desk.show(stranger, unit)
        for unit in (revoked.id, frozen.id):
            with pytest.raises(EntitlementNotRevealable):
                await desk.show(buyer, unit)
    await desk.assert_clean()


async def test_what_failed_has_nothing_to_show(shop: Shop):
    variant = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.place(buyer, variant)
    await db.value("UPDATE code SET state = 'burnt'")
    await db.value("UPDATE stock SET available = 0")
    await desk.pay(buyer, order)
    (unit,) = await desk.units_of(order)
    assert unit.state is EntitlementState.FAILED
    async with desk.nothing_changes():
        with pytest.raises(EntitlementNotRevealable):
            await desk.show(buyer, unit.id)


async def test_a_blocked_customer_sees_nothing(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    first, second = await desk.units_of(await desk.buy(buyer, (variant, 2)))
    await desk.show(buyer, first.id)
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    async with desk.nothing_changes():
        for unit in (first, second):
            with pytest.raises(CustomerBlocked):
                await desk.show(buyer, unit.id)
    await desk.assert_clean()
