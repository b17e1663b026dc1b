"""A payment's way through the gateway as the house walks it: begun, paid at the page, told by a callback, used by a job."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.jobs import drain
from perkhub.orders import Order
from perkhub.payments import Payment, begin_at_gateway, payment_by_id, receive_callback
from perkhub.plugin.payment import PaymentAction
from tests.orders import desk
from tests.plugins.gateway import Received, RunningGateway
from tests.plugins.gateway import Shop as Door

EXPIRED = timedelta(minutes=15, seconds=1)


@dataclass
class Till:
    """`gateway` is the other side, `door` our callback address."""

    gateway: RunningGateway
    door: Door

    async def begin(self, payment: Payment) -> PaymentAction:
        return await begin_at_gateway(payment, subject="Order", locale="en")

    async def begun(self, order: Order) -> Payment:
        """A payment of the order that waits at the gateway's page."""
        payment = await desk.start_payment(order)
        await self.begin(payment)
        return payment

    async def customer(self, payment: Payment, action: str = "pay") -> None:
        """Press a button of the page, and wait for what the gateway tells us of it."""
        answer = await asyncio.to_thread(self.gateway.customer, action, reference=payment.our_reference)
        assert answer.status_code == 303
        await asyncio.to_thread(self.gateway.callbacks_are_done)

    async def hear(self) -> int:
        """Take in the callbacks that came since the last time; how many that were."""
        came, self.door.received[:] = list(self.door.received), []
        for callback in came:
            await self.told(callback)
        return len(came)

    async def told(self, callback: Received) -> None:
        acknowledged = await receive_callback(desk.METHOD, callback.headers, callback.body)
        assert acknowledged.status == 200

    async def paid(self, order: Order) -> Payment:
        """The whole way, to the end."""
        payment = await self.begun(order)
        await self.customer(payment)
        await self.settle()
        return await self.now_of(payment)

    async def settle(self) -> None:
        """Hear what came, and do all work that is due."""
        await self.hear()
        await drain()

    async def now_of(self, payment: Payment) -> Payment:
        present = await payment_by_id(payment.id)
        assert present is not None
        return present

    @contextmanager
    def later(self, by: timedelta) -> Iterator[None]:
        """Time passes, for the gateway as well."""
        with travel(by):
            self.gateway.fault(clock_ahead_seconds=by.total_seconds())
            yield
            self.gateway.fault(clock_ahead_seconds=0)

    def signed(self, reference: str, *, secret: str | None = None, event: str = "payment.paid", **told: Any) -> Received:
        """A callback as the gateway would sign it, about whatever we like."""
        body = json.dumps({"event": event, "merchant_reference": reference, **told}).encode()
        return self.sealed(body, secret=secret or self.gateway.settings["webhook_secret"])

    def sealed(self, body: bytes, *, secret: str, ago: int = 0) -> Received:
        timestamp, nonce = str(int(time.time()) - ago), secrets.token_hex(12)
        signed = f"{timestamp}\n{nonce}\n".encode() + body
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {"gateway-timestamp": timestamp, "gateway-nonce": nonce, "gateway-signature": signature}
        return Received(headers, body)

    def refunds(self, payment: Payment) -> list[tuple[int, str]]:
        """What the gateway sent back of it: amount and state."""
        return [(one["amount"], one["status"]) for one in self.gateway.refunds(payment.our_reference)]


async def looked_up_next(payment: Payment) -> float:
    """In how many seconds it is looked up next."""
    at = await db.value("SELECT next_lookup_at FROM payment WHERE id = $1", payment.id)
    return float((at - now()).total_seconds())
