"""The lives of a coupon and of a batch of them."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class CouponState(StrEnum):
    FREE = auto()
    BOUND = auto()  # somebody's, and nobody else may use it
    USED = auto()


COUPON: StateMachine[CouponState] = StateMachine(
    table="coupon",
    born=frozenset({CouponState.FREE}),
    transitions={
        CouponState.FREE: {CouponState.BOUND, CouponState.USED},
        CouponState.BOUND: {CouponState.USED},
        # The order ended unpaid: it is its owner's again.
        CouponState.USED: {CouponState.BOUND},
    },
)


class BatchState(StrEnum):
    MAKING = auto()
    READY = auto()


BATCH: StateMachine[BatchState] = StateMachine(
    table="coupon_batch",
    born=frozenset({BatchState.MAKING}),
    transitions={BatchState.MAKING: {BatchState.READY}, BatchState.READY: set()},
)
