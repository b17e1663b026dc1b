"""What variants cost a viewer in a channel at a moment: one statement for a page, a product or a basket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

import orjson

from perkhub.catalog import ASKED_OF_OFFER, BenefitKind, BuyerInput, More, Offered, inputs_from_json, offers
from perkhub.channels import HOLDERS, MAY_ENTER, Channel, Viewer
from perkhub.kit.clock import now
from perkhub.pricing.public import LOOK_BACK, PublicPrices, public_prices_from
from perkhub.pricing.rule import APPLIES, PRECEDENCE, SAYS, ListPrice, price_for, scopes_of
from perkhub.pricing.steps import PriceStep, step_to, steps_of
from perkhub.suppliers import SOURCED
from perkhub.vault import IN_POOL

# `o` is what is offered; $1 is the channel.
LISTS = f"""who AS MATERIALIZED (SELECT {HOLDERS.format(known="$3", party="$8", at="$7")} AS holders),
    lists AS MATERIALIZED (
        SELECT pl.id, pl.name, row_number() OVER (ORDER BY {PRECEDENCE}) AS place FROM price_list pl
        WHERE {APPLIES.format(channel="$1", scopes="(SELECT holders FROM who)::uuid[]", currency="$6", at="$7")})"""
SAID = f"""(SELECT jsonb_agg(jsonb_build_array(ls.id, ls.name, r.minimum_quantity, {SAYS.format(base="o.unit_price")}::text)
                             ORDER BY ls.place, r.minimum_quantity DESC)
            FROM lists ls JOIN price_list_price r ON r.list_id = ls.id AND r.variant_id = o.variant_id)"""
# All plans since the one in force when the look back begins.
HISTORY = """(SELECT jsonb_agg(jsonb_build_array(h.recorded_at, h.effective_at, h.unit_price::text, h.lowest_before::text)
                               ORDER BY h.recorded_at, h.effective_at)
              FROM public_price h WHERE h.listing_id = o.listing_id AND h.recorded_at >= coalesce(
                  (SELECT max(b.recorded_at) FROM public_price b WHERE b.listing_id = o.listing_id AND b.recorded_at <= $9),
                  '-infinity'))"""
# From where it would come.
STOCK = {"in_pool": IN_POOL.format(variant="o.variant_id"), "obtainable": SOURCED.format(variant="o.variant_id", more="")}
NOTHING: Mapping[str, str] = {}
ENTERED = "c.id = $1 AND " + MAY_ENTER.format(
    holders="(SELECT holders FROM who)::uuid[]", party="$4::boolean", everywhere="$5::boolean"
)


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """From so many units on, one costs so much."""

    minimum_quantity: int
    unit: Decimal


@dataclass(frozen=True)
class Priced:
    """A variant with all that this viewer's price of it is made of. `public`, what buyers are `asked`, and from where it would
    come, are there only where that was wanted."""

    offered: Offered
    said: tuple[ListPrice, ...]
    at: datetime
    public: PublicPrices | None = None
    asked: tuple[BuyerInput, ...] = ()
    in_pool: int = 0
    obtainable: bool = False

    def unit(self, quantity: int = 1, *, face_value: Decimal | None = None) -> Decimal:
        """What one unit costs where so many are bought; of a range at its least face value, unless another was chosen."""
        said = price_for(self.said, quantity)
        unit = self.offered.unit_price if said is None else said.unit
        ranged = self.offered.face.range
        return unit if face_value is None or ranged is None else ranged.price_at(face_value, unit)

    def sourced(self, quantity: int, *, taken: int = 0) -> int:
        """How many of so many units a supplier must sell us: what the pool lacks after the `taken` ones of the same order.
        What is done to an account, or has the face value that its buyer chose, lies in no pool."""
        if not self.obtainable:
            return 0
        made = self.offered.kind == BenefitKind.TOP_UP or self.offered.face.range is not None
        return max(0, quantity - (0 if made else max(0, self.in_pool - taken)))

    def trace(self, quantity: int = 1, *, face_value: Decimal | None = None) -> tuple[PriceStep, ...]:
        """How that came about."""
        steps = steps_of(self.offered, price_for(self.said, quantity))
        if face_value is None or self.offered.face.range is None:
            return steps
        grown = self.unit(quantity, face_value=face_value) - self.unit(quantity)
        return (*steps, step_to(face_value, self.offered, grown))

    @cached_property
    def breaks(self) -> tuple[PriceBreak, ...]:
        """Where the unit price changes with the quantity; nothing, where it never does."""
        found: list[PriceBreak] = []
        last = self.unit()
        for quantity in sorted({one.minimum_quantity for one in self.said} - {1}):
            unit = self.unit(quantity)
            if unit != last:
                found.append(PriceBreak(quantity, unit))
                last = unit
        return tuple(found)

    @cached_property
    def strikethrough(self) -> Decimal | None:
        """What may honestly be struck through beside the price of one unit; None, where nothing may."""
        reference = self.offered.reference_price
        if reference is None and self.public is not None:
            reference = self.public.lowest_before(self.at, for_unit=self.unit())
        return reference if reference is not None and reference > self.unit() else None


async def prices_of(
    channel: Channel,
    viewer: Viewer,
    variants: Sequence[UUID],
    *,
    at: datetime | None = None,
    history: bool = False,
    asked: bool = False,
    stock: bool = False,
    beside: Mapping[str, str] = NOTHING,
) -> dict[UUID, Priced]:
    """What these variants cost the viewer, by variant; what is not sold here now, or not to them, is missing.

    Whether they may enter the channel is looked at in the same statement. With `history`, also what may be struck through;
    with `asked`, also what the product asks of its buyer; with `stock`, from where it would come.
    `beside` is what a higher domain wants to know of the same moment: SQL by name, in which $1 is the channel and $7 the
    moment; it comes back in `Offered.more`.
    """
    moment = at or now()
    whose = [viewer.party_id is not None, viewer.everywhere, channel.currency, moment, viewer.party_of_groups]
    values = [scopes_of(channel, viewer), *whose]
    more = More(
        tables=LISTS,
        columns={
            "said": SAID,
            **({"history": HISTORY} if history else {}),
            **({"asked": ASKED_OF_OFFER} if asked else {}),
            **(STOCK if stock else {}),
            **beside,
        },
        joins="CROSS JOIN channel c",
        where=ENTERED,
        values=[*values, moment - LOOK_BACK] if history else values,
    )
    found = await offers(channel.id, list(variants), at=moment, more=more)
    return {variant: _priced(offered, moment) for variant, offered in found.items()}


def _priced(offered: Offered, at: datetime) -> Priced:
    said = tuple(
        ListPrice(UUID(list_id), name, quantity, Decimal(unit))
        for list_id, name, quantity, unit in orjson.loads(offered.more["said"] or "[]")
    )
    told = offered.more.get("history", ...)
    public = None if told is ... else public_prices_from(told)
    asked, in_pool = inputs_from_json(offered.more.get("asked", "[]")), offered.more.get("in_pool") or 0
    return Priced(offered, said, at, public, asked, in_pool, offered.more.get("obtainable", False))
