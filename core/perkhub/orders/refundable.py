"""Which units of an order may go back, and why the others may not: by their state, and by what was promised when they were
sold. What goes back, and how, is `refund`'s."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.catalog import RefundKind
from perkhub.channels import known_channel
from perkhub.entitlements import Entitlement, EntitlementAlreadySeen, EntitlementState
from perkhub.kit.clock import now
from perkhub.kit.errors import DomainError
from perkhub.orders.errors import NothingToRefund, RefundNotOffered, RefundWindowClosed
from perkhub.orders.read import Order, OrderLine

REFUNDABLE = (EntitlementState.ISSUED, EntitlementState.REVEALED, EntitlementState.DELIVERED, EntitlementState.FROZEN)
# What somebody has used, or may have.
SEEN = (EntitlementState.DELIVERED, EntitlementState.FROZEN)
HELD = (*REFUNDABLE, EntitlementState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Leave:
    """What somebody who refunds may take back. Buyers have leave for what their lines do not bar; operators for more."""

    barred: Mapping[UUID, DomainError]
    even_if_seen: bool = False
    even_if_over: bool = False
    waiting: Collection[UUID] = ()  # lines of which nothing is obtained yet, nor asked for

    def waits(self, unit: Entitlement) -> bool:
        """Whether the unit waits for leave to be delivered, and for nothing else."""
        return unit.source_id in self.waiting and unit.state is EntitlementState.PENDING

    def refusal(self, unit: Entitlement) -> DomainError | None:
        """Why this unit may not go back; None where it may."""
        if self.waits(unit):
            return self.barred.get(unit.source_id)
        if unit.state not in (HELD if self.even_if_over else REFUNDABLE):
            return NothingToRefund()
        seen = unit.revealed_at is not None or unit.state in SEEN
        if seen and not self.even_if_seen:
            return EntitlementAlreadySeen()
        return self.barred.get(unit.source_id)


async def leave_for(
    order: Order, lines: Sequence[OrderLine], *, even_if_seen: bool, against_policy: bool, waiting: Collection[UUID] = ()
) -> Leave:
    """The leave of whoever asks now; `against_policy` is an operator's, who goes beyond what was promised."""
    if against_policy:
        return Leave({}, even_if_seen, even_if_over=True, waiting=waiting)
    zone = (await known_channel(order.channel_id)).zone
    refusals = {line.id: _policy_refusal(order, line, zone) for line in lines}
    barred = {line: refusal for line, refusal in refusals.items() if refusal is not None}
    return Leave(barred, even_if_seen, waiting=waiting)


def _policy_refusal(order: Order, line: OrderLine, zone: str) -> DomainError | None:
    if line.refund_policy.kind is RefundKind.NEVER:
        return RefundNotOffered()
    ends = None if order.paid_at is None else line.refund_policy.ends(order.paid_at, zone)
    return RefundWindowClosed(until=ends) if ends is not None and ends <= now() else None


def choose_named(present: Sequence[Entitlement], named: Collection[UUID], leave: Leave) -> list[Entitlement]:
    """Exactly these units, or a refusal.

    Raises:
        NothingToRefund, EntitlementAlreadySeen, RefundNotOffered, RefundWindowClosed.
    """
    chosen = [unit for unit in present if unit.id in named]
    refusals = [refusal for unit in chosen if (refusal := leave.refusal(unit)) is not None]
    if not chosen or len(chosen) != len(named):
        refusals.insert(0, NothingToRefund())
    for refusal in refusals:
        refusal.path = ("entitlementIds",)
        raise refusal
    return chosen


def choose_all(present: Sequence[Entitlement], leave: Leave) -> list[Entitlement]:
    """Every unit that may go back, or why there is none.

    Raises:
        NothingToRefund, RefundNotOffered, RefundWindowClosed.
    """
    refusals = [leave.refusal(unit) for unit in present]
    chosen = [unit for unit, refusal in zip(present, refusals, strict=True) if refusal is None]
    if not chosen:
        told = next((one for one in refusals if isinstance(one, RefundNotOffered | RefundWindowClosed)), NothingToRefund())
        told.path = ("orderId",)
        raise told
    return chosen
