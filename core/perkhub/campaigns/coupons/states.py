"""The lives of a coupon, of a batch of them, and of an export."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class CouponState(StrEnum):
    FREE = auto()
    BOUND = auto()  # somebody's, and nobody else may use it
    USED = auto()
    VOID = auto()  # an operator took it back; used ones stay used


COUPON: StateMachine[CouponState] = StateMachine(
    table="coupon",
    born=frozenset({CouponState.FREE}),
    transitions={
        CouponState.FREE: {CouponState.BOUND, CouponState.USED, CouponState.VOID},
        CouponState.BOUND: {CouponState.USED, CouponState.VOID},
        # The order ended unpaid: it is its owner's again.
        CouponState.USED: {CouponState.BOUND},
        CouponState.VOID: set(),
    },
)


class CouponBatchState(StrEnum):
    MAKING = auto()
    READY = auto()
    VOID = auto()  # none of its coupons counts any more, and none is made


BATCH: StateMachine[CouponBatchState] = StateMachine(
    table="coupon_batch",
    born=frozenset({CouponBatchState.MAKING}),
    transitions={
        CouponBatchState.MAKING: {CouponBatchState.READY, CouponBatchState.VOID},
        CouponBatchState.READY: {CouponBatchState.VOID},
        CouponBatchState.VOID: set(),
    },
)


class CouponExportState(StrEnum):
    QUEUED = auto()
    DONE = auto()


EXPORT: StateMachine[CouponExportState] = StateMachine(
    table="coupon_export",
    born=frozenset({CouponExportState.QUEUED}),
    transitions={CouponExportState.QUEUED: {CouponExportState.DONE}, CouponExportState.DONE: set()},
)
