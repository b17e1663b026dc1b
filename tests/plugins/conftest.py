"""One gateway process for this folder, without faults at the start of each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from perkhub.plugin.configure import configure
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway
from tests.plugins.gateway import RunningGateway, Shop, running_gateway


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[RunningGateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def gateway(gateway_process: RunningGateway) -> RunningGateway:
    gateway_process.no_faults()
    return gateway_process


@pytest.fixture
async def client(gateway: RunningGateway) -> AsyncIterator[SandboxGateway]:
    configured = configure(SandboxGateway, {**gateway.settings, "timeout_seconds": 2})
    yield configured
    await configured.close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    opened = Shop()
    yield opened
    opened.close()
