"""The life of a circle, and of a place in it."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class CircleState(StrEnum):
    """A circle whose time is over is LAPSED at its second, whether or not a job has come to it: `Circle.state_at`."""

    OPEN = auto()
    FULL = auto()  # everybody has paid; what they wait for is being delivered
    SETTLED = auto()  # and was
    LAPSED = auto()  # its time was over first: everybody's money goes back


class MemberState(StrEnum):
    HELD = auto()  # the place of an unpaid order
    JOINED = auto()  # paid
    DUE = auto()  # the circle is full: to be delivered
    DELIVERED = auto()
    OWED = auto()  # the circle lapsed: to be refunded
    REFUNDED = auto()
    DROPPED = auto()  # the circle lapsed before they had paid: their order is to be cancelled
    LEFT = auto()  # cancelled, expired, or refunded while the circle was open; the place is another's


CIRCLE: StateMachine[CircleState] = StateMachine(
    table="circle",
    born=frozenset({CircleState.OPEN}),
    transitions={
        CircleState.OPEN: {CircleState.FULL, CircleState.LAPSED},
        CircleState.FULL: {CircleState.SETTLED},
        CircleState.SETTLED: set(),
        CircleState.LAPSED: set(),
    },
)

MEMBER: StateMachine[MemberState] = StateMachine(
    table="circle_member",
    born=frozenset({MemberState.HELD, MemberState.JOINED}),  # JOINED where an order is paid when it is placed
    transitions={
        MemberState.HELD: {MemberState.JOINED, MemberState.LEFT, MemberState.DROPPED},
        MemberState.JOINED: {MemberState.DUE, MemberState.OWED, MemberState.LEFT},
        MemberState.DUE: {MemberState.DELIVERED, MemberState.REFUNDED},
        MemberState.OWED: {MemberState.REFUNDED},
        MemberState.DROPPED: {MemberState.LEFT},
        MemberState.DELIVERED: set(),
        MemberState.REFUNDED: set(),
        MemberState.LEFT: set(),
    },
)

# What a member is still to get: their benefit, their money, or the end of their order.
UNSETTLED = (MemberState.DUE, MemberState.OWED, MemberState.DROPPED)
