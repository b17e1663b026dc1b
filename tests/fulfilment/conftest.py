"""A shop that buys from real sandboxes, each a process of its own, without faults at the start of each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from time import monotonic

import pytest

from perkhub.kit.clock import now, shift
from tests.factories import Shop
from tests.fixtures.house import house, shop
from tests.fulfilment.sourcing import Sourcing
from tests.plugins.suppliers.vendors import Vendor, running_vendor

__all__ = ["house", "shop", "wide_pool"]


@pytest.fixture(autouse=True)
def wide_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it."""
    monkeypatch.setenv("PERKHUB_DATABASE_POOL", "40")


@pytest.fixture(autouse=True)
def clock_set_back() -> Iterator[None]:
    """Tests move the clock from look to look."""
    before = now()
    started = monotonic()
    yield
    shift(before + timedelta(seconds=monotonic() - started) - now())


@pytest.fixture(scope="session")
def fulu_process() -> Iterator[Vendor]:
    with running_vendor("fulu") as vendor:
        yield vendor


@pytest.fixture(scope="session")
def reloadly_process() -> Iterator[Vendor]:
    with running_vendor("reloadly") as vendor:
        yield vendor


@pytest.fixture
def fulu(fulu_process: Vendor) -> Vendor:
    fulu_process.fault()
    fulu_process.act(notify_url="")
    return fulu_process


@pytest.fixture
def reloadly(reloadly_process: Vendor) -> Vendor:
    reloadly_process.fault()
    reloadly_process.act(notify_url="")
    return reloadly_process


@pytest.fixture
def sourcing(shop: Shop) -> Sourcing:
    return Sourcing(shop)


@pytest.fixture
def stage() -> Iterator[ExitStack]:
    """Where scripted suppliers are offered, until the test is over."""
    with ExitStack() as stack:
        yield stack
