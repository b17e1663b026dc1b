"""Operations kept under the SHA-256 of their text, for all processes: a client names one instead of sending it again.

What was published by an operator stays; of what clients had kept by themselves, the oldest make room.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.settings import settings

# In this process; a published list may be replaced, and every process follows within a minute.
REMEMBERED = 1000
REMEMBERED_SECONDS = 60.0

FIND = "SELECT text, published FROM kept_operation WHERE hash = $1"
KEEP = """
    INSERT INTO kept_operation (hash, text, published, created_at) VALUES ($1, $2, false, $3) ON CONFLICT (hash) DO NOTHING
"""
MAKE_ROOM = """
    DELETE FROM kept_operation WHERE hash IN (
        SELECT hash FROM kept_operation WHERE NOT published ORDER BY created_at DESC, hash OFFSET $1 FOR UPDATE SKIP LOCKED)
"""
WITHDRAW = "UPDATE kept_operation SET published = false WHERE published AND NOT hash = ANY($1)"
PUBLISH = """
    INSERT INTO kept_operation (hash, text, published, created_at)
    SELECT o.hash, o.text, true, $3 FROM unnest($1::text[], $2::text[]) AS o(hash, text) ORDER BY o.hash
    ON CONFLICT (hash) DO UPDATE SET published = true
"""


@dataclass(frozen=True, slots=True)
class KeptOperation:
    """An operation's text, and whether an operator published it."""

    text: str
    published: bool


_remembered: OrderedDict[str, tuple[float, KeptOperation]] = OrderedDict()


def operation_hash(text: str) -> str:
    """What an operation is named by."""
    return sha256(text.encode()).hexdigest()


async def kept_operation(named: str) -> KeptOperation | None:
    """The operation of this hash."""
    known = _remembered.get(named)
    if known is not None and known[0] > time.monotonic():
        _remembered.move_to_end(named)
        return known[1]
    row = await db.row(FIND, named)
    if row is None:
        _remembered.pop(named, None)
        return None
    found = KeptOperation(row["text"], row["published"])
    _remembered[named] = (time.monotonic() + REMEMBERED_SECONDS, found)
    _remembered.move_to_end(named)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return found


async def keep_operation(tx: Transaction, text: str) -> None:
    """Keep what a client sent."""
    await tx.execute(KEEP, operation_hash(text), text, now())
    await tx.execute(MAKE_ROOM, settings().operations_kept)


async def publish_operations(tx: Transaction, texts: Iterable[str], *, only: bool = False) -> int:
    """Publish operations, beside those that are published or instead of them; how many were given."""
    by_hash = {operation_hash(text): text for text in texts}
    if only:
        await tx.execute(WITHDRAW, list(by_hash))
    await tx.execute(PUBLISH, list(by_hash), list(by_hash.values()), now())
    tx.after_commit(_forget)
    return len(by_hash)


def forget_operations() -> None:
    """Read them again; for tests."""
    _remembered.clear()


async def _forget() -> None:
    forget_operations()
