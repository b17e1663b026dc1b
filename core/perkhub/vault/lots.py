"""Reading lots, imports and stock for people. Nothing here opens a code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.vault.refusals import Refusal
from perkhub.vault.states import CodeState, ImportState, LotState

LOT_COLUMNS = """id, variant_id, issuer, reference, unit_cost, currency, state, quantity, recalled_reason, created_at"""
LOTS = f"""
    SELECT {LOT_COLUMNS} FROM lot
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2::uuid IS NULL OR variant_id = $2)
    ORDER BY id DESC LIMIT $3
"""
LOTS_BY_IDS = f"SELECT {LOT_COLUMNS} FROM lot WHERE id = ANY($1) ORDER BY id"

IMPORT_COLUMNS = """id, upload_id, filename, variant_id, lot_id, issuer, reference, unit_cost, currency, dry_run,
                    skip_refused_rows, state, rows_read, rows_stocked, rows_refused, refusals, failure, actor, created_at,
                    finished_at"""
IMPORTS = f"""
    SELECT {IMPORT_COLUMNS} FROM code_import WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""
IMPORTS_BY_IDS = f"SELECT {IMPORT_COLUMNS} FROM code_import WHERE id = ANY($1) ORDER BY id"

COUNT_BY_STATE = "SELECT lot_id, state, count(*) AS codes FROM code WHERE lot_id = ANY($1) GROUP BY lot_id, state"
STOCK = "SELECT variant_id, available, held FROM stock WHERE variant_id = ANY($1)"


@dataclass(frozen=True, slots=True)
class LotView:
    """One delivery of codes; `quantity` is how many came in."""

    id: UUID
    variant_id: UUID
    issuer: str
    reference: str | None
    unit_cost: Decimal
    currency: str
    state: LotState
    quantity: int
    recalled_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an import ended without taking anything in, or stopped; both texts are for people."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import. While it is STOCKING, stocked and refused rows grow until they are all that were read."""

    id: UUID
    upload_id: UUID
    filename: str
    variant_id: UUID
    lot_id: UUID | None
    issuer: str
    reference: str | None
    unit_cost: Decimal
    currency: str
    dry_run: bool
    skip_refused_rows: bool
    state: ImportState
    rows_read: int
    rows_stocked: int
    rows_refused: int
    refusals: list[Refusal]
    failure: Failure | None
    actor: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many codes of a variant can be sold, and how many of these are promised to unpaid orders."""

    available: int = 0
    held: int = 0

    @property
    def free(self) -> int:
        """What can be promised now; a recall may leave less than was promised."""
        return max(0, self.available - self.held)


async def list_lots(*, before: UUID | None = None, limit: int = 20, variant: UUID | None = None) -> list[LotView]:
    """Lots, newest first."""
    return [_lot(row) for row in await db.rows(LOTS, before, variant, limit)]


async def lots_by_ids(ids: Sequence[UUID]) -> list[LotView]:
    """Lots by id, those that exist."""
    return [_lot(row) for row in await db.rows(LOTS_BY_IDS, list(ids))]


async def codes_by_state(lots: Sequence[UUID]) -> dict[UUID, dict[CodeState, int]]:
    """How many codes of each lot are in which state; counted, so ask it for few lots."""
    counts: dict[UUID, dict[CodeState, int]] = {lot: {} for lot in lots}
    for row in await db.rows(COUNT_BY_STATE, list(lots)):
        counts[row["lot_id"]][CodeState(row["state"])] = row["codes"]
    return counts


async def list_imports(*, before: UUID | None = None, limit: int = 20) -> list[ImportView]:
    """Imports, newest first."""
    return [_import(row) for row in await db.rows(IMPORTS, before, limit)]


async def imports_by_ids(ids: Sequence[UUID]) -> list[ImportView]:
    """Imports by id, those that exist."""
    return [_import(row) for row in await db.rows(IMPORTS_BY_IDS, list(ids))]


async def read_import(import_id: UUID) -> ImportView | None:
    """One import."""
    found = await imports_by_ids([import_id])
    return found[0] if found else None


async def stock_of(variants: Sequence[UUID]) -> dict[UUID, StockLevel]:
    """The counters of every variant that is asked for."""
    found = {row["variant_id"]: StockLevel(row["available"], row["held"]) for row in await db.rows(STOCK, list(variants))}
    return {variant: found.get(variant, StockLevel()) for variant in variants}


def _lot(row: db.Row) -> LotView:
    return LotView(**{**_fields(row, LotView), "state": LotState(row["state"])})


def _import(row: db.Row) -> ImportView:
    return ImportView(
        **{
            **_fields(row, ImportView),
            "state": ImportState(row["state"]),
            "refusals": [Refusal(**refusal) for refusal in orjson.loads(row["refusals"])],
            "failure": Failure(**orjson.loads(row["failure"])) if row["failure"] else None,
        }
    )


def _fields(row: db.Row, view: type[LotView | ImportView]) -> dict[str, Any]:
    return {name: row[name] for name in view.__slots__}
