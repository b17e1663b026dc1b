"""Bargain 砍价: friends cut somebody's price, each by chance, and the promised number of them reaches the floor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    BargainRules,
    Basket,
    Ceiling,
    Claim,
    Line,
    Mechanic,
    OnSale,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    TakeBargain,
    Terms,
    UnitPrice,
)

perkhub_contract = "1.0"

SOLD = "sold"
BOUGHT = "bought"
LABEL = Title(en="Bargain", zh="砍价")


@dataclass(frozen=True, slots=True)
class BargainState:
    """What can still be bought by bargains."""

    left: int = field(metadata={"description": "Units that can still be bought by bargains", "of": "stock"})
    limit_left: int = field(metadata={"description": "Units that this customer may still buy by bargains"})


class Bargain(Mechanic):
    """One unit for whoever gets friends to help: each takes something off its price, down to a floor."""

    key = "bargain"
    title = Title(en="Bargain", zh="砍价")
    State = BargainState
    REASONS = {
        "other_variant": Title(en="This bargain does not sell that.", zh="该商品不参加本次砍价。"),
        "none_running": Title(
            en="Open a bargain first: you have none that is running.", zh="您没有进行中的砍价,请先发起砍价。"
        ),
        "one_unit": Title(en="A bargain is about one unit.", zh="每次砍价仅限购买一件。"),
        "not_down": Title(en="{left} friends still have to help.", zh="还需 {left} 位好友助力。"),
    }
    # What friends were promised to help for.
    FROZEN = frozenset({"variant", "floor", "helpers", "spread_percent", "only_at_floor"})

    class Config(BaseModel):
        """A price that falls with each friend who helps, down to a floor."""

        variant: UUID = Field(description="What is sold")
        floor: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)] = Field(
            description="Price of one unit once everybody has helped, in the currency of the campaign"
        )
        helpers: int = Field(ge=1, le=1000, description="How many friends it takes from the listed price to the floor, exactly")
        spread_percent: Decimal = Field(
            default=Decimal(50),
            ge=0,
            le=90,
            max_digits=5,
            decimal_places=2,
            description="How far a cut may be from the average of all, in percent",
            json_schema_extra={"of": "number"},
        )
        hours_open: int = Field(default=24, gt=0, le=24 * 30, description="How long a bargain goes on")
        cuts_per_day: int = Field(
            default=5, gt=0, le=1000, description="How often one friend may help in a day, over all bargains of the campaign"
        )
        only_at_floor: bool = Field(
            default=False, description="Whether it can be bought at the floor alone, and not at its price of the moment"
        )
        quantity: int = Field(gt=0, description="Units on sale in all; a bargain keeps none of them")
        limit_per_customer: int = Field(
            default=1, gt=0, le=1000, description="Units for each customer, over all orders, unpaid ones included"
        )

    def variants(self, config: Config) -> frozenset[UUID]:
        """The one that is sold."""
        return frozenset({config.variant})

    def ceilings(self, config: Config) -> Mapping[str, Ceiling]:
        """What is sold, by all together."""
        return {SOLD: Ceiling(config.quantity, ("quantity",))}

    def problems(self, config: Config, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """It must be listed, with something to cut for each helper; and nobody is promised what is not there."""
        found = on_sale.get(config.variant)
        if found is None or found.list_price is None:
            text = Title(en="List this variant in the campaign's channels first.", zh="请先在活动渠道上架该规格。")
            yield Problem(("variant",), text)
            return
        cuts = int((found.list_price - config.floor).scaleb(terms.exponent))
        least = f"{Decimal(1).scaleb(-terms.exponent):f} {terms.currency}"
        if cuts < 1:
            listed = f"{found.list_price.normalize():f}"
            text = Title(en=f"Below the listed {listed}, by {least} at least.", zh=f"须低于售价 {listed},至少低 {least}。")
            yield Problem(("floor",), text)
        elif cuts < config.helpers:
            text = Title(en=f"At most {cuts}: each cuts {least} at least.", zh=f"最多 {cuts} 人:每人至少砍 {least}。")
            yield Problem(("helpers",), text)
        if found.in_stock is not None and found.in_stock < config.quantity:
            text = Title(en=f"Only {found.in_stock} are in stock.", zh=f"库存仅 {found.in_stock} 件。")
            yield Problem(("quantity",), text)

    def bargain(self, config: Config) -> BargainRules:
        """From what the owner would pay down to the floor, in so many cuts."""
        return BargainRules(
            variant=config.variant,
            floor=config.floor,
            helpers=config.helpers,
            lasts=timedelta(hours=config.hours_open),
            spread=config.spread_percent,
            cuts_per_day=config.cuts_per_day,
        )

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """What the buyer's running bargain has come to."""
        return [self._price(config, basket, line, seen) for line in basket.lines]

    def reserve(self, config: Config, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """The customer's own count, the bargain, and a unit of all."""
        effects: list[ReserveEffect] = []
        if seen.bargain is None:
            return effects
        for line in basket.lines:
            at = line.position
            effects.append(Claim(BOUGHT, line.quantity, ceiling=config.limit_per_customer, line=at, per_buyer=True))
            effects.append(TakeBargain(at))
            effects.append(Claim(SOLD, line.quantity, ceiling=config.quantity, line=at))
        return effects

    def state(self, config: Config, seen: Seen) -> BargainState:
        """What is left, of all and of this customer's share."""
        return BargainState(
            left=max(0, config.quantity - seen.taken(SOLD)),
            limit_left=max(0, config.limit_per_customer - seen.mine_taken(BOUGHT)),
        )

    def _price(self, config: Config, basket: Basket, line: Line, seen: Seen) -> PriceEffect:
        running = seen.bargain
        if running is None:
            return Refuse("none_running", line.position)
        if line.variant != running.variant:
            return Refuse("other_variant", line.position)
        if line.quantity != 1 or len(basket.lines) != 1:
            return Refuse("one_unit", line.position)
        if config.only_at_floor and running.cuts < running.helpers:
            return Refuse("not_down", line.position, {"left": running.helpers - running.cuts})
        return UnitPrice(line.position, min(line.unit, running.price), LABEL)


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the bargain."""
    register(Bargain)
