"""Bringing codes in and calling them back."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.fulfilment import recall_everywhere
from perkhub.kit.db import Transaction
from perkhub.kit.idempotency import once
from perkhub.kit.money import CurrencyMismatch
from perkhub.vault import lots_by_ids, read_import, request_import
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint
from perkhub_schema.vault.imports import CodeImportType, to_import
from perkhub_schema.vault.inputs import CodesImportInput, LotRecallInput
from perkhub_schema.vault.lots import LotType, to_lot


@strawberry.type(description="The accepted import; a worker carries it out.")
class CodeImportPayload:
    code_import: CodeImportType | None = strawberry.field(default=None, description="The import as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The lot after the change.")
class LotPayload:
    lot: LotType | None = strawberry.field(default=None, description="The lot as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(requires(Permission.IMPORT_CODES), "Take codes in from an upload. Follow it with `codeImport`.")
async def codes_import(info: Info, input: CodesImportInput) -> CodeImportPayload:
    actor = info.context.identity.actor
    wanted = input.to_request(actor)

    async def work(tx: Transaction, result: UUID) -> UUID:
        try:
            return await request_import(tx, result, wanted)
        except CurrencyMismatch as refused:
            refused.path = ("unitCost", "currency")
            raise

    async def replay(result: UUID) -> UUID:
        return result

    request = fingerprint(input)
    made = await once(actor, "codesImport", key=input.idempotency_key, request=request, work=work, replay=replay)
    accepted = await read_import(made)
    return CodeImportPayload(code_import=None if accepted is None else to_import(accepted))


@mutation(
    requires(Permission.RECALL_CODES),
    "Call a lot back for good: what is unsold is frozen at once, all-or-nothing orders that keep a code of it for their last "
    "one are refunded, and `lot.holders` lists who has the rest.",
)
async def lot_recall(info: Info, input: LotRecallInput) -> LotPayload:
    actor, lot = info.context.identity.actor, local_id(Kind.LOT, input.lot_id, "lotId")

    async def work(tx: Transaction, _: UUID) -> None:
        await recall_everywhere(tx, lot, reason=input.reason, actor=actor)

    async def replay(_: UUID) -> None:
        """The lot is read below."""

    request = fingerprint(input)
    await once(actor, "lotRecall", key=input.idempotency_key, request=request, work=work, replay=replay)
    return LotPayload(lot=to_lot((await lots_by_ids([lot]))[0]))


@strawberry.type
class VaultMutations:
    codes_import = codes_import
    lot_recall = lot_recall
