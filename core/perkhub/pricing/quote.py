"""Pricing a basket by the viewer's prices: for quotes and orders alike, with its trace."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog import (
    BuyerInputInvalid,
    GivenInput,
    NotListed,
    Offered,
    checked_inputs,
    refuse_dear,
)
from perkhub.channels import ANYONE, Channel, Viewer, ensure_may_enter_now
from perkhub.kit.moments import end_of_day
from perkhub.kit.money import Money, total
from perkhub.pricing.errors import BasketInvalid, BenefitOver
from perkhub.pricing.obtainable import from_suppliers
from perkhub.pricing.prices import NOTHING, Priced, prices_of
from perkhub.pricing.quoted import QuotedLine

MOST_LINES = 50
MOST_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """A campaign that a line shall take part in, and what the buyer says to its mechanic. Means nothing to prices."""

    campaign_id: UUID
    choice: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many of a variant; what its product asks of buyers, which face value, where they choose it, and in which campaign."""

    variant_id: UUID
    quantity: int
    inputs: tuple[GivenInput, ...] = ()
    face_value: Decimal | None = None
    campaign: Chosen | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced basket; its total is the sum of its lines' totals."""

    lines: tuple[QuotedLine, ...]
    total: Money

    def wanted_of_variants(self) -> dict[UUID, int]:
        """Units by variant."""
        wanted: Counter[UUID] = Counter()
        for line in self.lines:
            wanted[line.offered.variant_id] += line.quantity
        return wanted

    def wanted_of_listings(self) -> dict[UUID, int]:
        """Units by listing."""
        wanted: Counter[UUID] = Counter()
        for line in self.lines:
            wanted[line.offered.listing_id] += line.quantity
        return wanted


async def price_basket(
    channel: Channel,
    basket: Sequence[BasketLine],
    viewer: Viewer = ANYONE,
    *,
    complete: bool = False,
    at: datetime | None = None,
    beside: Mapping[str, str] = NOTHING,
) -> Quote:
    """Price a basket as this viewer would pay it in the channel now, or then. Changes nothing, holds nothing.

    Orders price by this in their own transaction: whether the viewer may buy here at all is looked at with the prices. With
    `complete`, as they do, all that a product asks of its buyer must be there; a price can be told before.
    For `beside` see `prices_of`.

    Raises:
        BasketInvalid, NotListed, BenefitOver, FaceValueInvalid, BuyerInputInvalid: the path names the line.
        ChannelNotFound: the channel was closed, or taken from the viewer, in this moment.
    """
    refuse_odd_basket(basket)
    found = await prices_of(channel, viewer, [line.variant_id for line in basket], at=at, asked=True, stock=True, beside=beside)
    if not found:
        await ensure_may_enter_now(channel.id, viewer)
    lines = tuple(
        _price_line(channel, found, line, ("lines", str(position)), complete=complete) for position, line in enumerate(basket)
    )
    lines = await from_suppliers(lines, complete=complete)
    return Quote(lines, total((line.total for line in lines), channel.currency))


def _price_line(
    channel: Channel, found: dict[UUID, Priced], line: BasketLine, place: tuple[str, ...], *, complete: bool
) -> QuotedLine:
    priced = found.get(line.variant_id)
    if priced is None:
        raise NotListed(path=(*place, "variantId"))
    _refuse_over(channel, priced.offered, place, priced.at)
    face_value = priced.offered.face.chosen(line.face_value, *place, "unitFaceValue")
    unit = priced.unit(line.quantity, face_value=face_value)
    if priced.offered.face.range is not None:
        refuse_dear(unit, *place, "unitFaceValue")
    try:
        inputs = checked_inputs(priced.asked, line.inputs, complete=complete)
    except BuyerInputInvalid as refusal:
        raise refusal.at(*place) from None
    amount = Money.line(unit, line.quantity, channel.currency)
    trace = priced.trace(line.quantity, face_value=face_value)
    sourced = priced.sourced(line.quantity)
    return QuotedLine(
        priced.offered, line.quantity, unit, amount, trace, face_value, inputs, obtainable=priced.obtainable, sourced=sourced
    )


def _refuse_over(channel: Channel, offered: Offered, place: tuple[str, ...], at: datetime) -> None:
    """What is good until a day that is over is not sold any more."""
    until = offered.validity.until
    if until is not None and end_of_day(until, channel.zone) <= at:
        raise BenefitOver(until=until, path=(*place, "variantId"))


def refuse_odd_basket(basket: Sequence[BasketLine]) -> None:
    """Refuse a basket that no channel could sell.

    Raises:
        BasketInvalid: the path names the line and the field.
    """
    if not basket:
        raise BasketInvalid("Put at least one line into the order.", "请至少选择一件商品。", path=("lines",))
    if len(basket) > MOST_LINES:
        raise BasketInvalid(f"At most {MOST_LINES} lines.", f"最多 {MOST_LINES} 行。", path=("lines",))
    for position, line in enumerate(basket):
        if not 1 <= line.quantity <= MOST_UNITS:
            path = ("lines", str(position), "quantity")
            raise BasketInvalid(f"Between 1 and {MOST_UNITS}.", f"数量须在 1 到 {MOST_UNITS} 之间。", path=path)
    if len({line.variant_id for line in basket}) < len(basket):
        raise BasketInvalid("Name each variant in one line only.", "同一规格只能出现一次。", path=("lines",))
