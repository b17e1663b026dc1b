"""The lives of a supplier account, of a reading of its catalog, and of one attempt to buy from it."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class AccountState(StrEnum):
    ACTIVE = auto()
    PAUSED = auto()  # by an operator: nothing new is bought there; what is under way is looked after


ACCOUNT: StateMachine[AccountState] = StateMachine(
    table="supplier_account",
    born=frozenset({AccountState.ACTIVE}),
    transitions={AccountState.ACTIVE: {AccountState.PAUSED}, AccountState.PAUSED: {AccountState.ACTIVE}},
)


class SyncState(StrEnum):
    QUEUED = auto()
    DONE = auto()
    FAILED = auto()


SYNC: StateMachine[SyncState] = StateMachine(
    table="supplier_catalog_sync",
    born=frozenset({SyncState.QUEUED}),
    transitions={SyncState.QUEUED: {SyncState.DONE, SyncState.FAILED}, SyncState.DONE: set(), SyncState.FAILED: set()},
)


# A day of a supplier's statement is read as a catalog is.
STATEMENT: StateMachine[SyncState] = StateMachine(
    table="supplier_statement",
    born=frozenset({SyncState.QUEUED}),
    transitions={SyncState.QUEUED: {SyncState.DONE, SyncState.FAILED}, SyncState.DONE: set(), SyncState.FAILED: set()},
)


class SupplierOrderState(StrEnum):
    SUBMITTED = auto()  # written down before it was sent: from here on it may be ours
    UNKNOWN = auto()  # nobody knows: settled by a look, or by a person
    ACCEPTED = auto()  # taken on; whether it succeeds is told later
    DELIVERED = auto()
    PARTIAL = auto()  # final, with fewer than ordered
    NOT_SENT = auto()  # nothing left this machine
    REJECTED = auto()  # no such order exists there, or it failed and its money is back
    REVERSED = auto()  # it was ours, and was taken back
    ABANDONED = auto()  # given up by an operator while nobody knew: the customer was refunded at the house's risk
    LATE = auto()  # given up, and delivered after all: its codes are in quarantine


OPEN = frozenset({SupplierOrderState.SUBMITTED, SupplierOrderState.UNKNOWN, SupplierOrderState.ACCEPTED})
# It came, and can still be taken back.
HELD = frozenset({SupplierOrderState.DELIVERED, SupplierOrderState.PARTIAL, SupplierOrderState.LATE})

_ENDS = {
    SupplierOrderState.DELIVERED,
    SupplierOrderState.PARTIAL,
    SupplierOrderState.REJECTED,
    SupplierOrderState.REVERSED,
    SupplierOrderState.ABANDONED,
}

SUPPLIER_ORDER: StateMachine[SupplierOrderState] = StateMachine(
    table="supplier_order",
    born=frozenset({SupplierOrderState.SUBMITTED}),
    transitions={
        SupplierOrderState.SUBMITTED: {
            SupplierOrderState.UNKNOWN,
            SupplierOrderState.ACCEPTED,
            SupplierOrderState.NOT_SENT,
            *_ENDS,
        },
        SupplierOrderState.UNKNOWN: {SupplierOrderState.ACCEPTED, *_ENDS},
        # What was accepted may answer with something that does not fit our order.
        SupplierOrderState.ACCEPTED: {SupplierOrderState.UNKNOWN, *_ENDS},
        SupplierOrderState.DELIVERED: {SupplierOrderState.REVERSED},
        SupplierOrderState.PARTIAL: {SupplierOrderState.REVERSED},
        SupplierOrderState.NOT_SENT: set(),
        SupplierOrderState.REJECTED: set(),
        SupplierOrderState.REVERSED: set(),
        SupplierOrderState.ABANDONED: {SupplierOrderState.LATE, SupplierOrderState.REJECTED},
        SupplierOrderState.LATE: {SupplierOrderState.REVERSED},
    },
)
