"""What happens when something happened: every event handler, job and periodic task of the house, wired once per process."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from perkhub.accounts import forget_what_is_over
from perkhub.campaigns import register_campaign_jobs
from perkhub.catalog import Market, follow_listings, register_search_jobs, register_sheet_jobs
from perkhub.catalog.media import forget_images
from perkhub.channels import ANYONE, known_channel
from perkhub.entitlements import expire_units
from perkhub.fulfilment import register_fulfilment_jobs
from perkhub.kit.db import transact
from perkhub.kit.jobs import Context, Postpone, every, job, on
from perkhub.kit.uploads import forget_uploads
from perkhub.notices import send_invitation, send_one_time_code
from perkhub.orders import ORDER_KIND, apply_order_payment, expire_due_orders, refund_unobtainable
from perkhub.payments import (
    TOP_UP_KIND,
    GatewayUnanswered,
    RefundUnsettled,
    apply_top_up,
    carry_out_refund,
    erase_callbacks,
    payment_by_id,
    settle_due_payments,
    settle_hinted_payment,
)
from perkhub.plugin.events import (
    EntitlementsUnobtainable,
    OneTimeCodeIssued,
    OrganisationInvitationIssued,
    PaymentSucceeded,
    RefundRequested,
)
from perkhub.pricing import listings_changed, viewer_price
from perkhub.reactions.balances import register_balances
from perkhub.reactions.changes import forget_old_changes
from perkhub.reactions.circles import register_circles
from perkhub.reactions.erase import register_erasure
from perkhub.reactions.gauges import register_gauges
from perkhub.suppliers import OBTAINABLE, forget_callbacks, register_supplier_jobs
from perkhub.vault import register_vault_jobs

REFUND_AGAIN_SECONDS = 15
# A gateway that called and then does not answer: its customer is looking at the screen.
LOOK_SOON, LOOK_SOON_LONGEST, LOOK_SOON_FOR = 0.5, 15.0, timedelta(minutes=10)


@cache
def register_reactions() -> None:
    """Register everything, once."""
    register_vault_jobs()
    register_search_jobs()
    register_sheet_jobs(_market_of)
    register_fulfilment_jobs()
    register_supplier_jobs()
    register_campaign_jobs()
    register_gauges()
    register_erasure()
    register_circles()
    register_balances()
    follow_listings(listings_changed)
    on(OneTimeCodeIssued, "notices.one_time_code")(_send_one_time_code)
    on(OrganisationInvitationIssued, "notices.invitation")(_send_invitation)
    on(PaymentSucceeded, "payments.apply")(_apply_payment)
    on(RefundRequested, "payments.refund")(_carry_out_refund)
    on(EntitlementsUnobtainable, "orders.refund_unobtainable")(_refund_unobtainable)
    job("payments.settle")(_settle)
    every(seconds=3600, name="accounts.forget")(forget_what_is_over)
    every(seconds=600, name="readers.forget")(forget_old_changes)
    every(seconds=3600, name="catalog.forget_images")(forget_images)
    every(seconds=3600, name="uploads.forget")(_forget_uploads)
    every(seconds=3600, name="suppliers.forget_callbacks")(forget_callbacks)
    every(seconds=2, name="orders.expire")(_expire_orders)
    every(seconds=60, name="entitlements.expire")(_expire_units)
    every(seconds=5, name="payments.look_up")(settle_due_payments)


async def _market_of(channel: UUID, at: datetime) -> Market:
    """A channel as anybody sees it, for lists of operators that ask for its prices or its stock."""
    price = await viewer_price(await known_channel(channel), ANYONE, at=at)
    said: dict[str, Any] = {"price": lambda put, listing: price.sql(put, listing=listing)} if price.lists else {}
    return Market(channel, at, everything=True, stocked=OBTAINABLE, **said)


async def _send_one_time_code(_: Context, event: OneTimeCodeIssued) -> None:
    await send_one_time_code(event.code_id)


async def _send_invitation(_: Context, event: OrganisationInvitationIssued) -> None:
    await send_invitation(event.invitation_id, event.sending_id)


async def _apply_payment(_: Context, event: PaymentSucceeded) -> None:
    """Money that came is used for what it was meant for, in one transaction."""
    payment = await payment_by_id(event.payment_id)
    assert payment is not None
    apply = {ORDER_KIND: apply_order_payment, TOP_UP_KIND: apply_top_up}[payment.payable.kind]
    await transact(lambda tx: apply(tx, payment.id))


async def _carry_out_refund(_: Context, event: RefundRequested) -> None:
    try:
        await carry_out_refund(event.refund_id)
    except RefundUnsettled:
        raise Postpone(REFUND_AGAIN_SECONDS) from None


async def _refund_unobtainable(_: Context, event: EntitlementsUnobtainable) -> None:
    """What was bought into stock has nobody to refund."""
    if event.source_kind == ORDER_KIND:
        await transact(lambda tx: refund_unobtainable(tx, event.source_id, event.entitlement_ids))


async def _settle(context: Context, payment_id: UUID) -> None:
    """A callback hinted at this payment: look it up, then forget what the callback said."""
    try:
        payment = await settle_hinted_payment(payment_id)
    except GatewayUnanswered as unanswered:
        if context.waited < LOOK_SOON_FOR:
            raise Postpone(min(LOOK_SOON_LONGEST, LOOK_SOON * 2 ** min(context.forgiven, 8))) from None
        # From here on it is looked up by its turns, as if nobody had called.
        reference = unanswered.our_reference
        await transact(lambda tx: erase_callbacks(tx, reference))
        return
    if payment is not None:
        await transact(lambda tx: erase_callbacks(tx, payment.our_reference))


async def _forget_uploads() -> None:
    await forget_uploads()


async def _expire_orders() -> None:
    while await expire_due_orders():
        pass


async def _expire_units() -> None:
    await expire_units()
