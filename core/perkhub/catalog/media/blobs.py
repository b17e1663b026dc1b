"""Where the bytes of pictures are: in the database, under their hash. Nothing else knows; knows of no picture itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction

# Whoever adds and whoever forgets take turns: what is about to be used again must not be swept away meanwhile.
LOCK = "catalog.media.blobs"

# The same bytes are the same row, whoever brought them first.
KEEP = """
    INSERT INTO media_blob (hash, content_type, size, content, created_at)
    SELECT b.hash, b.content_type, octet_length(b.content), b.content, $4
    FROM unnest($1::text[], $2::text[], $3::bytea[]) AS b(hash, content_type, content)
    ORDER BY b.hash ON CONFLICT (hash) DO NOTHING
"""
FIND = "SELECT content_type, content FROM media_blob WHERE hash = $1"
EXISTS = "SELECT true FROM media_blob WHERE hash = $1"
# A hash that another picture shares stays.
FORGET = """
    DELETE FROM media_blob b
    WHERE b.hash = ANY($1) AND NOT EXISTS (SELECT FROM image_rendition r WHERE r.blob_id = b.hash)
"""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, and what they are."""

    content_type: str
    content: bytes = field(repr=False)


async def keep_blobs(tx: Transaction, blobs: Sequence[Blob]) -> list[str]:
    """Keep them; their hashes. The caller holds `LOCK`."""
    by_hash = {sha256(blob.content).hexdigest(): blob for blob in blobs}
    contents = [blob.content for blob in by_hash.values()]
    await tx.execute(KEEP, list(by_hash), [blob.content_type for blob in by_hash.values()], contents, now())
    return [sha256(blob.content).hexdigest() for blob in blobs]


async def blob_by_hash(hash: str) -> Blob | None:
    """The bytes with this hash."""
    row = await db.row(FIND, hash)
    return None if row is None else Blob(row["content_type"], row["content"])


async def blob_is_there(hash: str) -> bool:
    """Whether there are such bytes, without reading them."""
    return bool(await db.value(EXISTS, hash))


async def forget_blobs(tx: Transaction, hashes: Sequence[str]) -> int:
    """Remove those that no picture has any more. The caller holds `LOCK`."""
    return await tx.execute(FORGET, list(hashes))
