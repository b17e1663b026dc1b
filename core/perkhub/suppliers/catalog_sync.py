"""Reading a supplier's catalog into offers, as it streams in, and telling what differs from the reading before."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import Context
from perkhub.kit.money import UNIT_PLACES, CurrencyMismatch, exponent
from perkhub.kit.outbox import enqueue
from perkhub.kit.states import IllegalMove
from perkhub.plugin.supplier import CatalogItem, FaceValue, Supplier, SupplierProblem, Supplies, offers
from perkhub.suppliers.accounts import account_by_id
from perkhub.suppliers.forms import as_json, decent_form
from perkhub.suppliers.guarded import Reading, read_all
from perkhub.suppliers.mapping import LARGEST_COST, insert_offer, new_offer
from perkhub.suppliers.offers import Offer, offer_from
from perkhub.suppliers.states import SYNC, SyncState

SYNC_JOB = "suppliers.sync"
MOST_ITEMS = 200_000
MOST_DIFFERENCES = 200
# A price that moves is told by many callbacks at once; one reading serves them all.
SOON = timedelta(seconds=30)

COLUMNS = "id, account_id, state, items, added, changed, gone, differences, failure, created_at, finished_at"
ADD = """
    INSERT INTO supplier_catalog_sync (id, account_id, state, items, added, changed, gone, differences, created_at)
    VALUES ($1, $2, $3, 0, 0, 0, 0, '[]', $4)
"""
WAITING = "SELECT id FROM supplier_catalog_sync WHERE account_id = $1 AND state = 'queued' ORDER BY id LIMIT 1"
BY_IDS = f"SELECT {COLUMNS} FROM supplier_catalog_sync WHERE id = ANY($1)"
LATEST = f"SELECT {COLUMNS} FROM supplier_catalog_sync WHERE account_id = $1 ORDER BY id DESC LIMIT $2"
KNOWN = "SELECT * FROM supplier_offer WHERE account_id = $1 AND sku = ANY($2) ORDER BY id FOR NO KEY UPDATE"
TELL = """
    UPDATE supplier_offer SET name = $2, cost = $3, available = $4, synced_at = $5,
           maximum_cost = CASE WHEN variant_id IS NULL THEN $3 ELSE maximum_cost END, version = version + $6,
            form = $7, supplies = $8, printed_value = $9, printed_currency = $10
    WHERE id = $1
"""
GONE = """
    UPDATE supplier_offer SET available = false, version = version + 1
    WHERE account_id = $1 AND available AND synced_at IS NOT NULL AND synced_at < $2 RETURNING sku
"""
SYNCED = "UPDATE supplier_account SET synced_at = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Sync:
    """One reading: while it is QUEUED, it waits or runs."""

    id: UUID
    account_id: UUID
    state: SyncState
    items: int
    added: int
    changed: int
    gone: int
    differences: list[dict[str, Any]]
    failure: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass
class _Tally:
    """What a reading has found so far."""

    items: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)

    def differs(self, sku: str, what: str, **more: str) -> None:
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append({"sku": sku, "what": what, **more})


async def sync_soon(tx: Transaction, account: UUID, *, after: timedelta = SOON) -> UUID:
    """Accept a reading of the account's catalog; one that waits already serves all."""
    waiting: UUID | None = await tx.value(WAITING, account)
    if waiting is not None:
        return waiting
    sync = new_id()
    await tx.execute(ADD, sync, account, str(SYNC.birth(SyncState.QUEUED)), now())
    enqueue(tx, SYNC_JOB, sync_id=sync, run_at=now() + after)
    tx.note_change("catalog_sync", sync, after={"account_id": account})
    return sync


async def read_catalog(context: Context, sync_id: UUID) -> None:
    """Carry one reading out. It may begin anew: what was read is told again, and differs no more.

    Raises:
        Postpone: the account cannot be asked at this moment.
    """
    sync = (await syncs_by_ids([sync_id])).get(sync_id)
    if sync is None or sync.state is not SyncState.QUEUED:
        return
    account, begun, tally = await account_by_id(sync.account_id), now(), _Tally()

    async def keep(items: list[CatalogItem]) -> None:
        await transact(partial(_tell, account=account.id, items=items, tally=tally, at=begun))

    reading = Reading(ask=_catalog_of, is_decent=_is_decent, keep=keep, most=MOST_ITEMS, too_many="too_many_items")
    failure = await read_all(context, account, reading)
    await transact(lambda tx: _end(tx, sync, tally, failure, at=begun))


def _catalog_of(supplier: Supplier) -> AsyncIterator[CatalogItem]:
    if not offers(type(supplier), "catalog"):
        raise SupplierProblem("no_catalog")
    return supplier.catalog()


def _is_decent(item: object) -> bool:
    """What of a catalog could be bought at all; odd items are left out."""
    if not isinstance(item, CatalogItem) or item.supplies not in set(Supplies) or not isinstance(item.inputs, Sequence):
        return False
    if not 0 < len(item.sku) <= 120 or "\x00" in item.sku + item.name:
        return False
    # A value that cannot be told with an order; what is merely printed is left aside instead.
    values = () if _is_fixed(item) else (item.face_least, item.face_greatest)
    return all(_is_amount(told.amount, told.currency) for told in (item.cost, *values) if told is not None)


