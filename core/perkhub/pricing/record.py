"""Recording what a listing's public price becomes: with each change of the listing or of the channel's price lists, in the
change's own transaction, as a plan of all that its windows will make of it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson

from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.pricing.public import LOOK_BACK, PublicPrices, Step
from perkhub.pricing.rule import FOR_VIEWER, PRECEDENCE, SAYS

# Whoever records waits until all before them have committed, and then sees what they did: the last plan knows every
# change. It is the last lock of the transaction, or two who hold something else could wait for each other.
LOCK = "public prices of {0}"
AT_ONCE = 2000

LISTINGS_OF_LIST = """
    SELECT DISTINCT l.id FROM price_list_price r JOIN listing l ON l.variant_id = r.variant_id AND l.channel_id = $1
    WHERE r.list_id = $2
"""
LISTINGS_OF_VARIANTS = "SELECT id FROM listing WHERE channel_id = $1 AND variant_id = ANY($2)"
CHANNELS = "SELECT id, channel_id FROM listing WHERE id = ANY($1)"
# What one unit of each listing will cost anybody: the listing's own price and window, and every list of the channel that has
# not ended, by precedence.
STANDING = f"""
    SELECT l.id, l.unit_price, l.published_from, l.published_until,
           (SELECT jsonb_agg(jsonb_build_array(pl.starts_at, pl.ends_at, {SAYS.format(base="l.unit_price")}::text)
                             ORDER BY {PRECEDENCE})
            FROM price_list pl JOIN price_list_price r ON r.list_id = pl.id AND r.variant_id = l.variant_id
                                                          AND r.minimum_quantity = 1
            WHERE {FOR_VIEWER.format(scopes="ARRAY[c.id]", channel="c.id", currency="c.currency")}
                  AND (pl.ends_at IS NULL OR pl.ends_at > $2)) AS lists
    FROM listing l JOIN channel c ON c.id = l.channel_id WHERE l.id = ANY($1)
"""
BEFORE = """
    SELECT h.listing_id, h.recorded_at, h.effective_at, h.unit_price, h.lowest_before FROM public_price h
    WHERE h.listing_id = ANY($1) AND h.recorded_at >= coalesce(
        (SELECT max(b.recorded_at) FROM public_price b WHERE b.listing_id = h.listing_id AND b.recorded_at <= $2), '-infinity')
    ORDER BY h.listing_id, h.recorded_at, h.effective_at
"""
INSERT = """
    INSERT INTO public_price (listing_id, recorded_at, effective_at, unit_price, lowest_before)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::numeric[], $5::numeric[])
"""


@dataclass(frozen=True, slots=True)
class _Window:
    """From when until when somebody pays so much."""

    start: datetime
    end: datetime | None
    unit: Decimal

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def edges(self, after: datetime) -> Iterator[datetime]:
        return (edge for edge in (self.start, self.end) if edge is not None and edge > after)


async def public_prices_changed(
    tx: Transaction, channel: UUID, *, of_list: UUID | None = None, variants: Collection[UUID] = ()
) -> None:
    """Record what a list's change makes of the channel's public prices, when the transaction ends: of all that the list
    speaks of, or of these variants."""

    async def record(tx: Transaction) -> None:
        sql, which = (LISTINGS_OF_VARIANTS, list(variants)) if of_list is None else (LISTINGS_OF_LIST, of_list)
        found = await tx.rows(sql, channel, which)
        await _record(tx, {channel: [row["id"] for row in found]})

    tx.before_commit(record)


async def listings_changed(tx: Transaction, listings: Collection[UUID]) -> None:
    """Record what a change of listings makes of their public prices; called as the transaction ends."""
    by_channel: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await tx.rows(CHANNELS, list(listings)):
        by_channel[row["channel_id"]].append(row["id"])
    await _record(tx, by_channel)


async def _record(tx: Transaction, by_channel: dict[UUID, list[UUID]]) -> None:
    for channel in sorted(by_channel):
        await tx.advisory_lock(LOCK.format(channel))
    at = now()
    listings = sorted(listing for ids in by_channel.values() for listing in ids)
    for begin in range(0, len(listings), AT_ONCE):
        await _record_some(tx, listings[begin : begin + AT_ONCE], at)


async def _record_some(tx: Transaction, listings: Sequence[UUID], at: datetime) -> None:
    known: dict[UUID, list[Step]] = defaultdict(list)
    for row in await tx.rows(BEFORE, listings, at - LOOK_BACK):
        step = Step(row["recorded_at"], row["effective_at"], row["unit_price"], row["lowest_before"])
        known[row["listing_id"]].append(step)
    written = [
        (row["id"], step)
        for row in await tx.rows(STANDING, listings, at)
        for step in plan(row, at, PublicPrices(tuple(known[row["id"]])))
    ]
    if written:
        await tx.execute(
            INSERT,
            [listing for listing, _ in written],
            [step.recorded_at for _, step in written],
            [step.effective_at for _, step in written],
            [step.unit for _, step in written],
            [step.lowest_before for _, step in written],
        )


def plan(row: Row, at: datetime, before: PublicPrices) -> list[Step]:
    """All steps from this moment on; none, where they are what was planned before anyway."""
    # Two processes' clocks may differ: a later plan is never recorded before an earlier one.
    recorded = max([at, *(step.recorded_at + timedelta.resolution for step in before.steps[-1:])])
    future = list(_future(row, recorded))
    expected = [(max(one.start, recorded), one.step.unit) for one in before.spells() if one.end > recorded]
    if expected and _merged(expected) == future:
        return []
    steps: list[Step] = []
    present = before.at(recorded)
    for place, (start, unit) in enumerate(future):
        goes_on = place == 0 and present is not None and present.unit == unit
        known = PublicPrices((*before.steps, *steps))
        lowest = present.lowest_before if goes_on and present is not None else known.lowest_between(start - LOOK_BACK, start)
        steps.append(Step(recorded, start, unit, None if unit is None else lowest))
    return steps


def _future(row: Row, at: datetime) -> Iterator[tuple[datetime, Decimal | None]]:
    published = _Window(row["published_from"], row["published_until"], row["unit_price"])
    lists = [_window(*one) for one in orjson.loads(row["lists"] or "[]")]
    edges = {at, *(edge for window in (published, *lists) for edge in window.edges(at))}
    found: list[tuple[datetime, Decimal | None]] = []
    for edge in sorted(edges):
        unit = None
        if published.holds(edge):
            unit = next((one.unit for one in lists if one.holds(edge)), published.unit)
        found.append((edge, unit))
    yield from _merged(found)


def _merged(steps: Sequence[tuple[datetime, Decimal | None]]) -> list[tuple[datetime, Decimal | None]]:
    """Without those that change nothing."""
    return [step for place, step in enumerate(steps) if place == 0 or step[1] != steps[place - 1][1]]


def _window(start: str, end: str | None, unit: str) -> _Window:
    return _Window(_moment(start), None if end is None else _moment(end), Decimal(unit))


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
