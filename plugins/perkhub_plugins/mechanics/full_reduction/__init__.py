"""Full reduction 满减: from a total on, so much off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Amount,
    Basket,
    Discount,
    Entry,
    Mechanic,
    OnSale,
    PriceEffect,
    Problem,
    Scope,
    Seen,
    Stage,
    Terms,
)

perkhub_contract = "1.0"


class Tier(BaseModel):
    """A step: from `threshold` on, `off` less."""

    threshold: Amount = Field(description="From this total on")
    off: Amount = Field(description="So much less")


class FullReductionConfig(BaseModel):
    """From a total on, so much off; the highest step that is reached counts."""

    tiers: list[Tier] = Field(min_length=1, max_length=20, description="The steps")
    repeats: bool = Field(default=False, description="Again for each multiple of the threshold (每满); with one step only")
    scope: Scope = Field(default_factory=Scope, description="What it counts for")


@dataclass(frozen=True, slots=True)
class FullReductionState:
    """How many steps there are."""

    tiers: int


class FullReduction(Mechanic):
    """So much off from a total on."""

    key = "full_reduction"
    title = Title(en="Spend and save", zh="满减")
    Config = FullReductionConfig
    State = FullReductionState
    stage = Stage.CART
    entry = Entry.AUTOMATIC

    def variants(self, config: FullReductionConfig) -> frozenset[UUID] | None:
        """Those named; with a category, or with nothing named, any may count."""
        return frozenset(config.scope.variants) if config.scope.variants and not config.scope.categories else None

    def problems(self, config: FullReductionConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """Less off than the threshold, and steps that rise together."""
        for number, tier in enumerate(config.tiers):
            if tier.off >= tier.threshold:
                text = Title(en="Take off less than the threshold.", zh="减免金额须小于门槛。")
                yield Problem(("tiers", str(number), "off"), text)
        rising = sorted(config.tiers, key=lambda tier: tier.threshold)
        if any(low.threshold == high.threshold or low.off >= high.off for low, high in pairwise(rising)):
            yield Problem(("tiers",), Title(en="A higher threshold takes more off.", zh="门槛越高,减免须越多。"))
        if config.repeats and len(config.tiers) > 1:
            yield Problem(("repeats",), Title(en="Only a single step repeats.", zh="每满减仅支持一档。"))

    def quote(self, config: FullReductionConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """The highest step that the lines in scope reach together."""
        lines = config.scope.of(basket)
        whole = sum(line.total for line in lines)
        reached = [tier for tier in config.tiers if whole >= basket.minor(tier.threshold)]
        if not reached:
            return ()
        tier = max(reached, key=lambda one: one.threshold)
        times = whole // basket.minor(tier.threshold) if config.repeats else 1
        label = Title(
            en=f"{tier.off.normalize():f} off {tier.threshold.normalize():f}",
            zh=f"满{tier.threshold.normalize():f}减{tier.off.normalize():f}",
        )
        return [Discount(tuple(line.position for line in lines), basket.minor(tier.off) * times, label)]

    def state(self, config: FullReductionConfig, seen: Seen) -> FullReductionState:
        """Nothing runs out."""
        return FullReductionState(len(config.tiers))


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the full reduction."""
    register(FullReduction)
