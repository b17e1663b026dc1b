"""Making the codes of a batch, chunk by chunk: each is one transaction that ends with the cursor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import asyncpg

from perkhub.campaigns.coupons.codes import codes_of
from perkhub.campaigns.coupons.states import BATCH, COUPON, CouponBatchState, CouponState
from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import unseal

MAKE = "coupons.make"
CODES_IN_A_CHUNK = 50_000
FINGERPRINT_BYTES = 16

BATCH_ROW = "SELECT id, campaign_id, sealed, quantity, made, next_number, state FROM coupon_batch WHERE id = $1"
# Only on top of the chunk before: of two workers that lost and found the job, one goes on.
# And only while nobody made the batch void.
TAKE_CHUNK = "UPDATE coupon_batch SET next_number = $3 WHERE id = $1 AND next_number = $2 AND state = 'making'"
COUNT = "UPDATE coupon_batch SET made = made + $2 WHERE id = $1"
COLUMNS = ("batch_id", "campaign_id", "number", "fingerprint", "state")
ONE_BY_ONE = """
    INSERT INTO coupon (batch_id, campaign_id, number, fingerprint, state)
    SELECT $1::uuid, $2::uuid, c.number, c.fingerprint, $5::text FROM unnest($3::int[], $4::bytea[]) AS c(number, fingerprint)
    ON CONFLICT (fingerprint) DO NOTHING
"""


class _ChunkTaken(Exception):
    """Another worker made this chunk, or the batch is void."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    batch: UUID
    campaign: UUID
    first: int
    fingerprints: Sequence[bytes]


async def make_batch(batch: UUID) -> None:
    """Make what is missing of a batch; nothing, if it is whole, or another worker is at it."""
    while (chunk := await _next_chunk(batch)) is not None:
        try:
            await _store(chunk)
        except _ChunkTaken:
            return


async def _store(chunk: _Chunk) -> None:
    try:
        await transact(lambda tx: _write(tx, chunk, _copy))
    except asyncpg.UniqueViolationError:
        # Two of some 10^16 codes are the same: the chunk goes in without the second, and one more follows at the end.
        await transact(lambda tx: _write(tx, chunk, _insert))


async def _next_chunk(batch: UUID) -> _Chunk | None:
    row = await db.row(BATCH_ROW, batch)
    if row is None or row["state"] != CouponBatchState.MAKING:
        return None
    missing = min(CODES_IN_A_CHUNK, row["quantity"] - row["made"])
    if not missing:
        await transact(lambda tx: BATCH.move_many(tx, [batch], CouponBatchState.READY, event=None))
        return None
    secret = open_secret(row["sealed"], batch)
    first = row["next_number"]
    # Most of the computing; in a thread, so that the worker's other jobs go on.
    fingerprints = await asyncio.to_thread(_fingerprints, secret, range(first, first + missing))
    return _Chunk(batch, row["campaign_id"], first, fingerprints)


def _fingerprints(secret: bytes, numbers: range) -> list[bytes]:
    return fingerprints_of(codes_of(secret, numbers))


def fingerprints_of(codes: Iterable[str]) -> list[bytes]:
    """What codes are found by: a keyed hash, which nobody computes who has the database alone."""
    keyed = blake2b(key=keyring().house_key(HouseKey.FINGERPRINT), digest_size=FINGERPRINT_BYTES, person=b"coupon")
    found = []
    for code in codes:
        one = keyed.copy()
        one.update(code.encode())
        found.append(one.digest())
    return found


def fingerprint_of(code: str) -> bytes:
    """What a code is found by."""
    return fingerprints_of([code])[0]


def open_secret(sealed: bytes, batch: UUID) -> bytes:
    """The secret that a batch's codes are derived from."""
    return unseal(keyring().house_key(HouseKey.COUPON), sealed, associated=place_of(batch))


def place_of(batch: UUID) -> tuple[str | UUID, ...]:
    """What the secret is bound to."""
    return ("coupon_batch", batch, "secret")


async def _write(tx: Transaction, chunk: _Chunk, write: Callable[[Transaction, _Chunk], Awaitable[int]]) -> None:
    await tx.execute("SET LOCAL synchronous_commit = off")  # lost with its cursor, it comes again
    if not await tx.execute(TAKE_CHUNK, chunk.batch, chunk.first, chunk.first + len(chunk.fingerprints)):
        raise _ChunkTaken
    await tx.execute(COUNT, chunk.batch, await write(tx, chunk))


async def _copy(tx: Transaction, chunk: _Chunk) -> int:
    state = str(COUPON.birth(CouponState.FREE))
    records = [
        (chunk.batch, chunk.campaign, number, fingerprint, state)
        for number, fingerprint in enumerate(chunk.fingerprints, start=chunk.first)
    ]
    await tx.copy("coupon", columns=COLUMNS, records=records)
    return len(records)


async def _insert(tx: Transaction, chunk: _Chunk) -> int:
    numbers = list(range(chunk.first, chunk.first + len(chunk.fingerprints)))
    state = str(COUPON.birth(CouponState.FREE))
    return await tx.execute(ONE_BY_ONE, chunk.batch, chunk.campaign, numbers, list(chunk.fingerprints), state)
