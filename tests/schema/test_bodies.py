"""Requests that are no GraphQL request, or too much of one: each gets a short answer in JSON, and nothing runs."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from perkhub.kit.settings import settings
from tests.schema.standing import Standing, unchanged

ME = "{ me { id } }"
SIGN_OUT = "mutation { signOut { errors { code } } }"
CREATE = 'mutation { channelCreate(input: { key: "new", name: { en: "New" }, currency: "CNY" }) { errors { code } } }'
DEEP = 900


def asking(query: Any = ME, **more: Any) -> bytes:
    return json.dumps({"query": query, **more}).encode()


NO_REQUESTS = {
    "nothing": b"",
    "no JSON": b"{nope",
    "a text": b'"query"',
    "a number": b"5",
    "null": b"null",
    "no list of one": b"[" + asking() + b"]",
    "a batch": b"[" + asking() + b"," + asking(SIGN_OUT) + b"]",
    "an empty batch": b"[]",
    "no query": b"{}",
    "a query of null": asking(None),
    "a query of 5": asking(5),
    "an empty query": asking(""),
    "variables as a list": asking(variables=[1]),
    "variables as a text": asking(variables="{}"),
    "a name of 5": asking(operationName=5),
    "a name as an object": asking(operationName={"a": 1}),
    "an unknown name": asking(operationName="nobody"),
    "extensions as a text": asking(extensions="x"),
    "a lone surrogate": b'{"query": "{ me { id } }", "variables": {"a": "\\ud800"}}',
    "not UTF-8": b'{"query": "{ me { id } }\xff"}',
    "UTF-16": asking().decode().encode("utf-16"),
    "a hundred thousand brackets": b"[" * 100_000,
    "a subscription": asking('subscription { orderChanged(id: "x") { id } }'),
    "a fragment alone": asking("fragment a on Customer { id }"),
}


@pytest.mark.parametrize("body", NO_REQUESTS.values(), ids=NO_REQUESTS)
async def test_what_is_no_request_is_refused(standing: Standing, body: bytes):
    response = await standing.api.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ";;;"]
)
async def test_only_json_is_read(standing: Standing, kind: str):
    response = await standing.api.http.post("/graphql", content=asking(), headers={"Content-Type": kind})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "zstd"])
async def test_nothing_is_unpacked(standing: Standing, encoding: str):
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    response = await standing.api.http.post("/graphql", content=b"\x1f\x8b" + b"\0" * 1000, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (415, "BAD_REQUEST")


async def test_a_body_has_a_limit_whether_it_says_its_size_or_not(standing: Standing):
    most = settings().request_kilobytes * 1024
    pieces = []

    async def drop_by_drop() -> AsyncIterator[bytes]:
        for _ in range(160):
            pieces.append(1)
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    filled = asking(variables={"x": "x" * (10 * 2**20)})
    for content in (filled, drop_by_drop()):
        response = await standing.api.http.post("/graphql", content=content, headers=headers)
        assert response.status_code == 413
        assert response.json()["errors"][0]["message"] == f"The body is too large: at most {most} bytes."
    # A liar about the size of its body is believed only when it says too much.
    liar = {**headers, "Content-Length": "99999999999999999999"}
    assert (await standing.api.http.post("/graphql", content=asking(), headers=liar)).status_code == 413
    assert len(pieces) < 20  # of 160: the rest was never asked for
    fits = asking(variables={"x": "x" * (most - 100)})
    assert (await standing.api.http.post("/graphql", content=fits, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "{ me { id " * DEEP,
        "{ me " * DEEP + "}" * DEEP,
        "{ quote(input: { lines: " + "[" * DEEP + "]" * DEEP + " }) { errors { code } } }",
        "{ me { id } }" + " " * 10 + "#" * 100_000 + "\n}",
        "{ " + "me " * 2000 + "}",
        "query ($a: " + "[" * DEEP + "ID" + "]" * DEEP + ") { me { id } }",
        '{ product(slug: "\\ud800") { id } }',
        "{ shop { channel } \x00 }",
    ],
    ids=["unclosed", "deep", "lists", "unopened", "wide", "types", "surrogate", "NUL"],
)
async def test_documents_that_go_on_and_on_are_refused(standing: Standing, query: str):
    answer = await standing.api(query)
    assert answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


async def test_deep_variables_are_refused(standing: Standing):
    lines: Any = []
    for _ in range(DEEP):
        lines = [lines]
    answer = await standing.api("query ($q: QuoteInput!) { quote(input: $q) { errors { code } } }", {"q": {"lines": lines}})
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "GRAPHQL_VALIDATION_FAILED")


async def test_of_several_operations_one_is_named(standing: Standing):
    several = f"query First {ME} {SIGN_OUT.replace('mutation', 'mutation Second')}"
    async with unchanged():
        answer = await standing.api(several)
        assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "GRAPHQL_VALIDATION_FAILED")
    named = await standing.api.http.post("/graphql", json={"query": several, "operationName": "First"})
    assert named.json()["data"] == {"me": None}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"query": ME}, 200),
        ({"query": CREATE}, 400),
        ({"query": f"query First {ME} {CREATE.replace('mutation', 'mutation Second')}", "operationName": "Second"}, 400),
        ({"query": 'subscription { orderChanged(id: "x") { id } }'}, 400),
        ({"query": ME, "variables": "5"}, 400),
        ({"query": ME, "variables": "{"}, 400),
        ({"query": ""}, 400),
        ({}, 400),
    ],
    ids=str,
)
async def test_a_get_reads_and_nothing_else(standing: Standing, asked: dict[str, str], status: int):
    async with unchanged():
        response = await standing.api.http.get("/graphql", params=asked, headers={"Accept": "application/json"})
    assert response.status_code == status
    if status != 200:
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_not_known(standing: Standing, method: str):
    assert (await standing.api.http.request(method, "/graphql", content=asking(CREATE))).status_code == 405
