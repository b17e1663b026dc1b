"""Brands on the wire: read by everybody, kept by whoever keeps the catalog."""

from typing import cast
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    BrandChanges,
    BrandDraft,
    BrandView,
    archive_brand,
    brand_views,
    create_brand,
    update_brand,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.changes import changes_of
from perkhub_schema.catalog.notes import Kept, MetadataEntryInput, to_metadata
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.texts import LocalizedText, LocalizedTextInput, to_localized, to_texts
from perkhub_schema.media.types import ImageType, logo_of


@strawberry.type(name="Brand", description="Whose benefits they are.")
class BrandType(Node, Kept):
    view: strawberry.Private[BrandView]

    @strawberry.field(description="Its name in addresses.")
    def slug(self) -> str:
        return self.view.slug

    @strawberry.field(description="In the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.view.name)

    @strawberry.field(description="In every language.")
    def name_texts(self) -> LocalizedText:
        return to_localized(self.view.name)

    @strawberry.field(description="In the request's language.")
    def description(self, info: Info) -> str:
        return info.context.say(self.view.description)

    @strawberry.field(description="In every language.")
    def description_texts(self) -> LocalizedText:
        return to_localized(self.view.description)

    @strawberry.field(description="Where its logo is; null where it has none.")
    def logo_url(self) -> str | None:
        return self.view.logo_url

    @strawberry.field(description="Its logo, where one was uploaded.")
    async def logo(self, info: Info) -> ImageType | None:
        return await logo_of(info, self.view.id)


def to_brand(view: BrandView) -> BrandType:
    """The brand on the wire."""
    return BrandType(id=global_id(Kind.BRAND, view.id), view=view)


async def load_brands(ids: list[UUID]) -> list[BrandView | None]:
    """Brands by id."""
    found = {brand.id: brand for brand in await brand_views(ids)}
    return [found.get(key) for key in ids]


@strawberry.type(description="The brand after the change.")
class BrandPayload:
    brand: BrandType | None = strawberry.field(default=None, description="The brand as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.input(description="A new brand.")
class BrandCreateInput:
    slug: str = strawberry.field(description="Its name in addresses: up to 80 of a-z, 0-9 and '-', unique among brands.")
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 200 characters each.")
    description: LocalizedTextInput | None = strawberry.field(default=None, description="Up to 20,000 characters.")
    logo_url: str | None = strawberry.field(default=None, description="An https:// address, up to 500 characters.")
    external_reference: str | None = strawberry.field(default=None, description="Your own system's id, unique among brands.")
    metadata: list[MetadataEntryInput] | None = strawberry.field(default=None, description="Notes for all eyes; at most 50.")
    private_metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Notes for staff and machines alone; at most 50."
    )

    def to_draft(self) -> BrandDraft:
        """The domain's draft."""
        return BrandDraft(
            slug=self.slug,
            name=self.name.to_texts(),
            description=to_texts(self.description),
            logo_url=self.logo_url or None,
            external_reference=self.external_reference or None,
            metadata=to_metadata(self.metadata),
            private_metadata=to_metadata(self.private_metadata, "privateMetadata"),
        )


@strawberry.input(description="Changes of a brand. What is left out stays as it is; texts and notes are replaced as a whole.")
class BrandUpdateInput:
    brand_id: strawberry.ID = strawberry.field(description="Which brand.")
    expected_version: int = strawberry.field(description="`brand.version` as you read it; refused if it has moved since.")
    slug: strawberry.Maybe[str] = strawberry.field(description="Its name in addresses.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    description: strawberry.Maybe[LocalizedTextInput | None] = strawberry.field(description="Null takes it away.")
    logo_url: strawberry.Maybe[str | None] = strawberry.field(description="An https:// address; null takes it away.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(description="Null takes it away.")
    metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for all eyes, anew.")
    private_metadata: strawberry.Maybe[list[MetadataEntryInput]] = strawberry.field(description="All notes for staff, anew.")

    def to_changes(self) -> BrandChanges:
        """What was given, null included."""
        changes = changes_of(self, plain=("slug",), texts=("name", "description"))
        if self.logo_url is not None:
            changes["logo_url"] = self.logo_url.value or None
        return cast("BrandChanges", changes)


@strawberry.input(description="Taking a brand off the lists of brands.")
class BrandArchiveInput:
    brand_id: strawberry.ID = strawberry.field(description="Which brand.")
    expected_version: int = strawberry.field(description="`brand.version` as you read it; refused if it has moved since.")


@mutation(requires(Permission.MANAGE_CATALOG), "Create a brand.")
async def brand_create(input: BrandCreateInput) -> BrandPayload:
    draft = input.to_draft()
    return await _payload(await transact(lambda tx: create_brand(tx, draft)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change a brand, unless somebody else changed it since you read it.")
async def brand_update(input: BrandUpdateInput) -> BrandPayload:
    brand, changes = local_id(Kind.BRAND, input.brand_id, "brandId"), input.to_changes()
    await transact(lambda tx: update_brand(tx, brand, changes, expected_version=input.expected_version))
    return await _payload(brand)


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Take a brand off the lists of brands, for good. Its products are sold on; no new ones can be given to it.",
)
async def brand_archive(input: BrandArchiveInput) -> BrandPayload:
    brand = local_id(Kind.BRAND, input.brand_id, "brandId")
    await transact(lambda tx: archive_brand(tx, brand, expected_version=input.expected_version))
    return await _payload(brand)


async def _payload(brand: UUID) -> BrandPayload:
    return BrandPayload(brand=to_brand((await brand_views([brand]))[0]))


@strawberry.type
class BrandMutations:
    brand_create = brand_create
    brand_update = brand_update
    brand_archive = brand_archive
