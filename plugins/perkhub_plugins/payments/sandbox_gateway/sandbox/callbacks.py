"""Telling the merchant: signed callbacks, five tries each, with short pauses."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

import httpx2

from perkhub_plugins.payments.sandbox_gateway.sandbox.books import Payment
from perkhub_plugins.payments.sandbox_gateway.sandbox.clock import Clock
from perkhub_plugins.payments.sandbox_gateway.sandbox.faults import Faults
from perkhub_plugins.payments.sandbox_gateway.sandbox.signatures import Merchant, callback_headers

PAUSES = (0.2, 0.4, 0.8, 1.6)  # between the five tries
REMEMBERED = 10_000


@dataclass
class Delivery:
    """One try to tell the merchant, for the books."""

    merchant_reference: str
    attempt: int
    forged: bool
    answer: str


@dataclass
class Callbacks:
    """The callbacks under way, and what became of the earlier ones."""

    merchant: Merchant
    clock: Clock
    deliveries: list[Delivery] = field(default_factory=list)
    under_way: set[asyncio.Task[None]] = field(default_factory=set)
    # One for all, made before the first customer comes: making one reads every certificate, and the pages wait meanwhile.
    client: httpx2.AsyncClient = field(default_factory=lambda: httpx2.AsyncClient(timeout=5))

    def tell(self, payment: Payment, faults: Faults, *, began: bool = False) -> None:
        """Send what this change of a payment calls for. Returns at once."""
        at = self.clock.now()
        claim = json.dumps(
            {
                "event": "payment.paid",
                "payment_id": payment.payment_id,
                "merchant_reference": payment.merchant_reference,
                "amount": payment.amount,
                "currency": payment.currency,
                "occurred_at": at.isoformat(),
            }
        ).encode()
        if faults.forged_callback:
            self._send(payment, claim, callback_headers(claim, secrets.token_hex(24), at), forged=True)
        if began and faults.lying_callback:
            self._send(payment, claim, callback_headers(claim, self.merchant.webhook_secret, at))
        if began or faults.no_callback:
            return
        news = {**json.loads(claim), "event": f"payment.{payment.status}", "amount": payment.paid_amount}
        body = json.dumps(news).encode()
        headers = callback_headers(body, self.merchant.webhook_secret, at)
        for _ in range(1 + faults.duplicate_callbacks):
            self._send(payment, body, headers)

    async def stop(self) -> None:
        """Give up what is still under way."""
        for task in self.under_way:
            task.cancel()
        await asyncio.gather(*self.under_way, return_exceptions=True)
        await self.client.aclose()

    def _send(self, payment: Payment, body: bytes, headers: dict[str, str], *, forged: bool = False) -> None:
        task = asyncio.create_task(self._deliver(payment, body, headers, forged=forged))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _deliver(self, payment: Payment, body: bytes, headers: dict[str, str], *, forged: bool) -> None:
        for attempt, pause in enumerate((*PAUSES, None), start=1):
            try:
                answer = str((await self.client.post(payment.notify_url, content=body, headers=headers)).status_code)
            except httpx2.HTTPError as fault:
                answer = type(fault).__name__
            self.deliveries.append(Delivery(payment.merchant_reference, attempt, forged, answer))
            del self.deliveries[:-REMEMBERED]
            if pause is None or answer.startswith("2"):
                return
            await asyncio.sleep(pause)
