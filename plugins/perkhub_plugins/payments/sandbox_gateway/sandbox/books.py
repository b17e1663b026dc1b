"""What the gateway knows: payments and refunds, in memory. Its rules about money, and nothing about HTTP."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perkhub_plugins.payments.sandbox_gateway.sandbox.clock import Clock

CURRENCIES = {"CNY", "USD", "EUR", "HKD", "JPY"}
LARGEST = 10**12


class Refused(Exception):
    """Nothing was recorded; the error word to answer with, and its status."""

    def __init__(self, error: str, status: int = 422) -> None:
        self.error, self.status = error, status
        super().__init__(error)


@dataclass
class Payment:
    """Money that a merchant asked a customer for."""

    payment_id: str
    merchant_reference: str
    amount: int
    currency: str
    subject: str
    locale: str
    return_url: str
    notify_url: str
    expires_at: datetime
    status: Literal["pending", "paid", "failed"] = "pending"
    paid_amount: int | None = None
    paid_at: datetime | None = None
    reason: str | None = None

    def close_if_expired(self, at: datetime) -> None:
        """Refuse the customer's money after the merchant's deadline."""
        if self.status == "pending" and at > self.expires_at:
            self.status, self.reason = "failed", "expired"

    def settle(self, amount: int, at: datetime) -> None:
        """Take the customer's money."""
        self.status, self.paid_amount, self.paid_at = "paid", amount, at

    def fail(self) -> None:
        """The customer's bank said no."""
        self.status, self.reason = "failed", "declined"


@dataclass
class Refund:
    """Money that goes back, or the refusal to send it."""

    refund_id: str
    refund_reference: str
    merchant_reference: str
    amount: int
    currency: str
    status: Literal["pending", "done", "rejected"]
    reason: str | None = None
    settled_at: datetime | None = None


@dataclass
class Books:
    """Everything this gateway ever accepted since it started."""

    clock: Clock
    payments: dict[str, Payment] = field(default_factory=dict)  # by merchant reference
    refunds: dict[str, Refund] = field(default_factory=dict)  # by refund reference

    def open_payment(self, asked: Payment) -> Payment:
        """Record a payment, or answer a repetition with the original."""
        known = self.payments.get(asked.merchant_reference)
        if known is not None:
            if (known.amount, known.currency) != (asked.amount, asked.currency):
                raise Refused("reference_reused", 409)
            return known
        if not 0 < asked.amount <= LARGEST:
            raise Refused("amount_invalid")
        if asked.currency not in CURRENCIES:
            raise Refused("currency_unsupported")
        if asked.expires_at <= self.clock.now():
            raise Refused("already_expired")
        self.payments[asked.merchant_reference] = asked
        return asked

    def payment_by_id(self, payment_id: str) -> Payment | None:
        """For the pay page, whose address the customer holds."""
        return next((payment for payment in self.payments.values() if payment.payment_id == payment_id), None)

    def open_refund(
        self, refund_reference: str, merchant_reference: str, amount: int, currency: str, *, pending: bool
    ) -> Refund:
        """Record a refund or its rejection, or answer a repetition with the original."""
        known = self.refunds.get(refund_reference)
        if known is not None:
            if (known.merchant_reference, known.amount, known.currency) != (merchant_reference, amount, currency):
                raise Refused("reference_reused", 409)
            return known
        reason = self._why_not(merchant_reference, amount, currency)
        refund = Refund(new_id("rf"), refund_reference, merchant_reference, amount, currency, "pending", reason)
        self.refunds[refund_reference] = refund
        if reason is not None:
            refund.status = "rejected"
        elif not pending:
            self.settle_refund(refund)
        return refund

    def settle_refund(self, refund: Refund) -> None:
        """Send an accepted refund's money."""
        if refund.status == "pending":
            refund.status, refund.settled_at = "done", self.clock.now()

    def _why_not(self, merchant_reference: str, amount: int, currency: str) -> str | None:
        payment = self.payments.get(merchant_reference)
        if payment is None:
            return "payment_unknown"
        if payment.paid_amount is None:
            return "payment_not_paid"
        if currency != payment.currency or amount <= 0:
            return "amount_invalid"
        going = sum(
            refund.amount
            for refund in self.refunds.values()
            if refund.merchant_reference == merchant_reference and refund.status != "rejected"
        )
        return "exceeds_paid" if going + amount > payment.paid_amount else None


def new_id(prefix: str) -> str:
    """The gateway's own reference, which nobody can guess."""
    return f"{prefix}_{secrets.token_hex(10)}"
