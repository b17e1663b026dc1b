"""Keeping the tree of categories."""

from typing import cast
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    CategoryChanges,
    CategoryDraft,
    archive_category,
    category_views,
    create_category,
    move_category,
    update_category,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.categories import CategoryType, to_category
from perkhub_schema.catalog.changes import changes_of
from perkhub_schema.catalog.notes import MetadataEntryInput, to_metadata
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput, to_texts


@strawberry.type(description="The category after the change.")
class CategoryPayload:
    category: CategoryType | None = strawberry.field(default=None, description="The category as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.input(description="A new category.")
class CategoryCreateInput:
    slug: str = strawberry.field(description="Its name in addresses: up to 80 of a-z, 0-9 and '-', unique among categories.")
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 200 characters each.")
    description: LocalizedTextInput | None = strawberry.field(default=None, description="Up to 20,000 characters.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="What it stands below; left out at the root.")
    position: int | None = strawberry.field(default=None, description="Among its siblings, 0 first; last if left out.")
    external_reference: str | None = strawberry.field(
        default=None, description="Your own system's id, unique among categories."
    )
    metadata: list[MetadataEntryInput] | None = strawberry.field(default=None, description="Notes for all eyes; at most 50.")
    private_metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Notes for staff and machines alone; at most 50."
    )

    def to_draft(self) -> CategoryDraft:
        """The domain's draft."""
        return CategoryDraft(
            slug=self.slug,
            name=self.name.to_texts(),
            description=to_texts(self.description),
            external_reference=self.external_reference or None,
            metadata=to_metadata(self.metadata),
            private_metadata=to_metadata(self.private_metadata, "privateMetadata"),
        )


@strawberry.input(
    description="Changes of a category. What is left out stays as it is; texts and notes are replaced as a whole."
)
class CategoryUpdateInput:
    category_id: strawberry.ID = strawberry.field(description="Which category.")
    expected_version: int = strawberry.field(description="`category.version` as you read it; refused if it has moved since.")
    slug: strawberry.Maybe[str] = strawberry.field(description="Its name in addresses.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    description: strawberry.Maybe[LocalizedTextInput | None] = strawberry.field(description="Null takes it away.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(description="Null takes it away.")
    metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for all eyes, anew.")
    private_metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for staff, anew.")

    def to_changes(self) -> CategoryChanges:
        """What was given, null included."""
        return cast("CategoryChanges", changes_of(self, plain=("slug",), texts=("name", "description")))


@strawberry.input(description="Moving a category, with all that is below it.")
class CategoryMoveInput:
    category_id: strawberry.ID = strawberry.field(description="Which category.")
    expected_version: int = strawberry.field(description="`category.version` as you read it; refused if it has moved since.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="Where to; left out or null to the root.")
    position: int | None = strawberry.field(default=None, description="Among its new siblings, 0 first; last if left out.")


@strawberry.input(description="Taking a category, and all that is below it, out of the shop.")
class CategoryArchiveInput:
    category_id: strawberry.ID = strawberry.field(description="Which category.")
    expected_version: int = strawberry.field(description="`category.version` as you read it; refused if it has moved since.")


@mutation(requires(Permission.MANAGE_CATALOG), "Create a category, at the root or below another one.")
async def category_create(input: CategoryCreateInput) -> CategoryPayload:
    draft, parent = input.to_draft(), _parent(input.parent_id)
    return await _payload(await transact(lambda tx: create_category(tx, draft, parent=parent, position=input.position)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change a category, unless somebody else changed it since you read it.")
async def category_update(input: CategoryUpdateInput) -> CategoryPayload:
    category, changes = local_id(Kind.CATEGORY, input.category_id, "categoryId"), input.to_changes()
    await transact(lambda tx: update_category(tx, category, changes, expected_version=input.expected_version))
    return await _payload(category)


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Put a category, with all below it, under another one or among its siblings; never below itself.",
)
async def category_move(input: CategoryMoveInput) -> CategoryPayload:
    category, parent = local_id(Kind.CATEGORY, input.category_id, "categoryId"), _parent(input.parent_id)
    expected = input.expected_version
    await transact(lambda tx: move_category(tx, category, parent=parent, position=input.position, expected_version=expected))
    return await _payload(category)


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Take a category, and all that is below it, out of the shop, for good. Its products are sold on.",
)
async def category_archive(input: CategoryArchiveInput) -> CategoryPayload:
    category = local_id(Kind.CATEGORY, input.category_id, "categoryId")
    await transact(lambda tx: archive_category(tx, category, expected_version=input.expected_version))
    return await _payload(category)


def _parent(given: str | None) -> UUID | None:
    return None if given is None else local_id(Kind.CATEGORY, given, "parentId")


async def _payload(category: UUID) -> CategoryPayload:
    return CategoryPayload(category=to_category((await category_views([category]))[0]))


@strawberry.type
class CategoryMutations:
    category_create = category_create
    category_update = category_update
    category_move = category_move
    category_archive = category_archive
