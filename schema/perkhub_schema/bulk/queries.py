"""Imports and exports of products for operators."""

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import list_product_exports, list_product_imports, read_product_export, read_product_import
from perkhub_schema.bulk.sheets import ProductExportType, ProductImportType, to_product_export, to_product_import
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id


@strawberry.type
class SheetQueries:
    @query(requires(Permission.MANAGE_CATALOG), "An import of products; null when there is none.")
    async def product_import(self, id: strawberry.ID) -> ProductImportType | None:
        found = await read_product_import(local_id(Kind.PRODUCT_IMPORT, id, "id"))
        return None if found is None else to_product_import(found)

    @query(requires(Permission.MANAGE_CATALOG), "Imports of products, newest first.")
    async def product_imports(self, first: int | None = None, after: str | None = None) -> Connection[ProductImportType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_product_imports(before=before, limit=limit),
            to_node=to_product_import,
            to_cursor=lambda view: view.id.hex,
        )

    @query(requires(Permission.MANAGE_CATALOG), "An export of yours; null when there is none.")
    async def product_export(self, info: Info, id: strawberry.ID) -> ProductExportType | None:
        key = local_id(Kind.PRODUCT_EXPORT, id, "id")
        found = await read_product_export(key, actor=info.context.identity.actor)
        return None if found is None else to_product_export(found)

    @query(requires(Permission.MANAGE_CATALOG), "Your exports of products, newest first.")
    async def product_exports(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ProductExportType]:
        before, actor = cursor_id(after), info.context.identity.actor
        return await connect(
            first,
            after,
            read=lambda limit: list_product_exports(actor, before=before, limit=limit),
            to_node=to_product_export,
            to_cursor=lambda view: view.id.hex,
        )
