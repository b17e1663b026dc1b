"""Writing an order with its lines, whatever their number, in one round trip with the transaction's other writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from perkhub.campaigns import Part, record_parts
from perkhub.entitlements import keep_inputs
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id, readable_code
from perkhub.kit.inserts import Insert
from perkhub.kit.money import Money
from perkhub.orders.errors import WaitingNotTogether
from perkhub.orders.read import Order, OrderLine
from perkhub.orders.states import ORDER, OrderState
from perkhub.pricing import BasketInvalid, PriceStep, Quote

INSERT_ORDER = """
    INSERT INTO orders (id, number, party_id, channel_id, state, currency, total, refunded, payment_id, all_or_nothing,
                        device, placed_at, expires_at, paid_at, placed_by, in_campaigns)
    VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::text, $6::text, $7::bigint, 0, $8::uuid, $9::boolean, $10::text,
            $11::timestamptz, $12::timestamptz, $13::timestamptz, $14::text, $15::boolean)
"""
INSERT_LINES = Insert(
    "order_line",
    {
        "id": "uuid",
        "order_id": "uuid",
        "position": "int",
        "listing_id": "uuid",
        "variant_id": "uuid",
        "quantity": "int",
        "unit": "numeric",
        "total": "bigint",
        "face_value": "numeric",
        "face_currency": "text",
        "minimum_validity_days": "int",
        "validity": "text",
        "validity_days": "int",
        "valid_until": "date",
        "refund": "text",
        "refund_days": "int",
        "sourced": "int",
        "waits": "boolean",
        "trace": "jsonb",
    },
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Who buys what, and how: the request behind an order. `device` is a hash, never the key itself."""

    order_id: UUID
    party_id: UUID
    channel_id: UUID
    quote: Quote
    actor: str
    all_or_nothing: bool = False
    device: str | None = None
    parts: tuple[Part, ...] = ()  # in campaigns

    @property
    def waits(self) -> frozenset[int]:
        """The lines, by position, that are paid for and delivered only later; an order that gets all or nothing has none."""
        return frozenset(line for part in self.parts for line in part.waits)


def refuse_top_ups_together(purchase: Purchase) -> None:
    """Go on where all or nothing can be kept: a top-up that is done stays done, whatever becomes of the other units.

    Raises:
        BasketInvalid.
    """
    lines = purchase.quote.lines
    if purchase.all_or_nothing and sum(line.quantity for line in lines) > 1 and any(line.top_up for line in lines):
        reason = "A top-up cannot be taken back: order it by itself, or not all or nothing."
        raise BasketInvalid(reason, "直充无法撤回,请单独下单或取消“全部成功才发放”。", path=("allOrNothing",))


def order_number(at: datetime) -> str:
    """For people: the day and eight readable characters."""
    return f"P{at:%y%m%d}-{readable_code(8)}"


def lines_from(purchase: Purchase) -> list[OrderLine]:
    """The lines that the quote stands for.

    Raises:
        WaitingNotTogether.
    """
    if purchase.waits and purchase.all_or_nothing:
        raise WaitingNotTogether
    return [
        OrderLine(
            id=new_id(),
            order_id=purchase.order_id,
            position=position,
            listing_id=quoted.offered.listing_id,
            variant_id=quoted.offered.variant_id,
            quantity=quoted.quantity,
            unit=quoted.unit,
            total=quoted.total,
            face_value=quoted.face_value,
            face_currency=None if quoted.face_value is None else quoted.offered.face.currency,
            minimum_validity=quoted.offered.minimum_validity,
            validity=quoted.offered.validity,
            refund_policy=quoted.offered.refund_policy,
            sourced=quoted.sourced,
            waits=position in purchase.waits,
            trace=quoted.trace,
        )
        for position, quoted in enumerate(purchase.quote.lines)
    ]


def record_order(
    tx: Transaction,
    purchase: Purchase,
    lines: Sequence[OrderLine],
    *,
    state: OrderState,
    payment: UUID | None = None,
    expires_at: datetime | None = None,
) -> Order:
    """Write the order, its lines, its parts in campaigns and what the buyer said, with the transaction's other writes."""
    at = now()
    total = purchase.quote.total
    order = Order(
        id=purchase.order_id,
        number=order_number(at),
        party_id=purchase.party_id,
        placed_by=purchase.actor,
        channel_id=purchase.channel_id,
        state=ORDER.birth(state),
        total=total,
        refunded=Money(0, total.currency),
        payment_id=payment,
        all_or_nothing=purchase.all_or_nothing,
        in_campaigns=bool(purchase.parts),
        device=purchase.device,
        placed_at=at,
        expires_at=expires_at,
        paid_at=at if state is OrderState.PAID else None,
    )
    tx.later(INSERT_ORDER, *_order_values(order))
    tx.later(*INSERT_LINES.of([_line_values(line) for line in lines]))
    said = {line.id: quoted.inputs for line, quoted in zip(lines, purchase.quote.lines, strict=True) if quoted.inputs}
    keep_inputs(tx, order.party_id, said)
    record_parts(tx, purchase.parts, order=order.id, party=order.party_id, paid=state is OrderState.PAID)
    return order


def _order_values(order: Order) -> list[object]:
    money = [order.total.currency, order.total.minor, order.payment_id]
    who = [order.id, order.number, order.party_id, order.channel_id, str(order.state)]
    times = [order.placed_at, order.expires_at, order.paid_at]
    return [*who, *money, order.all_or_nothing, order.device, *times, order.placed_by, order.in_campaigns]


def _line_values(line: OrderLine) -> list[object]:
    what = [line.listing_id, line.variant_id, line.quantity, line.unit, line.total.minor, line.face_value, line.face_currency]
    validity, refund = line.validity, line.refund_policy
    good = [line.minimum_validity.days, str(validity.kind), validity.days, validity.until]
    promised = [*good, str(refund.kind), refund.days]
    return [line.id, line.order_id, line.position, *what, *promised, line.sourced, line.waits, _trace_json(line.trace)]


def _trace_json(trace: Sequence[PriceStep]) -> str:
    """With its names and its source, so that a price is explained long after its list is gone."""
    return orjson.dumps(
        [
            {
                "source": step.source,
                "label": step.label,
                "effect": str(step.effect),
                "names": step.names,
                "source_id": None if step.source_id is None else str(step.source_id),
                **({"on_total": step.on_total} if step.on_total else {}),
            }
            for step in trace
        ]
    ).decode()
