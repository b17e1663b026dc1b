"""Keeping files sealed piece by piece while they stream in, giving them back to whoever they are for, and forgetting them."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, ensure_no_transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.keys import keyring
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told
from perkhub.kit.sealing import Associated, Sealer
from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import FileEmpty, FileTooLarge
from perkhub.kit.uploads.errors import UploadUnusable

PIECE_BYTES = 256 << 10
PIECES_AT_ONCE = 4
LONGEST_NAME = 200
KEPT_FOR = timedelta(days=1)
FORGET_AT_ONCE = 100
UNTOLD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

BEGIN = """
    INSERT INTO upload (id, filename, size, complete, actor, data_key_id, created_at)
    VALUES ($1, $2, 0, false, $3, $4, $5)
"""
KEEP_PIECE = "INSERT INTO upload_piece (upload_id, position, sealed) VALUES ($1, $2, $3)"
# Counted, because a database that died and came back in between may have lost the last pieces.
COMPLETE = """
    UPDATE upload SET size = $2, complete = true
    WHERE id = $1 AND (SELECT count(*) FROM upload_piece WHERE upload_id = $1) = $3 RETURNING id
"""
FIND = "SELECT filename, size, data_key_id FROM upload WHERE id = $1 AND actor = $2 AND complete"
PIECES = "SELECT position, sealed FROM upload_piece WHERE upload_id = $1 AND position >= $2 ORDER BY position LIMIT $3"
DELETE = "DELETE FROM upload WHERE id = $1 RETURNING data_key_id"
# Locked, so that of two that want to take a file in at once the second sees the first.
LOCK = "SELECT filename FROM upload WHERE id = $1 AND actor = $2 AND complete FOR UPDATE"
OLD = "SELECT u.id FROM upload u WHERE u.created_at < $1 {spared} ORDER BY u.created_at LIMIT $2"

_spared: list[str] = []

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A complete upload of this actor."""

    id: UUID
    filename: str
    size: int
    data_key_id: UUID


async def receive_upload(filename: str, stream: AsyncIterator[bytes], *, actor: str, limit_bytes: int | None = None) -> UUID:
    """Take a file in. Whatever ends the stream before its time, nothing of the file stays.

    Raises:
        FileTooLarge: more than `limit_bytes`, or than the setting allows; told as soon as it is seen.
        FileEmpty: not one byte came.
        UploadUnusable: a piece was lost with the database.
    """
    ensure_no_transaction()
    limit = settings().upload_megabytes << 20 if limit_bytes is None else limit_bytes
    upload = new_id()
    try:
        sealer = Sealer(await transact(lambda tx: _begin(tx, upload, safe_name(filename), actor)))
        size, pieces = await _take_in(upload, sealer, stream, limit)
        if not size:
            raise FileEmpty
        if await transact(lambda tx: tx.value(COMPLETE, upload, size, pieces)) is None:
            raise UploadUnusable
    except BaseException:
        # Also when the client went away and this task is cancelled: the removal ends by itself.
        await asyncio.shield(_give_up(upload))
        raise
    return upload


async def _begin(tx: Transaction, upload: UUID, filename: str, actor: str) -> bytes:
    key_id, key = await keyring().new_data_key(tx, f"upload:{upload}")
    await tx.execute(BEGIN, upload, filename, actor, key_id, now())
    return key


async def _take_in(upload: UUID, sealer: Sealer, stream: AsyncIterator[bytes], limit: int) -> tuple[int, int]:
    """Keep every piece; the file's size, and how many pieces it has."""
    held, size, position = bytearray(), 0, 0
    async for arrived in stream:
        size += len(arrived)
        if size > limit:
            raise FileTooLarge(megabytes=limit >> 20)
        held += arrived
        while len(held) >= PIECE_BYTES:
            await _keep(upload, position, sealer, bytes(held[:PIECE_BYTES]))
            del held[:PIECE_BYTES]
            position += 1
    if held:
        await _keep(upload, position, sealer, bytes(held))
        position += 1
    return size, position


