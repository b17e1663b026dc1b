"""POST /uploads: the file itself as the body, sealed while it comes, or nothing of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind, local_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import unchanged

SECRET = b"6222000099998888,424242\n"


@pytest.fixture
async def importer(shop: Shop) -> Person:
    """Whoever may send files."""
    return await shop.staff(Permission.IMPORT_CODES)


async def send(api: Api, content: Any, who: Person | str | None, **headers: str) -> httpx2.Response:
    """The request as a client makes it."""
    token = who.token if isinstance(who, Person) else who
    signed = {} if token is None else {"Authorization": f"Bearer {token}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.post("/uploads", content=content, headers={**signed, **named})


def refused(answer: httpx2.Response, status: int) -> str:
    """The code of the one error."""
    assert answer.status_code == status, answer.text
    [error] = answer.json()["errors"]
    assert error["message"]
    code: str = error["code"]
    return code


async def slowly(pieces: int) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield SECRET * 1000


async def test_a_file_is_sealed_in_pieces_under_its_own_name(api: Api, importer: Person):
    answer = await send(api, slowly(40), importer, perkhub_filename="%E4%B8%83%E6%9C%88%20codes.csv")
    assert answer.status_code == 201
    upload = await db.row("SELECT filename, size, complete, actor FROM upload")
    assert upload is not None
    assert dict(upload) == {
        "filename": "七月 codes.csv",
        "size": len(SECRET) * 40_000,
        "complete": True,
        "actor": importer.identity.actor,
    }
    local_id(Kind.UPLOAD, answer.json()["uploadId"])
    kept = [row["sealed"] for row in await db.rows("SELECT sealed FROM upload_piece")]
    assert len(kept) > 1
    assert not [piece for piece in kept if b"6222000099998888" in piece]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C%3A%5Ccodes%5Cjuly.xlsx", "july.xlsx"),
        ("a%00b.csv", "ab.csv"),
        ("%", "%"),
        ("", "upload"),
        ("x" * 5000 + ".csv", "x" * 190 + "xxxxxx.csv"),
    ],
)
async def test_a_name_is_kept_as_a_name_alone(api: Api, importer: Person, given: str, kept: str):
    assert (await send(api, SECRET, importer, perkhub_filename=given)).status_code == 201
    assert await db.value("SELECT filename FROM upload") == kept


async def test_a_form_is_refused_for_it_would_lie_on_a_disk_in_clear(api: Api, importer: Person):
    signed = {"Authorization": f"Bearer {importer.token}"}
    async with unchanged():
        form = await api.http.post("/uploads", files={"file": ("codes.csv", SECRET)}, headers=signed)
        plain = await api.http.post("/uploads", data={"file": SECRET.decode()}, headers=signed)
    for answer in (form, plain):
        assert refused(answer, 415) == "FORM_NOT_ACCEPTED"
        assert "Perkhub-Filename" in answer.text
        assert "6222" not in answer.text
    chinese = await send(api, SECRET, importer, content_type="multipart/form-data", accept_language="zh-CN")
    assert chinese.json()["errors"][0]["message"].startswith("请直接以文件内容")


async def test_nothing_stays_of_an_empty_or_broken_off_file(api: Api, importer: Person):
    async def broken_off() -> AsyncIterator[bytes]:
        yield SECRET * 20_000
        raise ConnectionResetError

    async with unchanged():
        assert refused(await send(api, b"", importer), 400) == "FILE_EMPTY"
        assert (await send(api, broken_off(), importer)).status_code == 500  # to nobody: the sender has gone


async def test_only_who_imports_something_may_send_files(api: Api, shop: Shop):
    others = await shop.staff(*(set(Permission) - {Permission.IMPORT_CODES, Permission.MANAGE_CATALOG}))
    async with unchanged():
        assert refused(await send(api, SECRET, None), 401) == "NOT_SIGNED_IN"
        assert refused(await send(api, SECRET, "no token"), 401) == "NOT_SIGNED_IN"
        assert refused(await send(api, SECRET, others.token + "x"), 401) == "NOT_SIGNED_IN"
        assert refused(await send(api, SECRET, others), 403) == "NOT_ALLOWED"
    assert (await api.http.get("/uploads")).status_code == 405


async def test_a_customer_sends_nothing(api: Api, shop: Shop):
    buyer = await shop.customer()
    async with unchanged():
        assert refused(await send(api, SECRET, buyer), 403) == "NOT_ALLOWED"


@pytest.fixture
def one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it before `api`, which reads the environment."""
    monkeypatch.setenv("PERKHUB_UPLOAD_MEGABYTES", "1")


async def test_more_than_the_limit_is_refused_while_it_comes(one_megabyte: None, api: Api, importer: Person):
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(64 << 10)

    async with unchanged():
        assert refused(await send(api, endless(), importer), 413) == "FILE_TOO_LARGE"
    assert taken < 32
    assert (await send(api, bytes(1 << 20), importer)).status_code == 201
