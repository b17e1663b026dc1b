"""orderPlace: place, and where it is asked pay and show, in one go."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from perkhub.campaigns import CampaignQueued, CampaignRefusal, CampaignSoldOut, Offer, enter, leave, note_refusal, offer_basket
from perkhub.campaigns.coupons import count_guesses
from perkhub.catalog import LimitReached, QuotaReached, offers
from perkhub.channels import Viewer
from perkhub.entitlements import WAITING, Entitlement, EntitlementState, Unit, any_waits, entitlements_of_sources, reveal
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.idempotency import once, was_used
from perkhub.kit.metrics import count_order, count_reveals
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub.ledger import AccountFrozen, InsufficientFunds
from perkhub.orders import (
    Bought,
    Order,
    Purchase,
    buy_now,
    lines_of,
    order_by_id,
    place_order,
    start_order_payment,
)
from perkhub.payments import Payment, PaymentState, payments_of
from perkhub.pricing import BasketLine, PriceMoved
from perkhub.vault import Credential, OutOfStock, SealedCode, unseal_credentials
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.global_ids import Kind
from perkhub_schema.orders.inputs import GatewayInput, OrderPlaceInput, fingerprint, to_basket, to_codes
from perkhub_schema.orders.payloads import OrderPlacePayload
from perkhub_schema.orders.types import OrderLineType, lines_with_units, to_line, to_order, to_revealed
from perkhub_schema.payments.begin import begin, chosen_gateway, return_address
from perkhub_schema.watching import ORDER, changes

OPERATION = "orderPlace"
SHOWN = (EntitlementState.ISSUED, EntitlementState.REVEALED)
# The ledger knows no inputs.
WALLET_REFUSED = (InsufficientFunds, AccountFrozen)
PAID_BY_WALLET = ("pay", "wallet")
LONGEST_WAIT = 5
LOOK_AGAIN = 0.5


@dataclass(frozen=True)
class _Placed:
    """What the transaction, or a replay's reading, came to; sealed codes are opened after the commit."""

    order: Order
    lines: list[OrderLineType]
    units: list[Entitlement] = field(default_factory=list)
    sealed: dict[UUID, SealedCode] = field(default_factory=dict, repr=False)
    payment: Payment | None = None


async def place(context: Context, given: OrderPlaceInput) -> OrderPlacePayload:
    """Carry the whole mutation out, once per idempotency key."""
    if not 0 <= given.wait_seconds <= LONGEST_WAIT:
        reason, reason_zh = f"Between 0 and {LONGEST_WAIT}.", f"须在 0 到 {LONGEST_WAIT} 之间。"
        raise InvalidInput(path=("waitSeconds",), reason=reason, reason_zh=reason_zh)
    channel = await context.channel()
    basket, codes = to_basket(given.lines), to_codes(given.coupon_codes)
    gateway = chosen_gateway(given.pay, "pay") if given.pay is not None else None
    expected = None if given.expected_total is None else given.expected_total.to_money("expectedTotal")
    party, viewer = context.buyer, await context.viewer()

    async def work(tx: Transaction, order_id: UUID) -> _Placed:
        # Priced here, not before: a replay must not be refused because the offer has ended since.
        offer = await offer_basket(channel, basket, viewer, codes=codes, complete=True)
        if expected is not None and expected != offer.quote.total:
            raise PriceMoved(now=offer.quote.total)
        purchase = _purchase(context, given, order_id, channel_id=channel.id, offer=offer)
        shown = sum(line.pooled for line in offer.quote.lines) if given.reveal else 0
        tx.after_commit(partial(_count, channel.key, shown))
        if given.pay is not None and gateway is None:
            return _bought(await buy_now(tx, purchase, seen_at_once=given.reveal), shown=given.reveal)
        return await _placed(tx, purchase, gateway, viewer)

    async def replay(order_id: UUID) -> _Placed:
        return await _read_again(order_id, party)

    request = {"channel": channel.key, "buyer": party.hex, **fingerprint(given)}
    actor = context.identity.actor
    try:
        async with _let_in(context, given, basket):
            await count_guesses(codes, guesser=str(party), holder=party)
            placed = await once(
                actor, OPERATION, key=given.idempotency_key, request=request, work=work, replay=replay, late=True
            )
    except (OutOfStock, LimitReached, QuotaReached) as refused:
        refused.path = await _line_of(refused.path, channel.id, basket)
        raise
    except CampaignRefusal as refused:
        count_refusal(basket, refused)
        raise
    except WALLET_REFUSED as refused:
        refused.path = PAID_BY_WALLET
        raise
    if given.wait_seconds and any(unit.state in WAITING for unit in placed.units):
        placed = await _wait(context, given.wait_seconds, placed)
    return await _answer(context, given, placed)


@asynccontextmanager
async def _let_in(context: Context, given: OrderPlaceInput, basket: list[BasketLine]) -> AsyncIterator[None]:
    """In a rush most come too late: they hear it without a transaction. Who repeats a request hears what came of it.

    Raises:
        CampaignSoldOut, CampaignQueued, WaitingTicketInvalid.
    """
    try:
        places = await enter(basket, context.buyer, key=given.idempotency_key, ticket=given.ticket)
    except (CampaignSoldOut, CampaignQueued) as refused:
        # With a ticket as well: it may be the one that let this request in before, and its answer was lost.
        if not await was_used(context.identity.actor, OPERATION, given.idempotency_key):
            if isinstance(refused, CampaignSoldOut):
                context.too_late = (basket, refused)
            raise
        places = []
    try:
        yield
    finally:
        leave(places)


