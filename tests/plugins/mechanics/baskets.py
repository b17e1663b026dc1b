"""Baskets as mechanics are told them."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from perkhub.plugin.mechanic import Basket, Line, OnSale, Terms

MONTH = UUID(int=1)
SEASON = UUID(int=2)
BUYER = UUID(int=7)
NOON = datetime(2026, 11, 11, 4, tzinfo=UTC)
TERMS = Terms(UUID(int=9), "CNY", NOON, datetime(2026, 11, 12, 4, tzinfo=UTC), frozenset({"CN"}), "Asia/Shanghai")


def line(
    variant: UUID = MONTH, quantity: int = 1, *, unit: str = "15.00", position: int = 0, choice: BaseModel | None = None
) -> Line:
    """So many at a price that no campaign has touched."""
    price = Decimal(unit)
    return Line(
        position=position,
        variant=variant,
        product=UUID(int=variant.int + 100),
        categories=frozenset(),
        quantity=quantity,
        list_unit=price,
        unit=price,
        total=int(price * quantity * 100),
        choice=choice,
    )


def basket(*lines: Line, code: str | None = None) -> Basket:
    """Lines of one buyer, at noon of the eleventh of November in Shanghai."""
    return Basket(lines, "CNY", NOON, buyer=BUYER, code=code)


def on_sale(variant: UUID = MONTH, price: str = "15.00") -> dict[UUID, OnSale]:
    """A variant, listed."""
    return {variant: OnSale(variant, Decimal(price))}
