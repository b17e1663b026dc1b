"""What happened in the house, told in the transaction in which it happened.

An event carries ids and plain facts: no code, no personal data, no money to act upon (readers look that up afresh).
A class only ever grows, by fields with a default; a changed meaning is a new class with a higher version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from pydantic import TypeAdapter

from perkhub.kit.outbox import Event


class UnknownEvent(LookupError):
    """A name and version that no class here stands for: perhaps written by a newer release."""

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"No event {name!r} of version {version} is known")


# --- people ---


@dataclass(frozen=True)
class CustomerRegistered(Event):
    """A customer exists; with a verified e-mail or phone, or because a provider or a host application vouches for them."""

    name: ClassVar[str] = "customer.registered"
    party_id: UUID


@dataclass(frozen=True)
class CustomerErased(Event):
    """Who a customer was is to be forgotten: whoever keeps anything that names this party deletes it. May come again."""

    name: ClassVar[str] = "customer.erased"
    party_id: UUID


@dataclass(frozen=True)
class OneTimeCodeIssued(Event):
    """A one-time code waits to be sent to its owner; the code itself lies sealed in its row."""

    name: ClassVar[str] = "one_time_code.issued"
    code_id: UUID


@dataclass(frozen=True)
class OrganisationInvitationIssued(Event):
    """An invitation waits to be sent, for the first time or again; its token lies sealed in its row."""

    name: ClassVar[str] = "organisation_invitation.issued"
    invitation_id: UUID
    sending_id: UUID


# --- orders: their state is money only ---


@dataclass(frozen=True)
class OrderPlaced(Event):
    """Stock is held for an unpaid order until `expires_at`."""

    name: ClassVar[str] = "order.placed"
    order_id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class OrderPaid(Event):
    """The whole order is paid; an order placed and paid in one step says only this."""

    name: ClassVar[str] = "order.paid"
    order_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """The buyer or staff gave up an unpaid order; its stock is free again."""

    name: ClassVar[str] = "order.cancelled"
    order_id: UUID


@dataclass(frozen=True)
class OrderExpired(Event):
    """Nobody paid in time; the order's stock is free again."""

    name: ClassVar[str] = "order.expired"
    order_id: UUID


@dataclass(frozen=True)
class OrderRefunded(Event):
    """Some or all units of an order were refunded; whether the money has arrived is told by `RefundSettled`."""

    name: ClassVar[str] = "order.refunded"
    order_id: UUID
    refund_id: UUID


# --- entitlements ---


@dataclass(frozen=True)
class EntitlementsIssued(Event):
    """Units were delivered to their party. The source is whatever asked for them: ("order", its id)."""

    name: ClassVar[str] = "entitlements.issued"
    source_kind: str
    source_id: UUID
    entitlement_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EntitlementsDelivered(Event):
    """Top-ups are done to the accounts that their buyers named; the source is whatever asked for them: ("order", its id)."""

    name: ClassVar[str] = "entitlements.delivered"
    source_kind: str
    source_id: UUID
    entitlement_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EntitlementRevealed(Event):
    """Its holder has seen the credentials for the first time."""

    name: ClassVar[str] = "entitlement.revealed"
    entitlement_id: UUID


@dataclass(frozen=True)
class EntitlementsRevoked(Event):
    """Units were taken back from their party."""

    name: ClassVar[str] = "entitlements.revoked"
    entitlement_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EntitlementsExpired(Event):
    """The time of units is over: their codes are shown no more."""

    name: ClassVar[str] = "entitlements.expired"
    entitlement_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EntitlementsDelayed(Event):
    """Units take longer to be obtained than was promised; the source is whatever asked for them: ("order", its id)."""

    name: ClassVar[str] = "entitlements.delayed"
    source_kind: str
    source_id: UUID
    entitlement_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EntitlementsUnobtainable(Event):
    """Nobody will deliver these units: whoever asked for them takes them back, and refunds what was paid."""

    name: ClassVar[str] = "entitlements.unobtainable"
    source_kind: str
    source_id: UUID
    entitlement_ids: tuple[UUID, ...]


# --- circles: people around one campaign ---


@dataclass(frozen=True)
class CircleFilled(Event):
    """Everybody whom a circle waited for has paid: what its members wait for is delivered."""

    name: ClassVar[str] = "circle.filled"
    circle_id: UUID


@dataclass(frozen=True)
class CircleLapsed(Event):
    """The time of a circle was over before it was full: who has paid gets their money back."""

    name: ClassVar[str] = "circle.lapsed"
    circle_id: UUID


@dataclass(frozen=True)
class CircleSettled(Event):
    """Every member of a closed circle has their benefit, or their money."""

    name: ClassVar[str] = "circle.settled"
    circle_id: UUID


# --- suppliers ---


@dataclass(frozen=True)
class SupplierOrderReversed(Event):
    """A supplier took a success back: its codes, or its top-ups, are frozen wherever they are, and a person has to decide."""

    name: ClassVar[str] = "supplier_order.reversed"
    supplier_order_id: UUID


@dataclass(frozen=True)
class SupplierBalanceLow(Event):
    """Less lies at a supplier than an operator wants to be there; told once, until there was enough again."""

    name: ClassVar[str] = "supplier_account.balance_low"
    account_id: UUID


# --- payments ---


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    """The right amount has arrived and is booked."""

    name: ClassVar[str] = "payment.succeeded"
    payment_id: UUID


@dataclass(frozen=True)
class PaymentFailed(Event):
    """The gateway says finally that no money will come from this payment."""

    name: ClassVar[str] = "payment.failed"
    payment_id: UUID


@dataclass(frozen=True)
class PaymentInReview(Event):
    """Money came that does not fit (a wrong amount or currency): a person must decide."""

    name: ClassVar[str] = "payment.in_review"
    payment_id: UUID


@dataclass(frozen=True)
class RefundRequested(Event):
    """A refund is accepted and must be carried out through the payment's own method."""

    name: ClassVar[str] = "refund.requested"
    refund_id: UUID


@dataclass(frozen=True)
class RefundSettled(Event):
    """The money has gone back."""

    name: ClassVar[str] = "refund.settled"
    refund_id: UUID


@dataclass(frozen=True)
class WalletToppedUp(Event):
    """A paid top-up is in the wallet."""

    name: ClassVar[str] = "wallet.topped_up"
    top_up_id: UUID


# --- the vault ---


@dataclass(frozen=True)
class ImportFinished(Event):
    """An uploaded workbook was read to its end, taken in or refused."""

    name: ClassVar[str] = "import.finished"
    import_id: UUID


@dataclass(frozen=True)
class LotImported(Event):
    """A lot of codes is sealed and in stock."""

    name: ClassVar[str] = "lot.imported"
    lot_id: UUID


@dataclass(frozen=True)
class LotRecalled(Event):
    """A lot was called back: its unsold codes are frozen, its holders are listed."""

    name: ClassVar[str] = "lot.recalled"
    lot_id: UUID


@cache
def public_events() -> Mapping[tuple[str, int], type[Event]]:
    """Every public event by name and version."""
    return {(event.name, event.version): event for event in Event.__subclasses__() if event.__module__ == __name__}


def from_payload(name: str, version: int, payload: Mapping[str, Any]) -> Event:
    """The event again, out of its stored payload. Fields that a newer release added are left aside.

    Raises:
        UnknownEvent: no such event.
    """
    return _reader(name, version).validate_python(dict(payload))


@cache
def _reader(name: str, version: int) -> TypeAdapter[Event]:
    event = public_events().get((name, version))
    if event is None:
        raise UnknownEvent(name, version)
    return TypeAdapter(event)
