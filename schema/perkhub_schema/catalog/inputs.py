"""What operators say when they set up products and listings."""

from typing import cast
from uuid import UUID

import strawberry

from perkhub.catalog import BenefitKind, ProductChanges, ProductDraft, RefundPolicy, Validity
from perkhub_schema.catalog.attributes import AttributeValueInput, to_values
from perkhub_schema.catalog.buyer_inputs import BuyerInputFieldInput, to_asked
from perkhub_schema.catalog.changes import changes_of
from perkhub_schema.catalog.notes import MetadataEntryInput, to_metadata
from perkhub_schema.catalog.policies import RefundPolicyInput, ValidityInput
from perkhub_schema.catalog.types import BenefitKindEnum
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.texts import LocalizedTextInput, to_texts


@strawberry.input(description="A new product.")
class ProductCreateInput:
    slug: str = strawberry.field(description="Its name in addresses: up to 80 of a-z, 0-9 and '-', unique in the house.")
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 200 characters each.")
    kind: BenefitKindEnum = strawberry.field(  # type: ignore[valid-type]
        default=BenefitKind.CODE, description="What the buyer gets; it cannot be changed later."
    )
    brand_id: strawberry.ID | None = strawberry.field(default=None, description="Whose benefit it is.")
    category_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Where it stands in the shop, at most 20; the first makes its breadcrumb."
    )
    description: LocalizedTextInput | None = strawberry.field(default=None, description="What it is; up to 20,000 characters.")
    how_to_use: LocalizedTextInput | None = strawberry.field(default=None, description="What the holder does with it.")
    minimum_validity_days: int = strawberry.field(
        default=0, description="A code is sold only while it is valid for at least so many days; 0 to 3650."
    )
    external_reference: str | None = strawberry.field(
        default=None, description="Your own system's id of it, unique; up to 120 characters."
    )
    validity: ValidityInput | None = strawberry.field(
        default=None, description="How long it is good for; as printed if left out."
    )
    refund_policy: RefundPolicyInput | None = strawberry.field(
        default=None, description="When a buyer may have the money back; as long as the code was not seen, if left out."
    )
    buyer_inputs: list[BuyerInputFieldInput] | None = strawberry.field(
        default=None, description="What its buyer is asked for, in this order; at most 20."
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(default=None, description="What it has; at most 50.")
    tags: list[str] | None = strawberry.field(default=None, description="Words to find it by; at most 30 of 40 characters.")
    metadata: list[MetadataEntryInput] | None = strawberry.field(default=None, description="Notes for all eyes; at most 50.")
    private_metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Notes for staff and machines alone; at most 50."
    )

    def to_draft(self) -> ProductDraft:
        """The domain's draft."""
        return ProductDraft(
            slug=self.slug,
            name=self.name.to_texts(),
            kind=BenefitKind(self.kind),
            brand_id=_brand(self.brand_id),
            category_ids=_categories(self.category_ids),
            description=to_texts(self.description),
            how_to_use=to_texts(self.how_to_use),
            minimum_validity_days=self.minimum_validity_days,
            external_reference=self.external_reference or None,
            validity=Validity() if self.validity is None else self.validity.to_validity(),
            refund_policy=RefundPolicy() if self.refund_policy is None else self.refund_policy.to_policy(),
            buyer_inputs=to_asked(self.buyer_inputs),
            attributes=to_values(self.attributes),
            tags=tuple(self.tags or ()),
            metadata=to_metadata(self.metadata),
            private_metadata=to_metadata(self.private_metadata, "privateMetadata"),
        )


@strawberry.input(description="Fields of a product. What is left out stays as it is; texts and lists are replaced whole.")
class ProductFieldsInput:
    slug: strawberry.Maybe[str] = strawberry.field(description="Its name in addresses.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    brand_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(description="Whose benefit it is; null takes it away.")
    category_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(description="Where it stands in the shop, anew.")
    description: strawberry.Maybe[LocalizedTextInput | None] = strawberry.field(description="What it is; null takes it away.")
    how_to_use: strawberry.Maybe[LocalizedTextInput | None] = strawberry.field(
        description="What the holder does with it; null takes it away."
    )
    minimum_validity_days: strawberry.Maybe[int] = strawberry.field(description="0 to 3650; counts for codes sold from now on.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(description="Your own system's id; null takes it away.")

    validity: strawberry.Maybe[ValidityInput] = strawberry.field(description="How long it is good for.")
    refund_policy: strawberry.Maybe[RefundPolicyInput] = strawberry.field(description="When a buyer may have the money back.")
    buyer_inputs: strawberry.Maybe[list[BuyerInputFieldInput]] = strawberry.field(
        description="All that its buyer is asked for, anew; orders that were placed keep what was said for them."
    )
    attributes: strawberry.Maybe[list[AttributeValueInput]] = strawberry.field(description="All it has, anew.")
    tags: strawberry.Maybe[list[str]] = strawberry.field(description="All words to find it by, anew.")
    metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for all eyes, anew.")
    private_metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for staff, anew.")

    def to_changes(self) -> ProductChanges:
        """What was given, null included."""
        texts = ("name", "description", "how_to_use")
        changes = changes_of(self, plain=("slug", "minimum_validity_days"), texts=texts)
        if self.brand_id is not None:
            changes["brand_id"] = _brand(self.brand_id.value)
        if self.category_ids is not None:
            changes["category_ids"] = _categories(self.category_ids.value)
        if self.tags is not None:
            changes["tags"] = tuple(self.tags.value)
        if self.validity is not None:
            changes["validity"] = self.validity.value.to_validity()
        if self.refund_policy is not None:
            changes["refund_policy"] = self.refund_policy.value.to_policy()
        if self.buyer_inputs is not None:
            changes["buyer_inputs"] = to_asked(self.buyer_inputs.value)
        return cast("ProductChanges", changes)


@strawberry.input(description="Changes of a product. What is left out stays as it is; texts and lists are replaced whole.")
class ProductUpdateInput(ProductFieldsInput):
    product_id: strawberry.ID = strawberry.field(description="Which product.")
    expected_version: int = strawberry.field(description="`product.version` as you read it; refused if it has moved since.")


@strawberry.input(description="Taking a product off every channel, for good.")
class ProductArchiveInput:
    product_id: strawberry.ID = strawberry.field(description="Which product.")
    expected_version: int = strawberry.field(description="`product.version` as you read it; refused if it has moved since.")


def _brand(given: str | None) -> UUID | None:
    return None if given is None else local_id(Kind.BRAND, given, "brandId")


def _categories(given: list[strawberry.ID] | None) -> tuple[UUID, ...]:
    return tuple(local_id(Kind.CATEGORY, one, "categoryIds", str(place)) for place, one in enumerate(given or ()))
