"""What an operation may ask for at most, and how it is told no."""

import time
from typing import Any

import httpx2
import pytest

from perkhub.accounts import Permission
from perkhub.kit.settings import settings
from perkhub_schema.graphql import prepared
from perkhub_schema.graphql.limits import MOST_ALIASES, validation_rules
from tests.factories import Shop
from tests.schema.conftest import Api

SHOP = "{ shop { channel } }"
TYPES = "{ __schema { types { name } } }"
# As deep as tools go when they ask for the whole schema.
DEEP_TYPES = "{ __schema { types { fields { type " + "{ ofType " * 9 + "{ name }" + " }" * 9 + " } } } }"


async def told(api: Api, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
    """The one error of an operation that did not run."""
    answer = await api(query, variables, token)
    assert not any((answer.get("data") or {}).values())
    [error] = answer["errors"]
    return dict(error)


async def test_an_operation_is_only_so_deep(api: Api, shop: Shop):
    await shop.channel()
    most = settings().query_depth
    levels = "{ product { variants " * (most // 2)
    fits = "{ products(first: 1) { nodes { variants " + levels + "{ sku }" + " } }" * (most // 2) + " } } }"
    error = await told(api, fits)
    assert error["extensions"] == {"code": "TOO_DEEP"}
    assert error["message"] == f"This operation is {most + 3} levels deep; at most {most} are allowed."
    # Fragments hide nothing.
    hidden = "{ products { nodes { ...a } } } fragment a on Product { variants { product { ...b } } } "
    hidden += "fragment b on Product { variants { product { variants { product { variants { product { variants { product {"
    hidden += " variants { sku } } } } } } } } } }"
    assert (await told(api, hidden))["extensions"]["code"] == "TOO_DEEP"


async def test_a_document_has_only_so_many_aliases(api: Api, shop: Shop):
    await shop.channel()
    fits = "{" + " ".join(f"s{number}: shop {{ channel }}" for number in range(MOST_ALIASES)) + "}"
    assert len((await api(fits))["data"]) == MOST_ALIASES
    error = await told(api, fits[:-1] + " more: shop { channel } }")
    assert error["extensions"] == {"code": "TOO_MANY_ALIASES"}
    assert error["message"] == f"This document has {MOST_ALIASES + 1} aliases; at most {MOST_ALIASES} are allowed."


async def test_a_document_has_only_so_many_words(api: Api):
    error = await told(api, "{ shop {" + " channel" * 2000 + "} }")
    assert "more than 1000 tokens" in error["message"]
    assert "nested too deeply" in (await told(api, "{a" * 450 + "}" * 450))["message"]


async def test_pages_within_pages_cost_their_product(api: Api, shop: Shop):
    token = (await shop.staff(Permission.IMPORT_CODES)).token
    asked = "query ($n: Int) { codeImports(first: $n) { nodes { refusals(first: 100) { nodes { row } } } } }"
    error = await told(api, asked, {"n": 100}, token)
    assert error["extensions"] == {"code": "TOO_COSTLY", "cost": 10_201, "limit": settings().query_cost}
    assert "10201" in error["message"]
    answer = await api(asked, {"n": 3}, token)
    assert (answer["data"], answer["extensions"]["cost"]) == ({"codeImports": {"nodes": []}}, 1 + 3 * (1 + 1 + 100))
    # A page whose size is not said is as large as it will be read, through fragments too.
    for unsaid in (
        "{ codeImports { nodes { refusals { nodes { row } } } } }",
        "{ codeImports { ...page } } fragment page on CodeImportConnection { nodes { refusals { ... { nodes { row } } } } }",
    ):
        assert (await api(unsaid, None, token))["extensions"]["cost"] == 1 + 20 * (1 + 1 + 20)


async def test_the_cost_is_told(api: Api, shop: Shop):
    await shop.channel()
    assert (await api(SHOP))["extensions"] == {"cost": 1}


async def test_fragments_within_fragments_are_measured_once(api: Api, shop: Shop):
    await shop.channel()
    chain = " ".join(f"fragment f{n} on Shop {{ ...f{n + 1} ...f{n + 1} }}" for n in range(80))
    begun = time.monotonic()
    answer = await api(f"{{ shop {{ ...f0 }} }} {chain} fragment f80 on Shop {{ channel }}")
    assert answer["data"] == {"shop": {"channel": "retail"}}
    error = await told(api, f"{{ shop {{ ...f0 }} }} {chain} fragment f80 on Shop {{ c: channel }}")
    assert "more than a million aliases" in error["message"]
    # Walked path by path this would take longer than the universe is old.
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No GraphQL query found"),
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ shop { ...gone } }", "Unknown fragment 'gone'"),
        ("{ shop { ...a } } fragment a on Shop { ...a }", "Cannot spread fragment 'a' within itself"),
        ("{ shop { ...a } } fragment a on Shop { ...b } fragment b on Shop { ...a }", "Cannot spread fragment"),
        ("fragment a on Shop { channel }", "Can't get GraphQL operation type"),
        ("query ($n: Int!) { shop { channel } }", "$n"),
    ],
)
async def test_what_cannot_run_says_why(api: Api, shop: Shop, query: str, words: str):
    await shop.channel()
    answer = await api.send(query)
    assert words in answer.text
    assert "INTERNAL" not in answer.text


