"""The lives of a need, and of a proposal to settle a supplier order by hand."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class NeedState(StrEnum):
    OPEN = auto()
    DONE = auto()
    FAILED = auto()  # nobody would sell the rest, or an operator gave it up; what came before is kept


NEED: StateMachine[NeedState] = StateMachine(
    table="need",
    born=frozenset({NeedState.OPEN}),
    transitions={NeedState.OPEN: {NeedState.DONE, NeedState.FAILED}, NeedState.DONE: set(), NeedState.FAILED: set()},
)


class Decision(StrEnum):
    """What people can do about a supplier order of which nobody knows, or that was taken back."""

    DELIVERED = auto()  # it came another way: these are its codes
    FAILED = auto()  # the supplier says that it does not exist: the next offer, or the money back
    COST_ACCEPTED = auto()  # it is ours for more than we agreed: look again, and believe up to this
    AT_OUR_RISK = auto()  # refund whoever waits; what comes later is our loss
    CLOSED = auto()  # seen, and nothing more is to be done


class SettlementState(StrEnum):
    PROPOSED = auto()
    CARRIED_OUT = auto()
    WITHDRAWN = auto()


SETTLEMENT: StateMachine[SettlementState] = StateMachine(
    table="supplier_settlement",
    born=frozenset({SettlementState.PROPOSED}),
    transitions={
        SettlementState.PROPOSED: {SettlementState.CARRIED_OUT, SettlementState.WITHDRAWN},
        SettlementState.CARRIED_OUT: set(),
        SettlementState.WITHDRAWN: set(),
    },
)
