"""Gateway payments without the gateway: what a look-up would have said is applied as if it had."""

from uuid import UUID

import pytest

from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.money import Money
from perkhub.orders import Order, apply_order_payment
from perkhub.payments import Payment
from perkhub.payments.gateway import apply_outcome
from perkhub.plugin.payment import Paid
from tests.orders import desk

SETTINGS = {
    "BASE_URL": "http://127.0.0.1:9",
    "MERCHANT_ID": "m",
    "SECRET": "s" * 32,
    "WEBHOOK_SECRET": "w" * 32,
}


def configured_gateway(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str] | None = None) -> None:
    """Let the sandbox gateway be a payment method; without settings nobody can reach it."""
    for name, value in (settings or SETTINGS).items():
        monkeypatch.setenv(f"PERKHUB_SANDBOX_GATEWAY_{name.upper()}", str(value))


async def money_came(payment: Payment, received: Money | None = None) -> None:
    """The gateway says that it was paid."""
    came = payment.amount if received is None else received
    paid = Paid(came.minor, came.currency, f"pay_{payment.our_reference}", now())
    await transact(lambda tx: apply_outcome(tx, payment, paid))


async def paid_at_gateway(order: Order) -> Payment:
    """A payment of the order that succeeded; what it pays for is not settled yet."""
    payment = await desk.start_payment(order)
    await money_came(payment)
    return payment


async def apply(payment: UUID) -> None:
    """What the job does with received money."""
    await transact(lambda tx: apply_order_payment(tx, payment))
