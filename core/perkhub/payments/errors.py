"""Why a payment could not begin or be settled.

PaymentMethodUnknown    no such method is loaded and configured, or not for this currency
PaymentNotStarted       the gateway refused, or did not answer
PaymentNotInReview      nothing to decide about this payment
"""

from perkhub.kit.errors import DomainError


class PaymentMethodUnknown(DomainError):
    code = "PAYMENT_METHOD_UNKNOWN"
    en = "There is no payment method of this name for {currency}. Available: {available}."
    zh = "没有支持 {currency} 的该支付方式,可用方式:{available}。"

    def __init__(self, *, currency: str, available: str) -> None:
        super().__init__(path=("pay", "gateway", "name"), currency=currency, available=available or "-")


class PaymentNotStarted(DomainError):
    code = "PAYMENT_NOT_STARTED"
    en = "The payment service did not accept the payment ({reason}). Nothing was charged; try again or pay another way."
    zh = "支付服务未受理({reason}),未发生扣款,请重试或选择其他支付方式。"

    def __init__(self, *, reason: str) -> None:
        super().__init__(path=("pay", "gateway"), reason=reason)


class PaymentNotInReview(DomainError):
    code = "PAYMENT_NOT_IN_REVIEW"
    en = "This payment does not wait for a decision."
    zh = "该支付无需审核。"
