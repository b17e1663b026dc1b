"""Why an order was refused.

OrderNotPayable     paid, cancelled, expired: there is nothing to pay
OrderNotCancellable it is paid (ask for a refund) or ended
HoldLimitReached    too many unpaid orders of this buyer or device
NothingToRefund     no unit of the order can be refunded
RefundNotOffered    it was sold without refunds
RefundWindowClosed  it was sold with some days for asking, and they are over
WaitingNotTogether  what waits for others to join cannot come together with the rest of its order
"""

from datetime import datetime

from perkhub.kit.errors import DomainError


class OrderNotPayable(DomainError):
    code = "ORDER_NOT_PAYABLE"
    en = "This order is {state}: there is nothing to pay. Place a new one."
    zh = "订单状态为 {state},无法支付,请重新下单。"

    def __init__(self, *, state: str) -> None:
        super().__init__(path=("orderId",), state=state.upper())


class OrderNotCancellable(DomainError):
    code = "ORDER_NOT_CANCELLABLE"
    en = "This order is {state} and cannot be cancelled; a paid one can be refunded."
    zh = "订单状态为 {state},无法取消;已付款订单可申请退款。"

    def __init__(self, *, state: str) -> None:
        super().__init__(path=("orderId",), state=state.upper())


class HoldLimitReached(DomainError):
    code = "HOLD_LIMIT_REACHED"
    en = "You have {limit} unpaid orders. Pay or cancel one of them first."
    zh = "您已有 {limit} 个未付款订单,请先支付或取消。"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class NothingToRefund(DomainError):
    code = "NOTHING_TO_REFUND"
    en = "None of these benefits can be refunded."
    zh = "没有可退款的权益。"


class RefundNotOffered(DomainError):
    code = "REFUND_NOT_OFFERED"
    en = "This benefit was sold without refunds."
    zh = "该权益不支持退款。"


class RefundWindowClosed(DomainError):
    code = "REFUND_WINDOW_CLOSED"
    en = "A refund of this benefit could be asked for until {until}."
    zh = "该权益的退款申请已于 {until} 截止。"

    def __init__(self, *, until: datetime, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, until=until.isoformat())


class WaitingNotTogether(DomainError):
    code = "WAITING_NOT_TOGETHER"
    en = "A line that waits for others to join cannot be delivered together with the rest: order without all-or-nothing."
    zh = "拼团商品需待成团后发货,不支持“全部或不发”,请取消该选项后下单。"

    def __init__(self) -> None:
        super().__init__(path=("allOrNothing",))
