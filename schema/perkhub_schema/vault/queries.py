"""Imports and lots for operators."""

from typing import Annotated

import strawberry

from perkhub.accounts import Permission
from perkhub.vault import list_imports, list_lots, lots_by_ids, read_import
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.vault.imports import CodeImportType, to_import
from perkhub_schema.vault.lots import LotType, to_lot


@strawberry.type
class VaultQueries:
    @query(requires(Permission.IMPORT_CODES), "An import of codes; null when there is none.")
    async def code_import(self, id: strawberry.ID) -> CodeImportType | None:
        found = await read_import(local_id(Kind.CODE_IMPORT, id, "id"))
        return None if found is None else to_import(found)

    @query(requires(Permission.IMPORT_CODES), "Imports of codes, newest first.")
    async def code_imports(self, first: int | None = None, after: str | None = None) -> Connection[CodeImportType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_imports(before=before, limit=limit),
            to_node=to_import,
            to_cursor=lambda view: view.id.hex,
        )

    @query(requires(Permission.READ_CODES), "A lot; null when there is none.")
    async def lot(self, id: strawberry.ID) -> LotType | None:
        found = await lots_by_ids([local_id(Kind.LOT, id, "id")])
        return to_lot(found[0]) if found else None

    @query(requires(Permission.READ_CODES), "Lots, newest first.")
    async def lots(
        self,
        variant_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this variant.")] = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[LotType]:
        before = cursor_id(after)
        variant = None if variant_id is None else local_id(Kind.VARIANT, variant_id, "variantId")
        return await connect(
            first,
            after,
            read=lambda limit: list_lots(before=before, limit=limit, variant=variant),
            to_node=to_lot,
            to_cursor=lambda view: view.id.hex,
        )