def count_refusal(basket: list[BasketLine], refused: CampaignRefusal) -> None:
    """In the figures of the campaign that the buyer chose: the path leads to its line."""
    if isinstance(refused, CampaignQueued):
        return
    if refused.path[:1] == ("lines",) and (chosen := basket[int(refused.path[1])].campaign) is not None:
        note_refusal(chosen.campaign_id, refused)


async def _wait(context: Context, seconds: int, placed: _Placed) -> _Placed:
    """Outside any transaction, until nothing waits for a supplier any more or the time is over: the order as it then stands."""
    lines = [one.line.id for one in placed.lines]
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(seconds),
            changes(ORDER, placed.order.id, viewer=context.identity.actor) as changed,
        ):
            while await any_waits(lines):
                # Without Redis nobody wakes us: look again all the same.
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed(), LOOK_AGAIN)
    order = await order_by_id(placed.order.id, party=placed.order.party_id)
    units = await entitlements_of_sources(lines)
    # What the pool gave was shown by this request: it is no further look.
    return replace(placed, order=order, lines=lines_with_units(await lines_of([order]), units), units=units)


async def _count(channel: str, reveals: int) -> None:
    count_order(channel)
    if reveals:
        count_reveals(reveals)


def _purchase(context: Context, given: OrderPlaceInput, order_id: UUID, *, channel_id: UUID, offer: Offer) -> Purchase:
    device = None if given.device_key is None else hashlib.sha256(given.device_key.encode()).hexdigest()
    return Purchase(
        order_id=order_id,
        party_id=context.buyer,
        channel_id=channel_id,
        quote=offer.quote,
        parts=offer.parts,
        actor=context.identity.actor,
        all_or_nothing=given.all_or_nothing,
        device=device,
    )


async def _placed(tx: Transaction, purchase: Purchase, gateway: GatewayInput | None, viewer: Viewer) -> _Placed:
    order, lines = await place_order(tx, purchase)
    payment = None
    if gateway is not None:
        back = return_address(gateway, Kind.ORDER, order.id)
        payment = await start_order_payment(tx, order, method=gateway.name, return_url=back, viewer=viewer)
    return _Placed(order, [to_line(line, []) for line in lines], payment=payment)


def _bought(bought: Bought, *, shown: bool) -> _Placed:
    party = bought.order.party_id
    units = [_as_entitlement(unit, party) for unit in bought.units]
    return _Placed(bought.order, lines_with_units(bought.lines, units), units, bought.sealed if shown else {})


async def _read_again(order_id: UUID, party: UUID) -> _Placed:
    order = await order_by_id(order_id, party=party)
    lines = await lines_of([order])
    units = await entitlements_of_sources([line.id for line in lines])
    pending = [one for one in await payments_of([order.id]) if one.state is PaymentState.PENDING]
    return _Placed(order, lines_with_units(lines, units), units, payment=pending[-1] if pending else None)


async def _line_of(named: tuple[str, ...], channel: UUID, basket: list[BasketLine]) -> tuple[str, ...]:
    """The domain names what is short by the id of its variant or listing; the client asked for it in a line."""
    listed = await offers(channel, [line.variant_id for line in basket])
    for position, line in enumerate(basket):
        offered = listed.get(line.variant_id)
        if named in ((str(line.variant_id),), (str(offered.listing_id),) if offered is not None else ()):
            return ("lines", str(position), "quantity")
    return ("lines",)


async def take_look(context: Context) -> None:
    """Count one more look at codes; what is bought and shown in one go is no further look.

    Raises:
        TooFast.
    """
    await take(f"reveal:{context.party}", limit=settings().reveals_per_minute, seconds=60)


async def _answer(context: Context, given: OrderPlaceInput, placed: _Placed) -> OrderPlacePayload:
    revealed = []
    if given.reveal:
        if any(unit.id not in placed.sealed and unit.state in SHOWN for unit in placed.units):
            await take_look(context)
        seen = [await _shown(context, unit, placed.sealed) for unit in placed.units]
        revealed = [to_revealed(unit, credentials) for unit, credentials in seen]
        placed = replace(placed, lines=_as_seen(placed.lines, {unit.id: unit for unit, _ in seen}))
    action = None if placed.payment is None else await begin(context, placed.payment)
    return OrderPlacePayload(order=to_order(placed.order, placed.lines), revealed=revealed, payment_action=action)


def _as_seen(lines: list[OrderLineType], units: dict[UUID, Entitlement]) -> list[OrderLineType]:
    """The lines with their units as they are now that somebody has seen them."""
    return [to_line(one.line, [units.get(unit.id, unit) for unit in one.units or []]) for one in lines]


async def _shown(context: Context, unit: Entitlement, sealed: dict[UUID, SealedCode]) -> tuple[Entitlement, list[Credential]]:
    """What was bought in this request is logged as seen already; a replay looks, and is logged, again."""
    if unit.id in sealed and unit.state in SHOWN:
        return unit, await unseal_credentials(sealed[unit.id])
    if unit.state in SHOWN:
        return await reveal(context.buyer, unit.id, actor=context.identity.actor)
    return unit, []


def _as_entitlement(unit: Unit, party: UUID) -> Entitlement:
    at = now()
    return Entitlement(
        id=unit.id,
        party_id=party,
        variant_id=unit.variant_id,
        source_id=unit.source_id,
        position=unit.position,
        state=unit.state,
        price=unit.price,
        face_value=unit.face_value,
        face_currency=unit.face_currency,
        cost=unit.cost,
        cost_currency=unit.cost_currency,
        code_id=unit.code_id,
        masked=unit.masked,
        created_at=at,
        issued_at=at if unit.state in SHOWN else None,
        revealed_at=at if unit.state is EntitlementState.REVEALED else None,
        expires_at=unit.expires_at,
    )
