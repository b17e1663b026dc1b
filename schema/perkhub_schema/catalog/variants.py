"""Keeping the buyable forms of products."""

from typing import cast
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    VariantChanges,
    VariantDraft,
    archive_variant,
    create_variant,
    update_variant,
    variant_views,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.attributes import AttributeValueInput, to_values
from perkhub_schema.catalog.changes import changes_of
from perkhub_schema.catalog.face_values import FaceRangeInput, FaceValueInput
from perkhub_schema.catalog.notes import MetadataEntryInput, to_metadata
from perkhub_schema.catalog.payloads import VariantPayload
from perkhub_schema.catalog.types import to_variant
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput


@strawberry.input(description="A new buyable form of a product.")
class VariantCreateInput:
    product_id: strawberry.ID = strawberry.field(description="Of which product.")
    sku: str = strawberry.field(description="Up to 60 of A-Z, a-z, 0-9, '.', '_' and '-', unique in the house.")
    name: LocalizedTextInput = strawberry.field(description="A month, a season, ¥100: at least one language.")
    face_value: FaceValueInput | None = strawberry.field(default=None, description="Where it has one.")
    face_range: FaceRangeInput | None = strawberry.field(
        default=None, description="Instead of one value: the buyer chooses. It cannot be added or taken away later."
    )
    position: int | None = strawberry.field(default=None, description="Lower ones are shown first; last if left out.")
    external_reference: str | None = strawberry.field(default=None, description="Your own system's id, unique among variants.")
    attributes: list[AttributeValueInput] | None = strawberry.field(default=None, description="What it has; at most 50.")
    metadata: list[MetadataEntryInput] | None = strawberry.field(default=None, description="Notes for all eyes; at most 50.")
    private_metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Notes for staff and machines alone; at most 50."
    )

    def to_draft(self) -> VariantDraft:
        """The domain's draft."""
        return VariantDraft(
            sku=self.sku,
            name=self.name.to_texts(),
            face_value=None if self.face_value is None else self.face_value.amount,
            face_range=None if self.face_range is None else self.face_range.to_range(),
            face_currency=_currency(self.face_value, self.face_range),
            position=self.position,
            external_reference=self.external_reference or None,
            attributes=to_values(self.attributes),
            metadata=to_metadata(self.metadata),
            private_metadata=to_metadata(self.private_metadata, "privateMetadata"),
        )


@strawberry.input(description="Fields of a variant. What is left out stays as it is; texts and notes are replaced as a whole.")
class VariantFieldsInput:
    sku: strawberry.Maybe[str] = strawberry.field(description="Unique in the house.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    face_value: strawberry.Maybe[FaceValueInput | None] = strawberry.field(description="Null takes it away.")
    face_range: strawberry.Maybe[FaceRangeInput] = strawberry.field(
        description="Of a variant that has a range: `most` and `step` anew, the others as they are."
    )
    position: strawberry.Maybe[int] = strawberry.field(description="Lower ones are shown first.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(description="Null takes it away.")
    attributes: strawberry.Maybe[list[AttributeValueInput]] = strawberry.field(description="All it has, anew.")
    metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for all eyes, anew.")
    private_metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for staff, anew.")

    def to_changes(self) -> VariantChanges:
        """What was given, null included."""
        changes = changes_of(self, plain=("sku", "position"), texts=("name",))
        if self.face_value is not None:
            face = self.face_value.value
            changes["face_value"] = None if face is None else face.amount
            changes["face_currency"] = None if face is None else face.currency
        if self.face_range is not None:
            changes["face_range"] = self.face_range.value.to_range()
            changes["face_currency"] = self.face_range.value.currency
        return cast("VariantChanges", changes)


@strawberry.input(description="Changes of a variant. What is left out stays as it is; texts and notes are replaced as a whole.")
class VariantUpdateInput(VariantFieldsInput):
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    expected_version: int = strawberry.field(description="`variant.version` as you read it; refused if it has moved since.")


@strawberry.input(description="Taking a variant off every channel, for good.")
class VariantArchiveInput:
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    expected_version: int = strawberry.field(description="`variant.version` as you read it; refused if it has moved since.")


def _currency(face_value: FaceValueInput | None, face_range: FaceRangeInput | None) -> str | None:
    given = face_value or face_range
    return None if given is None else given.currency


@mutation(requires(Permission.MANAGE_CATALOG), "Add a buyable form to a product.")
async def variant_create(input: VariantCreateInput) -> VariantPayload:
    product, draft = local_id(Kind.PRODUCT, input.product_id, "productId"), input.to_draft()
    return await _payload(await transact(lambda tx: create_variant(tx, product, draft)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change a variant, unless somebody else changed it since you read it.")
async def variant_update(input: VariantUpdateInput) -> VariantPayload:
    variant, changes = local_id(Kind.VARIANT, input.variant_id, "variantId"), input.to_changes()
    await transact(lambda tx: update_variant(tx, variant, changes, expected_version=input.expected_version))
    return await _payload(variant)


@mutation(requires(Permission.MANAGE_CATALOG), "Take a variant off every channel, for good. Whoever bought it keeps it.")
async def variant_archive(input: VariantArchiveInput) -> VariantPayload:
    variant = local_id(Kind.VARIANT, input.variant_id, "variantId")
    await transact(lambda tx: archive_variant(tx, variant, expected_version=input.expected_version))
    return await _payload(variant)


async def _payload(variant: UUID) -> VariantPayload:
    return VariantPayload(variant=to_variant((await variant_views([variant]))[0]))


@strawberry.type
class VariantMutations:
    variant_create = variant_create
    variant_update = variant_update
    variant_archive = variant_archive
