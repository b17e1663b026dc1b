"""Bundle 套餐: some variants together, for one price."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Amount,
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
)

perkhub_contract = "1.0"

SOLD = "sold"
LABEL = Title(en="Bundle", zh="套餐")


class Item(BaseModel):
    """So many of a variant."""

    variant: UUID = Field(description="What is in it")
    quantity: int = Field(default=1, gt=0, le=100, description="How many")


class BundleConfig(BaseModel):
    """These together, for one price; as often as the basket holds them."""

    items: list[Item] = Field(min_length=1, max_length=20, description="What is in it")
    price: Amount = Field(description="Price of one bundle, in the currency of the campaign")
    quantity: int | None = Field(default=None, gt=0, description="Bundles in all; without one, no end")


@dataclass(frozen=True, slots=True)
class BundleState:
    """What is left, where it has an end."""

    left: int | None = field(metadata={"description": "Bundles that nobody holds; null where there is no end", "of": "stock"})


class Bundle(Mechanic):
    """Some variants together, for less."""

    key = "bundle"
    title = Title(en="Bundle", zh="套餐")
    Config = BundleConfig
    State = BundleState
    stage = Stage.CART
    entry = Entry.AUTOMATIC

    def variants(self, config: BundleConfig) -> frozenset[UUID]:
        """What is in it."""
        return frozenset(item.variant for item in config.items)

    def ceilings(self, config: BundleConfig) -> Mapping[str, Ceiling]:
        """The bundles, where they have an end."""
        return {} if config.quantity is None else {SOLD: Ceiling(config.quantity, ("quantity",))}

    def problems(self, config: BundleConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """All are listed, each once, and cost more apart."""
        if len(self.variants(config)) < len(config.items):
            yield Problem(("items",), Title(en="Name each variant once.", zh="同一规格只能出现一次。"))
        apart = Decimal(0)
        for number, item in enumerate(config.items):
            found = on_sale.get(item.variant)
            if found is None or found.list_price is None:
                text = Title(en="List it in the campaign's channels first.", zh="请先在活动渠道上架该规格。")
                yield Problem(("items", str(number), "variant"), text)
                return
            apart += found.list_price * item.quantity
        if config.price >= apart:
            text = Title(
                en=f"Apart they cost {apart.normalize():f}: ask less.", zh=f"单买共 {apart.normalize():f},套餐价须更低。"
            )
            yield Problem(("price",), text)

    def quote(self, config: BundleConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """What the whole bundles in the basket cost less than their parts do by now."""
        sets = self._sets(config, basket, seen)
        lines = {line.variant: line for line in basket.lines}
        if not sets:
            return ()
        apart = sum(
            (Decimal(lines[item.variant].total) * item.quantity * sets / lines[item.variant].quantity for item in config.items),
            Decimal(0),
        )
        off = int(apart) - basket.minor(config.price) * sets
        positions = tuple(sorted(lines[item.variant].position for item in config.items))
        return [Discount(positions, off, LABEL)] if off > 0 else ()

    def reserve(self, config: BundleConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """As many bundles as were discounted."""
        sets = self._sets(config, basket, seen)
        return [Claim(SOLD, sets, ceiling=config.quantity)] if sets and config.quantity is not None else ()

    def state(self, config: BundleConfig, seen: Seen) -> BundleState:
        """What is left."""
        return BundleState(None if config.quantity is None else config.quantity - seen.taken(SOLD))

    def _sets(self, config: BundleConfig, basket: Basket, seen: Seen) -> int:
        lines = {line.variant: line for line in basket.lines}
        if not self.variants(config) <= lines.keys():
            return 0
        sets = min(lines[item.variant].quantity // item.quantity for item in config.items)
        left = self.state(config, seen).left
        return sets if left is None else min(sets, max(0, left))


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the bundle."""
    register(Bundle)
