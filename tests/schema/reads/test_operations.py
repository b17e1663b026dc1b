"""Operations named by their hash: sent once, then asked for by GET, and kept by whoever may keep the answer."""

import json
from hashlib import sha256

import pytest

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.operations import forget_operations, operation_hash, publish_operations
from perkhub.kit.settings import OperationPolicy, settings
from perkhub_schema.cli.operations import texts_in
from perkhub_schema.reads.operations import LONGEST, operation_policy
from tests.factories import Shop
from tests.schema.api import Api
from tests.schema.reads.asking import DETAIL, LIST, get, keep, named, prices, read

KEPT = "SELECT count(*) FROM kept_operation"


def code_of(answer: object) -> str:
    [error] = answer.json()["errors"]  # type: ignore[attr-defined]
    return str(error["extensions"]["code"])


async def test_a_hash_is_asked_for_its_text_once(api: Api, shop: Shop):
    await shop.variant(price="19.90")
    unknown = await get(api, named(LIST))
    assert (unknown.status_code, code_of(unknown)) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.headers["cache-control"] == "private, no-store"
    assert "data" in (await keep(api, LIST)).json()
    answer = await get(api, named(LIST, {"first": 5}))
    assert (answer.status_code, prices(answer)) == (200, ["19.90"])
    # By POST too, and by every process.
    forget_operations()
    asked = {"extensions": json.loads(named(LIST)["extensions"])}
    assert prices(await api.http.post("/graphql", json=asked)) == ["19.90"]
    assert await db.value(KEPT) == 1


async def test_what_anybody_may_keep_is_told(api: Api, shop: Shop):
    await shop.variant()
    await keep(api, LIST)
    for _ in range(2):
        answer = await get(api, named(LIST))
        assert answer.headers["cache-control"] == f"public, max-age={settings().public_seconds}"
        assert answer.headers["vary"] == "Authorization, Perkhub-Channel, Accept-Language"
        assert answer.headers["etag"].startswith('"')
    assert not read(answer)


async def test_who_has_the_answer_is_told_so(api: Api, shop: Shop):
    await shop.variant(price="19.90")
    await keep(api, LIST)
    etag = (await get(api, named(LIST))).headers["etag"]
    for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        same = await get(api, named(LIST), if_none_match=given)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert (await get(api, named(LIST), if_none_match='"other"')).status_code == 200
    # Also where the answer is read, and not remembered.
    same = await get(api, named(LIST, {"first": 20}), if_none_match=etag)
    assert (same.status_code, read(same)) == (304, True)
    other = await get(api, named(LIST, {"first": 1}), if_none_match=etag)
    assert (other.status_code, read(other)) == (200, True), "it cost less, and says so"
    await db.value("UPDATE listing SET unit_price = 5")
    changed = await get(api, named(LIST), if_none_match=etag)
    assert (changed.status_code, prices(changed)) == (200, ["5.00"])
    await db.value("UPDATE listing SET unit_price = 19.90")
    back = await get(api, named(LIST), if_none_match=etag)
    assert (back.status_code, read(back)) == (304, True)


async def test_nobody_keeps_what_is_for_one_person(api: Api, shop: Shop):
    await shop.variant()
    own = "{ me { id } }"
    for text in (LIST, own, "{ shop { serverTime } }"):
        await keep(api, text)
    bearer = {"authorization": f"Bearer {(await shop.customer()).token}"}
    for answer in (
        await get(api, named(LIST), **bearer),
        await get(api, named(own), **bearer),
        await get(api, named("{ shop { serverTime } }")),
        await get(api, named(own)),
        await get(api, named(LIST), **{"perkhub-channel": "nowhere"}),
    ):
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


async def test_a_cache_elsewhere_ends_at_the_edge_too(api: Api, shop: Shop):
    await shop.variant()
    await keep(api, LIST)
    await db.value("UPDATE listing SET published_until = statement_timestamp() + interval '3 seconds'")
    first = await get(api, named(LIST))
    assert first.headers["cache-control"] in ("public, max-age=2", "public, max-age=1")
    await db.value("UPDATE listing SET published_until = statement_timestamp() + interval '1 second'")
    assert (await get(api, named(LIST))).headers["cache-control"] == "public, no-cache"


