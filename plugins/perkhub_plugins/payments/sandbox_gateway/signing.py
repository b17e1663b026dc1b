"""Our side of the gateway's signatures: what we sign, and how a callback proves where it comes from."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from perkhub.plugin import CallbackForged, CallbackHint, now

WINDOW_SECONDS = 300
TIMESTAMP = re.compile(r"[0-9]{10}")
NONCE = re.compile(r"[0-9A-Za-z]{16,64}")
SIGNATURE = re.compile(r"[0-9a-f]{64}")


class CallbackBody(BaseModel):
    """The one thing we take from a callback; what it says about money is not looked at."""

    merchant_reference: Annotated[str, Field(pattern=r"^[0-9A-Z]{24}$")]


def signed_headers(method: str, path: str, body: bytes, *, merchant_id: str, secret: str) -> dict[str, str]:
    """The headers that sign a request of ours."""
    timestamp, nonce = str(int(now().timestamp())), secrets.token_hex(16)
    signed = b"\n".join([method.encode(), path.encode(), timestamp.encode(), nonce.encode(), body])
    return {
        "Content-Type": "application/json",
        "Gateway-Merchant": merchant_id,
        "Gateway-Timestamp": timestamp,
        "Gateway-Nonce": nonce,
        "Gateway-Signature": hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }


def read_callback(headers: Mapping[str, str], body: bytes, *, secret: str) -> CallbackHint:
    """The hint in a genuine, recent callback.

    Raises:
        CallbackForged: anything else.
    """
    timestamp, nonce, signature = (headers.get(f"gateway-{name}", "") for name in ("timestamp", "nonce", "signature"))
    if not (TIMESTAMP.fullmatch(timestamp) and SIGNATURE.fullmatch(signature)):
        raise CallbackForged("headers")
    if not NONCE.fullmatch(nonce):
        raise CallbackForged("nonce")
    signed = b"\n".join([timestamp.encode(), nonce.encode(), body])
    if not hmac.compare_digest(hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(), signature):
        raise CallbackForged("signature")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs((now() - at).total_seconds()) > WINDOW_SECONDS:
        raise CallbackForged("window")
    try:
        told = CallbackBody.model_validate_json(body)
    except ValidationError:
        raise CallbackForged("body") from None
    return CallbackHint(told.merchant_reference, nonce, at)
