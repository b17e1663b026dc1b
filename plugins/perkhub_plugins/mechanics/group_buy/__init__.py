"""Group buy 拼团: a low price for so many who buy together; each pays to join, and all are delivered when the last has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Basket,
    Claim,
    JoinCircle,
    Line,
    Mechanic,
    OnSale,
    OpenCircle,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    Terms,
    UnitPrice,
    Wait,
)

perkhub_contract = "1.0"

BOUGHT = "bought"
LABEL = Title(en="Group buy", zh="拼团")


@dataclass(frozen=True, slots=True)
class GroupBuyState:
    """What this customer may still buy in groups of this campaign."""

    limit_left: int = field(metadata={"description": "Units that this customer may still buy, unpaid orders counted"})


class GroupBuy(Mechanic):
    """A special price for groups of a fixed size: open one, or join one that is open. Whoever pays has a place."""

    key = "group_buy"
    title = Title(en="Group buy", zh="拼团")
    State = GroupBuyState
    REASONS = {"other_variant": Title(en="This group buy does not sell that.", zh="该商品不参加本次拼团。")}
    # Whoever joined did so for this.
    FROZEN = frozenset({"variant"})

    class Config(BaseModel):
        """A special price for groups of a fixed size."""

        variant: UUID = Field(description="What is sold", json_schema_extra={"of": "variant"})
        price: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)] = Field(
            description="Price of one unit, in the currency of the campaign"
        )
        size: int = Field(ge=2, le=1000, description="How many must join, the one who opens the group included")
        hours_open: int = Field(
            default=24, gt=0, le=24 * 30, description="How long a group waits to be full; then everybody gets their money back"
        )
        limit_per_customer: int = Field(
            default=1, gt=0, le=1000, description="Units for each customer, over all orders, unpaid ones included"
        )

    class Choice(BaseModel):
        """Which group to join."""

        group: UUID | None = Field(
            default=None, description="The group to join; none opens a new one", json_schema_extra={"of": "circle"}
        )

    def variants(self, config: Config) -> frozenset[UUID]:
        """The one that is sold."""
        return frozenset({config.variant})

    def problems(self, config: Config, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """It must be listed, and cheaper than there."""
        listed = on_sale.get(config.variant)
        if listed is None or listed.list_price is None:
            text = Title(en="List this variant in the campaign's channels first.", zh="请先在活动渠道上架该规格。")
            yield Problem(("variant",), text)
        elif config.price >= listed.list_price:
            yield Problem(
                ("price",),
                Title(
                    en=f"A group pays less than the listed {listed.list_price.normalize():f}.",
                    zh=f"拼团价须低于售价 {listed.list_price.normalize():f}。",
                ),
            )

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """The group's price, for the one that is sold."""
        return [
            UnitPrice(line.position, config.price, LABEL) if _sold(config, line) else Refuse("other_variant", line.position)
            for line in basket.lines
        ]

    def reserve(self, config: Config, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """What this customer may still have, a place in a group, and that the line waits until the group is full."""
        effects: list[ReserveEffect] = []
        for line in basket.lines:
            at = line.position
            effects.append(Claim(BOUGHT, line.quantity, ceiling=config.limit_per_customer, line=at, per_buyer=True))
            effects.append(_place(config, line))
            effects.append(Wait(at))
        return effects

    def state(self, config: Config, seen: Seen) -> GroupBuyState:
        """What is left of this customer's share."""
        return GroupBuyState(limit_left=max(0, config.limit_per_customer - seen.mine_taken(BOUGHT)))


def _sold(config: GroupBuy.Config, line: Line) -> bool:
    return line.variant == config.variant


def _place(config: GroupBuy.Config, line: Line) -> OpenCircle | JoinCircle:
    chosen = line.choice.group if isinstance(line.choice, GroupBuy.Choice) else None
    if chosen is None:
        return OpenCircle(line.position, seats=config.size, lasts=timedelta(hours=config.hours_open))
    return JoinCircle(line.position, chosen)


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the group buy."""
    register(GroupBuy)
