"""Reading orders and their lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog import RefundKind, RefundPolicy, Validity, ValidityKind
from perkhub.kit import db
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.money import Money
from perkhub.orders.states import OrderState
from perkhub.pricing import PriceSource, PriceStep

COLUMNS = """id, number, party_id, placed_by, channel_id, state, currency, total, refunded, payment_id, all_or_nothing,
             in_campaigns, device, placed_at, expires_at, paid_at"""
BY_ID = f"SELECT {COLUMNS} FROM orders WHERE id = $1"
BY_IDS = f"SELECT {COLUMNS} FROM orders WHERE id = ANY($1)"
BY_NUMBER = f"SELECT {COLUMNS} FROM orders WHERE number = $1"
BY_PARTY = f"""
    SELECT {COLUMNS} FROM orders
    WHERE party_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text[] IS NULL OR state = ANY($3))
      AND ($5::uuid[] IS NULL OR channel_id = ANY($5))
    ORDER BY id DESC LIMIT $4
"""
LINES = """
    SELECT id, order_id, position, listing_id, variant_id, quantity, unit, total, face_value, face_currency,
           minimum_validity_days, validity, validity_days, valid_until, refund, refund_days, sourced, waits,
           trace
    FROM order_line WHERE order_id = ANY($1) ORDER BY order_id, position
"""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands. Its state is money only."""

    id: UUID
    number: str
    party_id: UUID
    placed_by: str
    channel_id: UUID
    state: OrderState
    total: Money
    refunded: Money
    payment_id: UUID | None
    all_or_nothing: bool
    in_campaigns: bool
    device: str | None
    placed_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as it was priced, and what was promised, when the order was placed."""

    id: UUID
    order_id: UUID
    position: int
    listing_id: UUID
    variant_id: UUID
    quantity: int
    unit: Decimal
    total: Money
    face_value: Decimal | None
    face_currency: str | None
    minimum_validity: timedelta
    validity: Validity
    refund_policy: RefundPolicy
    sourced: int
    waits: bool
    trace: tuple[PriceStep, ...]


def order_from(row: db.Row) -> Order:
    """A row of the table as a value."""
    return Order(
        id=row["id"],
        number=row["number"],
        party_id=row["party_id"],
        placed_by=row["placed_by"],
        channel_id=row["channel_id"],
        state=OrderState(row["state"]),
        total=Money(row["total"], row["currency"]),
        refunded=Money(row["refunded"], row["currency"]),
        payment_id=row["payment_id"],
        all_or_nothing=row["all_or_nothing"],
        in_campaigns=row["in_campaigns"],
        device=row["device"],
        placed_at=row["placed_at"],
        expires_at=row["expires_at"],
        paid_at=row["paid_at"],
    )


def _line_from(row: db.Row, currency: str) -> OrderLine:
    return OrderLine(
        id=row["id"],
        order_id=row["order_id"],
        position=row["position"],
        listing_id=row["listing_id"],
        variant_id=row["variant_id"],
        quantity=row["quantity"],
        unit=row["unit"],
        total=Money(row["total"], currency),
        face_value=row["face_value"],
        face_currency=row["face_currency"],
        minimum_validity=timedelta(days=row["minimum_validity_days"]),
        validity=Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"]),
        refund_policy=RefundPolicy(RefundKind(row["refund"]), row["refund_days"]),
        sourced=row["sourced"],
        waits=row["waits"],
        trace=tuple(_step_from(step) for step in orjson.loads(row["trace"])),
    )


def _step_from(step: dict[str, Any]) -> PriceStep:
    return PriceStep(
        PriceSource(step["source"]),
        step["label"],
        Decimal(step["effect"]),
        step["names"],
        None if step["source_id"] is None else UUID(step["source_id"]),
        step.get("on_total", 0),
    )


async def order_by_id(
    order: UUID, *, party: UUID | None = None, tx: Transaction | None = None, for_update: bool = False
) -> Order:
    """The order; with `party`, only if it is that party's.

    Raises:
        NotFound.
    """
    row = await (tx.row if tx else db.row)(f"{BY_ID} FOR NO KEY UPDATE" if for_update else BY_ID, order)
    if row is None or party not in (None, row["party_id"]):
        raise NotFound("order", "订单", path=("orderId",))
    return order_from(row)


async def orders_by_ids(ids: Sequence[UUID]) -> list[Order]:
    """Orders by id, those that exist."""
    return [order_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def order_by_number(number: str) -> Order:
    """The order with this number, or NotFound."""
    row = await db.row(BY_NUMBER, number)
    if row is None:
        raise NotFound("order", "订单", path=("number",))
    return order_from(row)


async def orders_of_party(
    party: UUID,
    *,
    before: UUID | None = None,
    states: Sequence[OrderState] | None = None,
    channels: Collection[UUID] | None = None,
    limit: int = 20,
) -> list[Order]:
    """A party's orders, newest first; with `channels`, those placed there alone."""
    wanted = None if states is None else [str(state) for state in states]
    placed_in = None if channels is None else list(channels)
    return [order_from(row) for row in await db.rows(BY_PARTY, party, before, wanted, limit, placed_in)]


async def lines_of(orders: Sequence[Order], *, tx: Transaction | None = None) -> list[OrderLine]:
    """The lines of these orders, by order and position."""
    currency = {order.id: order.total.currency for order in orders}
    found = await (tx.rows if tx else db.rows)(LINES, list(currency))
    return [_line_from(row, currency[row["order_id"]]) for row in found]
