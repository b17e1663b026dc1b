"""Which price list prices what for whom: precedence, windows, breaks; and that every way to a price comes to the same."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.channels import ANYONE, Channel, ChannelNotFound, Scope, ScopeKind, Viewer, close_channel
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import statements, transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.orders import buy_now, lines_of
from perkhub.orders.record import Purchase
from perkhub.pricing import (
    BasketLine,
    PriceSource,
    archive_price_list,
    next_edge,
    price_basket,
    prices_of,
    update_price_list,
    viewer_price,
)
from tests.factories import Person, Shop, StockedVariant
from tests.pricing.making import a_group, a_list, at, of_party, off, viewer

HOUR = timedelta(hours=1)


async def unit_of(variant: StockedVariant, who: Viewer = ANYONE, quantity: int = 1) -> Decimal:
    return (await prices_of(variant.channel, who, [variant.id]))[variant.id].unit(quantity)


async def test_a_list_is_for_whom_it_names(shop: Shop):
    variant = await shop.variant(price="100", codes=0)
    named, grouped, stranger = [await shop.customer() for _ in range(3)]
    await a_list(of_party(named), [at(variant.id, "60")])
    await a_list(await a_group(grouped), [at(variant.id, "70")])
    people = [ANYONE, *[await viewer(one) for one in (named, grouped, stranger)], Viewer(everywhere=True)]
    assert [await unit_of(variant, who) for who in people] == [100, 60, 70, 100, 100]
    await a_list(variant.channel, [at(variant.id, "90")])
    assert [await unit_of(variant, who) for who in people] == [90, 60, 70, 90, 90]


async def test_the_precedence_is_priority_then_scope_then_age(shop: Shop):
    variant, person = await shop.variant(price="100", codes=0), await shop.customer()
    group = await a_group(person)
    who = await viewer(person)
    await a_list(variant.channel, [at(variant.id, "99")])
    await a_list(variant.channel, [at(variant.id, "98")])
    assert await unit_of(variant, who) == 98  # the one that was made last
    await a_list(group, [at(variant.id, "97")])
    await a_list(variant.channel, [at(variant.id, "96")])
    assert await unit_of(variant, who) == 97  # a group's before a channel's
    await a_list(of_party(person), [at(variant.id, "150")])
    await a_list(group, [at(variant.id, "95")])
    assert await unit_of(variant, who) == 150  # a party's before a group's, even where it is dearer
    await a_list(variant.channel, [at(variant.id, "94")], priority=1)
    assert await unit_of(variant, who) == 94  # a priority before all
    await db.value(
        "UPDATE price_list SET created_at = '2026-01-01', priority = 0, scope_kind = 'channel', scope_id = $1, channel_id = $1",
        variant.channel.id,
    )
    first = await db.value("SELECT min(id::text) FROM price_list")
    lowest = await db.value("SELECT unit_price FROM price_list_price WHERE list_id = $1::text::uuid", first)
    assert await unit_of(variant, who) == lowest  # the lowest id as a last resort


async def test_a_list_holds_in_its_channel_its_currency_and_its_window(shop: Shop):
    here, japan = await shop.channel(), await shop.channel("japan", currency="JPY")
    person = await shop.customer()
    who = await viewer(person)
    variant = await shop.variant(price="100", codes=0, channel=here)
    await a_list(of_party(person), [at(variant.id, "1")], currency="JPY")
    await a_list(of_party(person), [at(variant.id, "2")], channel=japan, currency="JPY")
    assert await unit_of(variant, who) == 100
    opens, closes = now() + HOUR, now() + 2 * HOUR
    await a_list(here, [off(variant.id, "20")], starts=opens, ends=closes)
    for ahead, unit in ((-1, 100), (0, 80)):
        assert (await prices_of(here, who, [variant.id], at=opens + ahead * timedelta.resolution))[variant.id].unit() == unit
    for ahead, unit in ((-1, 80), (0, 100)):
        assert (await prices_of(here, who, [variant.id], at=closes + ahead * timedelta.resolution))[variant.id].unit() == unit
    with travel(1.5 * HOUR):
        quoted = await price_basket(here, [BasketLine(variant.id, 3)], who)
        assert quoted.total == Money(24000, "CNY")


async def test_breaks_and_the_trace(shop: Shop):
    variant = await shop.variant(price="10", codes=0)
    first = await a_list(variant.channel, [at(variant.id, "9", 10), off(variant.id, "33.3333", 100)], priority=1)
    await a_list(variant.channel, [at(variant.id, "9.5"), at(variant.id, "1", 50), at(variant.id, "9.5", 5)])
    [priced] = (await prices_of(variant.channel, ANYONE, [variant.id])).values()
    assert [priced.unit(number) for number in (1, 5, 9, 10, 50, 99, 100)] == [
        Decimal(unit) for unit in ("9.5", "9.5", "9.5", "9", "9", "9", "6.666670")
    ]
    assert [(one.minimum_quantity, one.unit) for one in priced.breaks] == [(10, 9), (100, Decimal("6.666670"))]
    listing, listed = priced.trace(100)
    assert (listing.source, listing.effect) == (PriceSource.LISTING, 10)
    assert (listed.source, listed.effect, listed.source_id) == (PriceSource.PRICE_LIST, Decimal("-3.333330"), first)
    assert listed.names["zh"] == "价格表"


async def test_a_list_can_be_changed_and_put_away(shop: Shop):
    variant = await shop.variant(price="10", codes=0)
    made = await a_list(variant.channel, [at(variant.id, "5")])
    assert await unit_of(variant) == 5
    await transact(lambda tx: update_price_list(tx, made, {"starts_at": now() + HOUR}, expected_version=2))
    assert await unit_of(variant) == 10
    assert await next_edge(variant.channel.id, now()) is not None
    await transact(lambda tx: update_price_list(tx, made, {"starts_at": now() - HOUR}, expected_version=3))
    assert await unit_of(variant) == 5
    await transact(lambda tx: archive_price_list(tx, made, expected_version=4))
    assert await unit_of(variant) == 10


async def test_the_next_edge_is_the_nearest_of_all_windows(shop: Shop):
    variant = await shop.variant(codes=0)
    channel = variant.channel.id
    assert await next_edge(channel, now()) is None
    start = now()
    await a_list(variant.channel, starts=start + 3 * HOUR, ends=start + 4 * HOUR)
    await a_list(of_party(await shop.customer()), starts=start + 5 * HOUR)  # holds in every channel of its currency
    await db.value("UPDATE listing SET published_until = $2 WHERE id = $1", variant.listing_id, start + 2 * HOUR)
    other = await shop.channel("japan", currency="JPY")
    await a_list(other, starts=start + HOUR, currency="JPY")
    edges, moment = [], start
    while (edge := await next_edge(channel, moment)) is not None:
        edges.append(round((edge - start) / HOUR))
        moment = edge
    assert edges == [2, 3, 4, 5]


async def test_nobody_is_priced_where_they_may_not_buy(shop: Shop):
    variant = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100")
    # By raw SQL, so that this process still believes what it remembers.
    await db.value("UPDATE channel SET access = 'contract' WHERE id = $1", variant.channel.id)
    for who in (ANYONE, await viewer(buyer)):
        with pytest.raises(ChannelNotFound):
            await price_basket(variant.channel, [BasketLine(variant.id, 1)], who)
    await db.value("UPDATE channel SET access = 'public' WHERE id = $1", variant.channel.id)
    await transact(lambda tx: close_channel(tx, variant.channel.id, expected_version=1))
    with pytest.raises(ChannelNotFound):
        await price_basket(variant.channel, [BasketLine(variant.id, 1)], await viewer(buyer))


async def random_lists(shop: Shop, dice: random.Random, variants: list[StockedVariant], person: Person) -> None:
    """Some that apply, and some that look as if."""
    channel, other = variants[0].channel, await shop.channel("other")
    group, elsewhere = await a_group(person, name=f"in {new_id()}"), await a_group(name=f"out {new_id()}")
    scopes = [Scope(ScopeKind.CHANNEL, channel.id), of_party(person), group, elsewhere, Scope(ScopeKind.CHANNEL, other.id)]
    for _ in range(12):
        rows = {}
        for _ in range(dice.randint(1, 8)):
            variant, quantity = dice.choice(variants).id, dice.choice([1, 1, 1, 2, 5, 10])
            amount = str(dice.randint(1, 99_999_999) / Decimal(10**6))
            percent = str(dice.randint(1, 1_000_000) / Decimal(10**4))
            rows[variant, quantity] = dice.choice([at(variant, amount, quantity), off(variant, percent, quantity)])
        scope = dice.choice(scopes)
        starts = now() + dice.choice([-3, -2, -1, 1]) * HOUR
        ends = dice.choice([None, starts + 2.5 * HOUR])
        where = None if scope.kind is ScopeKind.CHANNEL else dice.choice([None, channel, other])
        await a_list(scope, rows.values(), channel=where, priority=dice.randint(0, 2), starts=starts, ends=ends)


@pytest.mark.parametrize("seed", range(3))
async def test_list_filter_sort_quote_and_order_come_to_the_same_price(shop: Shop, seed: int):
    dice = random.Random(seed)
    variants = [await shop.variant(codes=12, price=str(dice.randint(1, 9_999_999) / Decimal(10**5))) for _ in range(6)]
    person = await shop.customer(wallet="100000")
    await random_lists(shop, dice, variants, person)
    channel, ids = variants[0].channel, [variant.id for variant in variants]
    for who in (ANYONE, await viewer(person)):
        priced = await prices_of(channel, who, ids)
        units = {variant: one.unit() for variant, one in priced.items()}
        for one in priced.values():
            for quantity in (1, 2, 5, 10):
                assert sum(step.effect for step in one.trace(quantity)) == one.unit(quantity)
        assert await sorted_and_filtered(channel, who, ids) == sorted(units.items(), key=lambda item: (item[1], item[0]))
        quantities = {variant: dice.choice([1, 2, 4, 5, 9, 10]) for variant in ids}
        quote = await price_basket(channel, [BasketLine(variant, quantities[variant]) for variant in ids], who)
        assert [line.unit for line in quote.lines] == [priced[variant].unit(quantities[variant]) for variant in ids]
        singles = await price_basket(channel, [BasketLine(variant, 1) for variant in ids], who)
        assert [line.unit for line in singles.lines] == [units[variant] for variant in ids]
    purchase = Purchase(new_id(), person.party_id, channel.id, quote, "tests")
    bought = await transact(lambda tx: buy_now(tx, purchase))
    stored = await lines_of([bought.order])
    assert [(line.unit, line.trace) for line in stored] == [(line.unit, line.trace) for line in quote.lines]
    assert bought.order.total == quote.total


async def sorted_and_filtered(channel: Channel, who: Viewer, ids: list[Any]) -> list[tuple[Any, Decimal]]:
    """As a search would: by the viewer's price, ten at a time, each page beginning above the last price."""
    price = await viewer_price(channel, who)
    found: list[tuple[Any, Decimal]] = []
    while True:
        values: list[object] = [channel.id, ids]

        def parameter(value: object, values: list[object] = values) -> str:
            values.append(value)
            return f"${len(values)}"

        sql = price.sql(parameter)
        least = parameter(found[-1][1] if found else Decimal(-1))
        last = parameter(found[-1][0] if found else None)
        rows = await db.rows(
            f"""SELECT l.variant_id, {sql} AS unit FROM listing l
                WHERE l.channel_id = $1 AND l.variant_id = ANY($2)
                  AND ({sql} > {least}::numeric OR ({sql} = {least}::numeric AND l.variant_id > {last}::uuid))
                ORDER BY {sql}, l.variant_id LIMIT 4""",
            *values,
        )
        if not rows:
            return found
        found += [(row["variant_id"], row["unit"]) for row in rows]


async def test_a_basket_is_priced_in_one_statement_however_many_lists_there_are(shop: Shop):
    variants = [await shop.variant(codes=0) for _ in range(3)]
    person = await shop.customer()
    who = await viewer(person)
    for _ in range(3):
        await a_list(variants[0].channel, [off(variant.id, "5") for variant in variants])
    counted: list[str] = []
    token = statements.set(counted)
    try:
        await price_basket(variants[0].channel, [BasketLine(variant.id, 1) for variant in variants], who)
    finally:
        statements.reset(token)
    assert len(counted) == 1


async def test_groups_that_nobody_looked_up_are_looked_up_with_the_prices(shop: Shop):
    variant, person = await shop.variant(price="100", codes=0), await shop.customer()
    await a_list(await a_group(person), [at(variant.id, "70")])
    assert await unit_of(variant, Viewer(person.party_id)) == 70
    assert (await viewer_price(variant.channel, Viewer(person.party_id))) == await viewer_price(
        variant.channel, await viewer(person)
    )
    # Known to be in none, for example because the membership has just run out.
    assert await unit_of(variant, Viewer(person.party_id, frozenset())) == 100
