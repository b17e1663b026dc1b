"""The gateway's side of the signatures: it checks its merchant's requests and signs its own callbacks."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perkhub_plugins.payments.sandbox_gateway.sandbox.clock import Clock

WINDOW = 300


@dataclass(frozen=True)
class Merchant:
    """The one customer of this gateway."""

    merchant_id: str
    secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)


class Unsigned(Exception):
    """The error word to answer with 401."""


@dataclass
class RequestGate:
    """Lets a request of the merchant in, once."""

    merchant: Merchant
    clock: Clock
    seen: OrderedDict[str, float] = field(default_factory=OrderedDict)  # nonce → when it may be forgotten

    def admit(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse whatever is not the merchant's, not of now, or not new.

        Raises:
            Unsigned: with the error word.
        """
        timestamp, nonce = headers.get("gateway-timestamp", ""), headers.get("gateway-nonce", "")
        if headers.get("gateway-merchant") != self.merchant.merchant_id:
            raise Unsigned("merchant_unknown")
        text = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
        expected = hmac.digest(self.merchant.secret.encode(), text, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), headers.get("gateway-signature", "").encode()):
            raise Unsigned("signature_invalid")
        present = self.clock.now().timestamp()
        if not timestamp.isdecimal() or abs(present - int(timestamp)) > WINDOW:
            raise Unsigned("timestamp_outside_window")
        while self.seen and next(iter(self.seen.values())) < present:
            self.seen.popitem(last=False)
        if not 16 <= len(nonce) <= 64 or nonce in self.seen:
            raise Unsigned("nonce_reused")
        self.seen[nonce] = present + 2 * WINDOW


def callback_headers(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """The headers that prove a callback to whoever knows the webhook secret."""
    timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(12)
    signature = hmac.digest(secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, "sha256").hex()
    return {
        "content-type": "application/json",
        "gateway-timestamp": timestamp,
        "gateway-nonce": nonce,
        "gateway-signature": signature,
    }
