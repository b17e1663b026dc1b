"""A merchant of Fulu's: its plugin, the running sandbox, an order and what becomes of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import cast

import pytest

from perkhub.kit.clock import now
from perkhub.kit.ids import outbound_reference
from perkhub.plugin.configure import configure_supplier
from perkhub.plugin.supplier import Accepted, Cost, LookupOutcome, OrderQuery, PlaceRequest
from perkhub_plugins.suppliers.fulu.client import Fulu
from tests.plugins.suppliers.vendors import Vendor, running_vendor

CARD, TOP_UP = "card:10000587", "direct:10000585"


@pytest.fixture(scope="module")
def process() -> Iterator[Vendor]:
    with running_vendor("fulu") as vendor:
        yield vendor


@pytest.fixture
def vendor(process: Vendor) -> Vendor:
    process.fault()
    process.act(notify_url="")
    return process


@pytest.fixture
async def fulu(vendor: Vendor) -> AsyncIterator[Fulu]:
    supplier = cast("Fulu", configure_supplier(Fulu, vendor.settings))
    yield supplier
    await supplier.client.aclose()


def order(sku: str = CARD, quantity: int = 1, **inputs: str) -> PlaceRequest:
    return PlaceRequest(
        reference=outbound_reference(),
        attempt=1,
        sku=sku,
        quantity=quantity,
        maximum_cost=Cost(Decimal(1000), "CNY"),
        face_value=None,
        notify_url="",
        inputs=inputs,
    )


def query(request: PlaceRequest) -> OrderQuery:
    return OrderQuery(request.reference, None, now(), request.sku, request.quantity)


async def settled(fulu: Fulu, request: PlaceRequest) -> LookupOutcome:
    for _ in range(100):
        outcome = await fulu.lookup(query(request))
        if not isinstance(outcome, Accepted):
            return outcome
        await asyncio.sleep(0.02)
    raise AssertionError("never settled")
