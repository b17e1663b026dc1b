"""What the public checkers of GraphQL servers look for, put to a server as production runs it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.fuzz.standing import Standing, standing_server
from tests.fuzz.tools import SCHEMA, tools

ASK = "{ __typename }"
SIGN_OUT = "mutation { signOut { errors { code } } }"


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    with standing_server() as server:
        yield server


@pytest.fixture
def client(standing: Standing) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=standing.web.url, timeout=60, trust_env=False) as client:
        yield client


def asked(client: httpx2.Client, query: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/graphql", json={"query": query, **more}).json()
    return answer


def codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", [])}


@pytest.mark.soak
def test_clairvoyance_reads_nothing_out_of_suggestions(standing: Standing, tmp_path: Path) -> None:
    # Every name of the schema but for its last letter: a server that gives advice mends them all.
    names = re.findall(r"^  ([a-z]\w{4,})", SCHEMA.read_text(), re.MULTILINE)
    whole = set(names)
    near = sorted({name[:-1] for name in names} - whole)
    words, found = tmp_path / "words.txt", tmp_path / "found.json"
    words.write_text("\n".join(near))
    with tools() as commands:
        command = [str(commands / "clairvoyance"), "-o", str(found), "-w", str(words), f"{standing.web.url}/graphql"]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    types = json.loads(found.read_text())["data"]["__schema"]["types"]
    read = {field["name"] for kind in types for field in kind.get("fields") or []}
    assert read & whole == set()


@pytest.mark.soak
class TestAsProductionRuns:
    def test_nothing_tells_the_schema(self, client: httpx2.Client) -> None:
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Order") { fields { name } } }'):
            answer = asked(client, query)
            assert answer["data"] is None
            assert codes(answer) == {"GRAPHQL_VALIDATION_FAILED"}
        for query in ("{ sho }", "{ shop { curency } }", "{ product }"):
            assert "Did you mean" not in json.dumps(asked(client, query))
        told = asked(
            client, "mutation ($i: SignInInput!) { signIn(input: $i) { errors { code } } }", variables={"i": {"emai": ""}}
        )
        assert told["errors"]
        assert "Did you mean" not in json.dumps(told)

    def test_there_is_no_console(self, client: httpx2.Client) -> None:
        for path in ("/graphql", "/graphiql", "/playground", "/altair", "/console"):
            assert client.get(path, headers={"Accept": "text/html"}).status_code in (400, 404), path

    def test_a_foreign_page_cannot_ask_in_a_customers_name(self, client: httpx2.Client) -> None:
        assert client.get("/graphql", params={"query": SIGN_OUT}).status_code == 400
        form = client.post("/graphql", data={"query": SIGN_OUT})
        plain = client.post("/graphql", content=json.dumps({"query": SIGN_OUT}), headers={"Content-Type": "text/plain"})
        assert form.status_code == plain.status_code == 400
        preflight = client.options(
            "/graphql", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
        )
        assert "access-control-allow-origin" not in preflight.headers

    def test_one_request_asks_for_one_thing(self, client: httpx2.Client) -> None:
        batch = client.post("/graphql", json=[{"query": ASK}] * 10)
        assert batch.status_code == 400
        aliased = asked(client, "{" + " ".join(f"a{number}: __typename" for number in range(101)) + "}")
        assert codes(aliased) == {"TOO_MANY_ALIASES"}
        repeated = asked(client, "{" + "__typename " * 1001 + "}")
        assert codes(repeated) == {"GRAPHQL_PARSE_FAILED"}
        directives = asked(client, "{ __typename " + "@skip(if: false) " * 10 + "}")
        assert codes(directives) == {"GRAPHQL_VALIDATION_FAILED"}
        deep = asked(client, "{ products " + "{ edges { node { variants { product " * 8 + "{ id }" + "} } } }" * 8 + "}")
        assert deep["data"] is None
        circular = asked(client, "query { shop { ...A } } fragment A on Shop { ...B } fragment B on Shop { ...A }")
        assert codes(circular) == {"GRAPHQL_VALIDATION_FAILED"}

    def test_nothing_is_told_of_the_inside(self, client: httpx2.Client) -> None:
        answer = client.post("/graphql", json={"query": ASK})
        assert set(answer.json().get("extensions", {})) <= {"cost"}
        assert not {"x-powered-by", "x-debug"} & set(answer.headers)
        wrong = client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})
        assert wrong.status_code == 400
        assert "Traceback" not in wrong.text
        assert "perkhub" not in wrong.text.lower()
        huge = client.post("/graphql", content=b'{"query":"' + b"a" * 5_000_000, headers={"Content-Type": "application/json"})
        assert huge.status_code == 413