async def _keep(upload: UUID, position: int, sealer: Sealer, piece: bytes) -> None:
    sealed = sealer.seal(piece, associated=_place(upload, position))
    await transact(lambda tx: _keep_sealed(tx, upload, position, sealed))


async def _keep_sealed(tx: Transaction, upload: UUID, position: int, sealed: bytes) -> None:
    # The mark that completes the upload waits until it is durable, and all before it with it.
    await tx.execute("SET LOCAL synchronous_commit = off")
    await tx.execute(KEEP_PIECE, upload, position, sealed)


async def _give_up(upload: UUID) -> None:
    try:
        await transact(lambda tx: delete_upload(tx, upload))
    except Exception as error:  # what stays now goes with the old ones
        log.warning("an upload that was given up stays for a day", upload=upload, error=told(error))


async def find_upload(upload: UUID, *, actor: str) -> Upload:
    """The actor's complete upload.

    Raises:
        UploadUnusable: there is none, or it is somebody else's.
    """
    found = await db.row(FIND, upload, actor)
    if found is None:
        raise UploadUnusable(path=("uploadId",))
    return Upload(upload, found["filename"], found["size"], found["data_key_id"])


async def lock_upload(tx: Transaction, upload: UUID, *, actor: str) -> str:
    """Hold the actor's complete upload until the transaction ends; its name.

    Raises:
        UploadUnusable: there is none, or it is somebody else's.
    """
    filename: str | None = await tx.value(LOCK, upload, actor)
    if filename is None:
        raise UploadUnusable(path=("uploadId",))
    return filename


async def open_upload(upload: UUID, actor: str) -> AsyncGenerator[bytes, None]:
    """The file again, piece by piece; call it outside a transaction.

    Raises:
        UploadUnusable: also when it is deleted meanwhile.
    """
    found = await find_upload(upload, actor=actor)
    sealer = Sealer(await keyring().data_key(found.data_key_id))
    position, read = 0, 0
    while pieces := await db.rows(PIECES, upload, position, PIECES_AT_ONCE):
        for piece in pieces:
            plain = sealer.unseal(piece["sealed"], associated=_place(upload, position))
            read += len(plain)
            yield plain
            position += 1
    if read != found.size:
        raise UploadUnusable(path=("uploadId",))


async def delete_upload(tx: Transaction, upload: UUID) -> bool:
    """Remove a file and the key that opens it; whether it was there."""
    key_id: UUID | None = await tx.value(DELETE, upload)
    if key_id is not None:
        await keyring().destroy_data_key(tx, key_id)
    return key_id is not None


def spare_uploads(sql: str) -> None:
    """Let the uploads that this statement selects stay, however old they are."""
    if sql not in _spared:
        _spared.append(sql)


async def forget_uploads() -> int:
    """Remove what nobody came back for, or what broke off when a process was killed; how many that were."""
    forgotten = 0
    sql = OLD.format(spared=" ".join(f"AND u.id NOT IN ({spared})" for spared in _spared))
    while old := await db.rows(sql, now() - KEPT_FOR, FORGET_AT_ONCE):
        for row in old:
            forgotten += await _forget(row["id"])
    return forgotten


async def _forget(upload: UUID) -> bool:
    return await transact(lambda tx: delete_upload(tx, upload))


def safe_name(filename: str) -> str:
    """The last step of whatever path was sent, without what cannot be seen; its end, which tells the kind, is kept."""
    told_name = filename.encode(errors="ignore").decode()  # halves of surrogate pairs are no text
    name = UNTOLD.sub("", told_name).replace("\\", "/").rsplit("/", 1)[-1].strip().strip(".").strip()
    return (name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 10] + name[-10:]) or "upload"


def _place(upload: UUID, position: int) -> Associated:
    return (upload, f"piece:{position}")
