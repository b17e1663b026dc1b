"""Supplier orders: one attempt each, written before it is sent, read, and asked about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id, outbound_reference
from perkhub.kit.inserts import Insert, as_columns
from perkhub.kit.settings import settings
from perkhub.plugin.supplier import Cost, FaceValue, OrderQuery, PlaceRequest, Supplies
from perkhub.suppliers.forms import SentInput, as_json, sent_from_json, sent_values, targets_of
from perkhub.suppliers.offers import Choice
from perkhub.suppliers.states import OPEN, SUPPLIER_ORDER, SupplierOrderState

COLUMNS = """id, account_id, offer_id, purpose_kind, purpose_id, parent_id, variant_id, reference, sku, face_value,
             face_currency, quantity, currency, maximum_cost, state, cause, supplier_reference, received, cost, returned,
             lot_id, receipt, supplies, inputs, sends, looks, not_founds, replays_ended, confirmed_at, next_look_at,
             review_since, placed_at, settled_at"""
WRITTEN = {
    "id": "uuid",
    "account_id": "uuid",
    "offer_id": "uuid",
    "purpose_kind": "text",
    "purpose_id": "uuid",
    "parent_id": "uuid",
    "variant_id": "uuid",
    "reference": "text",
    "sku": "text",
    "face_value": "numeric",
    "face_currency": "text",
    "quantity": "int",
    "currency": "text",
    "maximum_cost": "numeric",
    "state": "text",
    "placed_at": "timestamptz",
    "next_look_at": "timestamptz",
    "supplies": "text",
    "inputs": "jsonb",
    "received": "int",
    "sends": "int",
    "looks": "int",
    "not_founds": "int",
    "replays_ended": "bool",
}
ADD = f"""
    {Insert("supplier_order", WRITTEN, few=0).text(0)}
    ON CONFLICT (purpose_id) WHERE state IN ('submitted', 'unknown', 'accepted') DO NOTHING
    RETURNING {COLUMNS}
"""
LOCK = f"SELECT {COLUMNS} FROM supplier_order WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
BY_IDS = f"SELECT {COLUMNS} FROM supplier_order WHERE id = ANY($1) ORDER BY id"
OF_PURPOSES = f"SELECT {COLUMNS} FROM supplier_order WHERE purpose_id = ANY($1) ORDER BY id"
BY_REFERENCE = """
    SELECT id FROM supplier_order
    WHERE account_id = $1 AND (reference = $2 OR ($2::text IS NULL AND supplier_reference = $3))
"""
LIST = f"""
    SELECT {COLUMNS} FROM supplier_order
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2::uuid IS NULL OR account_id = $2) AND ($3::text[] IS NULL OR state = ANY($3))
      AND (NOT $4::boolean OR review_since IS NOT NULL)
    ORDER BY id DESC LIMIT $5
"""
# What a lost job has left behind.
FORGOTTEN = "SELECT id FROM supplier_order WHERE next_look_at < $1 ORDER BY next_look_at LIMIT $2"


@dataclass(frozen=True, slots=True)
class SupplierOrder:
    """One attempt as it stands. `cost` is what was booked for what came, and `returned` what came back of it once it was taken
    back, where anybody said so; in minor units of `currency`.

    What the buyer said is not in it: whoever sends it, or compares an answer, brings that along by our own `inputs`.
    """

    id: UUID
    account_id: UUID
    offer_id: UUID
    purpose_kind: str
    purpose_id: UUID
    parent_id: UUID | None
    variant_id: UUID
    reference: str
    sku: str
    face_value: Decimal | None
    face_currency: str | None
    quantity: int
    currency: str
    maximum_cost: Decimal
    state: SupplierOrderState
    cause: str | None
    supplier_reference: str | None
    received: int
    cost: int | None
    returned: int | None
    lot_id: UUID | None
    receipt: str | None
    supplies: Supplies
    inputs: tuple[SentInput, ...]
    sends: int
    looks: int
    not_founds: int
    replays_ended: bool
    confirmed_at: datetime | None
    next_look_at: datetime | None
    review_since: datetime | None
    placed_at: datetime
    settled_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it may still bring something."""
        return self.state in OPEN

    def query(self) -> OrderQuery:
        """Which order is meant, in the contract's words."""
        return OrderQuery(self.reference, self.supplier_reference, self.placed_at, self.sku, self.quantity, self.face())

    def face(self) -> FaceValue | None:
        """The face value of one unit, where the SKU is sold by amount."""
        if self.face_value is None or self.face_currency is None:
            return None
        return FaceValue(self.face_value, self.face_currency)

    def most(self) -> Cost:
        """The most that the whole order may cost."""
        return Cost(self.maximum_cost, self.currency)

    def targets(self, said: Mapping[str, str]) -> frozenset[str]:
        """What the supplier may name as the account topped up; nothing where nobody knows any more what the buyer said."""
        return targets_of(self.inputs, sent_values(self.inputs, said))

    def request(self, said: Mapping[str, str]) -> PlaceRequest:
        """What is sent, the same in every repetition; `said` by the buyer goes into memory and the supplier's ears alone."""
        return PlaceRequest(
            reference=self.reference,
            attempt=self.sends,
            sku=self.sku,
            quantity=self.quantity,
            maximum_cost=self.most(),
            face_value=self.face(),
            notify_url=callback_address(self.account_id),
            inputs=sent_values(self.inputs, said),
        )


