"""Paying an order that was placed before: from the wallet now, or by money that a gateway brought, however late."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from perkhub.accounts import ensure_not_blocked
from perkhub.campaigns import CampaignRefusal, confirm_parts, kept_tickets, reclaim_parts
from perkhub.campaigns.circles import pay_places
from perkhub.catalog import LimitReached, QuotaReached, claim_listings, release_listings
from perkhub.channels import Viewer, ensure_may_buy_in
from perkhub.entitlements import Unit
from perkhub.fulfilment import Filled, Source, earned, fill
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit
from perkhub.kit.states import IllegalMove
from perkhub.ledger import Book, Entry, debit, post
from perkhub.orders.buy import demands_of
from perkhub.orders.drawn import after_draws
from perkhub.orders.earn import undelivered
from perkhub.orders.errors import OrderNotPayable
from perkhub.orders.give_up import end_holds
from perkhub.orders.read import Order, lines_of, order_by_id, order_from
from perkhub.orders.refund import note_refunded, release_units
from perkhub.orders.states import ORDER, OrderState
from perkhub.orders.tell import ORDER_KIND, tell_after_commit
from perkhub.payments import (
    Payable,
    Payment,
    give_back,
    payment_by_id,
    record_gateway_payment,
    record_wallet_payment,
    was_given_back,
)
from perkhub.plugin.events import EntitlementsIssued, OrderPaid, OrderRefunded
from perkhub.vault import OutOfStock, free_stock, settle_stock, take_stock


async def pay_from_wallet(tx: Transaction, order: UUID, party: UUID, *, actor: str, viewer: Viewer | None = None) -> Order:
    """Debit the wallet, move the order, deliver what it held; units that got no code are refunded in the same step.

    Without a viewer, the party may pay where it could enter without being in any group.

    Raises:
        NotFound, OrderNotPayable, ChannelNotFound, CustomerBlocked, InsufficientFunds, AccountFrozen; OutOfStock for an
        all-or-nothing order, and where only codes that others were promised are left for what is drawn.
    """
    await ensure_not_blocked(party)
    known = await order_by_id(order, party=party, tx=tx)
    refuse_unpayable(known)
    await ensure_may_buy_in(known.channel_id, viewer or Viewer(party))
    account = await debit(tx, party, known.total) if known.total else None
    payment = None
    if account is not None:
        payment = record_wallet_payment(tx, Payable(ORDER_KIND, order), party, known.total)
    paid = await _move_to_paid(tx, known, payment, origin=OrderState.PLACED)
    source = [Entry(Book.PARTY, -known.total, account)] if account else []
    return await _deliver(tx, paid, payment, source, actor=actor)


def refuse_unpayable(order: Order) -> None:
    """Refuse an order that is not waiting for money, or whose time has passed though nobody has expired it yet.

    Raises:
        OrderNotPayable.
    """
    if order.state is not OrderState.PLACED:
        raise OrderNotPayable(state=order.state)
    if order.expires_at is not None and order.expires_at <= now():
        raise OrderNotPayable(state=OrderState.EXPIRED)


async def apply_order_payment(tx: Transaction, payment: UUID) -> None:
    """Use received money for its order: honour it if stock can still be claimed, else give it back. Once per payment."""
    known = await payment_by_id(payment, tx=tx)
    assert known is not None
    # Locked: another payment may be honouring the order at this moment, or its time run out, and the answer hangs on it.
    order = await order_by_id(known.payable.id, tx=tx, for_update=True)
    if order.payment_id == payment or await was_given_back(tx, payment):
        return  # this job ran before
    try:
        async with transaction() as attempt:
            await _honour(attempt, order, known)
    except (OrderNotPayable, OutOfStock, LimitReached, QuotaReached, CampaignRefusal) as refusal:
        await _return_money(tx, known, reason=f"order is {order.state}: {refusal.code}")


async def _honour(tx: Transaction, order: Order, payment: Payment) -> None:
    actor = f"gateway:{payment.method}"
    late = order.state in (OrderState.EXPIRED, OrderState.CANCELLED)
    paid = await _move_to_paid(tx, order, payment, origin=order.state)
    source = [Entry(Book.UNAPPLIED, -payment.amount)]
    await _deliver(tx, paid, payment, source, actor=actor, late=late)


async def _return_money(tx: Transaction, payment: Payment, *, reason: str) -> None:
    taken_from = [Entry(Book.UNAPPLIED, -payment.amount)]
    # The payment's own id names the refund: whatever repeats this job, the money goes back once.
    await give_back(tx, payment.id, payment, payment.amount, taken_from=taken_from, reason=reason, actor="system")


async def _move_to_paid(tx: Transaction, order: Order, payment: Payment | None, *, origin: OrderState) -> Order:
    columns = {"payment_id": payment.id if payment else None, "paid_at": now()}
    tell_after_commit(tx, order.id)
    try:
        event = OrderPaid(order_id=order.id)
        return order_from(await ORDER.move(tx, order.id, OrderState.PAID, event=event, origin=[origin], **columns))
    except IllegalMove:
        raise OrderNotPayable(state=(await order_by_id(order.id, tx=tx)).state) from None


async def _deliver(
    tx: Transaction, order: Order, payment: Payment | None, source: Sequence[Entry], *, actor: str, late: bool = False
) -> Order:
    lines = await lines_of([order], tx=tx)
    demands = await demands_of(lines, order.channel_id)
    if order.in_campaigns and (tickets := await kept_tickets(tx, order.id)):
        demands = await after_draws(tx, tickets, demands, order=order.id, party=order.party_id, lines=lines)
    filled = await fill(
        tx,
        order.party_id,
        demands,
        source=Source(ORDER_KIND, order.id, together=order.all_or_nothing),
        actor=actor,
        promised=not late,
        partly=not late and not order.all_or_nothing,
    )
    deferred = [Entry(Book.DEFERRED, order.total)] if source else []
    await post(tx, "order.paid", order.id, [*source, *deferred, *earned(filled.issued)], actor=actor)
    if filled.issued:
        issued = tuple(unit.id for unit in filled.issued)
        emit(tx, EntitlementsIssued(source_kind=ORDER_KIND, source_id=order.id, entitlement_ids=issued))
    if late:
        listings: Counter[UUID] = Counter()
        for line in lines:
            listings[line.listing_id] += line.quantity
        await _claim_afresh(tx, order, listings, filled)
        return order
    held = await end_holds(tx, order)
    if filled.failed:
        order = await _refund_undelivered(tx, order, payment, filled.failed, actor=actor)
        listing_of = {line.id: line.listing_id for line in lines}
        missed = Counter(listing_of[unit.source_id] for unit in filled.failed)
        await release_listings(tx, order.party_id, missed)
    promised: Counter[UUID] = Counter()
    for row in held:
        promised[row["variant_id"]] += row["quantity"] - row["sourced"]
    # What waits keeps its promise though the order's hold is over.
    await settle_stock(tx, taken=filled.taken(), promised=promised - filled.held)
    await _refuse_others_codes(tx, filled.taken() - promised)
    if order.in_campaigns:
        confirm_parts(tx, order.id)
        if any(line.waits for line in lines):
            await pay_places(tx, order.id)
        if filled.failed:
            await release_units(tx, order, lines, filled.failed)
    return order


async def _refuse_others_codes(tx: Transaction, taken: Counter[UUID]) -> None:
    """To what is drawn nobody promised a code: the pool's last ones may be promised to others, who get theirs. The counters
    were lowered just now, and are ours until the commit. What was drawn is not told: who knew it would pay or not by it.

    Raises:
        OutOfStock.
    """
    if taken and min((await free_stock(tx, list(taken))).values()) < 0:
        raise OutOfStock(available=0)


async def _claim_afresh(tx: Transaction, order: Order, listings: dict[UUID, int], filled: Filled) -> None:
    """An ended order holds nothing any more: all that is scarce is claimed again, or the money goes back."""
    rows = await tx.rows("SELECT id, limit_per_customer FROM listing WHERE id = ANY($1)", list(listings))
    await claim_listings(tx, order.party_id, listings, limits={row["id"]: row["limit_per_customer"] for row in rows})
    await take_stock(tx, filled.taken(), held=filled.held)
    if order.in_campaigns:
        await reclaim_parts(tx, order.id)


async def _refund_undelivered(
    tx: Transaction, order: Order, payment: Payment | None, failed: Sequence[Unit], *, actor: str
) -> Order:
    amount = undelivered(failed, order.total.currency)
    refund = new_id()
    if payment is not None and amount:
        taken_from = [Entry(Book.DEFERRED, -amount)]
        await give_back(tx, refund, payment, amount, taken_from=taken_from, reason="out of stock", actor=actor)
    return await note_refunded(tx, order, amount, event=OrderRefunded(order_id=order.id, refund_id=refund))


async def start_order_payment(
    tx: Transaction,
    order: Order,
    *,
    method: str,
    return_url: str,
    payment: UUID | None = None,
    viewer: Viewer | None = None,
) -> Payment:
    """Record that a gateway shall be asked for the order's money.

    Without a viewer, the party may pay where it could enter without being in any group. Money that comes in is taken
    wherever it was asked for: who lost the channel meanwhile still gets what they paid.

    Raises:
        OrderNotPayable, ChannelNotFound, CustomerBlocked, PaymentMethodUnknown, InvalidInput.
    """
    refuse_unpayable(order)
    await ensure_may_buy_in(order.channel_id, viewer or Viewer(order.party_id))
    await ensure_not_blocked(order.party_id)
    if not order.total:
        reason, reason_zh = "There is nothing to pay for this order: choose the wallet.", "该订单无需付款,请选择余额支付。"
        raise InvalidInput(path=("pay", "gateway"), reason=reason, reason_zh=reason_zh)
    payable = Payable(ORDER_KIND, order.id)
    return record_gateway_payment(
        tx, payment or new_id(), payable, order.party_id, order.total, method=method, return_url=return_url
    )
