"""One key, one effect: however often it is sent, by however many at once, and whatever came of it."""

import asyncio
import hashlib
import hmac
from collections import Counter
from typing import Any
from uuid import UUID

import orjson
import pytest

from perkhub.kit import db
from perkhub.kit.claims import claim_last
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from perkhub.kit.idempotency import IdempotencyKeyReused, once
from perkhub.kit.keys import HouseKey, KeyRing

ACTOR = "customer:1"


class Till:
    """Counts what really happens; `work` leaves a row per effect. The key is claimed before it, along with it, or with it and
    all else in one statement at the end."""

    def __init__(self, claimed: str) -> None:
        self.claimed, self.late = claimed, claimed != "before"
        self.effective = True
        self.replays: list[UUID] = []
        self.refusal: DomainError | None = None

    async def work(self, tx: Transaction, result: UUID) -> UUID:
        if self.claimed == "at the end":
            tx.later("INSERT INTO effect VALUES ($1::uuid)", result)
            claim_last(tx)
        elif await tx.value("INSERT INTO effect SELECT $1 WHERE $2 RETURNING id", result, self.effective) is None:
            assert not self.effective
        if self.refusal is not None:
            raise self.refusal
        return result

    async def replay(self, result: UUID) -> UUID:
        self.replays.append(result)
        return result

    async def ask(self, key: str = "k", *, actor: str = ACTOR, operation: str = "buy", request: Any = "one") -> UUID:
        return await once(actor, operation, key=key, request=request, work=self.work, replay=self.replay, late=self.late)

    async def effects(self) -> set[UUID]:
        return {row["id"] for row in await db.rows("SELECT id FROM effect")}


@pytest.fixture(params=["before", "along", "at the end"])
async def till(request: pytest.FixtureRequest, opened_keys: KeyRing) -> Till:
    await db.value("CREATE TABLE effect (id uuid)")
    return Till(request.param)


async def test_a_repetition_is_answered_with_the_first_result(till: Till):
    first = await till.ask()
    assert await till.ask() == first
    assert (await till.effects(), till.replays) == ({first}, [first])


async def test_a_claim_that_goes_along_costs_no_statement(till: Till):
    for effective in (True, False):
        till.effective = effective
        sent: list[str] = []
        token = db.statements.set(sent)
        await till.ask(str(effective))
        db.statements.reset(token)
        assert len([sql for sql in sent if not sql.startswith(("BEGIN", "COMMIT"))]) == (1 if till.late else 2)
        assert ("COMMIT;" in sent) is (till.claimed != "at the end")
    assert len(await till.effects()) == (2 if till.claimed == "at the end" else 1)


async def test_a_repetition_is_one_though_nothing_was_written_before_the_refusal(till: Till):
    first = await till.ask()

    async def refuse(tx: Transaction, result: UUID) -> UUID:
        raise NotFound("thing", "东西")

    asked = {"key": "k", "work": refuse, "replay": till.replay, "late": till.late}
    assert await once(ACTOR, "buy", request="one", **asked) == first
    with pytest.raises(IdempotencyKeyReused):
        await once(ACTOR, "buy", request="two", **asked)


async def test_a_key_belongs_to_its_actor_and_operation(till: Till):
    asked = [await till.ask(), await till.ask(actor="customer:2"), await till.ask(operation="refund"), await till.ask("K")]
    assert await till.effects() == set(asked)
    assert len(set(asked)) == 4


async def test_what_was_asked_cannot_be_tried_through(till: Till, opened_keys: KeyRing):
    """A request may be a phone number: what is kept of it is made with a key, so that nobody hashes all of them to find it."""
    await till.ask(request={"phone": "+8613800138000"})
    plain = orjson.dumps({"phone": "+8613800138000"})
    kept = await db.value("SELECT input_hash FROM idempotency_key")
    assert kept == hmac.digest(opened_keys.house_key(HouseKey.REQUEST), plain, "sha256")
    assert kept not in (hashlib.sha256(plain).digest(), plain)


async def test_other_input_under_the_same_key_is_refused(till: Till):
    await till.ask(request={"a": 1, "b": [2]})
    await till.ask(request={"b": [2], "a": 1})  # the same, in another order
    for other in ({"a": 1, "b": [3]}, {"a": 1}, None):
        with pytest.raises(IdempotencyKeyReused) as refusal:
            await till.ask(request=other)
        assert refusal.value.path == ("idempotencyKey",)
    assert len(await till.effects()) == 1


