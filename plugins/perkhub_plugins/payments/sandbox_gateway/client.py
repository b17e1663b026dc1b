"""The plugin's side of the sandbox gateway: requests out, outcomes back. It decides nothing and remembers nothing."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from perkhub.plugin import (
    Acknowledgement,
    CallbackHint,
    GatewayPayment,
    HTTPError,
    LookupRequest,
    NotFound,
    PaymentOutcome,
    PaymentRequest,
    PaymentStarted,
    Redirect,
    RefundLookupOutcome,
    RefundNotFound,
    RefundOutcome,
    RefundRejected,
    RefundRequest,
    RefundUnknown,
    Response,
    StartRefused,
    StartUnanswered,
    Title,
    Unknown,
    outbound_client,
)
from perkhub_plugins.payments.sandbox_gateway import answers, signing
from perkhub_plugins.payments.sandbox_gateway.answers import PaymentAnswer, RefundAnswer


class SandboxGateway(GatewayPayment):
    """A gateway with a pay page. Money there is not real."""

    key = "sandbox_gateway"
    title = Title(en="Sandbox gateway", zh="沙箱支付")
    currencies = frozenset({"CNY", "USD", "EUR", "HKD", "JPY"})

    class Settings(BaseModel):
        """What the gateway gave its merchant."""

        model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

        base_url: str = Field(pattern=r"^https?://[^?#]+$", description="Address of the gateway")
        merchant_id: str = Field(min_length=1, description="Our name there")
        secret: SecretStr = Field(min_length=16, description="Signs our requests")
        webhook_secret: SecretStr = Field(min_length=16, description="Signs its callbacks")
        timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long an answer may take")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = outbound_client(settings.base_url, timeout=settings.timeout_seconds)

    async def start(self, request: PaymentRequest) -> PaymentStarted:
        """Begin a payment; the gateway replays the first answer to a repeated reference."""
        body = {
            "merchant_reference": request.our_reference,
            "amount": request.amount_minor,
            "currency": request.currency,
            "subject": request.subject,
            "locale": request.locale,
            "return_url": request.return_url,
            "notify_url": request.notify_url,
            "expires_at": request.expires_at.isoformat(),
        }
        response = await self._post("/v1/payments", body)
        if isinstance(response, str):
            raise StartUnanswered(response)
        if response.status_code not in (200, 201):
            code = answers.error_code(response)
            raise StartRefused(code[1]) if code in answers.FINAL else StartUnanswered(answers.cause(response))
        answer = answers.read(PaymentAnswer, response)
        if answer is None:
            raise StartUnanswered("answer_unreadable")
        asked = (request.our_reference, request.amount_minor, request.currency)
        if (answer.merchant_reference, answer.amount, answer.currency) != asked:
            raise StartUnanswered("answer_mismatch")
        if answer.status == "failed":
            raise StartRefused(answer.reason or "failed")
        return PaymentStarted(Redirect(answer.pay_url), gateway_reference=answer.payment_id)

    async def lookup(self, request: LookupRequest) -> PaymentOutcome:
        """Ask by our own reference: it is known even when the start was never answered."""
        response = await self._get(f"/v1/payments/{quote(request.our_reference, safe='')}")
        if isinstance(response, str):
            return Unknown(response)
        if answers.error_code(response) == answers.NOT_FOUND:
            return NotFound()
        answer = answers.read(PaymentAnswer, response) if response.status_code == 200 else None
        if answer is None:
            return Unknown(answers.cause(response))
        if answer.merchant_reference != request.our_reference:
            return Unknown("answer_mismatch")
        return answers.payment_outcome(answer)

    async def refund(self, request: RefundRequest) -> RefundOutcome:
        """Refund; the gateway replays the first answer to a repeated reference."""
        body = {
            "refund_reference": request.our_reference,
            "merchant_reference": request.payment_reference,
            "amount": request.amount_minor,
            "currency": request.currency,
        }
        response = await self._post("/v1/refunds", body)
        if not isinstance(response, str) and answers.error_code(response) in answers.FINAL:
            return RefundRejected(answers.error_code(response)[1])
        return _refund_outcome(request, response)

    async def lookup_refund(self, request: RefundRequest) -> RefundLookupOutcome:
        """Ask by our own reference of the refund."""
        response = await self._get(f"/v1/refunds/{quote(request.our_reference, safe='')}")
        if not isinstance(response, str) and answers.error_code(response) == answers.NOT_FOUND:
            return RefundNotFound()
        return _refund_outcome(request, response)

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> CallbackHint:
        """Check the gateway's signature over timestamp, nonce and body."""
        return signing.read_callback(headers, body, secret=self._settings.webhook_secret.get_secret_value())

    def acknowledge(self) -> Acknowledgement:
        """Any 2xx ends the gateway's repetitions."""
        return Acknowledgement(200, "text/plain", b"ok")

    async def close(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    async def _post(self, path: str, body: Mapping[str, Any]) -> Response | str:
        return await self._send("POST", path, json.dumps(body).encode())

    async def _get(self, path: str) -> Response | str:
        return await self._send("GET", path, b"")

    async def _send(self, method: str, path: str, body: bytes) -> Response | str:
        """The answer, or one word about why there is none. Nothing is sent twice: repeating is the host's decision."""
        request = self._http.build_request(method, path, content=body)
        secret = self._settings.secret.get_secret_value()
        request.headers.update(
            signing.signed_headers(method, request.url.path, body, merchant_id=self._settings.merchant_id, secret=secret)
        )
        try:
            return await self._http.send(request)
        except HTTPError as fault:
            return type(fault).__name__


def _refund_outcome(request: RefundRequest, response: Response | str) -> RefundOutcome:
    if isinstance(response, str):
        return RefundUnknown(response)
    answer = answers.read(RefundAnswer, response) if response.status_code in (200, 201) else None
    if answer is None:
        return RefundUnknown(answers.cause(response))
    asked = (request.our_reference, request.payment_reference, request.amount_minor, request.currency)
    if (answer.refund_reference, answer.merchant_reference, answer.amount, answer.currency) != asked:
        return RefundUnknown("answer_mismatch")
    return answers.refund_outcome(answer)
