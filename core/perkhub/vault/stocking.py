"""Taking checked rows into stock, chunk by chunk: each chunk is one transaction that ends with the cursor, so that a killed
import goes on where it was, and no row is taken in twice or lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import Context
from perkhub.kit.keys import keyring, lot_purpose
from perkhub.kit.money import Money
from perkhub.kit.sealing import Sealer
from perkhub.kit.tabular.table import CellProblem
from perkhub.ledger import Book, Entry, post
from perkhub.vault.claim import add_stock
from perkhub.vault.credentials import pairs_to_bytes
from perkhub.vault.errors import LotNotOpen
from perkhub.vault.imports import ImportTask
from perkhub.vault.models import CustodyAction
from perkhub.vault.refusals import Refusal, RowFault, Tally
from perkhub.vault.rows import GoodRow, RowCheck, Rows
from perkhub.vault.sql import CLAIM_FINGERPRINTS, GROW_LOT, LOTS_OF_FINGERPRINTS
from perkhub.vault.states import CODE, LOT, CodeState, LotState
from perkhub.vault.unseal import FIELD

INSERT_LOT = """
    INSERT INTO lot (id, variant_id, data_key_id, issuer, reference, unit_cost, currency, state, quantity, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
"""
# Only on top of the chunk before.
COUNT = """
    UPDATE code_import SET rows_stocked = rows_stocked + $2, rows_refused = rows_refused + $3, refusals = refusals || $4::jsonb
    WHERE id = $1 AND rows_stocked + rows_refused = $5
"""
CODE_COLUMNS = ("id", "lot_id", "variant_id", "sealed", "masked", "expires_at", "state")
CUSTODY_COLUMNS = ("at", "action", "lot_id", "code_id", "actor", "correlation_id")


class ChunkLost(Exception):
    """The database died and came back without the chunk before, while this run went on: it begins again from its cursor."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Checked rows with their codes sealed, ready for the table; `records` by the ids of the codes.

    `tally` has the rows of this chunk that were refused already, `cursor` is the last row of all.
    """

    rows: dict[UUID, GoodRow]
    records: dict[UUID, tuple[Any, ...]] = field(repr=False)
    column: str
    tally: Tally
    cursor: int


async def open_lot(tx: Transaction, task: ImportTask) -> UUID:
    """Make the lot that the import fills, with its data key. It grows with each chunk."""
    lot = new_id()
    key_id, _ = await keyring().new_data_key(tx, lot_purpose(lot))
    await tx.execute(
        INSERT_LOT,
        lot,
        task.variant_id,
        key_id,
        task.issuer,
        task.reference,
        task.unit_cost,
        task.currency,
        str(LOT.birth(LotState.OPEN)),
        now(),
    )
    return lot


def prepare(rows: Rows, problems: list[CellProblem], check: RowCheck, sealer: Sealer, *, lot: UUID, variant: UUID) -> Prepared:
    """Check the rows and seal their codes. Runs in a thread: it is most of an import's computing."""
    kinds = [str(kind) for kind in check.kinds]
    state = str(CODE.birth(CodeState.AVAILABLE))
    good, tally = check.check(rows, problems)
    prepared = Prepared({}, {}, column=check.identifying_column.name, tally=tally, cursor=rows[-1][0])
    for row in good:
        code = new_id()
        plain = pairs_to_bytes(zip(kinds, row.values, strict=True))
        sealed = sealer.seal(plain, associated=(lot, code, FIELD))
        prepared.rows[code] = row
        prepared.records[code] = (code, lot, variant, sealed, check.mask(row), row.expires_at, state)
    return prepared


async def stock_chunk(tx: Transaction, context: Context, task: ImportTask, prepared: Prepared, *, lot: UUID) -> None:
    """Take one chunk in.

    Raises:
        LotNotOpen: the lot was recalled while it was filled.
        ChunkLost: tried again by the next run.
    """
    # Whatever comes later and is durable makes this durable too. If the database dies before that, the chunk is lost
    # with its cursor, and comes again.
    await tx.execute("SET LOCAL synchronous_commit = off")
    accepted = await _claim_fingerprints(tx, prepared)
    losers = await _explain_losers(tx, prepared, accepted, lot=lot)
    losers.add(prepared.tally)
    if accepted:
        await tx.copy("code", columns=CODE_COLUMNS, records=[prepared.records[code] for code in accepted])
        await _record_arrival(tx, lot, accepted, actor=task.actor)
        if await tx.value(GROW_LOT, lot, len(accepted)) is None:
            raise LotNotOpen
    before, kept = context.progress.get("rows", 0), context.progress.get("refusals", 0)
    if not await tx.execute(COUNT, task.id, len(accepted), losers.refused, losers.as_json(kept=kept), before):
        raise ChunkLost
    rows, refusals = before + len(accepted) + losers.refused, kept + len(losers.refusals)
    await context.save_progress(tx, {"row": prepared.cursor, "rows": rows, "refusals": refusals})
    if accepted:
        await _book(tx, task, len(accepted), cursor=prepared.cursor)
        await add_stock(tx, task.variant_id, len(accepted))


async def _claim_fingerprints(tx: Transaction, prepared: Prepared) -> list[UUID]:
    """The codes that are new to the vault, in the order of their rows."""
    if not prepared.rows:
        return []
    values = [row.fingerprint for row in prepared.rows.values()]
    claimed = await tx.rows(CLAIM_FINGERPRINTS, values, list(prepared.rows))
    if len(claimed) == len(values):
        return list(prepared.rows)
    winners = {row["code_id"] for row in claimed}
    return [code for code in prepared.rows if code in winners]


async def _explain_losers(tx: Transaction, prepared: Prepared, accepted: Sequence[UUID], *, lot: UUID) -> Tally:
    """Say of each code that did not enter whether it is this file's own or came in by another."""
    tally = Tally()
    if len(accepted) == len(prepared.rows):
        return tally
    winners = set(accepted)
    losers = [row for code, row in prepared.rows.items() if code not in winners]
    here = {prepared.rows[code].fingerprint for code in accepted}
    found = await tx.rows(LOTS_OF_FINGERPRINTS, [row.fingerprint for row in losers])
    here |= {row["value"] for row in found if row["lot_id"] == lot}
    for row in losers:
        fault = RowFault.DUPLICATE_IN_FILE if row.fingerprint in here else RowFault.DUPLICATE_IN_VAULT
        tally.refuse([Refusal(row.number, prepared.column, fault)])
    return tally


async def _record_arrival(tx: Transaction, lot: UUID, codes: Sequence[UUID], *, actor: str) -> None:
    at, trail = now(), correlation_id()
    records = [(at, str(CustodyAction.IN), lot, code, actor, trail) for code in codes]
    await tx.copy("custody", columns=CUSTODY_COLUMNS, records=records)


async def _book(tx: Transaction, task: ImportTask, codes: int, *, cursor: int) -> None:
    """The codes are ours at cost, and their cost is owed. One transfer a chunk; a code's cost is rounded by itself."""
    cost = Money.line(task.unit_cost, 1, task.currency) * codes
    if not cost:
        return
    entries = [Entry(Book.INVENTORY, -cost), Entry(Book.PAYABLE, cost)]
    await post(tx, "lot.in", uuid5(task.id, str(cursor)), entries, actor=task.actor)
