"""What clients of a running house read of its answers."""

from typing import Any

from tests.processes import GraphQL


def done(client: GraphQL, query: str, given: dict[str, Any]) -> dict[str, Any]:
    """A mutation's payload, which refuses nothing."""
    payload: dict[str, Any] = next(iter(client.ask(query, {"input": given}).values()))
    assert payload["errors"] == []
    return payload


def refusal(client: GraphQL, query: str, given: dict[str, Any]) -> str:
    """The code of the one error."""
    [error] = next(iter(client.ask(query, {"input": given}).values()))["errors"]
    return str(error["code"])


def members_of(printed: str, kind: str) -> list[str]:
    """What stands in an input of a printed schema, a line each."""
    return [line.strip() for line in printed.split(f"input {kind} ")[1].split("{", 1)[1].split("\n}")[0].splitlines()]
