"""What catalog mutations answer: the changed object, and why it was refused if it was."""

import strawberry

from perkhub_schema.catalog.types import ListingType, ProductType, VariantType
from perkhub_schema.graphql.errors import ErrorInterface


@strawberry.type(description="The product after the change.")
class ProductPayload:
    product: ProductType | None = strawberry.field(default=None, description="The product as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The variant after the change.")
class VariantPayload:
    variant: VariantType | None = strawberry.field(default=None, description="The variant as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The listing after the change.")
class ListingPayload:
    listing: ListingType | None = strawberry.field(default=None, description="The listing as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")