def _is_amount(amount: object, currency: str) -> bool:
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount <= LARGEST_COST:
        return False
    try:
        exponent(currency)
    except CurrencyMismatch:
        return False
    return True


def _is_fixed(item: CatalogItem) -> bool:
    least, greatest = item.face_least, item.face_greatest
    return least is not None and greatest is not None and least.amount == greatest.amount


def _printed(item: CatalogItem) -> FaceValue | None:
    """What a fixed SKU says that it is worth, as far as it can be: no order depends on it."""
    told = item.face_least if _is_fixed(item) else None
    return told if told is not None and _is_amount(told.amount, told.currency) else None


async def _tell(tx: Transaction, *, account: UUID, items: Sequence[CatalogItem], tally: _Tally, at: datetime) -> None:
    tally.items += len(items)
    known: dict[str, list[Offer]] = {}
    for row in await tx.rows(KNOWN, account, [item.sku for item in items]):
        offer = offer_from(row)
        known.setdefault(offer.sku, []).append(offer)
    for item in {item.sku: item for item in items}.values():
        if item.sku not in known:
            await insert_offer(tx, _offer(account, item, at))
            tally.added += 1
            tally.differs(item.sku, "new", after=str(item.cost.amount))
        for offer in known.get(item.sku, ()):
            await _compare(tx, offer, item, tally, at=at)


async def _compare(tx: Transaction, offer: Offer, item: CatalogItem, tally: _Tally, *, at: datetime) -> None:
    each = item.cost.amount * (offer.face_value if offer.face_value is not None and offer.face_value else Decimal(1))
    cost = each.quantize(UNIT_PLACES)
    # An account's currency does not move; if it does, nobody buys by the old one.
    available = item.available and item.cost.currency == offer.currency
    form = decent_form(item.inputs)
    moved = offer.cost != cost or offer.available != available or offer.form != form
    if offer.cost != cost:
        tally.differs(offer.sku, "cost", before=f"{offer.cost.normalize():f}", after=f"{cost.normalize():f}")
    if offer.available != available:
        tally.differs(offer.sku, "availability", before=str(offer.available), after=str(available))
    if offer.form != form:
        tally.differs(offer.sku, "form")
    tally.changed += moved
    value, currency = _printed_columns(item)
    told = (item.name[:200], cost, available, at, int(moved), as_json(form), str(Supplies(item.supplies)), value, currency)
    await tx.execute(TELL, offer.id, *told)


def _printed_columns(item: CatalogItem) -> tuple[Decimal | None, str | None]:
    printed = _printed(item)
    return (None, None) if printed is None else (printed.amount.quantize(UNIT_PLACES), printed.currency)


def _offer(account: UUID, item: CatalogItem, at: datetime) -> Offer:
    least, greatest = (None, None) if _is_fixed(item) else (item.face_least, item.face_greatest)
    value, currency = _printed_columns(item)
    return new_offer(
        account,
        sku=item.sku,
        name=item.name[:200],
        issuer=(item.brand or item.name)[:80].strip() or item.sku[:80],
        cost=item.cost.amount.quantize(UNIT_PLACES),
        currency=item.cost.currency,
        # A fixed SKU says its own value; only what is sold by amount is told one with each order.
        face_currency=None if least is None else least.currency,
        face_least=None if least is None else least.amount,
        face_greatest=None if greatest is None else greatest.amount,
        supplies=Supplies(item.supplies),
        form=decent_form(item.inputs),
        printed_value=value,
        printed_currency=currency,
        available=item.available,
        synced_at=at,
    )


async def _end(tx: Transaction, sync: Sync, tally: _Tally, failure: str | None, *, at: datetime) -> None:
    if failure is None:
        # Only a whole reading can tell what is missing in it.
        gone = [row["sku"] for row in await tx.rows(GONE, sync.account_id, at)]
        tally.gone = len(gone)
        for sku in gone:
            tally.differs(sku, "gone")
        await tx.execute(SYNCED, sync.account_id, now())
    told = {"items": tally.items, "added": tally.added, "changed": tally.changed, "gone": tally.gone}
    state = SyncState.DONE if failure is None else SyncState.FAILED
    differences = orjson.dumps(tally.differences).decode()
    try:
        columns: dict[str, Any] = {**told, "differences": differences, "failure": failure, "finished_at": now()}
        await SYNC.move(tx, sync.id, state, event=None, **columns)
    except IllegalMove:
        return  # another run has told


async def syncs_by_ids(ids: Sequence[UUID]) -> dict[UUID, Sync]:
    """Readings by id."""
    return {row["id"]: _sync(row) for row in await db.rows(BY_IDS, list(ids))}


async def latest_syncs(account: UUID, limit: int = 5) -> list[Sync]:
    """The account's last readings, newest first."""
    return [_sync(row) for row in await db.rows(LATEST, account, limit)]


def _sync(row: Row) -> Sync:
    told = {name: row[name] for name in Sync.__slots__}
    return Sync(**{**told, "state": SyncState(row["state"]), "differences": orjson.loads(row["differences"])})
