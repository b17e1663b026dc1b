"""One key, one effect: a caller's key claims its operation in the transaction that carries it out.

Only an id or a refusal is kept, never a reply: a replay reads again under the caller's present rights. Of the request a
keyed hash is kept: it may hold a phone number, and all phone numbers are quickly tried through.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.acting import act
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact, transaction
from perkhub.kit.errors import DomainError, InvalidInput, every_error
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring

T = TypeVar("T")

KEY_LENGTH = 120

# A competitor with the same key makes this wait until it commits (then nothing is inserted) or gives up.
CLAIM = """
    INSERT INTO idempotency_key (id, actor, operation, key, input_hash, result_id, error, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (actor, operation, key) DO NOTHING RETURNING id
"""
READ = "SELECT input_hash, result_id, error FROM idempotency_key WHERE actor = $1 AND operation = $2 AND key = $3"


USED = """
    SELECT k.actor, k.operation, k.key FROM unnest($1::text[], $2::text[], $3::text[]) AS w(actor, operation, key)
    JOIN idempotency_key k ON k.actor = w.actor AND k.operation = w.operation AND k.key = w.key
"""


class IdempotencyKeyReused(DomainError):
    """The key came before with other input."""

    code = "IDEMPOTENCY_KEY_REUSED"
    en = "This idempotency key was used before with other input. Use a new key for a new request."
    zh = "该幂等键已用于不同的请求内容,请为新请求使用新的键。"


class _Replay(Exception):
    def __init__(self, result: UUID) -> None:
        self.result = result


async def once(
    actor: str,
    operation: str,
    *,
    key: str,
    request: Any,
    work: Callable[[Transaction, UUID], Awaitable[T]],
    replay: Callable[[UUID], Awaitable[T]],
    late: bool = False,
) -> T:
    """Carry out `work` once for this actor, operation and key; `work` is given the id its result shall have.

    A repeated key with the same request calls `replay` with that id, or raises the same refusal again. With `late` the key is
    claimed, and the transaction begun, along with the first that `work` asks of it: for work that nothing of the ORM begins.

    Raises:
        InvalidInput: the key is no key.
        IdempotencyKeyReused: it came with another request.
        DomainError: whatever `work` refuses; the refusal is kept with the key.
    """
    if not key.strip() or len(key) > KEY_LENGTH or not key.isprintable():
        reason, reason_zh = f"Give 1 to {KEY_LENGTH} printable characters.", f"须为 1 至 {KEY_LENGTH} 个可显示字符。"
        raise InvalidInput(path=("idempotencyKey",), reason=reason, reason_zh=reason_zh)
    claim = (actor, operation, key, _hash(request))

    async def claimed(tx: Transaction) -> T:
        result = new_id()
        if not late:
            await _claim(tx, claim, result=result)
            return await work(tx, result)
        tx.ahead(CLAIM, *_row(claim, result), settle=partial(_settle, tx, claim))
        try:
            return await work(tx, result)
        except DomainError:
            await tx.settle_ahead()  # a repetition is told as one, though nothing was written yet
            raise

    try:
        return await transact(claimed, begun=not late)
    except _Replay as seen:
        return await replay(seen.result)
    except IdempotencyKeyReused:
        raise
    except DomainError as refusal:
        return await _keep_refusal(claim, refusal, replay)


async def was_used(actor: str, operation: str, key: str) -> bool:
    """Whether something came of this key already. One look serves all who ask meanwhile: for those who would turn a crowd away
    without a transaction, and must not turn away a repetition. A request that is still on its way is not seen."""
    waiter = asyncio.get_running_loop().create_future()
    _Looks.waiting.append(((actor, operation, key), waiter))
    if _Looks.looking is None:
        _Looks.looking = asyncio.get_running_loop().create_task(_look_for_all())
    return bool(await waiter)


class _Looks:
    waiting: list[tuple[tuple[str, str, str], asyncio.Future[bool]]] = []
    looking: asyncio.Task[None] | None = None


async def _look_for_all() -> None:
    """Until nobody waits any more; a fault is told to those who waited for that look."""
    try:
        while _Looks.waiting:
            waiting, _Looks.waiting = _Looks.waiting, []
            try:
                columns = [list(column) for column in zip(*(asked for asked, _ in waiting), strict=True)]
                found = {(row["actor"], row["operation"], row["key"]) for row in await db.rows(USED, *columns)}
            except Exception as fault:
                for _, waiter in waiting:
                    if not waiter.done():
                        waiter.set_exception(fault)
                continue
            for asked, waiter in waiting:
                if not waiter.done():
                    waiter.set_result(asked in found)
    finally:
        _Looks.looking = None


async def _claim(tx: Transaction, claim: tuple[str, str, str, bytes], *, result: UUID | None, error: str | None = None) -> None:
    written = await tx.value(CLAIM, *_row(claim, result, error))
    await _settle(tx, claim, written is not None)


def _row(claim: tuple[str, str, str, bytes], result: UUID | None, error: str | None = None) -> tuple[Any, ...]:
    return (new_id(), *claim, result, error, now())


async def _settle(tx: Transaction, claim: tuple[str, str, str, bytes], written: bool) -> None:
    if written:
        return
    actor, operation, key, request_hash = claim
    kept = await tx.row(READ, actor, operation, key)
    assert kept is not None
    if kept["input_hash"] != request_hash:
        raise IdempotencyKeyReused(path=("idempotencyKey",))
    if kept["error"] is not None:
        raise _remembered(orjson.loads(kept["error"]))
    raise _Replay(kept["result_id"])


async def _keep_refusal(claim: tuple[str, str, str, bytes], refusal: DomainError, replay: Callable[[UUID], Awaitable[T]]) -> T:
    """The work was rolled back with its claim; keep the refusal under the key, unless a competitor succeeded meanwhile."""
    told = orjson.dumps({"code": refusal.code, "path": refusal.path, "data": refusal.data}, default=str).decode()
    try:
        with act(None):  # what is refused is nobody's deed
            async with transaction() as tx:
                await _claim(tx, claim, result=None, error=told)
    except _Replay as seen:
        return await replay(seen.result)
    except DomainError:
        pass  # the same refusal was kept by a competitor
    raise refusal


def _hash(request: Any) -> bytes:
    plain = orjson.dumps(request, default=str, option=orjson.OPT_SORT_KEYS)
    return hmac.digest(keyring().house_key(HouseKey.REQUEST), plain, "sha256")


def _remembered(told: dict[str, Any]) -> DomainError:
    kind = next(error for error in every_error() if error.code == told["code"])
    refusal = kind.__new__(kind)
    assert isinstance(refusal, DomainError)
    refusal.path, refusal.data = tuple(told["path"]), told["data"]
    refusal.args = (refusal.message("en"),)
    return refusal
