"""Keys: data keys that seal, kept in the database wrapped by key-encryption keys that never enter it.

A house key exists once for each purpose and is opened at start. A lot has a data key of its own, made in the transaction
that makes the lot. Re-wrapping (`KeyRing.rotate`) changes no data key, so nothing that was sealed is sealed again.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import Insert
from perkhub.kit.key_encryption import KEY_BYTES, KeyProvider, KeyTrouble, LocalKeys, local_keys, token_secret
from perkhub.kit.sealing import bind

__all__ = [
    "HouseKey",
    "KeyProvider",
    "KeyRing",
    "KeyTrouble",
    "LocalKeys",
    "keyring",
    "local_keys",
    "lot_purpose",
    "set_keyring",
    "token_secret",
]

ROTATE_AT_ONCE = 500


class HouseKey(StrEnum):
    """What the house itself seals or hashes; one data key for each."""

    PERSONAL = "personal"
    BLIND_INDEX = "blind-index"
    FINGERPRINT = "fingerprint"
    UPLOAD = "upload"
    CALLBACK = "callback"
    CREDENTIALS = "credentials"
    REQUEST = "request"
    DRAW = "draw"
    COUPON = "coupon"
    TICKET = "ticket"


def lot_purpose(lot: UUID) -> str:
    """The purpose of a lot's own data key."""
    return f"lot:{lot}"


# Two processes that start at once both try; the second waits for the first, writes nothing, and reads what the first wrote.
CREATE_HOUSE_KEYS = """
    INSERT INTO data_key (id, purpose, wrapped, wrapped_by, created_at)
    SELECT r.id, r.purpose, r.wrapped, r.wrapped_by, $5
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) AS r(id, purpose, wrapped, wrapped_by)
    ON CONFLICT (purpose) DO NOTHING
"""

# Locked in the order of their keys, and changed only if nobody else has re-wrapped them meanwhile.
REWRAP = """
    WITH locked AS (SELECT id FROM data_key WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
    UPDATE data_key k SET wrapped = r.wrapped, wrapped_by = r.name
    FROM locked JOIN unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[]) AS r(id, wrapped, name, old) USING (id)
    WHERE k.id = locked.id AND k.wrapped_by = r.old
"""

