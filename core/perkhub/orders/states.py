"""The money life of an order. What was delivered is told by its entitlements, never here."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class OrderState(StrEnum):
    PLACED = auto()
    PAID = auto()
    PARTLY_REFUNDED = auto()
    REFUNDED = auto()
    CANCELLED = auto()
    EXPIRED = auto()


ORDER: StateMachine[OrderState] = StateMachine(
    table="orders",
    born=frozenset({OrderState.PLACED, OrderState.PAID}),  # PAID: placed and paid in one transaction
    transitions={
        OrderState.PLACED: {OrderState.PAID, OrderState.CANCELLED, OrderState.EXPIRED},
        OrderState.PAID: {OrderState.PARTLY_REFUNDED, OrderState.REFUNDED},
        OrderState.PARTLY_REFUNDED: {OrderState.PARTLY_REFUNDED, OrderState.REFUNDED},
        OrderState.REFUNDED: set(),
        # A genuine payment that came late, while stock could still be claimed.
        OrderState.EXPIRED: {OrderState.PAID},
        OrderState.CANCELLED: {OrderState.PAID},
    },
)
