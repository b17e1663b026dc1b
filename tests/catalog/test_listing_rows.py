"""Listings by the thousand: a handful of statements, each row answered for itself, and two at once come to one picture."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import (
    ListingDraft,
    ListingRowDraft,
    ProductDraft,
    VariantDraft,
    create_product,
    create_variant,
    end_listings,
    listings_of_variants,
    offers,
    upsert_listings,
)
from perkhub.channels import ANYONE, Channel
from perkhub.kit import db
from perkhub.kit.bulk import BulkRow, ErrorPolicy, NothingTaken
from perkhub.kit.clock import now, travel
from perkhub.kit.db import Transaction, statements, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.pricing import prices_of
from tests.factories import Shop
from tests.orders import desk

HOUR = timedelta(hours=1)


async def some_variants(number: int) -> list[UUID]:
    async def work(tx: Transaction) -> list[UUID]:
        product = await create_product(tx, ProductDraft("many", {"en": "Many"}))
        return [await create_variant(tx, product, VariantDraft(f"MANY-{n}", {"en": str(n)})) for n in range(number)]

    return await transact(work)


def row(variant: UUID, price: str = "10", version: int | None = None, **more: Any) -> ListingRowDraft:
    return ListingRowDraft(variant, ListingDraft(Decimal(price), **more), version)


async def put(
    channel: Channel, *rows: ListingRowDraft, policy: ErrorPolicy = ErrorPolicy.REJECT_EVERYTHING
) -> list[BulkRow[ListingRowDraft]]:
    try:
        return await transact(lambda tx: upsert_listings(tx, channel.id, rows, policy=policy))
    except NothingTaken as refused:
        return refused.rows


def refusals(rows: list[BulkRow[ListingRowDraft]]) -> list[tuple[str, tuple[str, ...]]]:
    return [(refusal.code, refusal.path) for one in rows for refusal in one.refusals]


async def test_a_thousand_rows_cost_a_handful_of_statements(shop: Shop):
    channel, variants = await shop.channel(), await some_variants(1000)
    for price in ("10", "11"):  # put on sale, then changed
        counted: list[str] = []
        token = statements.set(counted)
        try:
            rows = await put(channel, *(row(variant, price) for variant in variants))
        finally:
            statements.reset(token)
        assert sum(one.result is not None for one in rows) == 1000
        assert len([sql for sql in counted if sql not in ("BEGIN;", "COMMIT;")]) <= 12, counted
    assert {one.unit_price for one in (await offers(channel.id, variants)).values()} == {11}
    assert await db.value("SELECT count(DISTINCT listing_id) FROM public_price WHERE unit_price = 11") == 1000
    with pytest.raises(InvalidInput):
        await put(channel, *(row(variant) for variant in [*variants, new_id()]))


async def test_each_policy_does_what_it_says(shop: Shop):
    channel = await shop.channel()
    kept = await shop.variant(price="19.90", quota=8, limit=2)
    buyer = await shop.customer(wallet="100.00")
    await desk.buy(buyer, (kept, 2))
    [fresh, other] = await some_variants(2)
    rows = [
        row(kept.id, "15", quota=1, limit_per_customer=0),  # two are taken already
        row(fresh, "7", published_until=now() - HOUR, quota=5),
        row(other, "9"),
        row(new_id(), "1"),
        row(other, "8"),
        row(fresh, "6", version=4),
    ]
    told = [
        ("INVALID_INPUT", ("rows", "0", "quota")),
        ("INVALID_INPUT", ("rows", "0", "limitPerCustomer")),
        ("INVALID_INPUT", ("rows", "1", "publishedUntil")),
        ("NOT_FOUND", ("rows", "3", "variantId")),
        ("INVALID_INPUT", ("rows", "4", "variantId")),
        ("INVALID_INPUT", ("rows", "5", "variantId")),
    ]
    async with desk.nothing_changes():
        assert refusals(await put(channel, *rows)) == told
    done = await put(channel, *rows, policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert (refusals(done), [one.result is not None for one in done]) == (told, [False, False, True, False, False, False])
    done = await put(channel, *rows, policy=ErrorPolicy.IGNORE_FAILED)
    assert (refusals(done), [one.result is not None for one in done]) == (told, [True, True, True, False, False, False])
    views = {view.variant_id: view for view in await listings_of_variants([kept.id, fresh, other])}
    assert (views[kept.id].unit_price, views[kept.id].quota, views[kept.id].limit_per_customer) == (15, 8, 2)
    assert (views[fresh].unit_price, views[fresh].published_until, views[fresh].quota) == (7, None, 5)
    assert (views[other].unit_price, views[other].version) == (9, 2)
    await desk.assert_clean()


async def test_a_version_that_moved_is_told_for_its_row(shop: Shop):
    one, two = await shop.variant(codes=0), await shop.variant(codes=0)
    done = await put(one.channel, row(one.id, version=1), row(two.id, version=7), policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert refusals(done) == [("VERSION_MOVED", ("rows", "1", "expectedVersion"))]
    assert done[1].refusals[0].data == {"version": 1}


async def test_two_at_once_come_to_one_of_both_pictures_and_the_history_knows_which(shop: Shop):
    channel, variants = await shop.channel(), await some_variants(40)
    pictures = [[row(variant, price) for variant in order] for price, order in (("10", variants), ("20", variants[::-1]))]
    for _ in range(3):
        await asyncio.gather(*(put(channel, *picture) for picture in pictures * 2))
        priced = await prices_of(channel, ANYONE, variants, history=True)
        assert len({one.unit() for one in priced.values()}) == 1
        for one in priced.values():
            assert one.public is not None
            present = one.public.at(now())
            assert present is not None
            assert present.unit == one.unit()


async def test_what_is_ended_is_off_sale_at_its_second(shop: Shop):
    running, planned = await shop.variant(), await shop.variant()
    channel = running.channel
    await put(channel, row(planned.id, published_from=now() + 5 * HOUR))
    at = now() + HOUR
    await transact(lambda tx: end_listings(tx, channel.id, [running.id, planned.id], at=at))
    assert set(await offers(channel.id, [running.id, planned.id])) == {running.id}
    for ahead in (HOUR, 6 * HOUR):
        with travel(ahead):
            assert await offers(channel.id, [running.id, planned.id]) == {}
    await transact(lambda tx: end_listings(tx, channel.id, [running.id]))
    assert await offers(channel.id, [running.id]) == {}
    # It can be put on sale again.
    await put(channel, row(running.id, published_from=now()))
    assert set(await offers(channel.id, [running.id])) == {running.id}
    with pytest.raises(NotFound) as refused:
        await transact(lambda tx: end_listings(tx, channel.id, [running.id, new_id()]))
    assert refused.value.path == ("variantIds", "1")
