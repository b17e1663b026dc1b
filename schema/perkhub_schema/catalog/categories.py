"""Categories on the wire: a tree for the shop, with the way up and the way down."""

from uuid import UUID

import strawberry

from perkhub.catalog import CategoryView, categories_of_products, category_views, child_categories
from perkhub_schema.catalog.notes import Kept
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.texts import LocalizedText, to_localized


async def load_categories(ids: list[UUID]) -> list[CategoryView | None]:
    """Categories by id."""
    found = {category.id: category for category in await category_views(ids)}
    return [found.get(key) for key in ids]


async def load_children(parents: list[UUID]) -> list[list[CategoryView]]:
    """Categories by what they stand right below."""
    grouped: dict[UUID, list[CategoryView]] = {parent: [] for parent in parents}
    for child in await child_categories(parents):
        if child.parent_id is not None:
            grouped[child.parent_id].append(child)
    return [grouped[parent] for parent in parents]


async def load_categories_of(products: list[UUID]) -> list[list[CategoryView]]:
    """Categories by product."""
    grouped: dict[UUID, list[CategoryView]] = {product: [] for product in products}
    for product, category in await categories_of_products(products):
        grouped[product].append(category)
    return [grouped[product] for product in products]


@strawberry.type(name="Category", description="A shelf of the shop; a tree of any depth.")
class CategoryType(Node, Kept):
    view: strawberry.Private[CategoryView]

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

    @strawberry.field(description="How far it is from the root, which is at 0.")
    def level(self) -> int:
        return len(self.view.path) - 1

    @strawberry.field(description="Its place among its siblings, 0 first; archived ones keep theirs.")
    def position(self) -> int:
        return self.view.position

    @strawberry.field(description="What it stands right below; null at the root.")
    async def parent(self, info: Info) -> "CategoryType | None":
        if self.view.parent_id is None:
            return None
        return to_category(await info.context.loader(load_categories).load(self.view.parent_id))

    @strawberry.field(description="The way to it from the root, for a breadcrumb; itself not included.")
    async def ancestors(self, info: Info) -> list["CategoryType"]:
        found = await info.context.loader(load_categories).load_many(self.view.path[:-1])
        return [to_category(view) for view in found]

    @strawberry.field(description="What stands right below it, in order; at most 500.")
    async def children(self, info: Info) -> list["CategoryType"]:
        return [to_category(view) for view in await info.context.loader(load_children).load(self.view.id)]


def to_category(view: CategoryView) -> CategoryType:
    """The category on the wire."""
    return CategoryType(id=global_id(Kind.CATEGORY, view.id), view=view)
