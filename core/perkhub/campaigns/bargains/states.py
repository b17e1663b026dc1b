"""The life of a bargain."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class BargainState(StrEnum):
    """An open one whose time is over has LAPSED at its second, whether or not anybody wrote that down: `Bargain.state_at`."""

    OPEN = auto()
    HELD = auto()  # an unpaid order has it, at the price of that moment; nobody cuts
    BOUGHT = auto()  # for good, whatever becomes of what was bought
    LAPSED = auto()


BARGAIN: StateMachine[BargainState] = StateMachine(
    table="bargain",
    born=frozenset({BargainState.OPEN}),
    transitions={
        BargainState.OPEN: {BargainState.HELD, BargainState.BOUGHT, BargainState.LAPSED},
        BargainState.HELD: {BargainState.OPEN, BargainState.BOUGHT, BargainState.LAPSED},
        BargainState.LAPSED: {BargainState.BOUGHT},  # the money of an order that had it came late
        BargainState.BOUGHT: set(),
    },
)
