"""Gift with purchase 买A赠B: whoever buys so many of one gets another for nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Basket,
    Ceiling,
    Claim,
    Entry,
    Gift,
    Mechanic,
    OnSale,
    PriceEffect,
    Problem,
    ReserveEffect,
    Seen,
    Stage,
    Terms,
)

perkhub_contract = "1.0"

GIVEN = "given"
LABEL = Title(en="Gift", zh="赠品")


class GiftConfig(BaseModel):
    """Buy so many of one, get another for nothing."""

    buy: UUID = Field(description="What is bought")
    buy_quantity: int = Field(default=1, gt=0, le=1000, description="How many of it")
    gift: UUID = Field(description="What is given")
    gift_quantity: int = Field(default=1, gt=0, le=100, description="How many of it")
    most_times: int = Field(default=1, gt=0, le=1000, description="At most so often in one order")
    quantity: int = Field(gt=0, description="Gifts in all, in units")
    required: bool = Field(default=False, description="Whether an order is refused where no gift is left, or goes without")


@dataclass(frozen=True, slots=True)
class GiftState:
    """What is left."""

    left: int


class GiftWithPurchase(Mechanic):
    """Another for nothing."""

    key = "gift"
    title = Title(en="Gift with purchase", zh="买赠")
    Config = GiftConfig
    State = GiftState
    stage = Stage.CART
    entry = Entry.AUTOMATIC

    def variants(self, config: GiftConfig) -> frozenset[UUID]:
        """What is bought."""
        return frozenset({config.buy})

    def ceilings(self, config: GiftConfig) -> Mapping[str, Ceiling]:
        """The gifts."""
        return {GIVEN: Ceiling(config.quantity, ("quantity",))}

    def problems(self, config: GiftConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """What is bought must be listed."""
        found = on_sale.get(config.buy)
        if found is None or found.list_price is None:
            text = Title(en="List it in the campaign's channels first.", zh="请先在活动渠道上架该规格。")
            yield Problem(("buy",), text)

    def quote(self, config: GiftConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """As many gifts as were earned and are left."""
        units = self._units(config, basket, seen)
        return [Gift(config.gift, units, LABEL, required=config.required)] if units else ()

    def reserve(self, config: GiftConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """The gifts, of all there are."""
        units = self._units(config, basket, seen)
        return [Claim(GIVEN, units, ceiling=config.quantity)] if units else ()

    def state(self, config: GiftConfig, seen: Seen) -> GiftState:
        """What is left."""
        return GiftState(config.quantity - seen.taken(GIVEN))

    def _units(self, config: GiftConfig, basket: Basket, seen: Seen) -> int:
        bought = sum(line.quantity for line in basket.lines if line.variant == config.buy)
        times = min(bought // config.buy_quantity, config.most_times)
        earned = times * config.gift_quantity
        return earned if config.required else min(earned, max(0, self.state(config, seen).left))


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the gift with purchase."""
    register(GiftWithPurchase)
