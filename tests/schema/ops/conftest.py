"""A payment service as a process of its own, which the application of a test is configured for."""

from collections.abc import Iterator

import pytest

from tests.plugins.gateway import RunningGateway, running_gateway

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[RunningGateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def gateway(gateway_process: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    """Ask for it before `api`, which reads the environment. Its callbacks are off: the tests look payments up."""
    gateway_process.no_faults()
    gateway_process.fault(no_callback=True)
    monkeypatch.setenv("PERKHUB_PUBLIC_URL", NOWHERE)
    for name, value in gateway_process.settings.items():
        monkeypatch.setenv(f"PERKHUB_SANDBOX_GATEWAY_{name.upper()}", value)
    monkeypatch.setenv("PERKHUB_SANDBOX_GATEWAY_TIMEOUT_SECONDS", "2")
    return gateway_process
