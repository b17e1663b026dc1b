"""The sandbox gateway as a process of its own, our callback address, and a shop that knows both."""

from collections.abc import Iterator

import pytest

from tests.fixtures.house import house, shop
from tests.orders.gateway import configured_gateway
from tests.payments.till import Till
from tests.plugins.gateway import RunningGateway, running_gateway
from tests.plugins.gateway import Shop as Door

__all__ = ["house", "shop"]


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[RunningGateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture(autouse=True)
def till(gateway_process: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """Before `house`, which reads the environment."""
    gateway_process.no_faults()
    door = Door()
    configured_gateway(monkeypatch, {**gateway_process.settings, "timeout_seconds": "1"})
    monkeypatch.setenv("PERKHUB_PUBLIC_URL", door.notify_url.removesuffix("/callbacks/sandbox_gateway"))
    monkeypatch.setenv("PERKHUB_DATABASE_POOL", "40")
    yield Till(gateway_process, door)
    gateway_process.no_faults()
    door.close()
