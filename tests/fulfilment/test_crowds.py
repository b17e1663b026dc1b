"""Many needs at once: what they have in common is done for all of them together, and each keeps its own trail, its own fate and
its own supplier's places.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.fulfilment.obtain import obtain
from perkhub.kit import db
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.jobs import Postpone, drain
from perkhub.kit.redis import redis_client
from perkhub.plugin.supplier import Accepted, CredentialKind, Delivered, Echo, Unknown
from perkhub.suppliers.slots import PREFIX, share
from tests.factories import StockedVariant
from tests.fulfilment.scripted import Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches

MANY = 20
# Alone, a need takes so many and more.
ALONE = 20
TRAILS = "SELECT correlation_id FROM ledger_transfer WHERE kind = $1"


@pytest.fixture(autouse=True)
def stage(sourcing: Sourcing) -> Iterator[None]:
    seldom = {"poll_first": timedelta(hours=1), "poll_longest": timedelta(hours=1)}
    with offered(scripted(max_concurrency=MANY, timeout=timedelta(seconds=20), **seldom)):
        yield


class Run:
    """What a handler sees of its own run."""

    forgiven = 0


async def needs_of(sourcing: Sourcing, script: str, many: int) -> tuple[list[UUID], UUID, StockedVariant]:
    """So many orders of one unit each, paid; the account that they will be bought from, and what they are of."""
    known = {row["id"] for row in await db.rows("SELECT id FROM need")}
    variant = await sourcing.shop.variant(codes=0, price="30.00")
    account = await sourcing.account("scripted", {"script": script})
    await sourcing.offer(account, variant.id, "sku", cost="20.00")
    for _ in range(many):
        await sourcing.buy(await sourcing.shop.customer(wallet="100.00"), (variant, 1))
    needs = [row["id"] for row in await db.rows("SELECT id FROM need ORDER BY id") if row["id"] not in known]
    return needs, account, variant


async def obtained(need: UUID, trail: str) -> bool:
    """One run, on a trail of its own; whether it was one, and not put off."""
    begin_correlation(trail)
    with suppress(Postpone):
        await obtain(Run(), need)  # type: ignore[arg-type]
        return True
    return False


async def test_many_needs_share_their_statements_and_keep_their_trails(sourcing: Sourcing):
    needs, _, _ = await needs_of(sourcing, "crowd", MANY)
    Scripted.scripts["crowd"].places.extend(Delivered(Echo(), codes=codes(1)) for _ in needs)
    trails = {f"trail-{number}" for number in range(MANY)}
    counted: list[str] = []
    token = db.statements.set(counted)
    await asyncio.gather(*(obtained(need, trail) for need, trail in zip(needs, sorted(trails), strict=True)))
    db.statements.reset(token)
    assert len(counted) < MANY * ALONE / 4
    for kind in ("supplier.delivered", "units.issued"):
        assert {row["correlation_id"] for row in await db.rows(TRAILS, kind)} == trails
    assert {row["correlation_id"] for row in await db.rows("SELECT correlation_id FROM custody")} == trails
    told = await db.rows("SELECT correlation_id FROM outbox WHERE name = 'entitlements.issued'")
    assert {row["correlation_id"] for row in told} == trails
    assert await db.value("SELECT count(DISTINCT code_id) FROM entitlement WHERE state = 'issued'") == MANY
    assert await db.value("SELECT count(*) FROM need WHERE state = 'done' AND obtained = 1") == MANY
    assert (await books())["prepaid", "CNY"] == MANY * 2000
    assert await breaches() == {}


async def test_of_many_answers_one_that_is_of_no_use_spoils_no_other(sourcing: Sourcing):
    needs, _, _ = await needs_of(sourcing, "spoilt", 5)
    given = codes(4)
    # The same code twice: the second one enters nowhere, and whoever waits for it is refunded.
    Scripted.scripts["spoilt"].places.extend(Delivered(Echo(), codes=(one,)) for one in (*given, given[0]))
    await asyncio.gather(*(obtained(need, "one") for need in needs))
    await drain()
    units = await db.rows("SELECT state, count(*) AS many FROM entitlement GROUP BY state")
    assert {row["state"]: row["many"] for row in units} == {"issued": 4, "failed": 1}
    assert await db.value("SELECT count(*) FROM code") == 4
    assert (await books())["loss", "CNY"] == -2000
    assert await breaches() == {}


async def test_answers_that_cannot_be_kept_spoil_no_other(sourcing: Sourcing):
    """Broken halves of letters come out of JSON, and dates without a zone out of many a plugin: a person looks at each."""
    references: list[Any] = ["\ud800", "1\x00", "", 7]
    answers = [Delivered(Echo(), supplier_reference=one, codes=codes(1)) for one in (None, *references, "R1")]
    for odd in ({"expires_at": datetime(2030, 1, 1)}, {"credentials": ((CredentialKind.NUMBER, 7),)}, {"credentials": None}):
        answers.append(Delivered(Echo(), codes=(replace(codes(1)[0], **odd),)))
    shapeless: list[Any] = [None, 7]
    answers += [Delivered(Echo(), codes=one) for one in shapeless]
    needs, _, _ = await needs_of(sourcing, "odd", len(answers))
    Scripted.scripts["odd"].places.extend(answers)
    await asyncio.gather(*(obtained(need, "one") for need in needs))
    found = Counter((one.state, one.cause) for one in await attempts())
    assert found == {
        ("delivered", None): 2,
        ("unknown", "mismatch_supplier_reference"): 4,
        ("unknown", "mismatch_codes"): 3,
        ("unknown", "wrong_type"): 2,
    }
    assert await db.value("SELECT count(*) FROM supplier_order WHERE review_since IS NOT NULL") == 9
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'issued'") == 2
    assert await breaches() == {}


async def test_an_order_keeps_the_reference_that_it_was_first_known_by(sourcing: Sourcing):
    """As it does where an answer is applied alone: what is heard later is compared with it."""

    async def known_meanwhile(_: Any) -> Any:
        await db.value("UPDATE supplier_order SET supplier_reference = 'first'")
        return Accepted(Echo(), supplier_reference="later")

    [need], _, _ = await needs_of(sourcing, "known", 1)
    Scripted.scripts["known"].places.append(known_meanwhile)
    await obtained(need, "one")
    assert [(one.state, one.supplier_reference) for one in await attempts()] == [("accepted", "first")]


async def test_what_nobody_knows_of_holds_no_place_while_it_waits(sourcing: Sourcing):
    unknown, account, variant = await needs_of(sourcing, "doubt", MANY)
    Scripted.scripts["doubt"].places.extend(Unknown("timeout") for _ in unknown)
    await drain()
    assert {one.state for one in await attempts()} == {"unknown"}
    assert await db.value("SELECT count(*) FROM outbox WHERE state = 'running'") == 0
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'fulfilment.look' AND state = 'ready'") == MANY
    redis = redis_client()
    assert redis is None or await redis.zcard(PREFIX + account.hex) == 0
    # Every place is free for as many new ones at the same account.
    fresh = [await sourcing.buy(await sourcing.shop.customer(wallet="100.00"), (variant, 1)) for _ in range(MANY)]
    Scripted.scripts["doubt"].places.extend(Delivered(Echo(), codes=codes(1)) for _ in fresh)
    await drain()
    assert [unit.state for one in fresh for unit in await sourcing.now_of(one)] == ["issued"] * MANY
    assert len(Scripted.scripts["doubt"].looked) == 0


async def test_a_supplier_that_hardly_answers_holds_no_more_than_its_share_of_a_worker(sourcing: Sourcing):
    """By count: of many runs for it some call, some wait for a place, the rest are put off at once; others are served."""
    answered = asyncio.Event()

    async def hardly(_: Any) -> Any:
        await answered.wait()
        return Unknown("timeout")

    slow, _, _ = await needs_of(sourcing, "slow", share() + 15)
    quick, _, _ = await needs_of(sourcing, "quick", 3)
    Scripted.scripts["slow"].places.extend([hardly] * len(slow))
    Scripted.scripts["quick"].places.extend(Delivered(Echo(), codes=codes(1)) for _ in quick)
    runs = [asyncio.create_task(obtained(need, "slow")) for need in slow]
    for _ in range(100):
        await asyncio.sleep(0.02)
        if sum(run.done() for run in runs) >= 15:
            break
    assert sum(not run.done() for run in runs) <= share()
    assert await asyncio.gather(*(obtained(need, "quick") for need in quick)) == [True] * 3
    assert await db.value("SELECT count(*) FROM entitlement WHERE state = 'issued'") == 3
    answered.set()
    told = await asyncio.gather(*runs)
    assert len(Scripted.scripts["slow"].placed) == sum(told) <= share()
    assert await breaches() == {}
