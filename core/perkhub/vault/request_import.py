"""Asking for an import of codes: everything that can be refused before the file is read, and the job that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from perkhub.catalog import is_ranged, minimum_validities
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.moments import zones
from perkhub.kit.money import UNIT_PLACES, CurrencyMismatch, exponent
from perkhub.kit.outbox import enqueue
from perkhub.kit.tabular.cells import normalise_cell
from perkhub.kit.uploads import UploadInUse, lock_upload
from perkhub.vault.columns import MEANINGS, is_identifying
from perkhub.vault.errors import VariantNotStocked
from perkhub.vault.expiry_dates import ZONE
from perkhub.vault.states import IMPORT, ImportState

JOB = "vault.import"
LARGEST_COST = Decimal(10**9)
MOST_COLUMNS = 64
LONGEST_HEADER = 200
DIGITS_OF_A_CODE = 6

INSERT = """
    INSERT INTO code_import (id, upload_id, filename, variant_id, issuer, reference, unit_cost, currency, columns,
                             default_expires_at, zone, dry_run, skip_refused_rows, state, rows_read, rows_stocked,
                             rows_refused, refusals, actor, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0, 0, '[]', $15, $16)
"""
TAKING_IN = """
    SELECT true FROM code_import
    WHERE upload_id = $1 AND NOT dry_run AND state IN ('queued', 'checking', 'stocking')
"""


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What an operator says of an upload.

    `columns` says what the named columns mean (NUMBER, CLAIM_CODE, URL, BARCODE, PIN, SECURITY_CODE, EXPIRES_AT), and
    the others are passed over; without it, common names are recognised. A day in the table ends in `zone`.
    """

    upload_id: UUID
    variant_id: UUID
    issuer: str
    unit_cost: Decimal
    currency: str
    actor: str
    reference: str | None = None
    columns: Mapping[str, str] | None = None
    default_expires_at: datetime | None = None
    zone: str = ZONE
    dry_run: bool = False
    skip_refused_rows: bool = False


async def request_import(tx: Transaction, import_id: UUID, request: ImportRequest) -> UUID:
    """Accept an import; a job does it. The upload stays after a dry run, and goes when a real import has ended.

    Raises:
        InvalidInput, NotFound, VariantNotStocked, UploadUnusable, UploadInUse: their paths name the field of the request.
    """
    issuer, reference = _text(request.issuer, "issuer", 80), _text(request.reference or "", "reference", 120, needed=False)
    _refuse_odd_cost(request)
    columns = None if not request.columns else _meanings(request.columns)
    _refuse_odd_zone(request.zone)
    validities = await minimum_validities([request.variant_id])
    if request.variant_id not in validities:
        raise NotFound("variant", "规格", path=("variantId",))
    if await is_ranged(request.variant_id):
        raise VariantNotStocked(path=("variantId",))
    _refuse_early_default(request, now() + validities[request.variant_id])
    filename = await _take_upload(tx, request)
    await tx.execute(
        INSERT,
        import_id,
        request.upload_id,
        filename,
        request.variant_id,
        issuer,
        reference or None,
        request.unit_cost,
        request.currency,
        None if columns is None else orjson.dumps(columns).decode(),
        request.default_expires_at,
        request.zone,
        request.dry_run,
        request.skip_refused_rows,
        str(IMPORT.birth(ImportState.QUEUED)),
        request.actor,
        now(),
    )
    enqueue(tx, JOB, import_id=import_id)
    tx.note_change("code_import", import_id, after=request)
    return import_id


async def _take_upload(tx: Transaction, request: ImportRequest) -> str:
    filename = await lock_upload(tx, request.upload_id, actor=request.actor)
    if not request.dry_run and await tx.value(TAKING_IN, request.upload_id):
        raise UploadInUse(path=("uploadId",))
    return filename


def _text(given: str, field: str, longest: int, *, needed: bool = True) -> str:
    text = normalise_cell(given)
    if (needed and not text) or len(text) > longest or not text.isprintable():
        raise InvalidInput(
            path=(field,), reason=f"Between 1 and {longest} characters in one line.", reason_zh=f"须为 1 至 {longest} 个字符。"
        )
    return text


def _refuse_odd_cost(request: ImportRequest) -> None:
    cost = request.unit_cost
    if not cost.is_finite() or not 0 <= cost <= LARGEST_COST or cost != cost.quantize(UNIT_PLACES):
        raise InvalidInput(
            path=("unitCost",),
            reason=f"A cost from 0 up to {LARGEST_COST}, with at most six decimal places.",
            reason_zh=f"成本须在 0 至 {LARGEST_COST} 之间,最多六位小数。",
        )
    try:
        exponent(request.currency)
    except CurrencyMismatch as refused:
        raise refused.at("currency") from None


def _meanings(given: Mapping[str, str]) -> dict[str, str]:
    """The columns by their normal names.

    Raises:
        InvalidInput: at `columns`; a name is never repeated in the error.
    """
    columns = {normalise_cell(name): meaning.lower() for name, meaning in given.items()}
    if len(given) > MOST_COLUMNS or any(not 1 <= len(name) <= LONGEST_HEADER for name in columns):
        raise _odd_columns("Each column needs a name.", "每一列都须有列名。")
    # What has this many digits is a code out of a table without a header, and would be kept in clear.
    if any(sum(character.isdigit() for character in name) >= DIGITS_OF_A_CODE for name in columns):
        raise _odd_columns("A column is named by row 1, not by a code.", "请填写第 1 行的列名,而不是卡券内容。")
    if len(columns) != len(given):
        raise _odd_columns("A column is named twice.", "同一列重复指定。")
    if not set(columns.values()) <= {str(meaning) for meaning in MEANINGS}:
        allowed = ", ".join(meaning.upper() for meaning in MEANINGS)
        raise _odd_columns(f"A column may mean one of {allowed}.", f"列的含义须为 {allowed} 之一。")
    if len(set(columns.values())) != len(columns):
        raise _odd_columns("Two columns have the same meaning.", "两列的含义相同。")
    if not is_identifying(set(columns.values())):
        raise _odd_columns(
            "One column must be a NUMBER, CLAIM_CODE, URL or BARCODE.", "至少一列须为 NUMBER、CLAIM_CODE、URL 或 BARCODE。"
        )
    return columns


def _odd_columns(reason: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(path=("columns",), reason=reason, reason_zh=reason_zh)


def _refuse_odd_zone(zone: str) -> None:
    if zone not in zones():
        raise InvalidInput(path=("zone",), reason="An IANA time zone, such as Asia/Shanghai.", reason_zh="须为 IANA 时区。")


def _refuse_early_default(request: ImportRequest, usable_at: datetime) -> None:
    default = request.default_expires_at
    if default is None:
        return
    if default.tzinfo is None or default <= usable_at:
        raise InvalidInput(
            path=("defaultExpiresAt",),
            reason="Later than the shortest validity that the product may be sold with, and with a time zone.",
            reason_zh="须晚于该商品的最短可售有效期,并包含时区。",
        )
