"""The activity log: one row with the commit that did it, none without, and nobody can change it afterwards."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from perkhub.kit import db
from perkhub.kit.acting import Acting, Origin, act
from perkhub.kit.activity import Asked, Change, changes_of, history_of, list_activity
from perkhub.kit.clock import now, travel
from perkhub.kit.correlation import begin_correlation, correlation_id
from perkhub.kit.db import CONFLICTS, Transaction, transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.idempotency import once
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import Context, drain, job
from perkhub.kit.jobs.retention import forget_old_activity
from perkhub.kit.money import Money
from perkhub.kit.outbox import enqueue

pytestmark = pytest.mark.usefixtures("opened_keys")

OPERATOR = "staff:00000000-0000-0000-0000-000000000001"
JOB = "tests.activity.changes"
HIDDEN = "[redacted]"


def acting(operation: str = "productUpdate", **more: Any) -> Acting:
    return Acting(OPERATOR, operation, **more)


async def noted(subject: UUID, **change: Any) -> None:
    await transact(lambda tx: _note(tx, subject, **change))


async def _note(tx: Transaction, subject: UUID, **change: Any) -> None:
    await tx.execute("SELECT 1")
    tx.note_change("product", subject, **change)


async def changed(**change: Any) -> Change:
    """What the log keeps of a change."""
    subject = new_id()
    with act(acting()):
        await noted(subject, **change)
    [kept] = await history_of("product", subject)
    return kept


async def counts() -> tuple[int, int]:
    return (await db.value("SELECT count(*) FROM activity"), await db.value("SELECT count(*) FROM activity_change"))


async def test_who_what_from_where_and_when():
    begin_correlation("trail-1")
    subject, began = new_id(), now()
    with act(acting(origin=Origin("10.0.0.1", "console", "perkhub-console/1"), told=lambda: {"slug": "vip"})):
        await noted(subject, before={"slug": "old"}, after={"slug": "vip"})
    [deed] = await list_activity(Asked())
    assert (deed.actor, deed.operation, deed.correlation_id, deed.input) == (
        OPERATOR,
        "productUpdate",
        "trail-1",
        {"slug": "vip"},
    )
    assert (deed.source_address, deed.user_agent, deed.client) == ("10.0.0.1", "console", "perkhub-console/1")
    assert began <= deed.at <= now()
    [change] = (await changes_of([deed.id]))[deed.id]
    assert (change.subject, change.subject_id, change.before, change.after) == (
        "product",
        subject,
        {"slug": "old"},
        {"slug": "vip"},
    )


async def test_where_nobody_acts_nothing_is_logged():
    await noted(new_id(), after={"slug": "vip"})
    assert await counts() == (0, 0)


async def test_what_is_rolled_back_is_not_logged():
    async def fails(tx: Transaction) -> None:
        await _note(tx, new_id(), after={"slug": "vip"})
        raise LookupError

    with act(acting()), pytest.raises(LookupError):
        await transact(fails)
    assert await counts() == (0, 0)


async def test_several_transactions_of_one_deed_are_one_row_with_all_their_changes():
    with act(acting()):
        for _ in range(3):
            await noted(new_id(), after={"slug": "vip"})
    assert await counts() == (1, 3)


async def test_a_savepoint_that_is_given_up_takes_its_changes_along():
    async def work(tx: Transaction) -> None:
        await _note(tx, new_id(), after={"a": 1})
        await noted(new_id(), after={"b": 1})
        with pytest.raises(LookupError):
            await transact(fails)

    async def fails(tx: Transaction) -> None:
        await _note(tx, new_id(), after={"c": 1})
        raise LookupError

    with act(acting()):
        await transact(work)
    assert await counts() == (1, 2)
    assert await db.value("SELECT count(*) FROM activity_change WHERE after ? 'c'") == 0


async def test_a_deadlock_that_is_tried_again_leaves_one_row_each():
    """Two deeds lock two rows crosswise: PostgreSQL ends one, and `transact` repeats it."""
    rows = [new_id(), new_id()]
    for row in rows:
        await db.value("INSERT INTO idempotency_key VALUES ($1, 'a', 'b', $2, '', NULL, NULL, $3)", row, str(row), now())
    tries: list[int] = []
    both = asyncio.Barrier(2)

    async def cross(number: int) -> None:
        first = True

        async def work(tx: Transaction) -> None:
            nonlocal first
            tries.append(number)
            for step, row in enumerate(rows if number else reversed(rows)):
                await tx.execute("UPDATE idempotency_key SET operation = 'c' WHERE id = $1", row)
                if step == 0 and first:
                    first = False
                    await both.wait()
            tx.note_change("product", rows[number], after={"by": number})

        with act(acting(f"cross{number}")):
            await transact(work)

    await asyncio.gather(cross(0), cross(1))
    assert len(tries) == 3
    assert await counts() == (2, 2)
    assert asyncpg.DeadlockDetectedError in CONFLICTS


async def test_a_refusal_that_is_remembered_is_no_deed():
    async def refuse(tx: Transaction, _: UUID) -> UUID:
        raise InvalidInput(path=("slug",), reason="No.")

    async def replay(result: UUID) -> UUID:
        return result

    with act(acting()), pytest.raises(InvalidInput):
        await once(OPERATOR, "productUpdate", key="1", request={}, work=refuse, replay=replay)
    assert await db.value("SELECT count(*) FROM idempotency_key") == 1
    assert await counts() == (0, 0)


@job(JOB)
async def _changes_later(context: Context, subject: UUID) -> None:
    await noted(subject, after={"imported": True})


async def test_what_a_job_changes_belongs_to_the_deed_that_began_it():
    subject = new_id()

    async def work(tx: Transaction) -> None:
        enqueue(tx, JOB, subject=subject)

    begin_correlation("trail-2")
    with act(deed := acting()):
        await transact(work)
    begin_correlation("another")
    await transact(work)  # begun by nobody whose deeds are logged
    assert await drain() == 2
    assert await counts() == (1, 1)
    [change] = await history_of("product", subject)
    assert (change.activity_id, change.after) == (deed.id, {"imported": True})
    assert await db.value("SELECT correlation_id FROM outbox WHERE activity_id = $1", deed.id) == "trail-2"
    assert correlation_id() == "another"


@dataclass(frozen=True)
class Draft:
    slug: str
    name: dict[str, str]
    price: Decimal = Decimal("9.90")
    key: str = field(default="shown", repr=False)


async def test_only_what_differs_is_kept():
    before = Draft("vip", {"zh": "会员", "en": "VIP"})
    kept = await changed(before=before, after=Draft("vip", {"zh": "月卡", "en": "VIP"}, Decimal("9.9000")))
    assert (kept.before, kept.after) == ({"name.zh": "会员"}, {"name.zh": "月卡"})
    kept = await changed(before={"tags": {"a": 1, "b": 2}, "other": 1}, after={"tags": {"b": 2, "c": 3}})
    assert (kept.before, kept.after) == ({"tags.a": 1}, {"tags.c": 3})


async def test_of_a_part_only_what_differs_is_kept():
    before = {"part": Draft("a", {"en": "x"}), "total": Money(1, "CNY")}
    kept = await changed(before=before, after={"part": Draft("b", {"en": "x"}), "total": Money(1, "CNY")})
    assert (kept.before, kept.after) == ({"part.slug": "a"}, {"part.slug": "b"})


async def test_of_what_is_new_all_is_kept_and_of_what_is_gone_too():
    kept = await changed(after=Draft("vip", {"en": "VIP"}))
    assert (kept.before, kept.after) == ({}, {"slug": "vip", "name.en": "VIP", "price": "9.9"})
    kept = await changed(before={"slug": "vip"})
    assert (kept.before, kept.after) == ({"slug": "vip"}, {})


async def test_two_changes_of_one_thing_are_one():
    subject = new_id()

    async def work(tx: Transaction) -> None:
        tx.note_change("product", subject, before={"slug": "a", "brand": "x"}, after={"slug": "b", "brand": "y"})
        tx.note_change("product", subject, before={"slug": "b"}, after={"slug": "c"})

    with act(acting()):
        await transact(work)
    [kept] = await history_of("product", subject)
    assert (kept.before, kept.after) == ({"slug": "a", "brand": "x"}, {"slug": "c", "brand": "y"})


async def test_a_row_that_was_read_is_handed_over_as_it_is():
    row = await db.row("SELECT 'vip' AS slug, '{\"zh\": \"会员\"}'::jsonb AS name, 9.90::numeric AS price, 1 AS version")
    kept = await changed(before=row, after=Draft("vip", {"zh": "会员", "en": "VIP"}))
    assert (kept.before, kept.after) == ({}, {"name.en": "VIP"})


async def test_no_secret_and_no_person_is_kept_even_if_a_verb_hands_it_over():
    kept = await changed(
        after={
            "password": "hunter2",
            "api_token": "t-123",
            "sealed_name": b"...",
            "note": "ask 13800138000 or li.lei@example.com, +86 138 0013 8000",
            "masked_email": "l••••@example.com",
            "total": Money(1990, "CNY"),
        },
        hidden=("pin",),
    )
    assert kept.after == {
        "password": HIDDEN,
        "api_token": HIDDEN,
        "sealed_name": HIDDEN,
        "note": f"ask {HIDDEN} or {HIDDEN}, {HIDDEN}",
        "masked_email": "l••••@example.com",
        "total": {"amount": "19.90", "currency": "CNY"},
        "pin": HIDDEN,
    }
    assert kept.before == {"pin": HIDDEN}


async def test_a_long_text_is_cut():
    assert (await changed(after={"text": "长" * 20_000})).after == {"text": "长" * 4000 + "… (20000)"}


@pytest.mark.parametrize("table", ["activity", "activity_change"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET at = at", "DELETE FROM {0}", "TRUNCATE {0}"])
async def test_nobody_changes_the_log(table: str, statement: str):
    await changed(after={"slug": "vip"})
    with pytest.raises(Exception, match="append-only"):
        await db.value(statement.format(table))
    assert await counts() == (1, 1)


async def test_what_is_older_than_the_log_is_kept_goes():
    with travel(timedelta(days=-1096)):
        await changed(after={"slug": "old"})
    await changed(after={"slug": "new"})
    await forget_old_activity()
    assert await counts() == (1, 1)
    assert await db.value("SELECT after->>'slug' FROM activity_change") == "new"


async def test_pages_go_on_where_they_ended():
    for number in range(5):
        with act(acting(f"operation{number}")):
            await noted(new_id(), after={"number": number})
    seen: list[str] = []
    before = None
    while page := await list_activity(Asked(actor=OPERATOR), before=before, limit=2):
        seen += [deed.operation for deed in page]
        before = (page[-1].at, page[-1].id)
    assert seen == [f"operation{number}" for number in (4, 3, 2, 1, 0)]


async def test_the_log_is_asked_by_index():
    """Each question, with no other way forbidden than reading all of the table."""
    subject = ("product", new_id())
    asked = [
        Asked(actor=OPERATOR),
        Asked(operation="x"),
        Asked(since=now()),
        Asked(subject=subject),
        Asked(correlation_id="x"),
        Asked(),
    ]
    for one in asked:
        db.statements.set(counted := [])
        assert await list_activity(one, before=(now(), new_id())) == []
        values = [getattr(one, name) for name in ("actor", "operation", "correlation_id", "since") if getattr(one, name)]
        plan = await explained(counted[-1], *values, *(one.subject or ()), now(), new_id(), 21)
        assert "Seq Scan" not in plan, plan
    db.statements.set(None)


async def explained(sql: str, *values: Any) -> str:
    async def work(tx: Transaction) -> str:
        await tx.execute("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in await tx.rows(f"EXPLAIN {sql}", *values))

    return await transact(work)
