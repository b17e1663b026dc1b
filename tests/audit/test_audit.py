"""The audit: silent over a busy house in good order, and each rule finds its breach, and no other rule cries with it."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from perkhub.audit import audit
from perkhub.audit.checks import CHECKS
from perkhub.audit.run import run_checks
from perkhub.kit import db
from perkhub.kit.jobs import drain
from tests.audit.breaches import BREACHES, UNGUARDED
from tests.audit.busy_day import busy_day
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import configured_gateway

# What a busy day leaves for a person.
WAITING = {"payments.review"}


class Undone(Exception):
    """Ends a transaction that must leave nothing."""


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it."""
    configured_gateway(monkeypatch)


async def broken_by(sql: str) -> set[str]:
    """The rules that break when this is done to the database, which is as before afterwards."""
    found: set[str] = set()
    with suppress(Undone):
        async with db.transaction() as tx:
            await tx.execute(UNGUARDED)
            await tx.execute(sql)
            found = {one.rule for one in await run_checks(tx) if one.broken}
            raise Undone
    return found - WAITING


async def test_a_busy_house_in_good_order(shop: Shop):
    await busy_day(shop)
    await desk.assert_clean(waiting=WAITING)
    looked_at = {one.rule: one.checked for one in await audit()}
    assert [rule for rule, checked in looked_at.items() if checked == 0] == ["imports.ended"]
    assert await broken_by("SELECT 1") == set()


async def test_each_breach_is_found_by_its_rules(shop: Shop):
    await busy_day(shop)
    found = {name: frozenset(await broken_by(breach.sql)) for name, breach in BREACHES.items()}
    assert found == {name: breach.found for name, breach in BREACHES.items()}
    await desk.assert_clean(waiting=WAITING)


def test_every_rule_has_a_breach():
    rules = [check.rule for check in CHECKS]
    assert len(set(rules)) == len(rules)
    assert {rule for breach in BREACHES.values() for rule in breach.found} | WAITING == set(rules)


async def test_traffic_during_the_audit_is_no_breach(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Counters and rows are compared in one snapshot: sales between two checks do not show."""
    variant = await shop.variant(codes=100, quota=100)
    buyers = await shop.customers(10, wallet="200.00")

    async def sell() -> None:
        for buyer in buyers:
            order = await desk.place(buyer, (variant, 2))
            await desk.pay(buyer, order)
            await desk.refund(buyer, order, [(await desk.units_of(order))[0].id])

    async def look() -> list[dict[str, Any]]:
        seen = []
        while not selling.done():
            seen.append({one.rule: one.examples for one in await audit() if one.broken})
        return seen

    selling = asyncio.create_task(sell())
    seen = await look()
    await selling
    assert len(seen) > 1
    assert [one for one in seen if one] == []


async def test_what_is_told_names_the_rows_and_no_more(shop: Shop):
    await busy_day(shop)
    await db.value("UPDATE stock SET available = available + 1")
    (finding,) = [one for one in await audit() if one.broken and not one.warning]
    assert (finding.rule, finding.broken > 0, finding.warning) == ("stock.available", True, False)
    assert all(example.startswith("variant_id=") for example in finding.examples)
    assert len(finding.examples) == min(5, finding.broken)
    await drain(strict=False)
