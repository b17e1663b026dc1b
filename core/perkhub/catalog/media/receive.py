"""Taking a picture in: looked at while it streams, drawn anew by a limited child, kept in all its forms or not at all.

Its sizes are drawn here and once, in the few widths of `kit.images.form`: no reader can ask for another one.
"""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID

from perkhub.catalog.media.blobs import LOCK, Blob, keep_blobs
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, ensure_no_transaction, transact
from perkhub.kit.errors import TooFast
from perkhub.kit.ids import new_id
from perkhub.kit.images.errors import ImageEmpty, ImageTooLarge, NotAnImage
from perkhub.kit.images.form import HEAD, MEGABYTES, Rendered, begins_as_image
from perkhub.kit.images.render import render_image

LIMIT = MEGABYTES << 20
AT_ONCE = 8  # in one process: each is held in memory until its turn to be drawn has come
BUSY_SECONDS = 5

# Uploading it again begins its day of grace anew.
SEEN_BEFORE = "UPDATE image SET touched_at = $2 WHERE source_hash = $1 RETURNING id"
INSERT = "INSERT INTO image (id, source_hash, frames, actor, touched_at) VALUES ($1, $2, $3, $4, $5)"
INSERT_RENDITIONS = """
    INSERT INTO image_rendition (id, image_id, blob_id, format, width, height)
    SELECT r.id, $1, r.hash, r.format, r.width, r.height
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[]) AS r(id, hash, format, width, height)
"""


_arriving = asyncio.Semaphore(AT_ONCE)


async def receive_image(stream: AsyncIterator[bytes], *, actor: str) -> UUID:
    """Take a picture in; its id. The same file twice, or twice at once, is one picture.

    Raises:
        ImageEmpty, NotAnImage, ImageTooLarge: told as soon as it is seen, with the rest unread.
        ImageDamaged, ImageTooDemanding.
        TooFast: many are coming in at this moment.
    """
    ensure_no_transaction()
    if _arriving.locked():
        raise TooFast(BUSY_SECONDS)
    async with _arriving:
        return await _draw_once(await _take_in(stream), actor)


async def _draw_once(data: bytes, actor: str) -> UUID:
    source = sha256(data).hexdigest()
    known: UUID | None = await db.value(SEEN_BEFORE, source, now())
    if known is not None:
        return known
    rendered = await render_image(data)
    return await transact(lambda tx: _keep(tx, source, rendered, actor))


async def _take_in(stream: AsyncIterator[bytes]) -> bytes:
    held, looked = bytearray(), False
    async for arrived in stream:
        held += arrived
        if len(held) > LIMIT:
            raise ImageTooLarge(megabytes=MEGABYTES)
        if not looked and len(held) >= HEAD:
            _look(held)
            looked = True
    if not held:
        raise ImageEmpty
    _look(held)
    return bytes(held)


def _look(held: bytearray) -> None:
    if not begins_as_image(bytes(held[:HEAD])):
        raise NotAnImage


async def _keep(tx: Transaction, source: str, rendered: Rendered, actor: str) -> UUID:
    await tx.advisory_lock(LOCK)
    known: UUID | None = await tx.value(SEEN_BEFORE, source, now())
    if known is not None:  # somebody else brought it while ours was drawn
        return known
    forms = rendered.renditions
    hashes = await keep_blobs(tx, [Blob(form.format.content_type, form.content) for form in forms])
    image = new_id()
    await tx.execute(INSERT, image, source, rendered.frames, actor, now())
    await tx.execute(
        INSERT_RENDITIONS,
        image,
        [new_id() for _ in forms],
        hashes,
        [str(form.format) for form in forms],
        [form.width for form in forms],
        [form.height for form in forms],
    )
    return image
