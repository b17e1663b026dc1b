"""Why a unit could not be shown or taken back.

EntitlementNotRevealable    nothing was issued, or it was taken back or frozen, or its time is over
EntitlementAlreadySeen      the code was shown, or the top-up is done; only an operator may refund it
"""

from perkhub.kit.errors import DomainError


class EntitlementNotRevealable(DomainError):
    code = "ENTITLEMENT_NOT_REVEALABLE"
    en = "There is nothing to show: this benefit is {state}."
    zh = "该权益当前状态为 {state},无法查看。"

    def __init__(self, *, state: str, path: tuple[str, ...] = ("entitlementId",)) -> None:
        super().__init__(path=path, state=state.upper())


class EntitlementAlreadySeen(DomainError):
    code = "ENTITLEMENT_ALREADY_SEEN"
    en = "The code was shown already, or the top-up is done. Ask the shop's support: an operator can refund it."
    zh = "卡密已被查看或充值已完成,请联系客服处理退款。"

    def __init__(self, *, path: tuple[str, ...] = ("entitlementIds",)) -> None:
        super().__init__(path=path)