async def test_a_mutation_is_refused_by_get_under_its_hash_too(api: Api, shop: Shop):
    text = "mutation { signOut { errors { code } } }"
    assert "data" in (await keep(api, text)).json()
    answer = await get(api, named(text))
    assert answer.status_code == 400
    assert "mutations are not allowed" in answer.text


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ({"version": 2, "sha256Hash": "0" * 64}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"version": 1, "sha256Hash": "0" * 63}, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": "不" * 64}, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": 5}, "BAD_REQUEST"),
        ({"version": 1}, "BAD_REQUEST"),
        ([], "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"version": 1, "sha256Hash": sha256(b"other").hexdigest()}, "PERSISTED_QUERY_MISMATCH"),
    ],
)
async def test_odd_hashes_say_what_is_wrong(api: Api, shop: Shop, extension: object, code: str):
    answer = await api.http.post("/graphql", json={"query": LIST, "extensions": {"persistedQuery": extension}})
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert await db.value(KEPT) == 0


async def test_what_is_no_operation_is_not_kept(api: Api, shop: Shop):
    await shop.channel()
    for text in ("{", "{ nothing }", "not an operation", "{ shop { channel } } #" + "x" * LONGEST):
        await keep(api, text)
    assert await db.value(KEPT) == 0
    # Nor what comes by GET: a link that somebody clicks must change nothing.
    await get(api, {"query": LIST, **named(LIST)})
    assert await db.value(KEPT) == 0


async def test_a_client_keeps_only_so_many_in_a_minute(few: None, api: Api, shop: Shop):
    await shop.channel()
    for number in range(6):
        assert "data" in (await keep(api, f"{{ shop {{ n{number}: channel }} }}")).json()
    assert await db.value(KEPT) == 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKHUB_OPERATIONS_PER_MINUTE", "3")


async def test_the_oldest_make_room(small: None, api: Api, shop: Shop):
    await shop.channel()
    await transact(lambda tx: publish_operations(tx, [LIST]))
    texts = [f"{{ shop {{ n{number}: channel }} }}" for number in range(13)]
    for text in texts:
        await keep(api, text)
    forget_operations()
    found = ["data" in (await get(api, named(text))).json() for text in texts]
    assert found == [False] * 3 + [True] * 10
    assert "data" in (await get(api, named(LIST))).json()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKHUB_OPERATIONS_KEPT", "10")


@pytest.fixture
def policy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKHUB_OPERATIONS", request.param)


@pytest.mark.parametrize("policy", ["known"], indirect=True)
async def test_in_production_only_published_operations_have_a_hash(policy: None, api: Api, shop: Shop):
    await shop.channel()
    assert "data" in (await keep(api, LIST)).json()
    assert await db.value(KEPT) == 0
    assert code_of(await get(api, named(LIST))) == "PERSISTED_QUERY_NOT_FOUND"
    await transact(lambda tx: publish_operations(tx, [LIST]))
    assert "data" in (await get(api, named(LIST))).json()
    assert "data" in await api(DETAIL, {"slug": "x"})


@pytest.mark.parametrize("policy", ["listed"], indirect=True)
async def test_a_closed_installation_runs_only_what_was_published(policy: None, api: Api, shop: Shop):
    await shop.channel()
    await transact(lambda tx: publish_operations(tx, [LIST, DETAIL]))
    assert "data" in await api(LIST)
    assert "data" in (await get(api, named(LIST))).json()
    for text in ("{ shop { channel } }", LIST + " "):
        answer = await api.send(text)
        assert (answer.status_code, code_of(answer)) == (400, "OPERATION_NOT_LISTED")
        assert code_of(await keep(api, text)) == "OPERATION_NOT_LISTED"
    # The next version of the shop replaces the list.
    await transact(lambda tx: publish_operations(tx, [DETAIL], only=True))
    assert code_of(await api.send(LIST, {"first": 3})) == "OPERATION_NOT_LISTED"
    assert "data" in await api(DETAIL, {"slug": "x"})


def test_production_keeps_nothing_unasked(monkeypatch: pytest.MonkeyPatch):
    settings.cache_clear()
    assert operation_policy() is OperationPolicy.AUTOMATIC
    monkeypatch.setenv("PERKHUB_ENVIRONMENT", "production")
    settings.cache_clear()
    assert operation_policy() is OperationPolicy.KNOWN
    monkeypatch.undo()
    settings.cache_clear()


def test_lists_come_as_documents_or_as_a_manifest(tmp_path):
    (tmp_path / "list.graphql").write_text(LIST)
    (tmp_path / "hashes.json").write_text(json.dumps({operation_hash(DETAIL): DETAIL}))
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "1", "body": "{ a }"}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert texts_in(sorted(tmp_path.iterdir())) == [DETAIL, LIST, "{ a }"]
