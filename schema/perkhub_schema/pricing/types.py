"""What a variant costs a viewer, and whether it can be had, as shops show it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import strawberry

from perkhub.catalog import LOW_STOCK
from perkhub.channels import Viewer, known_channel
from perkhub.kit.money import Money
from perkhub.pricing import Priced, PriceSource, PriceStep, prices_of
from perkhub.suppliers import obtainable_variants
from perkhub.vault import stock_of
from perkhub_schema.campaigns.types import CampaignType, campaign_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.money import MoneyType, to_money, unit_price

PriceSourceEnum = described(
    PriceSource,
    "Where a step of a price comes from.",
    {
        PriceSource.LISTING: "The price of the variant in this channel.",
        PriceSource.PRICE_LIST: "A price list that is for this viewer, by its name.",
        PriceSource.FACE_VALUE: "The face value that was chosen; what comes before it is the price of the least one.",
        PriceSource.CAMPAIGN: "A campaign that the line takes part in, by what its mechanic calls it.",
    },
)


class Availability(StrEnum):
    IN_STOCK = "IN_STOCK"
    LOW = "LOW"
    SOLD_OUT = "SOLD_OUT"
    ON_REQUEST = "ON_REQUEST"


described(
    Availability,
    "Whether it can be bought, without telling how many are left.",
    {
        Availability.IN_STOCK: "There are enough.",
        Availability.LOW: "Hardly any are left.",
        Availability.SOLD_OUT: "None can be bought now.",
        Availability.ON_REQUEST: "Nothing of it lies in stock: it is obtained when it is ordered.",
    },
)


@strawberry.type(name="PriceStep", description="One step of a unit price.")
class PriceStepType:
    source: PriceSourceEnum = strawberry.field(description="Where it comes from.")  # type: ignore[valid-type]
    effect: MoneyType = strawberry.field(description="What it adds to the unit price; negative for a discount.")
    step: strawberry.Private[PriceStep]
    on_total: MoneyType | None = strawberry.field(
        description="What it takes off the line's total instead, where it is a discount on lines as a whole; else null."
    )

    @strawberry.field(description="For people, in the request's language: a list's name, or the SKU.")
    def label(self, info: Info) -> str:
        return info.context.say(dict(self.step.names)) or self.step.label

    @strawberry.field(description="The campaign, where the step comes from one; else null.")
    async def campaign(self, info: Info) -> CampaignType | None:
        return await campaign_of(info, self.step.source_id if self.step.source is PriceSource.CAMPAIGN else None)


def to_steps(steps: Sequence[PriceStep], currency: str) -> list[PriceStepType]:
    """A price trace on the wire."""
    return [
        PriceStepType(
            source=step.source,
            effect=unit_price(step.effect, currency),
            step=step,
            on_total=to_money(Money(step.on_total, currency)) if step.on_total else None,
        )
        for step in steps
    ]


@strawberry.type(name="PriceBreak", description="What one unit costs where more are bought.")
class PriceBreakType:
    minimum_quantity: int = strawberry.field(description="From so many units on.")
    unit: MoneyType = strawberry.field(description="The unit price of all of them.")


@strawberry.type(description="What one unit costs this viewer here, and why.")
class Price:
    unit: MoneyType = strawberry.field(
        description="Unit price; lines are rounded once, on their total. Of a `faceRange` at its least value; it grows with "
        "the value that is chosen, and a quote tells it."
    )
    strikethrough: MoneyType | None = strawberry.field(
        description="What may be struck through beside it: the lowest price of the seven days before it began, unless the shop "
        "says otherwise with a reason; null where that is not above the unit price."
    )
    breaks: list[PriceBreakType] = strawberry.field(description="Where the unit price changes with the quantity; often empty.")
    trace: list[PriceStepType] = strawberry.field(description="How the unit price came about; the effects sum to it.")


@strawberry.type(description="How many one customer may take, counted across orders, unpaid ones included.")
class PurchaseLimit:
    per_customer: int = strawberry.field(description="Units.")


class PriceKey(NamedTuple):
    """A variant as one viewer sees it in one channel."""

    channel: UUID
    viewer: Viewer
    variant: UUID


async def load_prices(keys: list[PriceKey]) -> list[Priced | None]:
    """What variants cost; one statement for all of one viewer in one channel."""
    found: dict[PriceKey, Priced] = {}
    for channel, viewer in {key[:2] for key in keys}:
        wanted = [key.variant for key in keys if key[:2] == (channel, viewer)]
        priced = await prices_of(await known_channel(channel), viewer, wanted, history=True)
        found |= {PriceKey(channel, viewer, variant): one for variant, one in priced.items()}
    return [found.get(key) for key in keys]


async def load_stock(variants: list[UUID]) -> list[int]:
    """Codes that can be sold, by variant."""
    stock = await stock_of(variants)
    return [stock[variant].free for variant in variants]


async def load_obtainable(variants: list[UUID]) -> list[bool]:
    """Whether a supplier would sell it to us, by variant; asked of what the pool is out of alone."""
    found = await obtainable_variants(variants)
    return [variant in found for variant in variants]


async def priced_for(info: Info, variant: UUID) -> Priced | None:
    """The variant's price for whoever asks, in their channel; None where it is not on sale here."""
    channel = await info.context.channel()
    key = PriceKey(channel.id, await info.context.viewer(), variant)
    found: Priced | None = await info.context.loader(load_prices).load(key)
    return found


async def price_of(info: Info, variant: UUID) -> Price | None:
    """The price on the wire."""
    priced = await priced_for(info, variant)
    if priced is None:
        return None
    currency = (await info.context.channel()).currency
    struck = priced.strikethrough
    return Price(
        unit=unit_price(priced.unit(), currency),
        strikethrough=None if struck is None else unit_price(struck, currency),
        breaks=[
            PriceBreakType(minimum_quantity=one.minimum_quantity, unit=unit_price(one.unit, currency)) for one in priced.breaks
        ],
        trace=to_steps(priced.trace(), currency),
    )


async def availability_of(info: Info, variant: UUID) -> Availability:
    """Whether the channel can sell one now."""
    priced = await priced_for(info, variant)
    if priced is None or priced.offered.quota_left == 0:
        return Availability.SOLD_OUT
    free: int = await info.context.loader(load_stock).load(variant)
    if free <= 0 and await info.context.loader(load_obtainable).load(variant):
        return Availability.ON_REQUEST
    left = free if priced.offered.quota_left is None else min(free, priced.offered.quota_left)
    return Availability.SOLD_OUT if left <= 0 else Availability.LOW if left <= LOW_STOCK else Availability.IN_STOCK


async def limit_of(info: Info, variant: UUID) -> PurchaseLimit | None:
    """How many one customer may take here."""
    priced = await priced_for(info, variant)
    if priced is None or priced.offered.limit_per_customer is None:
        return None
    return PurchaseLimit(per_customer=priced.offered.limit_per_customer)
