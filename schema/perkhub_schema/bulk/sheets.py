"""Sheets of products on their way in and out, as operators follow them."""

from datetime import datetime

import strawberry

from perkhub.catalog import (
    ProductExport,
    ProductImport,
    SheetExportState,
    SheetFormat,
    SheetImportState,
    SheetRefusal,
)
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.errors import LANGUAGES
from perkhub_schema.graphql.bulk import ErrorPolicyEnum
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorCode
from perkhub_schema.graphql.exported import ExportNode
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect
from perkhub_schema.vault.imports import ImportFailure, place_after

described(
    SheetImportState,
    "How far an import of products is.",
    {
        SheetImportState.QUEUED: "Accepted; it waits for a worker.",
        SheetImportState.CHECKING: "The whole sheet is looked at; nothing of it is taken yet.",
        SheetImportState.WRITING: "Products are made and changed, some hundred at a time.",
        SheetImportState.CHECKED: "The end of a dry run: see what it found, then import the same upload.",
        SheetImportState.DONE: "Everything that could be taken was.",
        SheetImportState.FAILED: "It ended before its time; `failure` says why.",
    },
)
described(
    SheetExportState,
    "How far an export of products is.",
    {
        SheetExportState.QUEUED: "A worker writes it, or will.",
        SheetExportState.DONE: "Its file is there until `expiresAt`.",
    },
)
described(
    SheetFormat,
    "What a sheet is written as.",
    {SheetFormat.XLSX: "A workbook.", SheetFormat.CSV: "Text, in UTF-8 with a mark that Excel understands."},
)


@strawberry.type(name="SheetRefusal", description="Why something of a sheet was not taken.")
class SheetRefusalType:
    row: int = strawberry.field(description="As a spreadsheet numbers it; the column names stand in row 1.")
    column: str = strawberry.field(description="The column's name in row 1, or its letter where it has none.")
    code: ErrorCode = strawberry.field(description="For programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="For people, in the request's language.")


@strawberry.type(name="ProductImport", description="One import of products from an upload: how far it is, and what it refused.")
class ProductImportType(Node):
    view: strawberry.Private[ProductImport]

    @strawberry.field(description="How far it is.")
    def state(self) -> SheetImportState:
        return self.view.state

    @strawberry.field(description="The upload's name.")
    def filename(self) -> str:
        return self.view.filename

    @strawberry.field(description="What becomes of products with a fault in one of their rows.")
    def error_policy(self) -> ErrorPolicyEnum:  # type: ignore[valid-type]
        return ErrorPolicy(self.view.error_policy)

    @strawberry.field(description="Whether it only checks.")
    def dry_run(self) -> bool:
        return self.view.dry_run

    @strawberry.field(description="Rows read so far, the names of the columns left out.")
    def rows_read(self) -> int:
        return self.view.rows_read

    @strawberry.field(description="Products that were not there and now are; while it checks, that would be.")
    def created(self) -> int:
        return self.view.created

    @strawberry.field(description="Products of which something is another than before, or would be.")
    def changed(self) -> int:
        return self.view.changed

    @strawberry.field(description="Products that were so already.")
    def unchanged(self) -> int:
        return self.view.unchanged

    @strawberry.field(description="Products of which nothing was taken.")
    def left_out(self) -> int:
        return self.view.left_out

    @strawberry.field(description="How many cells were refused so far.")
    def refused(self) -> int:
        return self.view.refused

    @strawberry.field(description="What was refused, by row and column; the first thousand are kept.")
    async def refusals(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[SheetRefusalType]:
        begin, language = place_after(after), info.context.language
        kept = list(enumerate(self.view.refusals))[begin:]

        async def read(limit: int) -> list[tuple[int, SheetRefusal]]:
            return kept[:limit]

        return await connect(
            first, after, read=read, to_node=lambda one: to_refusal(one[1], language), to_cursor=lambda one: str(one[0])
        )

    @strawberry.field(description="Why it ended before its time.")
    def failure(self, info: Info) -> ImportFailure | None:
        failed = self.view.failure
        if failed is None:
            return None
        texts = dict(zip(LANGUAGES, (failed.en, failed.zh), strict=True))
        return ImportFailure(code=ErrorCode(failed.code), message=info.context.say(texts))

    @strawberry.field(description="When it was asked for.")
    def created_at(self) -> datetime:
        return self.view.created_at

    @strawberry.field(description="When it ended.")
    def finished_at(self) -> datetime | None:
        return self.view.finished_at


@strawberry.type(
    name="ProductExport", description="One export of products to a sheet that comes in again as it is. It is its requester's."
)
class ProductExportType(ExportNode):
    view: strawberry.Private[ProductExport]

    @strawberry.field(description="How far it is.")
    def state(self) -> SheetExportState:
        return self.view.state

    @strawberry.field(description="What it is written as.")
    def format(self) -> SheetFormat:
        return self.view.asked.format

    @strawberry.field(description="Products written so far.")
    def products(self) -> int:
        return self.view.products

    @strawberry.field(description="Rows written so far: one for each variant in each channel.")
    def rows(self) -> int:
        return self.view.rows


def to_product_import(view: ProductImport) -> ProductImportType:
    """The import on the wire."""
    return ProductImportType(id=global_id(Kind.PRODUCT_IMPORT, view.id), view=view)


def to_product_export(view: ProductExport) -> ProductExportType:
    """The export on the wire."""
    return ProductExportType(id=global_id(Kind.PRODUCT_EXPORT, view.id), view=view)


def to_refusal(refusal: SheetRefusal, language: str) -> SheetRefusalType:
    """The refusal on the wire."""
    message = refusal.message(language)
    return SheetRefusalType(row=refusal.row, column=refusal.column, code=ErrorCode(refusal.code), message=message)