DATA_KEYS = Insert(
    "data_key", {"id": "uuid", "purpose": "text", "wrapped": "bytea", "wrapped_by": "text", "created_at": "timestamptz"}
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A data key that was just made."""

    id: UUID
    plain: bytes = field(repr=False)
    wrapped: bytes
    wrapped_by: str


class KeyRing:
    """The opened keys of this process: the house's for good, those of lots as many as were used last."""

    def __init__(self, provider: KeyProvider, *, capacity: int = 10_000) -> None:
        self._provider = provider
        self._capacity = capacity
        self._house: dict[str, bytes] = {}
        self._recent: OrderedDict[UUID, bytes] = OrderedDict()

    async def open(self) -> None:
        """Load the house keys, and make those that are missing. Call it at start, never inside a transaction:
        a key that rolled back with somebody's work would already have sealed something."""
        if missing := await self._load_house():
            fresh = [await self._fresh(purpose) for purpose in missing]
            await transact(lambda tx: self._create_house(tx, missing, fresh))
            await self._load_house()

    def house_key(self, purpose: HouseKey) -> bytes:
        """The key for one of the house's own purposes."""
        return self._house[purpose]

    async def new_data_key(self, tx: Transaction, purpose: str) -> tuple[UUID, bytes]:
        """Make the data key of one thing, such as a lot, in the transaction that makes the thing."""
        return (await self.new_data_keys(tx, [purpose]))[0]

    async def new_data_keys(self, tx: Transaction, purposes: Sequence[str]) -> list[tuple[UUID, bytes]]:
        """Make those of many things, written with the transaction's other writes."""
        at = now()
        made = [await self._fresh(purpose) for purpose in purposes]
        rows = [(one.id, what, one.wrapped, one.wrapped_by, at) for what, one in zip(purposes, made, strict=True)]
        tx.later(*DATA_KEYS.of(rows))
        return [(one.id, self._keep(one.id, one.plain)) for one in made]

    async def data_key(self, key_id: UUID) -> bytes:
        """An existing data key. One that does not exist is a broken reference, and so a LookupError."""
        kept = self._recent.get(key_id)
        if kept is not None:
            self._recent.move_to_end(key_id)
            return kept
        found = await db.row("SELECT id, purpose, wrapped, wrapped_by FROM data_key WHERE id = $1", key_id)
        if found is None:
            raise LookupError(f"no data key {key_id}")
        return self._keep(key_id, await self._unwrap(found))

    async def destroy_data_key(self, tx: Transaction, key_id: UUID) -> None:
        """Delete a data key, and with it the way to whatever it sealed."""
        await tx.execute("DELETE FROM data_key WHERE id = $1", key_id)
        self._recent.pop(key_id, None)

    async def rotate(self, report_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Re-wrap every data key that an older key-encryption key wrapped; how many this call re-wrapped.

        Commits chunk by chunk: killed, it goes on where it was; run twice at once, each key is re-wrapped once. A process
        that still runs with the old configuration may make old-wrapped keys after we passed: rotate again, before the old
        key is taken away.
        """
        newest = self._provider.newest
        total = await db.value("SELECT count(*) FROM data_key WHERE wrapped_by <> $1", newest)
        seen, rewrapped, last = 0, 0, UUID(int=0)
        report_progress(seen, total)
        while chunk := await db.rows(
            "SELECT id, purpose, wrapped, wrapped_by FROM data_key WHERE wrapped_by <> $1 AND id > $2 ORDER BY id LIMIT $3",
            *(newest, last, ROTATE_AT_ONCE),
        ):
            rewrapped += await self._rewrap(chunk)
            seen, last = seen + len(chunk), chunk[-1]["id"]
            report_progress(seen, max(seen, total))
        return rewrapped

    async def _rewrap(self, chunk: list[Row]) -> int:
        # All wrapping is done before the transaction: no lock is held across a provider's network call.
        names, wrapped = [], []
        for found in chunk:
            name, again = await self._provider.wrap(await self._unwrap(found), associated=_associated(found))
            names.append(name)
            wrapped.append(again)
        ids = [found["id"] for found in chunk]
        old = [found["wrapped_by"] for found in chunk]
        return await transact(lambda tx: tx.execute(REWRAP, ids, wrapped, names, old))

    async def _load_house(self) -> list[str]:
        """Read what the database has; what is missing."""
        purposes = [str(purpose) for purpose in HouseKey]
        found = await db.rows("SELECT id, purpose, wrapped, wrapped_by FROM data_key WHERE purpose = ANY($1)", purposes)
        self._house = {key["purpose"]: await self._unwrap(key) for key in found}
        return [purpose for purpose in purposes if purpose not in self._house]

    async def _create_house(self, tx: Transaction, purposes: list[str], fresh: list[Fresh]) -> None:
        await tx.execute(
            CREATE_HOUSE_KEYS,
            [key.id for key in fresh],
            purposes,
            [key.wrapped for key in fresh],
            [key.wrapped_by for key in fresh],
            now(),
        )

    async def _fresh(self, purpose: str) -> Fresh:
        key_id, plain = new_id(), secrets.token_bytes(KEY_BYTES)
        name, wrapped = await self._provider.wrap(plain, associated=bind((purpose, key_id)))
        return Fresh(key_id, plain, wrapped, name)

    async def _unwrap(self, found: Row) -> bytes:
        return await self._provider.unwrap(found["wrapped_by"], found["wrapped"], associated=_associated(found))

    def _keep(self, key_id: UUID, plain: bytes) -> bytes:
        self._recent[key_id] = plain
        if len(self._recent) > self._capacity:
            self._recent.popitem(last=False)
        return plain


def _associated(found: Row) -> bytes:
    return bind((found["purpose"], found["id"]))


_keyring: KeyRing | None = None


def set_keyring(ring: KeyRing | None) -> None:
    """Say, at start, which opened keys this process uses."""
    global _keyring
    _keyring = ring


def keyring() -> KeyRing:
    """The opened keys of this process."""
    if _keyring is None:
        raise RuntimeError("no key ring was set at start")
    return _keyring
