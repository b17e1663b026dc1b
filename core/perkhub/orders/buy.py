"""Buying at once: placed, paid from the wallet and delivered from the pool, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from perkhub.accounts import ensure_not_blocked
from perkhub.campaigns import coupons_to_claim, parts_to_claim, take_own_of_parts, take_places, tickets_of
from perkhub.catalog import listings_to_take
from perkhub.channels import known_channel
from perkhub.entitlements import Unit
from perkhub.fulfilment import Demand, Source, earned, fill
from perkhub.kit.claims import Claim, Granted, claim
from perkhub.kit.db import ClaimContended, Transaction
from perkhub.kit.outbox import emit
from perkhub.ledger import Book, Entry, debit, post_new
from perkhub.orders.drawn import after_draws
from perkhub.orders.read import Order, OrderLine
from perkhub.orders.record import Purchase, lines_from, record_order, refuse_top_ups_together
from perkhub.orders.states import OrderState
from perkhub.orders.tell import ORDER_KIND
from perkhub.payments import Payable, record_wallet_payment
from perkhub.plugin.events import EntitlementsIssued, OrderPaid
from perkhub.pricing import Quote
from perkhub.vault import OutOfStock, SealedCode, stock_to_take


@dataclass(frozen=True, slots=True)
class Bought:
    """A paid order with its units; the sealed codes of delivered ones are there for who asked to see them at once."""

    order: Order
    lines: list[OrderLine]
    units: list[Unit]
    sealed: dict[UUID, SealedCode] = field(repr=False)


async def demands_of(lines: list[OrderLine], channel: UUID, *, quote: Quote | None = None) -> list[Demand]:
    """What the lines are due, by the calendar of the channel that sold them, and within the time that it promises. By the
    `quote` it is known whether a supplier would take what was said and chosen."""
    sold_in = await known_channel(channel)
    return [
        Demand(
            source_id=line.id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            price=line.total,
            minimum_validity=line.minimum_validity,
            face_value=line.face_value,
            face_currency=line.face_currency,
            validity=line.validity,
            zone=sold_in.zone,
            wait=timedelta(minutes=sold_in.delivery_minutes),
            sourced=line.sourced,
            elsewhere=line.face_value is None if quote is None else quote.lines[line.position].obtainable,
            waits=line.waits,
        )
        for line in lines
    ]


async def buy_now(tx: Transaction, purchase: Purchase, *, seen_at_once: bool = False) -> Bought:
    """Debit, claim, record, book. Rows are locked hottest last: wallet, codes, the party's limits, quotas, stock, campaigns.

    Raises:
        BasketInvalid, InsufficientFunds, AccountFrozen, CustomerBlocked, OutOfStock, LimitReached, QuotaReached,
        CampaignRefusal, WaitingNotTogether.
    """
    quote = purchase.quote
    refuse_top_ups_together(purchase)
    lines = lines_from(purchase)
    account = None
    if quote.total:
        account = await debit(tx, purchase.party_id, quote.total)
    else:
        # A blocked customer's wallet is frozen, so the debit needs no further look; what costs nothing does.
        await ensure_not_blocked(purchase.party_id)
    source = Source(ORDER_KIND, purchase.order_id, together=purchase.all_or_nothing)
    demands = await demands_of(lines, purchase.channel_id, quote=quote)
    if tickets := tickets_of(purchase.parts):
        demands = await after_draws(tx, tickets, demands, order=purchase.order_id, party=purchase.party_id, lines=lines)
    try:
        filled = await fill(tx, purchase.party_id, demands, source=source, actor=purchase.actor, seen_at_once=seen_at_once)
    except OutOfStock as refusal:
        raise again_from_suppliers(purchase, refusal) from None
    payment = None
    if account is not None:
        payable = Payable(ORDER_KIND, purchase.order_id)
        payment = record_wallet_payment(tx, payable, purchase.party_id, quote.total)
    order = record_order(tx, purchase, lines, state=OrderState.PAID, payment=payment.id if payment else None)
    paid = [Entry(Book.PARTY, -quote.total, account), Entry(Book.DEFERRED, quote.total)] if account else []
    post_new(tx, "order.paid", order.id, [*paid, *earned(filled.issued)], actor=purchase.actor)
    emit(tx, OrderPaid(order_id=order.id))
    if filled.issued:
        issued = tuple(unit.id for unit in filled.issued)
        emit(tx, EntitlementsIssued(source_kind=ORDER_KIND, source_id=order.id, entitlement_ids=issued))
    await take_own_of_parts(tx, purchase.parts, order=order.id, party=order.party_id, paid=True)
    await claim(tx, *shares_to_claim(purchase, stock_to_take(filled.taken(), held=filled.held)))
    await take_places(tx, purchase.parts, order=order.id, party=order.party_id, paid=True)
    return Bought(order, lines, [*filled.issued, *filled.pending], filled.sealed)


def again_from_suppliers(purchase: Purchase, refusal: OutOfStock) -> Exception:
    """The pool was emptied since the basket was priced. Where a supplier sells the same, the whole is tried again, and
    priced again: then it is bought there."""
    obtainable = {str(line.offered.variant_id) for line in purchase.quote.lines if line.obtainable}
    return ClaimContended(refusal) if set(refusal.path) & obtainable else refusal


def shares_to_claim(purchase: Purchase, stock: Claim, *, before: Sequence[Claim] = ()) -> list[Claim]:
    """Its coupons to use, and the purchase to count, after what is claimed `before`, on the party's limits, the listings'
    quotas, the stock and the campaigns: all for one statement, so that on hot rows others wait for our commit alone.

    Refused with LimitReached, QuotaReached, OutOfStock or CampaignRefusal.
    """
    wanted = purchase.quote.wanted_of_listings()
    limits = {line.offered.listing_id: line.offered.limit_per_customer for line in purchase.quote.lines}
    coupons = coupons_to_claim(purchase.parts, order=purchase.order_id, party=purchase.party_id)
    listings = listings_to_take(purchase.party_id, wanted, limits=limits)
    campaigns = parts_to_claim(purchase.parts, purchase.party_id)
    return [*coupons, *before, listings, _or_from_suppliers(purchase, stock), *campaigns]


def _or_from_suppliers(purchase: Purchase, stock: Claim) -> Claim:
    async def settle(tx: Transaction, granted: Granted) -> None:
        try:
            await stock.settle(tx, granted)
        except OutOfStock as refusal:
            raise again_from_suppliers(purchase, refusal) from None

    return replace(stock, settle=settle)
