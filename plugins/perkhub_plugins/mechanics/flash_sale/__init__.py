"""Flash sale 秒杀: a few units, a low price, a short window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
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
    Terms,
    UnitPrice,
)

perkhub_contract = "1.0"

SOLD = "sold"
BOUGHT = "bought"
LABEL = Title(en="Flash sale", zh="秒杀")


@dataclass(frozen=True, slots=True)
class FlashSaleState:
    """What is left, before anybody claims it."""

    left: int = field(metadata={"description": "Units that nobody holds", "of": "stock"})
    limit_left: int = field(metadata={"description": "Units that this customer may still take of their own share"})


class FlashSale(Mechanic):
    """A fixed quantity of one variant at a special price."""

    key = "flash_sale"
    title = Title(en="Flash sale", zh="秒杀")
    State = FlashSaleState
    REASONS = {"other_variant": Title(en="This flash sale does not sell that.", zh="该商品不参加本场秒杀。")}

    class Config(BaseModel):
        """A fixed quantity of one variant at a special price."""

        variant: UUID = Field(description="What is sold")
        price: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)] = Field(
            description="Price of one unit, in the currency of the campaign"
        )
        quantity: int = Field(gt=0, le=100_000_000, description="Units on sale in all")
        limit_per_customer: int = Field(
            default=1, gt=0, le=1000, description="Units for each customer, over all orders, unpaid ones included"
        )

    def variants(self, config: Config) -> frozenset[UUID]:
        """The one that is sold."""
        return frozenset({config.variant})

    def ceilings(self, config: Config) -> Mapping[str, Ceiling]:
        """The quantity."""
        return {SOLD: Ceiling(config.quantity, ("quantity",))}

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
                    en=f"A flash sale is cheaper than the listed {listed.list_price.normalize():f}.",
                    zh=f"秒杀价须低于售价 {listed.list_price.normalize():f}。",
                ),
            )

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """The special price, for the one that is sold."""
        return [
            UnitPrice(line.position, config.price, LABEL) if _sold(config, line) else Refuse("other_variant", line.position)
            for line in basket.lines
        ]

    def reserve(self, config: Config, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """What this customer may still have, and then what all may."""
        effects: list[ReserveEffect] = []
        for line in basket.lines:
            at, wanted = line.position, line.quantity
            effects.append(Claim(BOUGHT, wanted, ceiling=config.limit_per_customer, line=at, per_buyer=True))
            effects.append(Claim(SOLD, wanted, ceiling=config.quantity, line=at))
        return effects

    def state(self, config: Config, seen: Seen) -> FlashSaleState:
        """What is left of the quantity, and of this customer's share."""
        # Their own share says nothing of what is left for all: that is shown coarsely.
        mine = config.limit_per_customer - seen.mine_taken(BOUGHT)
        return FlashSaleState(left=config.quantity - seen.taken(SOLD), limit_left=mine)


def _sold(config: FlashSale.Config, line: Line) -> bool:
    return line.variant == config.variant


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the flash sale."""
    register(FlashSale)
