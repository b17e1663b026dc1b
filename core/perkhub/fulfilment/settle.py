"""Settling by hand what no supplier settles: one person proposes, another one approves, and only then it is carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.fulfilment.arrive import apply
from perkhub.fulfilment.book import exposed, exposed_further
from perkhub.fulfilment.look import look_soon
from perkhub.fulfilment.needs import give_up, lock_need
from perkhub.fulfilment.reverse import book_returned
from perkhub.fulfilment.states import SETTLEMENT, Decision, NeedState, SettlementState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.money import UNIT_PLACES, Money
from perkhub.kit.sealing import seal, unseal
from perkhub.kit.states import IllegalMove
from perkhub.kit.texts import refuse_odd_text
from perkhub.ledger import post
from perkhub.plugin.supplier import CredentialKind, SuppliedCode, Supplies
from perkhub.suppliers import (
    Came,
    OrderSettled,
    Refused,
    SecondPersonNeeded,
    SettlementMoved,
    SupplierOrder,
    SupplierOrderState,
    accept_cost,
    close_review,
    lock_supplier_order,
    note_abandoned,
    offers_by_ids,
    supplier_orders_by_ids,
)

SUBJECT = "supplier_order"
LONGEST_REASON = 500
LARGEST_COST = Decimal(10) ** 9

COLUMNS = "id, order_id, decision, state, reason, cost, returned, codes, proposed_by, decided_by, created_at, decided_at"
# One proposal at a time waits: whoever comes second is told.
ADD = """
    INSERT INTO supplier_settlement (id, order_id, decision, state, reason, cost, returned, sealed, codes, proposed_by,
                                     created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (order_id) WHERE state = 'proposed' DO NOTHING RETURNING id
"""
LOCK = f"SELECT {COLUMNS}, sealed FROM supplier_settlement WHERE id = $1 FOR NO KEY UPDATE"
BY_IDS = f"SELECT {COLUMNS} FROM supplier_settlement WHERE id = ANY($1)"
OF_ORDERS = f"SELECT {COLUMNS} FROM supplier_settlement WHERE order_id = ANY($1) ORDER BY id"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A proposal, and what became of it. Its codes are told to nobody."""

    id: UUID
    order_id: UUID
    decision: Decision
    state: SettlementState
    reason: str
    cost: Decimal | None
    returned: Decimal | None
    codes: int
    proposed_by: str
    decided_by: str | None
    created_at: datetime
    decided_at: datetime | None


async def propose_settlement(
    tx: Transaction,
    settlement: UUID,
    order: UUID,
    decision: Decision,
    *,
    reason: str,
    by: str,
    codes: Sequence[SuppliedCode] = (),
    cost: Decimal | None = None,
    returned: Decimal | None = None,
) -> None:
    """Say what should be done about an order; nothing is, until a colleague approves it.

    Raises:
        NotFound, InvalidInput, OrderSettled, SettlementMoved.
    """
    refuse_odd_text(reason, "reason", longest=LONGEST_REASON, lines=True)
    if not reason.strip():
        raise InvalidInput(path=("reason",), reason="Say why.", reason_zh="请填写原因。")
    known = await supplier_orders_by_ids([order])
    if not known:
        raise NotFound("supplier order", "采购单", path=("supplierOrderId",))
    _refuse_settled(known[0], decision, returned)
    _refuse_unfit(known[0], decision, codes, cost)
    _refuse_returned(known[0], decision, returned)
    sealed = _sealed(settlement, codes) if codes else None
    born = str(SETTLEMENT.birth(SettlementState.PROPOSED))
    told = (str(decision), born, reason.strip(), cost, returned, sealed, len(codes), by, now())
    if await tx.value(ADD, settlement, order, *told) is None:
        raise SettlementMoved(path=("supplierOrderId",))
    tx.note_change(SUBJECT, order, after={"proposed": decision, "codes": len(codes)})


async def approve_settlement(tx: Transaction, settlement: UUID, *, by: str) -> UUID:
    """Carry a colleague's proposal out, once. The order.

    Raises:
        NotFound, SecondPersonNeeded, SettlementMoved, OrderSettled.
    """
    row = await _waiting(tx, settlement)
    if row["proposed_by"] == by:
        raise SecondPersonNeeded(path=("settlementId",))
    order = (await supplier_orders_by_ids([row["order_id"]]))[0]
    # The need before its order, as whatever arrives at this moment does.
    need = await lock_need(tx, order.purpose_id)
    order = await lock_supplier_order(tx, order.id)
    decision = Decision(row["decision"])
    _refuse_settled(order, decision, row["returned"])
    await _decide(tx, settlement, SettlementState.CARRIED_OUT, by)
    issuer = (await offers_by_ids([order.offer_id]))[0].issuer
    match decision:
        case Decision.DELIVERED:
            codes = _opened(settlement, row["sealed"]) if row["sealed"] is not None else []
            cost = order.maximum_cost if row["cost"] is None else row["cost"]
            done = order.quantity if order.supplies is Supplies.TOP_UPS else 0
            came = Came(codes, Money.line(cost, 1, order.currency), order.supplier_reference, done)
            await apply(tx, None, need, order, came, issuer=issuer)
        case Decision.FAILED:
            await apply(tx, None, need, order, Refused("settled_by_hand", elsewhere=True), issuer=issuer)
        case Decision.COST_ACCEPTED:
            if order.state is SupplierOrderState.ABANDONED:
                await post(tx, "supplier.exposed_further", settlement, exposed_further(order, row["cost"]), actor=by)
            await accept_cost(tx, order.id, row["cost"])
            look_soon(tx, order.id)
        case Decision.AT_OUR_RISK:
            await note_abandoned(tx, order, look_at=now())
            await post(tx, "supplier.exposed", order.id, exposed(order), actor=by)
            if need.state is NeedState.OPEN:
                await give_up(tx, need)
            look_soon(tx, order.id)
        case Decision.CLOSED:
            await _close(tx, order, row["returned"], by=by)
    tx.note_change(SUBJECT, order.id, before={"state": order.state}, after={"settled": decision})
    return order.id


async def _close(tx: Transaction, order: SupplierOrder, told: Decimal | None, *, by: str) -> None:
    _refuse_returned(order, Decision.CLOSED, told)  # it may have been said since
    returned = None if told is None else Money.line(told, 1, order.currency)
    await close_review(tx, order.id, returned=returned)
    if returned is not None:
        await book_returned(tx, order, returned, actor=by)


async def withdraw_settlement(tx: Transaction, settlement: UUID, *, by: str) -> UUID:
    """Take a proposal back, one's own or a colleague's. The order.

    Raises:
        NotFound, SettlementMoved.
    """
    row = await _waiting(tx, settlement)
    await _decide(tx, settlement, SettlementState.WITHDRAWN, by)
    order: UUID = row["order_id"]
    tx.note_change(SUBJECT, order, before={"proposed": row["decision"]}, after={"proposed": None})
    return order


async def settlements_of(orders: Sequence[UUID]) -> dict[UUID, list[Settlement]]:
    """Proposals for these orders, oldest first."""
    found: dict[UUID, list[Settlement]] = {order: [] for order in orders}
    for row in await db.rows(OF_ORDERS, list(orders)):
        found[row["order_id"]].append(_settlement(row))
    return found


async def order_of_settlement(settlement: UUID) -> UUID:
    """Which order a proposal is about.

    Raises:
        NotFound.
    """
    order: UUID | None = await db.value("SELECT order_id FROM supplier_settlement WHERE id = $1", settlement)
    if order is None:
        raise NotFound("settlement", "结算提议", path=("settlementId",))
    return order


async def _waiting(tx: Transaction, settlement: UUID) -> Row:
    row = await tx.row(LOCK, settlement)
    if row is None:
        raise NotFound("settlement", "结算提议", path=("settlementId",))
    if row["state"] != SettlementState.PROPOSED:
        raise SettlementMoved(path=("settlementId",))
    return row


async def _decide(tx: Transaction, settlement: UUID, state: SettlementState, by: str) -> None:
    try:
        await SETTLEMENT.move(tx, settlement, state, event=None, decided_by=by, decided_at=now(), sealed=None)
    except IllegalMove:
        raise SettlementMoved(path=("settlementId",)) from None


def _refuse_settled(order: SupplierOrder, decision: Decision, returned: Decimal | None) -> None:
    match decision:
        case Decision.CLOSED:
            # What came back of a reversal may be heard long after it was seen.
            heard = returned is not None and order.state is SupplierOrderState.REVERSED and order.returned is None
            fits = heard or (order.review_since is not None and not order.is_open)
        case Decision.AT_OUR_RISK:
            fits = order.is_open
        case _:
            # What was given up at our risk stays an exposure until somebody knows how it ended.
            fits = order.is_open or order.state is SupplierOrderState.ABANDONED
    if not fits:
        raise OrderSettled(state=order.state)


def _refuse_unfit(order: SupplierOrder, decision: Decision, codes: Sequence[SuppliedCode], cost: Decimal | None) -> None:
    due = decision is Decision.DELIVERED and order.supplies is Supplies.CODES
    if due != bool(codes) or len(codes) > order.quantity:
        raise InvalidInput(
            path=("codes",),
            reason=f"The codes that came, 1 to {order.quantity}, where codes were delivered; else none.",
            reason_zh=f"仅在卡密已交付时填写到货卡密,1 至 {order.quantity} 个。",
        )
    wanted = decision in (Decision.DELIVERED, Decision.COST_ACCEPTED)
    if (cost is None and decision is Decision.COST_ACCEPTED) or (cost is not None and not wanted):
        raise InvalidInput(
            path=("cost",),
            reason="What the whole order costs, where a cost is accepted or it was delivered; else nothing.",
            reason_zh="仅在接受成本或已交付时填写订单总成本。",
        )
    if cost is not None and not (cost.is_finite() and 0 <= cost <= LARGEST_COST and cost == cost.quantize(UNIT_PLACES)):
        reason = "At least 0, with at most six decimal places."
        raise InvalidInput(path=("cost",), reason=reason, reason_zh="不得小于 0,最多六位小数。")


def _refuse_returned(order: SupplierOrder, decision: Decision, returned: Decimal | None) -> None:
    if returned is None:
        return
    if decision is not Decision.CLOSED or order.state is not SupplierOrderState.REVERSED or order.returned is not None:
        reason = "Only where the supplier took it back and has not said what it paid back."
        raise InvalidInput(path=("returned",), reason=reason, reason_zh="仅在供应商撤回订单且未告知退款金额时填写。")
    paid = Money(order.cost or 0, order.currency)
    known = returned.is_finite() and 0 <= returned <= paid.amount
    if not known or Money.line(returned, 1, paid.currency).amount != returned:
        reason = f"An amount of {order.currency} between 0 and {paid.amount}, which it had cost."
        raise InvalidInput(path=("returned",), reason=reason, reason_zh=f"须为 0 至 {paid.amount} {order.currency}(订单成本)。")


def _sealed(settlement: UUID, codes: Sequence[SuppliedCode]) -> bytes:
    plain = orjson.dumps([{"credentials": list(code.credentials), "expires_at": code.expires_at} for code in codes])
    return seal(keyring().house_key(HouseKey.CREDENTIALS), plain, associated=_place(settlement))


def _opened(settlement: UUID, sealed: bytes) -> list[SuppliedCode]:
    told: list[dict[str, Any]] = orjson.loads(
        unseal(keyring().house_key(HouseKey.CREDENTIALS), sealed, associated=_place(settlement))
    )
    return [
        SuppliedCode(
            tuple((CredentialKind(kind), value) for kind, value in one["credentials"]),
            None if one["expires_at"] is None else datetime.fromisoformat(one["expires_at"]),
        )
        for one in told
    ]


def _place(settlement: UUID) -> tuple[str, UUID, str]:
    return ("supplier_settlement", settlement, "codes")


def _settlement(row: Row) -> Settlement:
    told = {name: row[name] for name in Settlement.__slots__}
    return Settlement(**{**told, "decision": Decision(row["decision"]), "state": SettlementState(row["state"])})
