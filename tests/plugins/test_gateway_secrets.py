"""Neither of the gateway's secrets stands in a representation, an error, a log line or a request."""

import io
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
import structlog

from perkhub.kit.logging import configure_logging
from perkhub.kit.settings import Settings
from perkhub.plugin import CallbackForged, LookupRequest, StartRefused, StartUnanswered
from perkhub.plugin.configure import configure
from perkhub.plugin.errors import SettingsRefused
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway
from tests.plugins.gateway import RunningGateway, payment, refund_of


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every log line of this process, the libraries' included, at the lowest level."""
    root, stream = logging.getLogger(), io.StringIO()
    kept, level, house = root.handlers[:], root.level, structlog.get_config()
    configure_logging(Settings(log_level="DEBUG"), stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.configure(**house)


async def test_secrets_stay_secret(
    gateway: RunningGateway, client: SandboxGateway, log: io.StringIO, caplog: pytest.LogCaptureFixture
):
    secrets = [gateway.settings["secret"], gateway.settings["webhook_secret"]]
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> None:
        sent.append(request)

    client._http.event_hooks["request"].append(keep)
    said = [repr(client), repr(client._settings), str(client._settings), client._settings.model_dump_json()]
    wanted = payment()
    await client.start(wanted)
    gateway.customer("pay", reference=wanted.our_reference)
    said += [repr(await client.lookup(LookupRequest(wanted.our_reference))), repr(await client.refund(refund_of(wanted)))]
    for faults in ({"accept_then_drop": 1}, {"error_500_then_accepted": 1}, {"drop_before_accept": 1}):
        gateway.fault(**faults)
        with pytest.raises(StartUnanswered) as unanswered:
            await client.start(payment())
        said.append("".join(traceback.format_exception(unanswered.value)))
    with pytest.raises(StartRefused) as refused:
        await client.start(replace(payment(), amount_minor=0))
    with pytest.raises(CallbackForged) as forged:
        client.read_callback(
            {"gateway-timestamp": "1900000000", "gateway-nonce": "0" * 16, "gateway-signature": "0" * 64}, b"{}"
        )
    said += ["".join(traceback.format_exception(error.value)) for error in (refused, forged)]
    said += [f"{request.method} {request.url} {request.headers.raw} {request.content!r}" for request in sent]
    lines = log.getvalue()
    assert lines.count('"outbound"') == len(sent) == 7
    for secret in secrets:
        assert all(secret not in text for text in [*said, lines, caplog.text])
    # What is signed but no secret (who we are, the signature, the amounts) stays out of the log too.
    assert "gateway-signature" not in lines.lower()
    assert '"amount"' not in lines


def test_a_secret_in_the_wrong_field_is_not_repeated(gateway: RunningGateway):
    secret = gateway.settings["secret"]
    with pytest.raises(SettingsRefused) as refused:
        configure(SandboxGateway, {"base_url": secret, "merchant_id": "", "secret": "short", "webhook_secret": secret})
    assert [fault.path for fault in refused.value.faults] == [("base_url",), ("merchant_id",), ("secret",)]
    assert secret not in "".join(traceback.format_exception(refused.value))


def test_the_sandboxs_own_words_hide_them(gateway: RunningGateway):
    books = gateway.books()
    assert all(secret not in str(books) for secret in (gateway.settings["secret"], gateway.settings["webhook_secret"]))
