"""What is to become of the rows that can be taken: products, variants and listings as they were and as they shall be."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from perkhub.catalog.listing_rows import ListingWrite
from perkhub.catalog.products import ProductDraft
from perkhub.catalog.variants import VariantDraft

D = TypeVar("D", ProductDraft, VariantDraft)


@dataclass
class Planned(Generic[D]):
    """A thing that was (`before`) or is new."""

    id: UUID
    before: D | None
    after: D

    @property
    def new(self) -> bool:
        """Whether it is not there yet."""
        return self.before is None

    @property
    def written(self) -> bool:
        """Whether anything of it is another than before."""
        return self.before != self.after


@dataclass
class PlannedVariant(Planned[VariantDraft]):
    """A variant with what its listings shall be; those that stay as they are, are not among them."""

    listings: list[ListingWrite] = field(default_factory=list)


@dataclass
class PlannedProduct(Planned[ProductDraft]):
    """A product with its variants; `shelves` where it shall stand in other categories than before."""

    shelves: tuple[UUID, ...] | None = None
    variants: list[PlannedVariant] = field(default_factory=list)

    @property
    def touched(self) -> bool:
        """Whether it, or anything below it, is another than before."""
        below = any(variant.written or variant.listings for variant in self.variants)
        return self.written or self.shelves is not None or below