async def test_bodies_that_are_no_request_are_refused(api: Api):
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"5", b'"query"', b"null", b'{"query": 5}', b'{"query": ["{ shop { channel } }"]}', b"\xff"):
        answer = await api.http.post("/graphql", content=body, headers=headers)
        assert answer.status_code == 400, body
    several = b'[{"query": "{ shop { channel } }"}, {"query": "{ shop { channel } }"}]'
    assert (await api.http.post("/graphql", content=several, headers=headers)).status_code == 400


async def test_a_mutation_is_never_sent_by_get(api: Api):
    answer = await api.http.get("/graphql", params={"query": "mutation { signOut { errors { code } } }"})
    assert answer.status_code in (400, 405)


async def test_too_many_requests_are_told_when_to_come_back(few_requests: None, api: Api, shop: Shop):
    await shop.channel()
    answers: list[httpx2.Response] = [await api.send(SHOP) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 60
    error = answers[-1].json()["errors"][0]
    assert error["extensions"]["code"] == "TOO_FAST"
    assert answers[-1].json()["data"] is None
    # Others are not slowed down by that.
    assert (await api.send(SHOP, token=(await shop.customer()).token)).status_code == 200


async def test_what_a_client_spends_in_a_minute_is_bounded(little_to_spend: None, api: Api, shop: Shop):
    await shop.channel()
    dear = "{ products(first: 50) { nodes { variants { id } } } }"
    answers = [await api.send(dear) for _ in range(3)]
    cost = answers[0].json()["extensions"]["cost"]
    assert cost == 1 + 50 * (1 + 1)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    [error] = answers[-1].json()["errors"]
    assert error["extensions"]["code"] == "COST_SPENT"
    assert error["extensions"]["limit"] == 250
    assert int(answers[-1].headers["Retry-After"]) == error["extensions"]["retry_after"] <= 60
    assert "smaller pages" in error["message"]
    # What costs less may still be had, and others have a purse of their own.
    assert (await api.send(SHOP)).status_code == 200
    assert (await api.send(dear, token=(await shop.customer()).token)).status_code == 200


@pytest.fixture
def little_to_spend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it before `api`, which reads the environment."""
    monkeypatch.setenv("PERKHUB_QUERY_COST_PER_MINUTE", "250")
    monkeypatch.setenv("PERKHUB_RESPONSE_CACHE_MEGABYTES", "0")


@pytest.fixture
def few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it before `api`, which reads the environment."""
    monkeypatch.setenv("PERKHUB_REQUESTS_PER_MINUTE", "5")


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask for it before `api`, which reads the environment."""
    monkeypatch.setenv("PERKHUB_ENVIRONMENT", "production")
    _forget_rules()
    yield
    _forget_rules()


def _forget_rules() -> None:
    validation_rules.cache_clear()
    prepared._operations.clear()


async def test_in_development_tools_may_ask_for_the_schema(api: Api):
    assert "Product" in str((await api(TYPES))["data"])
    assert "errors" not in await api(DEEP_TYPES)


async def test_in_production_nobody_asks_for_the_schema(production: None, api: Api, shop: Shop):
    await shop.channel()
    for query in (TYPES, DEEP_TYPES, '{ __type(name: "Product") { name } }'):
        answer = await api(query, None, (await shop.staff(*Permission)).token)
        assert answer.get("data") is None
        assert "introspection has been disabled" in answer["errors"][0]["message"]
    assert (await api("{ __typename shop { __typename channel } }"))["data"]["__typename"] == "Query"
    page = await api.http.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "graphiql" not in page.text.lower()
