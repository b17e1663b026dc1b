"""A worker that dies with kill -9 between sending an order and hearing the answer: looked up by the next, never sent again."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from perkhub.entitlements import EntitlementState, entitlements_by_ids
from perkhub.suppliers import SupplierOrderState
from tests.factories import Shop
from tests.fulfilment.sourcing import Sourcing, attempts, breaches, plain_codes
from tests.plugins.suppliers.vendors import Vendor


@contextmanager
def worker(database_url: str, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end, whatever it is at: one that was left would take the jobs of the tests that follow."""
    environment = {**os.environ, "TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url}
    running = subprocess.Popen([sys.executable, "-m", "tests.fulfilment.killed_worker"], env=environment)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


async def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.05)):
        if await asyncio.to_thread(true):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never came true")


@pytest.mark.parametrize("name", ["fulu", "reloadly"])
async def test_between_the_order_and_its_answer(
    sourcing: Sourcing, shop: Shop, fulu: Vendor, reloadly: Vendor, database_url: str, redis_url: str, name: str
):
    vendor = {"fulu": fulu, "reloadly": reloadly}[name]
    variant = await (sourcing.fulu_variant(fulu) if name == "fulu" else sourcing.reloadly_variant(reloadly))
    bought = await sourcing.buy(await shop.customer(wallet="1000.00"), (variant, 2))

    def known() -> list[str]:
        told = vendor.books()
        return [one["customer_order_no"] for one in told.get("orders", ())] + [
            one["customIdentifier"] for one in told.get("transactions", ())
        ]

    before = set(await asyncio.to_thread(known))
    vendor.fault(slow_seconds=4)
    with worker(database_url, redis_url):
        await until(lambda: bool(set(known()) - before))
    [left] = await attempts()
    assert left.state is SupplierOrderState.SUBMITTED
    vendor.fault()
    with worker(database_url, redis_url):
        for _ in range(600):
            units = await entitlements_by_ids([unit.id for unit in bought.units])
            if all(unit.state is EntitlementState.ISSUED for unit in units):
                break
            await asyncio.sleep(0.05)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED] * 2
    [attempt] = await attempts()
    assert (attempt.id, attempt.state) == (left.id, SupplierOrderState.DELIVERED)
    assert set(await asyncio.to_thread(known)) - before == {attempt.reference}
    assert len(set(await plain_codes(units))) == 2
    assert await breaches() == {}
