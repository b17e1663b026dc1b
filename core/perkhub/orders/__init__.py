"""Orders: placed, paid, given up, refunded. Their state is money only."""

from perkhub.orders.buy import Bought, buy_now
from perkhub.orders.circles import settle_circle
from perkhub.orders.errors import (
    HoldLimitReached,
    NothingToRefund,
    OrderNotCancellable,
    OrderNotPayable,
    RefundNotOffered,
    RefundWindowClosed,
    WaitingNotTogether,
)
from perkhub.orders.forget import forget_buyer
from perkhub.orders.give_up import cancel_order, expire_due_orders
from perkhub.orders.pay import apply_order_payment, pay_from_wallet, refuse_unpayable, start_order_payment
from perkhub.orders.place import place_order
from perkhub.orders.read import Order, OrderLine, lines_of, order_by_id, order_by_number, orders_by_ids, orders_of_party
from perkhub.orders.record import Purchase
from perkhub.orders.refund import refund_units
from perkhub.orders.states import OrderState
from perkhub.orders.tell import ORDER_KIND
from perkhub.orders.unobtainable import refund_unobtainable
from perkhub.orders.waiting import deliver_waiting_lines, refund_waiting_lines

__all__ = [
    "ORDER_KIND",
    "Bought",
    "HoldLimitReached",
    "NothingToRefund",
    "Order",
    "OrderLine",
    "OrderNotCancellable",
    "OrderNotPayable",
    "OrderState",
    "Purchase",
    "RefundNotOffered",
    "RefundWindowClosed",
    "WaitingNotTogether",
    "apply_order_payment",
    "buy_now",
    "cancel_order",
    "deliver_waiting_lines",
    "expire_due_orders",
    "forget_buyer",
    "lines_of",
    "order_by_id",
    "order_by_number",
    "orders_by_ids",
    "orders_of_party",
    "pay_from_wallet",
    "place_order",
    "refund_units",
    "refund_unobtainable",
    "refund_waiting_lines",
    "refuse_unpayable",
    "settle_circle",
    "start_order_payment",
]
