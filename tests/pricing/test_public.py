"""What may be struck through: the lowest public price of the seven days before, whatever changed it, and never by itself."""

from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from perkhub.catalog import ListingDraft, Reference, upsert_listing
from perkhub.channels import ANYONE, Viewer
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.pricing import archive_price_list, prices_of, remove_list_rows
from perkhub.pricing.public import PublicPrices, Step
from tests.factories import Shop, StockedVariant
from tests.pricing.making import a_list, at, of_party, off, put, viewer

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def reprice(variant: StockedVariant, price: str, **more: object) -> None:
    draft = ListingDraft(Decimal(price), **more)  # type: ignore[arg-type]
    await transact(lambda tx: upsert_listing(tx, variant.channel.id, variant.id, draft))


async def struck(variant: StockedVariant, who: Viewer = ANYONE, *, moment: datetime | None = None) -> Decimal | None:
    [priced] = (await prices_of(variant.channel, who, [variant.id], at=moment, history=True)).values()
    return priced.strikethrough


async def steps_of(variant: StockedVariant) -> int:
    found: int = await db.value("SELECT count(*) FROM public_price WHERE listing_id = $1", variant.listing_id)
    return found


async def test_a_lowered_price_stands_beside_the_one_before(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    assert await struck(variant) is None
    with travel(10 * DAY):
        await reprice(variant, "80")
        assert await struck(variant) == 100
    with travel(40 * DAY):
        assert await struck(variant) == 100  # for as long as the price stands


async def test_the_lowest_of_seven_days_counts_and_no_raise_before_a_discount(shop: Shop):
    variant = await shop.variant(price="70", codes=0)
    with travel(20 * DAY):
        await reprice(variant, "120")
    with travel(22 * DAY):
        await reprice(variant, "90")
        assert await struck(variant) is None  # two days ago it was 70
    with travel(30 * DAY):
        await reprice(variant, "60")
        assert await struck(variant) == 90
    with travel(30 * DAY + SECOND):
        await reprice(variant, "200")
        assert await struck(variant) is None


async def test_a_change_that_changes_no_price_is_none(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    begun = await steps_of(variant)
    with travel(10 * DAY):
        await reprice(variant, "80")
        await reprice(variant, "80", quota=5)
        await reprice(variant, "80", published_until=now() + 30 * DAY)
        assert await struck(variant) == 100
        await reprice(variant, "80")
        assert await struck(variant) == 100
    # Lowered; an end was planned; and it was not any more.
    assert await steps_of(variant) == begun + 1 + 2 + 1


async def test_a_list_of_the_channel_strikes_through_at_its_second_with_nobody_there(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    starts, ends = now() + 3 * DAY, now() + 5 * DAY
    made = await a_list(variant.channel, [off(variant.id, "25")], starts=starts, ends=ends)
    for moment, expected in ((starts - SECOND, None), (starts, 100), (ends - SECOND, 100), (ends, None)):
        assert await struck(variant, moment=moment) == expected
    # What was planned and taken back was never anybody's price.
    await transact(lambda tx: remove_list_rows(tx, made, [(variant.id, 1)]))
    with travel(6 * DAY):
        await reprice(variant, "90")
        assert await struck(variant) == 100


async def test_a_list_that_was_put_away_counts_for_as_long_as_it_held(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    with travel(10 * DAY):
        made = await a_list(variant.channel, starts=now() - DAY)
        await put(made, at(variant.id, "60"))
    with travel(12 * DAY):
        await transact(lambda tx: archive_price_list(tx, made, expected_version=2))
        await reprice(variant, "80")
        assert await struck(variant) is None  # somebody paid 60 two days ago
    with travel(20 * DAY):
        await reprice(variant, "70")
        assert await struck(variant) == 80


async def test_a_price_of_ones_own_is_compared_with_what_anybody_could_have_had(shop: Shop):
    variant, person = await shop.variant(price="100", codes=0), await shop.customer()
    await a_list(of_party(person), [at(variant.id, "50")])
    who = await viewer(person)
    with travel(10 * DAY):
        assert (await struck(variant), await struck(variant, who)) == (None, 100)
        await reprice(variant, "80")
    with travel(12 * DAY):
        assert (await struck(variant), await struck(variant, who)) == (100, 80)
        await reprice(variant, "90")
        assert (await struck(variant), await struck(variant, who)) == (None, 80)
    with travel(20 * DAY):
        assert await struck(variant, who) == 90


async def test_an_operator_may_say_otherwise_with_a_reason(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    await reprice(variant, "90", reference=Reference(Decimal("128"), "吊牌价"))
    assert await struck(variant) == 128
    await reprice(variant, "130", reference=Reference(Decimal("128"), "吊牌价"))
    assert await struck(variant) is None
    for reference, path in (
        (Reference(Decimal("128"), " "), ("reference", "reason")),
        (Reference(Decimal("128"), "x" * 301), ("reference", "reason")),
        (Reference(Decimal("0"), "tag"), ("reference", "price")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await reprice(variant, "90", reference=reference)
        assert refused.value.path == path


async def test_time_off_sale_is_no_price(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    await reprice(variant, "40", published_from=now() + 100 * DAY)
    with travel(2 * DAY):
        await reprice(variant, "90", published_from=now())
        assert await struck(variant) == 100


async def test_the_history_is_only_ever_added_to(shop: Shop):
    variant = await shop.variant(codes=0)
    with pytest.raises(asyncpg.RaiseError):
        await db.value("UPDATE public_price SET unit_price = 1 WHERE listing_id = $1", variant.listing_id)


def test_a_later_plan_replaces_an_earlier_one_from_its_moment_on():
    start = now()
    days = [start + number * DAY for number in range(10)]
    prices = PublicPrices(
        (
            Step(days[0], days[0], Decimal(10)),
            Step(days[0], days[3], Decimal(5)),  # replaced before it began
            Step(days[2], days[2], Decimal(9)),
            Step(days[2], days[4], Decimal(7)),
            Step(days[2], days[6], None),
        )
    )
    spells = [(one.start, one.end, one.step.unit) for one in prices.spells()]
    assert [(start, unit) for start, _, unit in spells] == [(days[0], 10), (days[2], 9), (days[4], 7), (days[6], None)]
    assert [end for _, end, _ in spells][:3] == [days[2], days[4], days[6]]
    assert prices.lowest_between(days[0], days[3]) == 9
    assert prices.lowest_between(days[1], days[2]) == 10
    assert prices.lowest_between(days[6], days[8]) is None
