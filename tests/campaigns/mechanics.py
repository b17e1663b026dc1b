"""Mechanics for tests: one that takes something off a cart by itself, one that lowers a line's price by itself, and one that
does whatever a test wants, right or wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from perkhub.plugin import Title
from perkhub.plugin.mechanic import (
    Basket,
    Ceiling,
    Claim,
    Discount,
    Entry,
    Mechanic,
    OnSale,
    PriceEffect,
    Problem,
    ReserveEffect,
    Seen,
    Stage,
    Terms,
    UnitPrice,
)


@dataclass(frozen=True, slots=True)
class NothingToShow:
    """Nothing."""


class Off(Mechanic):
    """So much off whatever reaches a total."""

    key = "tests_off"
    title = Title(en="Off", zh="满减")
    State = NothingToShow
    stage = Stage.CART
    entry = Entry.AUTOMATIC

    class Config(BaseModel):
        """From which total on, and how much; minor units."""

        least: int = 0
        off: int

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        if sum(line.total for line in basket.lines) < config.least:
            return []
        return [Discount(tuple(line.position for line in basket.lines), config.off, self.title)]

    def state(self, config: Config, seen: Seen) -> NothingToShow:
        return NothingToShow()


class Sittings(Mechanic):
    """So many for each sitting, which the buyer chooses."""

    key = "tests_sittings"
    title = Title(en="Sittings", zh="场次")
    State = NothingToShow

    class Config(BaseModel):
        """Of each sitting as many."""

        variant: UUID
        quantity: int

    class Choice(BaseModel):
        """Which."""

        sitting: str

    def ceilings(self, config: Config) -> Mapping[str, Ceiling]:
        return {sitting: Ceiling(config.quantity, ("quantity",)) for sitting in ("noon", "night")}

    def reserve(self, config: Config, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [Claim(line.choice.sitting, line.quantity, ceiling=config.quantity, line=line.position) for line in basket.lines]

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        return ()

    def state(self, config: Config, seen: Seen) -> NothingToShow:
        return NothingToShow()


class Cheap(Mechanic):
    """A price of its own, for everybody."""

    key = "tests_cheap"
    title = Title(en="Cheap", zh="特价")
    State = NothingToShow
    entry = Entry.AUTOMATIC
    FROZEN = frozenset({"price"})

    class Config(BaseModel):
        """Of what, and how much."""

        variant: UUID
        price: Decimal

    def variants(self, config: Config) -> frozenset[UUID]:
        return frozenset({config.variant})

    def problems(self, config: Config, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        if config.price <= 0:
            yield Problem(("price",), Title(en="Above nothing.", zh="须大于零。"), rule="tests")

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        return [UnitPrice(line.position, config.price, self.title) for line in basket.lines]

    def state(self, config: Config, seen: Seen) -> NothingToShow:
        return NothingToShow()


def nothing(*_: Any) -> Any:
    return []


class Scripted(Mechanic):
    """What it returns, or raises, is the test's."""

    key = "tests_scripted"
    title = Title(en="Scripted", zh="脚本")
    State = NothingToShow
    REASONS = {"no": Title(en="No, {name}.", zh="不行,{name}。")}
    quotes: ClassVar[Callable[..., Any]] = nothing
    reserves: ClassVar[Callable[..., Any]] = nothing

    class Config(BaseModel):
        """None."""

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Any:
        return type(self).quotes(basket, seen)

    def reserve(self, config: Config, basket: Basket, seen: Seen) -> Any:
        return type(self).reserves(basket, seen)

    def state(self, config: Config, seen: Seen) -> NothingToShow:
        return NothingToShow()