def callback_address(account: UUID) -> str:
    """Where the account's supplier calls back."""
    return f"{settings().public_url.rstrip('/')}/callbacks/sup_{account.hex}"


@dataclass(frozen=True, slots=True)
class Draft:
    """An attempt to be written down. `look_at` is when somebody looks if nothing else is heard of it, `face` the value of one
    unit where the buyer chose it, and `said` which of the inputs the buyer gave."""

    choice: Choice
    purpose: tuple[str, UUID]
    quantity: int
    parent: UUID | None
    look_at: datetime
    face: Decimal | None = None
    said: Collection[str] = ()


async def write_orders(tx: Transaction, drafts: Sequence[Draft]) -> list[SupplierOrder | None]:
    """Write attempts down before they are sent; None for each whose purpose has an open one already."""
    ids = [new_id() for _ in drafts]
    values = [_values(order, draft) for order, draft in zip(ids, drafts, strict=True)]
    written = {row["id"]: supplier_order_from(row) for row in await tx.rows(ADD, *as_columns(values))} if drafts else {}
    return [written.get(order) for order in ids]


def _values(order: UUID, draft: Draft) -> tuple[object, ...]:
    offer = draft.choice.offer
    assert offer.variant_id is not None
    return (
        *(order, draft.choice.account.id, offer.id, *draft.purpose, draft.parent, offer.variant_id, outbound_reference()),
        *(offer.sku, draft.face if offer.by_amount else offer.face_value, offer.face_currency, draft.quantity, offer.currency),
        *(offer.most_for(draft.face, draft.quantity), str(SUPPLIER_ORDER.birth(SupplierOrderState.SUBMITTED)), now()),
        *(draft.look_at, str(offer.supplies), as_json([one for one in offer.inputs if one.input in draft.said])),
        *(0, 1, 0, 0, False),
    )


async def lock_supplier_order(tx: Transaction, order: UUID) -> SupplierOrder:
    """The order, locked: of several answers about it, one is applied after the other."""
    found = await lock_supplier_orders(tx, [order])
    if not found:
        raise LookupError(f"no supplier order {order}")
    return found[order]


async def lock_supplier_orders(tx: Transaction, orders: Sequence[UUID]) -> dict[UUID, SupplierOrder]:
    """The orders, locked in the order of their ids."""
    return {row["id"]: supplier_order_from(row) for row in await tx.rows(LOCK, list(orders))}


async def supplier_orders_by_ids(ids: Sequence[UUID]) -> list[SupplierOrder]:
    """Supplier orders by id, those that exist."""
    return [supplier_order_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def supplier_orders_for(purposes: Sequence[UUID], *, tx: Transaction | None = None) -> list[SupplierOrder]:
    """Every attempt for these purposes, oldest first."""
    return [supplier_order_from(row) for row in await (tx.rows if tx else db.rows)(OF_PURPOSES, list(purposes))]


async def order_hinted_at(account: UUID, reference: str | None, supplier_reference: str | None) -> UUID | None:
    """The order of this account that a callback means, by our reference or, where it tells none, by the supplier's."""
    found: UUID | None = await db.value(BY_REFERENCE, account, reference, supplier_reference)
    return found


async def list_supplier_orders(
    *,
    before: UUID | None = None,
    limit: int = 20,
    account: UUID | None = None,
    states: Sequence[SupplierOrderState] | None = None,
    to_review: bool = False,
) -> list[SupplierOrder]:
    """Supplier orders, newest first; those that wait for a person with `to_review`."""
    wanted = None if states is None else [str(state) for state in states]
    found = await db.rows(LIST, before, account, wanted, to_review, limit)
    return [supplier_order_from(row) for row in found]


async def forgotten_orders(since: datetime, limit: int) -> list[UUID]:
    """Orders that should have been looked at long ago: their job was lost."""
    return [row["id"] for row in await db.rows(FORGOTTEN, since, limit)]


def supplier_order_from(row: Row) -> SupplierOrder:
    """A row of the table as a value."""
    told = {name: row[name] for name in SupplierOrder.__slots__}
    known = {"supplies": Supplies(row["supplies"]), "inputs": sent_from_json(row["inputs"])}
    return SupplierOrder(**{**told, "state": SupplierOrderState(row["state"]), **known})
