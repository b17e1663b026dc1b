"""Collections on the wire: products put together, page by page, as this channel sells them."""

import re
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.catalog import (
    CollectionPlace,
    CollectionView,
    collection_by_reference,
    collection_by_slug,
    collection_views,
    every_collection,
    picks_of,
    products_of_collection,
)
from perkhub.kit.errors import InvalidInput
from perkhub_schema.catalog.lookups import keeps_catalog, only_one
from perkhub_schema.catalog.notes import Kept
from perkhub_schema.catalog.rules import CollectionRule, to_rule
from perkhub_schema.catalog.types import ProductType, to_product
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.graphql.texts import LocalizedText, to_localized

CURSOR = re.compile(r"(\d{1,5}\.|)([0-9a-f]{32})", re.ASCII)


@strawberry.type(name="CollectionProductConnection", description="One page of what a collection shows.")
class CollectionProducts(Connection[ProductType]):
    pass


@strawberry.type(name="Collection", description="Products put together: by a rule, by hand, or both.")
class CollectionType(Node, Kept):
    view: strawberry.Private[CollectionView]

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

    @strawberry.field(
        description="What this channel sells of it now: products picked by hand in their order, then the rule's, newest first."
    )
    async def products(self, info: Info, first: int | None = None, after: str | None = None) -> CollectionProducts:
        channel = await info.context.channel()
        place = _place(after)
        page = await connect(
            first,
            after,
            read=lambda limit: products_of_collection(self.view, channel=channel.id, after=place, limit=limit),
            to_node=lambda found: to_product(found[1]),
            to_cursor=lambda found: _cursor(found[0]),
        )
        return CollectionProducts(edges=page.edges, nodes=page.nodes, page_info=page.page_info)

    @strawberry.field(description="Which products come into it by themselves; needs MANAGE_CATALOG.")
    def rule(self, info: Info) -> CollectionRule | None:
        ensure_permission(info.context.identity, Permission.MANAGE_CATALOG)
        return None if self.view.rule is None else to_rule(self.view.rule)

    @strawberry.field(description="The products picked by hand, on sale or not, in their order; needs MANAGE_CATALOG.")
    async def product_ids(self, info: Info) -> list[strawberry.ID]:
        ensure_permission(info.context.identity, Permission.MANAGE_CATALOG)
        return [global_id(Kind.PRODUCT, product) for product in await picks_of(self.view.id)]


def to_collection(view: CollectionView) -> CollectionType:
    """The collection on the wire."""
    return CollectionType(id=global_id(Kind.COLLECTION, view.id), view=view)


def _cursor(place: CollectionPlace) -> str:
    return f"{'' if place.pick is None else f'{place.pick}.'}{place.product_id.hex}"


def _place(after: str | None) -> CollectionPlace | None:
    if after is None:
        return None
    found = CURSOR.fullmatch(after)
    if found is None:
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return CollectionPlace(int(found[1][:-1]) if found[1] else None, UUID(hex=found[2]))


async def _every(first: int | None, after: str | None, *, archived: bool) -> Connection[CollectionType]:
    before = cursor_id(after)
    return await connect(
        first,
        after,
        read=lambda limit: every_collection(before=before, archived=archived, limit=limit),
        to_node=to_collection,
        to_cursor=lambda collection: collection.id.hex,
    )


@strawberry.type
class CollectionQueries:
    @query(PUBLIC, "A collection by id, slug or external reference; null when there is none. Archived ones are for staff.")
    async def collection(
        self, info: Info, id: strawberry.ID | None = None, slug: str | None = None, external_reference: str | None = None
    ) -> CollectionType | None:
        by, value = only_one(id=id, slug=slug, externalReference=external_reference)
        if by == "id":
            found = next(iter(await collection_views([local_id(Kind.COLLECTION, value, "id")])), None)
        else:
            found = await (collection_by_slug if by == "slug" else collection_by_reference)(value)
        if found is None or (found.archived_at is not None and not keeps_catalog(info)):
            return None
        return to_collection(found)

    @query(PUBLIC, "The collections of the house, newest first.")
    async def collections(self, first: int | None = None, after: str | None = None) -> Connection[CollectionType]:
        return await _every(first, after, archived=False)

    @query(requires(Permission.MANAGE_CATALOG), "Every collection, archived ones too, newest first.")
    async def all_collections(self, first: int | None = None, after: str | None = None) -> Connection[CollectionType]:
        return await _every(first, after, archived=True)
