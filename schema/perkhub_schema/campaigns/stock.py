"""How much is left, coarsely: who counts a shop's sales learns little, and a rush tells everybody only what matters."""

from enum import StrEnum, auto
from typing import Any

import strawberry

from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.models import Around, Shape

COUNTED_BELOW = 10
FEW_BELOW = 50


class StockLevelKind(StrEnum):
    MANY = auto()
    FEW = auto()
    NONE = auto()


described(
    StockLevelKind,
    "How much is left.",
    {
        StockLevelKind.MANY: f"At least {FEW_BELOW}.",
        StockLevelKind.FEW: f"Fewer than {FEW_BELOW}; below {COUNTED_BELOW} the `count` says how many.",
        StockLevelKind.NONE: "Everything is held or sold. What is held and not paid comes back.",
    },
)


@strawberry.type(description="How much is left: many, few, or the number of the last ones. No promise until an order holds it.")
class StockLevel:
    level: StockLevelKind = strawberry.field(description="Roughly.")
    count: int | None = strawberry.field(description=f"How many, where fewer than {COUNTED_BELOW} are left; else null.")


def stock_level(left: int) -> StockLevel:
    """The number as it is told."""
    if left <= 0:
        return StockLevel(level=StockLevelKind.NONE, count=0)
    level = StockLevelKind.FEW if left < FEW_BELOW else StockLevelKind.MANY
    return StockLevel(level=level, count=left if left < COUNTED_BELOW else None)


class Left(Shape):
    """A number of a State that is told coarsely."""

    given: Any = int
    shown: Any = StockLevel

    def plain(self, value: Any, *path: str) -> Any:
        """As it is."""
        return value

    async def wire(self, value: Any, around: Around) -> StockLevel:
        """Coarse."""
        return stock_level(value)
