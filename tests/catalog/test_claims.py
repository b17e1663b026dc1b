"""Claims on a listing's quota and a party's limit: all of a basket or nothing, and given back exactly."""

from uuid import UUID

import pytest

from perkhub.catalog import LimitReached, QuotaReached, claim_listings, release_listings
from perkhub.kit import db
from perkhub.kit.db import transact
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk


async def claim(person: Person, *wanted: tuple[StockedVariant, int], limit: int | None = None) -> None:
    quantities = {variant.listing_id: quantity for variant, quantity in wanted}
    limits: dict[UUID, int | None] = dict.fromkeys(quantities, limit)
    await transact(lambda tx: claim_listings(tx, person.party_id, quantities, limits=limits))


async def release(person: Person, *given: tuple[StockedVariant, int]) -> None:
    quantities = {variant.listing_id: quantity for variant, quantity in given}
    await transact(lambda tx: release_listings(tx, person.party_id, quantities))


async def counted(variant: StockedVariant) -> tuple[int, int]:
    """(of the listing, of all its buyers)"""
    by_buyers = await db.value(
        "SELECT coalesce(sum(taken), 0)::int FROM listing_buyer WHERE listing_id = $1", variant.listing_id
    )
    return await desk.taken_of(variant), by_buyers


async def test_one_refused_line_claims_nothing_of_the_others(shop: Shop):
    plenty, rationed, limited = await shop.variant(), await shop.variant(quota=1), await shop.variant(limit=1)
    buyer = await shop.customer()
    async with desk.nothing_changes():
        with pytest.raises(QuotaReached) as refusal:
            await claim(buyer, (plenty, 1), (rationed, 2))
        assert refusal.value.path == (str(rationed.listing_id),)
        with pytest.raises(LimitReached) as limit:
            await claim(buyer, (plenty, 1), (limited, 2), limit=1)
        assert (limit.value.path, limit.value.data) == ((str(limited.listing_id),), {"limit": 1, "remaining": 1})


async def test_a_limit_that_came_while_the_buyer_looked(shop: Shop):
    """What the buyer saw had no limit; the row that counts them knows better."""
    variant = await shop.variant()
    buyer = await shop.customer()
    await claim(buyer, (variant, 2))
    await db.value("UPDATE listing SET limit_per_customer = 2 WHERE id = $1", variant.listing_id)
    async with desk.nothing_changes():
        with pytest.raises(LimitReached):
            await claim(buyer, (variant, 1))


async def test_what_is_released_can_be_claimed_again_and_no_more(shop: Shop):
    one, other = await shop.variant(quota=5), await shop.variant(quota=5)
    buyer, second = await shop.customers(2)
    await claim(buyer, (one, 3), (other, 5))
    await claim(second, (one, 2))
    assert (await counted(one), await counted(other)) == ((5, 5), (5, 5))
    await release(buyer, (other, 2), (one, 3))
    assert (await counted(one), await counted(other)) == ((2, 2), (3, 3))
    await claim(second, (other, 2), (one, 3))
    async with desk.nothing_changes():
        with pytest.raises(QuotaReached):
            await claim(buyer, (one, 1))


async def test_parallel_claims_and_releases_never_pass_the_quota(shop: Shop):
    variant = await shop.variant(quota=5)
    buyers = await shop.customers(30)

    async def come_and_go(person: Person) -> None:
        await claim(person, (variant, 1))
        await release(person, (variant, 1))

    ended = await desk.at_once([come_and_go(buyer) for buyer in buyers for _ in range(3)])
    assert ended["NoneType"] + ended["QuotaReached"] == 90
    assert ended["NoneType"] >= 5
    assert await counted(variant) == (0, 0)
