"""Parts of settings that many mechanics share, so that operators meet them under one name and one rule."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from perkhub.plugin.mechanic.facts import Basket, Line

UnitPriceSetting: TypeAlias = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
Amount: TypeAlias = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=4)]
Percent: TypeAlias = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4, json_schema_extra={"of": "number"})]


class Scope(BaseModel):
    """What it counts for: these variants and whatever is in these categories; everything, where neither is named."""

    variants: list[UUID] = Field(default_factory=list, max_length=1000, description="These variants")
    categories: list[UUID] = Field(
        default_factory=list,
        max_length=100,
        description="All that is in these categories",
        json_schema_extra={"of": "category"},
    )

    def covers(self, line: Line) -> bool:
        """Whether the line counts."""
        if not self.variants and not self.categories:
            return True
        return line.variant in self.variants or not line.categories.isdisjoint(self.categories)

    def of(self, basket: Basket) -> Sequence[Line]:
        """The lines that count."""
        return [line for line in basket.lines if self.covers(line)]