async def test_a_refusal_is_kept_and_told_again_word_for_word(till: Till):
    till.refusal = InvalidInput(path=("lines", "0"), reason="Too many.", reason_zh="数量过多。")
    for _ in range(2):
        with pytest.raises(InvalidInput) as refusal:
            await till.ask()
        assert (refusal.value.path, refusal.value.message("en"), refusal.value.message("zh")) == (
            ("lines", "0"),
            "Too many.",
            "数量过多。",
        )
        assert str(refusal.value) == "Too many."
    till.refusal = None
    with pytest.raises(InvalidInput):
        await till.ask()
    with pytest.raises(IdempotencyKeyReused):
        await till.ask(request="two")
    assert await till.effects() == set()


async def test_a_fault_is_not_kept(till: Till):
    """What failed by no fault of the caller's may be tried again under the same key."""

    async def broken(tx: Transaction, result: UUID) -> UUID:
        await till.work(tx, result)
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await once(ACTOR, "buy", key="k", request="one", work=broken, replay=till.replay)
    assert await db.value("SELECT count(*) FROM idempotency_key") == 0
    answer = await till.ask()
    assert await till.effects() == {answer}


@pytest.mark.parametrize("key", ["", "  ", "x" * 121, "a\x00b", "a\nb", "\ud800"])
async def test_an_odd_key_is_refused_and_not_kept(till: Till, key: str):
    with pytest.raises(InvalidInput):
        await till.ask(key)
    assert await db.value("SELECT count(*) FROM idempotency_key") == 0


async def test_neither_input_nor_reply_is_kept(till: Till):
    await till.ask(request={"secret": "6222000000000001"})
    kept = await db.value("SELECT row_to_json(k)::text FROM idempotency_key k")
    assert "6222" not in kept


async def test_a_thousand_at_once_under_one_key(till: Till):
    answers = await asyncio.gather(*(till.ask() for _ in range(1000)))
    assert len(set(answers)) == 1
    assert await till.effects() == set(answers)
    assert len(till.replays) == 999


async def test_hundreds_refused_at_once_under_one_key(till: Till):
    till.refusal = NotFound(path=("x",))
    ended = await asyncio.gather(*(till.ask() for _ in range(300)), return_exceptions=True)
    assert Counter(type(one) for one in ended) == {NotFound: 300}
    assert await till.effects() == set()
    assert await db.value("SELECT count(*) FROM idempotency_key") == 1


async def test_two_inputs_at_once_under_one_key(till: Till):
    attempts = [till.ask(request=turn % 2) for turn in range(100)]
    ended = await asyncio.gather(*attempts, return_exceptions=True)
    told = [one for one in ended if isinstance(one, UUID)]
    assert len(told) == 50
    assert [type(one) for one in ended if one not in told] == [IdempotencyKeyReused] * 50
    assert await till.effects() == set(told)


async def test_a_success_that_overtakes_the_keeping_of_a_refusal(till: Till):
    """Refused and rolled back, but a repetition got through before the refusal could be kept: the effect is told to both."""
    succeeded: list[UUID] = []

    async def refused(_: Transaction, result: UUID) -> UUID:
        raise NotFound

    async def overtaken(work: Any, **how: bool) -> Any:
        try:
            return await transact(work, **how)
        except NotFound:
            if not succeeded:
                succeeded.append(await till.ask())
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perkhub.kit.idempotency.transact", overtaken)
        told = await once(ACTOR, "buy", key="k", request="one", work=refused, replay=till.replay)
    assert [told] == succeeded
    assert await till.effects() == {told}


async def test_a_caller_that_goes_away_leaves_nothing_behind(till: Till):
    waiting = asyncio.Event()

    async def slow(tx: Transaction, result: UUID) -> UUID:
        await till.work(tx, result)
        waiting.set()
        await asyncio.sleep(60)
        return result

    asked = asyncio.create_task(once(ACTOR, "buy", key="k", request="one", work=slow, replay=till.replay))
    await waiting.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    answer = await till.ask()
    assert await till.effects() == {answer}
