"""N-th item 第N件: every n-th unit costs less, the cheapest ones first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Basket,
    Discount,
    Entry,
    Mechanic,
    OnSale,
    Percent,
    PriceEffect,
    Problem,
    Scope,
    Seen,
    Stage,
    Terms,
)

perkhub_contract = "1.0"


class NthItemConfig(BaseModel):
    """Every n-th unit for so many percent less."""

    nth: int = Field(ge=2, le=100, description="Which unit: 2 for every second")
    percent_off: Percent = Field(description="So much less, in percent; 100 is free")
    most_times: int | None = Field(default=None, gt=0, le=1000, description="At most so often in an order; without one, any")
    scope: Scope = Field(default_factory=Scope, description="What it counts for")


@dataclass(frozen=True, slots=True)
class NthItemState:
    """Which unit costs less."""

    nth: int


class NthItem(Mechanic):
    """Of n units the cheapest costs less."""

    key = "nth_item"
    title = Title(en="N-th item", zh="第N件优惠")
    Config = NthItemConfig
    State = NthItemState
    stage = Stage.CART
    entry = Entry.AUTOMATIC

    def variants(self, config: NthItemConfig) -> frozenset[UUID] | None:
        """Those named; with a category, or with nothing named, any may count."""
        return frozenset(config.scope.variants) if config.scope.variants and not config.scope.categories else None

    def problems(self, config: NthItemConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """Not everything for nothing."""
        if config.percent_off == 100 and config.most_times is None:
            text = Title(en="Say how often at most, where it is free.", zh="免单须设置每单最多次数。")
            yield Problem(("mostTimes",), text)

    def quote(self, config: NthItemConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """Of k groups of n, the k cheapest units cost less: each line's part falls on the line itself."""
        lines = config.scope.of(basket)
        times = sum(line.quantity for line in lines) // config.nth
        times = times if config.most_times is None else min(times, config.most_times)
        if not times:
            return ()
        label = Title(
            en=f"Every {config.nth}. item {config.percent_off.normalize():f}% off",
            zh=f"第{config.nth}件减{config.percent_off.normalize():f}%",
        )
        effects: list[PriceEffect] = []
        for line in sorted(lines, key=lambda one: (Decimal(one.total) / one.quantity, one.position)):
            units = min(times, line.quantity)
            times -= units
            off = int(line.total * units * config.percent_off / (100 * line.quantity))
            if off:
                effects.append(Discount((line.position,), off, label))
        return effects

    def state(self, config: NthItemConfig, seen: Seen) -> NthItemState:
        """Nothing runs out."""
        return NthItemState(config.nth)


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the n-th item."""
    register(NthItem)
