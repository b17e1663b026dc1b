"""Uploads are sealed while they stream, bounded, and leave nothing when they break off."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.sealing import Unsealable
from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import FileEmpty, FileTooLarge
from perkhub.kit.uploads import UploadUnusable, delete_upload, forget_uploads, open_upload, receive_upload
from perkhub.kit.uploads.store import LONGEST_NAME, PIECE_BYTES, safe_name
from tests.factories import Shop
from tests.vault.conftest import shop
from tests.vault.desk import OPERATOR, ask, count_of, in_pieces, numbered, upload, xlsx

__all__ = ["shop"]


async def read(upload_id: UUID, actor: str = OPERATOR) -> bytes:
    return b"".join([piece async for piece in open_upload(upload_id, actor)])


async def nothing_is_kept() -> bool:
    keys = await db.value("SELECT count(*) FROM data_key WHERE purpose LIKE 'upload:%'")
    return (await count_of("upload"), await count_of("upload_piece"), keys) == (0, 0, 0)


@pytest.mark.parametrize("size", [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 9 * PIECE_BYTES + 7])
@pytest.mark.parametrize("arriving", [10_007, 1 << 20])
async def test_what_came_in_comes_out(shop: Shop, size: int, arriving: int):
    content = os.urandom(size)
    made = await receive_upload("a.csv", in_pieces(content, size=arriving), actor=OPERATOR)
    assert await read(made) == content
    assert await db.value("SELECT size FROM upload") == size
    assert await count_of("upload_piece") == -(-size // PIECE_BYTES)


async def test_nothing_of_it_is_stored_in_clear(shop: Shop):
    await upload(b"6222000011112222," * 40_000)
    stored = b"".join(row["sealed"] for row in await db.rows("SELECT sealed FROM upload_piece"))
    assert b"6222000011112222" not in stored
    assert len(stored) > 40_000 * 17


async def test_too_large_a_file_is_refused_as_soon_as_it_is_seen(shop: Shop):
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1 << 20)

    with pytest.raises(FileTooLarge) as refused:
        await receive_upload("a.csv", endless(), actor=OPERATOR, limit_bytes=3 << 20)
    assert (refused.value.code, refused.value.data, taken) == ("FILE_TOO_LARGE", {"megabytes": 3}, 4)
    assert await nothing_is_kept()


async def test_the_limit_is_that_of_the_settings(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_UPLOAD_MEGABYTES", "1")
    settings.cache_clear()
    await receive_upload("a.csv", in_pieces(bytes(1 << 20)), actor=OPERATOR)
    with pytest.raises(FileTooLarge):
        await receive_upload("a.csv", in_pieces(bytes((1 << 20) + 1)), actor=OPERATOR)
    monkeypatch.undo()
    settings.cache_clear()


async def test_an_empty_file_is_refused(shop: Shop):
    with pytest.raises(FileEmpty):
        await receive_upload("a.csv", in_pieces(b""), actor=OPERATOR)
    assert await nothing_is_kept()


async def test_a_broken_stream_leaves_nothing(shop: Shop):
    async def breaking() -> AsyncIterator[bytes]:
        yield bytes(2 * PIECE_BYTES)
        assert await count_of("upload_piece") == 2
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await receive_upload("a.csv", breaking(), actor=OPERATOR)
    assert await nothing_is_kept()


async def test_a_client_that_goes_away_leaves_nothing(shop: Shop):
    begun = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield bytes(2 * PIECE_BYTES)
        begun.set()
        await asyncio.sleep(60)

    receiving = asyncio.create_task(receive_upload("a.csv", hanging(), actor=OPERATOR))
    await begun.wait()
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert await nothing_is_kept()


async def test_a_piece_lost_with_the_database_is_missed_at_once(shop: Shop):
    async def losing() -> AsyncIterator[bytes]:
        yield bytes(2 * PIECE_BYTES)
        await db.rows("DELETE FROM upload_piece WHERE position = 1")
        yield bytes(10)

    with pytest.raises(UploadUnusable):
        await receive_upload("a.csv", losing(), actor=OPERATOR)
    assert await nothing_is_kept()


async def test_only_its_actor_may_use_it_and_only_once_it_is_complete(shop: Shop):
    made = await upload(b"1234")
    with pytest.raises(UploadUnusable):
        await read(made, "staff:other")
    with pytest.raises(UploadUnusable):
        await read(new_id())
    await db.value("UPDATE upload SET complete = false RETURNING id")
    with pytest.raises(UploadUnusable):
        await read(made)


@pytest.mark.parametrize(
    "change", ["UPDATE upload_piece SET position = 10 - position", "DELETE FROM upload_piece WHERE position = 4"]
)
async def test_pieces_that_were_moved_or_taken_away_are_seen(shop: Shop, change: str):
    made = await upload(os.urandom(5 * PIECE_BYTES))
    await db.rows(change)
    with pytest.raises((Unsealable, UploadUnusable)):
        await read(made)


async def test_deleted_while_it_is_read(shop: Shop):
    made = await upload(os.urandom(9 * PIECE_BYTES))
    reading = open_upload(made, OPERATOR)
    await anext(reading)
    assert await transact(lambda tx: delete_upload(tx, made))
    with pytest.raises(UploadUnusable):
        async for _ in reading:
            pass
    assert await nothing_is_kept()


async def test_old_uploads_go_but_not_while_an_import_waits_for_them(shop: Shop):
    variant = await shop.variant(codes=0)
    forgotten, waited_for = await upload(b"old"), await upload(xlsx(numbered(1, 2)))
    await ask(waited_for, variant.id)
    assert await forget_uploads() == 0
    with travel(timedelta(days=1, seconds=1)):
        young = await upload(b"young")
        assert await forget_uploads() == 1
    assert {row["id"] for row in await db.rows("SELECT id FROM upload")} == {waited_for, young}
    assert forgotten not in {waited_for, young}
    assert await db.value("SELECT count(*) FROM data_key WHERE purpose LIKE 'upload:%'") == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("codes.xlsx", "codes.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\卡密.xlsx", "卡密.xlsx"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("evil\u202excod.xlsx", "evilxcod.xlsx"),
        ("..", "upload"),
        ("", "upload"),
        ("half \ud83d.csv", "half .csv"),
        ("x" * 300 + ".xlsx", "x" * (LONGEST_NAME - 10) + "xxxxx.xlsx"),
    ],
)
def test_names_are_made_harmless(sent: str, kept: str):
    assert safe_name(sent) == kept
    assert len(safe_name(sent)) <= LONGEST_NAME
