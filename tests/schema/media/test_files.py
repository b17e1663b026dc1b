"""POST /media and GET /media/{hash}.{ext}: nothing but pictures goes in, and what comes out is shown and never run."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from perkhub.accounts import Permission
from perkhub.accounts.machines.recognise import forget_machine_clients
from perkhub.kit import db
from perkhub.kit.settings import settings
from perkhub_schema.graphql.global_ids import Kind, local_id
from tests.factories import Person, Shop
from tests.fixtures.pictures import SCRIPT, SVG, a_bomb, a_movie, a_photo, a_picture
from tests.schema.conftest import Api

MEGABYTE = 1 << 20


@pytest.fixture
async def keeper(shop: Shop) -> Person:
    return await shop.staff(Permission.MANAGE_CATALOG)


async def send(api: Api, content: Any, who: Person | str | None, **headers: str) -> httpx2.Response:
    token = who.token if isinstance(who, Person) else who
    signed = {} if token is None else {"Authorization": f"Bearer {token}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.post("/media", content=content, headers={**signed, **named})


async def got(api: Api, url: str, **headers: str) -> httpx2.Response:
    path = "/media/" + url.rpartition("/media/")[2]
    return await api.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def refused(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    [error] = answer.json()["errors"]
    assert error["message"]
    code: str = error["code"]
    return code


async def nothing_is_kept() -> bool:
    return await db.value("SELECT count(*) FROM image") == await db.value("SELECT count(*) FROM media_blob") == 0


async def test_a_picture_goes_in_and_comes_out(api: Api, keeper: Person):
    answer = await send(api, a_photo(), keeper)
    assert answer.status_code == 201
    told = answer.json()
    local_id(Kind.IMAGE, told["imageId"])
    assert (told["width"], told["height"]) == (1600, 1000)
    assert [one["width"] for one in told["renditions"]] == [320, 640, 1280, 1600]
    for one in told["renditions"]:
        shown = await got(api, one["url"])
        assert shown.status_code == 200
        assert shown.headers["content-type"] == one["type"] == "image/webp"
        assert shown.content[8:12] == b"WEBP"


async def test_what_comes_out_is_kept_for_ever_and_runs_nothing(api: Api, keeper: Person):
    url = (await send(api, a_picture(), keeper)).json()["url"]
    shown = await got(api, url)
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    again = await got(api, url, if_none_match=shown.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", shown.headers["etag"])
    head = await api.http.head("/media/" + url.rpartition("/")[2])
    assert (head.status_code, head.content, int(head.headers["content-length"])) == (200, b"", len(shown.content))


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fetc%2fpasswd",
        "{hash}",
        "{hash}.html",
        "{hash}.svg",
        "{hash}.png",
        "{hash}.webp.html",
        "{HASH}.webp",
        "0" * 64 + ".webp",
        "{hash}%00.webp",
        "{hash}.webp%0a",
    ],
)
async def test_what_is_not_there_is_not_there(api: Api, keeper: Person, name: str):
    hash = (await send(api, a_picture(), keeper)).json()["url"].rpartition("/")[2].partition(".")[0]
    answer = await api.http.get("/media/" + name.replace("{hash}", hash).replace("{HASH}", hash.upper()))
    assert answer.status_code in (404, 405)
    assert b"passwd" not in answer.content


async def test_a_wrong_name_changes_nothing(api: Api, keeper: Person):
    """What it is called, and what the client says it is, tell nothing: its bytes do."""
    told = (await send(api, a_picture("JPEG"), keeper, perkhub_filename="page.html", content_type="text/html")).json()
    assert (await got(api, told["url"])).headers["content-type"] == "image/webp"
    answer = await send(api, b"<html>" + SCRIPT, keeper, perkhub_filename="a.png", content_type="image/png")
    assert refused(answer, 400) == "NOT_AN_IMAGE"


async def test_an_animation_and_a_polyglot_are_drawn_anew(api: Api, keeper: Person):
    assert (await send(api, a_movie(3), keeper)).status_code == 201
    told = (await send(api, a_picture("GIF") + SCRIPT, keeper)).json()
    assert SCRIPT not in (await got(api, told["url"])).content


REFUSED = {
    "SVG": (SVG, 400, "NOT_AN_IMAGE"),
    "HTML": (b"<!doctype html>" + SCRIPT * 9, 400, "NOT_AN_IMAGE"),
    "empty": (b"", 400, "IMAGE_EMPTY"),
    "cut": (a_photo("PNG")[:-300], 400, "IMAGE_DAMAGED"),
    "bomb": (a_bomb(), 400, "IMAGE_TOO_DEMANDING"),
    "frames": (a_movie(300, size=(4, 4)), 400, "IMAGE_TOO_DEMANDING"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_leaves_nothing(api: Api, keeper: Person, name: str):
    content, status, code = REFUSED[name]
    assert refused(await send(api, content, keeper), status) == code
    told = (await send(api, content, keeper, accept_language="zh-CN")).json()["errors"][0]["message"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told)
    assert await nothing_is_kept()


async def test_fifty_megabytes_are_refused_unread(api: Api, keeper: Person):
    given = 0

    async def much() -> AsyncIterator[bytes]:
        nonlocal given
        yield a_picture()
        for _ in range(50):
            given += 1
            yield b"\x00" * MEGABYTE

    assert refused(await send(api, much(), keeper), 413) == "IMAGE_TOO_LARGE"
    assert given <= 21
    given = 0
    assert refused(await send(api, much(), keeper, content_length=str(50 * MEGABYTE)), 413) == "IMAGE_TOO_LARGE"
    assert given <= 1
    assert await nothing_is_kept()


async def test_a_form_is_not_taken(api: Api, keeper: Person):
    signed = {"Authorization": f"Bearer {keeper.token}"}
    answer = await api.http.post("/media", files={"file": ("a.png", a_picture())}, headers=signed)
    assert refused(answer, 415) == "FORM_NOT_ACCEPTED"
    assert await nothing_is_kept()


async def test_only_who_keeps_the_catalog_sends_pictures(api: Api, shop: Shop):
    others = await shop.staff(*(set(Permission) - {Permission.MANAGE_CATALOG}))
    for who, status, code in (
        (None, 401, "NOT_SIGNED_IN"),
        ("forged", 401, "NOT_SIGNED_IN"),
        (await shop.customer(), 403, "NOT_ALLOWED"),
        (others, 403, "NOT_ALLOWED"),
    ):
        assert refused(await send(api, a_picture(), who), status) == code
    assert await nothing_is_kept()


async def test_everybody_may_look(api: Api, keeper: Person):
    url = (await send(api, a_picture(), keeper)).json()["url"]
    assert (await got(api, url, authorization="Bearer nonsense")).status_code == 200


async def test_two_at_once_are_one(api: Api, keeper: Person):
    answers = await asyncio.gather(*(send(api, a_picture(), keeper) for _ in range(3)))
    assert len({answer.json()["imageId"] for answer in answers}) == 1
    assert await db.value("SELECT count(*) FROM image") == 1


async def test_a_client_that_is_bound_to_its_networks_sends_pictures_from_there_alone(api: Api, shop: Shop):
    here = await shop.machine(Permission.MANAGE_CATALOG, networks=["127.0.0.0/8"])
    assert (await send(api, a_picture(), here.token)).status_code == 201
    away = await shop.machine(Permission.MANAGE_CATALOG)
    await db.value("UPDATE machine_client SET networks = '{203.0.113.0/24}' WHERE id = $1", away.id)
    forget_machine_clients()
    assert refused(await send(api, a_photo(), away.token), 403) == "NOT_ALLOWED"
    assert await db.value("SELECT count(*) FROM image") == 1


async def test_who_sends_too_many_waits(api: Api, shop: Shop, keeper: Person, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_PICTURES_PER_MINUTE", "2")
    settings.cache_clear()
    other = await shop.staff(Permission.MANAGE_CATALOG)
    answers = [await send(api, a_picture(), keeper) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert refused(answers[2], 429) == "TOO_FAST"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert (await send(api, a_picture(), other)).status_code == 201
