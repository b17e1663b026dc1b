"""Which pictures a product shows, in which order, and what is said of each to those who do not see it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from perkhub.catalog.media.errors import ImageUnknown, TooManyMedia
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_texts

MOST_MEDIA = 20
LONGEST_ALT = 300
LONGEST_URL = 2000
# As a browser would send it: other characters percent-encoded, names of hosts in their ASCII form, nobody's password in it.
ADDRESS = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(/[!$&-;=?-Z_a-z~%]*)?(\?[!$&-;=?-Z_a-z~%]*)?", re.ASCII)

# Whoever changes the pictures of a product does so alone: positions are counted.
LOCK_PRODUCT = "SELECT true FROM product WHERE id = $1 FOR NO KEY UPDATE"
PRESENT = "SELECT id FROM product_media WHERE product_id = $1 ORDER BY position, id"
# A picture that is about to be forgotten is not taken any more.
TAKE_IMAGE = "SELECT true FROM image WHERE id = $1 FOR KEY SHARE"
READ = "SELECT product_id, image_id, url, alt, position FROM product_media WHERE id = $1"
INSERT = """
    INSERT INTO product_media (id, product_id, image_id, url, alt, position, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
CHANGE = "UPDATE product_media SET image_id = $2, url = $3, alt = $4 WHERE id = $1"
REMOVE = "DELETE FROM product_media WHERE id = $1"
# Pages that somebody remembers show it for a while.
LET_GO = "UPDATE image SET touched_at = $2 WHERE id = $1"
PUT_IN_ORDER = """
    UPDATE product_media m SET position = o.position FROM unnest($1::uuid[], $2::int[]) AS o(id, position)
    WHERE m.id = o.id AND m.position <> o.position
"""


@dataclass(frozen=True)
class MediaDraft:
    """What an operator says of a picture: an uploaded one, or the address of one elsewhere, which we never fetch."""

    image_id: UUID | None = None
    url: str | None = None
    alt: dict[str, str] = field(default_factory=dict)


class MediaChanges(TypedDict, total=False):
    """What an operator changes of it; what is missing stays. An image takes an address's place, and the other way."""

    image_id: UUID
    url: str
    alt: dict[str, str]


async def add_media(tx: Transaction, product: UUID, draft: MediaDraft, *, position: int | None = None) -> UUID:
    """Show a picture with a product, at this place from 0 on, or as the last.

    Raises:
        NotFound, TooManyMedia, ImageUnknown, InvalidInput.
    """
    await _refuse_odd(tx, draft)
    present = await _alone_with(tx, product)
    if len(present) >= MOST_MEDIA:
        raise TooManyMedia(most=MOST_MEDIA)
    media = new_id()
    await tx.execute(INSERT, media, product, draft.image_id, draft.url, _json(draft.alt), len(present), now())
    place = await _put(tx, media, present, position)
    tx.note_change("media", media, after={"product": product, **vars(draft), "position": place})
    return media


async def change_media(
    tx: Transaction, product: UUID, media: UUID, changes: MediaChanges, *, position: int | None = None
) -> None:
    """Change a picture of a product, or its place.

    Raises:
        NotFound, ImageUnknown, InvalidInput.
    """
    present = await _alone_with(tx, product)
    before = await tx.row(READ, media)
    if before is None or media not in present:
        raise NotFound("picture", "图片", path=("mediaId",))
    kept = MediaDraft(before["image_id"], before["url"], orjson.loads(before["alt"]))
    if "image_id" in changes or "url" in changes:
        kept = replace(kept, image_id=None, url=None)
    changed = replace(kept, **changes)
    await _refuse_odd(tx, changed)
    await tx.execute(CHANGE, media, changed.image_id, changed.url, _json(changed.alt))
    if before["image_id"] != changed.image_id:
        await tx.execute(LET_GO, before["image_id"], now())
    place = before["position"] if position is None else await _put(tx, media, present, position)
    tx.note_change("media", media, before=before, after={**vars(changed), "position": place})


async def remove_media(tx: Transaction, media: UUID) -> UUID:
    """Show a picture no more; the product. The picture itself is forgotten when nothing shows it any longer.

    Raises:
        NotFound.
    """
    before, present = await _alone_with_media(tx, media)
    await tx.execute(REMOVE, media)
    await tx.execute(LET_GO, before["image_id"], now())
    await _put_in_order(tx, [one for one in present if one != media])
    tx.note_change("media", media, before=before)
    product: UUID = before["product_id"]
    return product


async def reorder_media(tx: Transaction, product: UUID, order: Sequence[UUID]) -> None:
    """Show a product's pictures in this order, which names each of them once.

    Raises:
        NotFound, InvalidInput.
    """
    present = await _alone_with(tx, product)
    if sorted(order) != sorted(present):
        raise InvalidInput(
            path=("mediaIds",),
            reason="Name every picture of the product once; read them again, somebody may have changed them.",
            reason_zh="须列出该商品的全部图片且各一次;图片可能已被他人修改,请重新读取。",
        )
    await _put_in_order(tx, order)
    tx.note_change("product", product, before={"media": present}, after={"media": list(order)})


async def _alone_with(tx: Transaction, product: UUID) -> list[UUID]:
    """The product's pictures in their order; nobody else changes them until this transaction ends."""
    if await tx.value(LOCK_PRODUCT, product) is None:
        raise NotFound("product", "商品", path=("productId",))
    return [row["id"] for row in await tx.rows(PRESENT, product)]


async def _alone_with_media(tx: Transaction, media: UUID) -> tuple[Row, list[UUID]]:
    found = await tx.row(READ, media)
    if found is not None:
        present = await _alone_with(tx, found["product_id"])
        found = await tx.row(READ, media)  # as it is now that nobody else changes it
    if found is None:
        raise NotFound("picture", "图片", path=("mediaId",))
    return found, present


async def _put(tx: Transaction, media: UUID, present: Sequence[UUID], position: int | None) -> int:
    others = [one for one in present if one != media]
    place = len(others) if position is None else position
    if not 0 <= place <= len(others):
        reason, reason_zh = f"Between 0 and {len(others)}.", f"须在 0 至 {len(others)} 之间。"
        raise InvalidInput(path=("position",), reason=reason, reason_zh=reason_zh)
    await _put_in_order(tx, [*others[:place], media, *others[place:]])
    return place


async def _put_in_order(tx: Transaction, order: Sequence[UUID]) -> None:
    await tx.execute(PUT_IN_ORDER, list(order), list(range(len(order))))


async def _refuse_odd(tx: Transaction, draft: MediaDraft) -> None:
    if (draft.image_id is None) == (draft.url is None):
        reason, reason_zh = "Give an uploaded picture or an address.", "请提供已上传的图片或图片地址。"
        raise InvalidInput(path=("source",), reason=reason, reason_zh=reason_zh)
    refuse_odd_texts(draft.alt, "alt", longest=LONGEST_ALT)
    if draft.url is not None and not is_address(draft.url):
        reason = f"An https:// address of at most {LONGEST_URL} characters, others than ASCII percent-encoded."
        reason_zh = f"须为 https:// 地址,最多 {LONGEST_URL} 个字符,非 ASCII 字符须百分号编码。"
        raise InvalidInput(path=("source", "url"), reason=reason, reason_zh=reason_zh)
    if draft.image_id is not None and await tx.value(TAKE_IMAGE, draft.image_id) is None:
        raise ImageUnknown(path=("source", "imageId"))


def is_address(url: str) -> bool:
    """Whether a page may show what is there: over https, with a host, and nobody's credentials in it."""
    if len(url) > LONGEST_URL or not ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "." in (parts.hostname or "") and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        return False


def _json(alt: dict[str, str]) -> str:
    return orjson.dumps(alt).decode()
