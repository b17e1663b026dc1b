"""The lives of a payment, a refund and a top-up."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class PaymentState(StrEnum):
    PENDING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    REVIEW = auto()  # money came that does not fit: a person decides
    RETURNED = auto()  # reviewed, and given back or put into the wallet


PAYMENT: StateMachine[PaymentState] = StateMachine(
    table="payment",
    born=frozenset({PaymentState.PENDING, PaymentState.SUCCEEDED}),
    transitions={
        PaymentState.PENDING: {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.REVIEW},
        # A gateway that took money after it had said no: the money is here and must be dealt with.
        PaymentState.FAILED: {PaymentState.SUCCEEDED, PaymentState.REVIEW},
        PaymentState.REVIEW: {PaymentState.RETURNED},
        PaymentState.SUCCEEDED: set(),
        PaymentState.RETURNED: set(),
    },
)


class RefundState(StrEnum):
    PENDING = auto()
    DONE = auto()
    REJECTED = auto()  # the gateway's final no: the money went into the wallet instead


REFUND: StateMachine[RefundState] = StateMachine(
    table="refund",
    born=frozenset({RefundState.PENDING, RefundState.DONE}),
    transitions={
        RefundState.PENDING: {RefundState.DONE, RefundState.REJECTED},
        RefundState.DONE: set(),
        RefundState.REJECTED: set(),
    },
)


class TopUpState(StrEnum):
    PENDING = auto()
    DONE = auto()


TOP_UP: StateMachine[TopUpState] = StateMachine(
    table="top_up",
    born=frozenset({TopUpState.PENDING}),
    transitions={TopUpState.PENDING: {TopUpState.DONE}, TopUpState.DONE: set()},
)
