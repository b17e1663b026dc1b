"""Money in and out through methods that are plugins. Says what was paid; what it pays for, others decide."""

from perkhub.payments.callbacks import erase_callbacks, receive_callback
from perkhub.payments.errors import PaymentMethodUnknown, PaymentNotInReview, PaymentNotStarted
from perkhub.payments.forget import forget_payer
from perkhub.payments.gateway import (
    GatewayUnanswered,
    begin_at_gateway,
    settle_due_payments,
    settle_hinted_payment,
    settle_payment,
)
from perkhub.payments.methods import close_gateways, gateways
from perkhub.payments.record import (
    Payable,
    Payment,
    payment_by_id,
    payments_in_review,
    payments_of,
    record_gateway_payment,
    record_wallet_payment,
)
from perkhub.payments.refund import Refund, RefundUnsettled, carry_out_refund, give_back, refunds_of, was_given_back
from perkhub.payments.review import ReviewDecision, settle_review
from perkhub.payments.states import PaymentState, RefundState, TopUpState
from perkhub.payments.top_up import TOP_UP_KIND, TopUp, apply_top_up, start_top_up, top_up_by_id

__all__ = [
    "TOP_UP_KIND",
    "GatewayUnanswered",
    "Payable",
    "Payment",
    "PaymentMethodUnknown",
    "PaymentNotInReview",
    "PaymentNotStarted",
    "PaymentState",
    "Refund",
    "RefundState",
    "RefundUnsettled",
    "ReviewDecision",
    "TopUp",
    "TopUpState",
    "apply_top_up",
    "begin_at_gateway",
    "carry_out_refund",
    "close_gateways",
    "erase_callbacks",
    "forget_payer",
    "gateways",
    "give_back",
    "payment_by_id",
    "payments_in_review",
    "payments_of",
    "receive_callback",
    "record_gateway_payment",
    "record_wallet_payment",
    "refunds_of",
    "settle_due_payments",
    "settle_hinted_payment",
    "settle_payment",
    "settle_review",
    "start_top_up",
    "top_up_by_id",
    "was_given_back",
]
