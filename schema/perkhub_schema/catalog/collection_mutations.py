"""Keeping collections."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    CollectionChanges,
    CollectionDraft,
    archive_collection,
    collection_views,
    create_collection,
    update_collection,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.changes import changes_of
from perkhub_schema.catalog.collections import CollectionType, to_collection
from perkhub_schema.catalog.notes import MetadataEntryInput, to_metadata
from perkhub_schema.catalog.rules import CollectionRuleInput
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput, to_texts


@strawberry.type(description="The collection after the change.")
class CollectionPayload:
    collection: CollectionType | None = strawberry.field(default=None, description="The collection as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.input(description="A new collection: with a rule, with products picked by hand, or both.")
class CollectionCreateInput:
    slug: str = strawberry.field(description="Its name in addresses: up to 80 of a-z, 0-9 and '-', unique among collections.")
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 200 characters each.")
    description: LocalizedTextInput | None = strawberry.field(default=None, description="Up to 20,000 characters.")
    rule: CollectionRuleInput | None = strawberry.field(default=None, description="Which products come into it by themselves.")
    product_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Picked by hand, at most 500: they stand first, in this order."
    )
    external_reference: str | None = strawberry.field(default=None, description="Your own system's id, unique here.")
    metadata: list[MetadataEntryInput] | None = strawberry.field(default=None, description="Notes for all eyes; at most 50.")
    private_metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Notes for staff and machines alone; at most 50."
    )

    def to_draft(self) -> CollectionDraft:
        """The domain's draft."""
        return CollectionDraft(
            slug=self.slug,
            name=self.name.to_texts(),
            description=to_texts(self.description),
            rule=None if self.rule is None else self.rule.to_rule(),
            product_ids=_products(self.product_ids),
            external_reference=self.external_reference or None,
            metadata=to_metadata(self.metadata),
            private_metadata=to_metadata(self.private_metadata, "privateMetadata"),
        )


@strawberry.input(description="Changes of a collection. What is left out stays as it is; lists and texts are replaced whole.")
class CollectionUpdateInput:
    collection_id: strawberry.ID = strawberry.field(description="Which collection.")
    expected_version: int = strawberry.field(description="`collection.version` as you read it; refused if it has moved since.")
    slug: strawberry.Maybe[str] = strawberry.field(description="Its name in addresses.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    description: strawberry.Maybe[LocalizedTextInput | None] = strawberry.field(description="Null takes it away.")
    rule: strawberry.Maybe[CollectionRuleInput | None] = strawberry.field(description="Null takes it away.")
    product_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(description="All that are picked by hand, anew.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(description="Null takes it away.")
    metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for all eyes, anew.")
    private_metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for staff, anew.")

    def to_changes(self) -> CollectionChanges:
        """What was given, null included."""
        changes = changes_of(self, plain=("slug",), texts=("name", "description"))
        if self.rule is not None:
            changes["rule"] = None if self.rule.value is None else self.rule.value.to_rule()
        if self.product_ids is not None:
            changes["product_ids"] = _products(self.product_ids.value)
        return cast("CollectionChanges", changes)


@strawberry.input(description="Taking a collection out of the shop.")
class CollectionArchiveInput:
    collection_id: strawberry.ID = strawberry.field(description="Which collection.")
    expected_version: int = strawberry.field(description="`collection.version` as you read it; refused if it has moved since.")


@mutation(requires(Permission.MANAGE_CATALOG), "Put products together, by a rule or by hand.")
async def collection_create(input: CollectionCreateInput) -> CollectionPayload:
    draft = input.to_draft()
    return await _payload(await transact(lambda tx: create_collection(tx, draft)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change a collection, unless somebody else changed it since you read it.")
async def collection_update(input: CollectionUpdateInput) -> CollectionPayload:
    collection, changes = local_id(Kind.COLLECTION, input.collection_id, "collectionId"), input.to_changes()
    await transact(lambda tx: update_collection(tx, collection, changes, expected_version=input.expected_version))
    return await _payload(collection)


@mutation(requires(Permission.MANAGE_CATALOG), "Take a collection out of the shop, for good. Its products are sold on.")
async def collection_archive(input: CollectionArchiveInput) -> CollectionPayload:
    collection = local_id(Kind.COLLECTION, input.collection_id, "collectionId")
    await transact(lambda tx: archive_collection(tx, collection, expected_version=input.expected_version))
    return await _payload(collection)


def _products(given: Sequence[strawberry.ID] | None) -> tuple[UUID, ...]:
    return tuple(local_id(Kind.PRODUCT, one, "productIds", str(place)) for place, one in enumerate(given or ()))


async def _payload(collection: UUID) -> CollectionPayload:
    return CollectionPayload(collection=to_collection((await collection_views([collection]))[0]))


@strawberry.type
class CollectionMutations:
    collection_create = collection_create
    collection_update = collection_update
    collection_archive = collection_archive
