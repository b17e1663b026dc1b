"""The life of an entitlement. A pool code may be issued, and even shown, in the transaction that makes the unit."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class EntitlementState(StrEnum):
    PENDING = auto()  # paid, and still to be obtained
    DELAYED = auto()  # the same, for longer than was promised
    ISSUED = auto()
    REVEALED = auto()
    DELIVERED = auto()  # done to the account that the buyer named: there is nothing to show, and nothing to take back
    FAILED = auto()
    FROZEN = auto()
    EXPIRED = auto()
    REVOKED = auto()


ENTITLEMENT: StateMachine[EntitlementState] = StateMachine(
    table="entitlement",
    born=frozenset({EntitlementState.PENDING, EntitlementState.ISSUED, EntitlementState.REVEALED, EntitlementState.FAILED}),
    transitions={
        EntitlementState.PENDING: {
            EntitlementState.ISSUED,
            EntitlementState.DELIVERED,
            EntitlementState.DELAYED,
            EntitlementState.FAILED,
        },
        EntitlementState.DELAYED: {EntitlementState.ISSUED, EntitlementState.DELIVERED, EntitlementState.FAILED},
        EntitlementState.ISSUED: {
            EntitlementState.REVEALED,
            EntitlementState.REVOKED,
            EntitlementState.FROZEN,
            EntitlementState.EXPIRED,
        },
        EntitlementState.REVEALED: {EntitlementState.REVOKED, EntitlementState.FROZEN, EntitlementState.EXPIRED},
        EntitlementState.DELIVERED: {EntitlementState.REVOKED, EntitlementState.FROZEN},
        EntitlementState.FROZEN: {
            EntitlementState.ISSUED,
            EntitlementState.REVEALED,
            EntitlementState.DELIVERED,
            EntitlementState.REVOKED,
        },
        EntitlementState.EXPIRED: {EntitlementState.REVOKED},
        EntitlementState.FAILED: set(),
        EntitlementState.REVOKED: set(),
    },
)

# Paid, and not there yet.
WAITING = (EntitlementState.PENDING, EntitlementState.DELAYED)
