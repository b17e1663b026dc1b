"""Imports of codes: how far they are, and what they refused."""

from datetime import datetime
from enum import Enum

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.kit.errors import LANGUAGES, InvalidInput
from perkhub.vault import ROW_FAULT_TEXTS, ImportState, ImportView, Refusal
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorCode
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect
from perkhub_schema.vault.lots import LotType, load_lots, to_lot

described(
    ImportState,
    "How far an import is.",
    {
        ImportState.QUEUED: "Accepted; it waits for a worker.",
        ImportState.CHECKING: "Every row is checked; nothing is in stock yet.",
        ImportState.STOCKING: "Good rows are sealed and put in stock.",
        ImportState.CHECKED: "The end of a dry run: see what it found, then import the same upload.",
        ImportState.DONE: "Everything that could be taken in is in stock.",
        ImportState.FAILED: "It ended before its time; `failure` says why.",
    },
)
RowRefusalCode = Enum("RowRefusalCode", {code: code for code in ROW_FAULT_TEXTS})  # type: ignore[misc]
described(
    RowRefusalCode,
    "Why a row was not taken in.",
    {RowRefusalCode[code]: f"The cell {english}." for code, (english, _) in ROW_FAULT_TEXTS.items()},
)


@strawberry.type(name="RowRefusal", description="Why one row was not taken in. What stands in it is never repeated.")
class RowRefusalType:
    row: int = strawberry.field(description="As a spreadsheet numbers it; the column names stand in row 1.")
    column: str = strawberry.field(description="The column's known name, or its letter.")
    code: RowRefusalCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people, in the request's language.")


@strawberry.type(description="Why an import ended before its time.")
class ImportFailure:
    code: ErrorCode = strawberry.field(description="For programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="For people, in the request's language.")


@strawberry.type(name="CodeImport", description="One import of codes from an upload: how far it is, and what it refused.")
class CodeImportType(Node):
    view: strawberry.Private[ImportView]

    @strawberry.field(description="How far it is.")
    def state(self) -> ImportState:
        return self.view.state

    @strawberry.field(description="The upload's name.")
    def filename(self) -> str:
        return self.view.filename

    @strawberry.field(description="What its codes are.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.view.variant_id)

    @strawberry.field(
        description="The lot that it fills; null for a dry run, and before anything is in stock. Needs READ_CODES."
    )
    async def lot(self, info: Info) -> LotType | None:
        ensure_permission(info.context.identity, Permission.READ_CODES)
        if self.view.lot_id is None:
            return None
        found = await info.context.loader(load_lots).load(self.view.lot_id)
        return None if found is None else to_lot(found)

    @strawberry.field(description="Who made the codes.")
    def issuer(self) -> str:
        return self.view.issuer

    @strawberry.field(description="The delivery note or purchase it came with.")
    def reference(self) -> str | None:
        return self.view.reference

    @strawberry.field(description="What one code costs.")
    def unit_cost(self) -> MoneyType:
        return unit_price(self.view.unit_cost, self.view.currency)

    @strawberry.field(description="Whether it only checks.")
    def dry_run(self) -> bool:
        return self.view.dry_run

    @strawberry.field(description="Whether good rows go in although others are refused.")
    def skip_refused_rows(self) -> bool:
        return self.view.skip_refused_rows

    @strawberry.field(description="Rows read so far.")
    def rows_read(self) -> int:
        return self.view.rows_read

    @strawberry.field(description="Rows whose codes are in stock so far.")
    def rows_stocked(self) -> int:
        return self.view.rows_stocked

    @strawberry.field(description="Rows refused so far.")
    def rows_refused(self) -> int:
        return self.view.rows_refused

    @strawberry.field(description="Why rows were refused; the first thousand reasons are kept.")
    async def refusals(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[RowRefusalType]:
        begin = place_after(after)
        kept = list(enumerate(self.view.refusals))[begin:]

        async def read(limit: int) -> list[tuple[int, Refusal]]:
            return kept[:limit]

        language = info.context.language
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


def to_import(view: ImportView) -> CodeImportType:
    """The import on the wire."""
    return CodeImportType(id=global_id(Kind.CODE_IMPORT, view.id), view=view)


def to_refusal(refusal: Refusal, language: str) -> RowRefusalType:
    """The refusal on the wire."""
    code = RowRefusalCode(refusal.code)
    return RowRefusalType(row=refusal.row, column=refusal.column, code=code, message=refusal.message(language))


def place_after(cursor: str | None) -> int:
    """Where in the list to go on.

    Raises:
        InvalidInput: it is no cursor of this list.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return int(cursor) + 1
