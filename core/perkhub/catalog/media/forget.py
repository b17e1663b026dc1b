"""Forgetting pictures that nothing shows: those that were uploaded and never used, and those that were taken down."""

from datetime import datetime, timedelta

from perkhub.catalog.media.blobs import LOCK, forget_blobs
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact

# Time enough to finish a form; and pages that were remembered find their pictures meanwhile.
UNUSED = timedelta(days=1)
AT_ONCE = 100
TURNS = 50

UNSHOWN = """
    NOT EXISTS (SELECT FROM product_media m WHERE m.image_id = i.id)
    AND NOT EXISTS (SELECT FROM brand_logo l WHERE l.image_id = i.id)
"""
# Locked against whoever shows one of them at this moment: they wait and find it gone, or it is skipped here.
CANDIDATES = f"""
    SELECT i.id FROM image i WHERE i.touched_at < $1 AND {UNSHOWN}
    ORDER BY i.touched_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# Looked at again: one may have been shown between the first look and its lock. From here on none can be.
STILL_UNSHOWN = f"SELECT i.id FROM image i WHERE i.id = ANY($1) AND {UNSHOWN}"
FORGET_RENDITIONS = "DELETE FROM image_rendition WHERE image_id = ANY($1) RETURNING blob_id"
FORGET_IMAGES = "DELETE FROM image WHERE id = ANY($1)"


async def forget_images() -> None:
    """Remove what nothing shows, a day after it was uploaded or taken down."""
    for _ in range(TURNS):
        if not await transact(lambda tx: _forget(tx, now() - UNUSED)):
            return


async def _forget(tx: Transaction, before: datetime) -> int:
    await tx.advisory_lock(LOCK)
    candidates = [row["id"] for row in await tx.rows(CANDIDATES, before, AT_ONCE)]
    unshown = [row["id"] for row in await tx.rows(STILL_UNSHOWN, candidates)]
    hashes = [row["blob_id"] for row in await tx.rows(FORGET_RENDITIONS, unshown)]
    await tx.execute(FORGET_IMAGES, unshown)
    await forget_blobs(tx, hashes)
    return len(unshown)
