"""A client of one web process: GraphQL, uploads, and nothing that a stranger's client could not do."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx2


class Refused(Exception):
    """The answer is not what was asked for: a status, or errors by their codes."""


class GraphQL:
    """Speaks for one person, or for nobody. Keeps its connection; close it, or use it in a `with`."""

    def __init__(self, url: str, *, token: str | None = None, seconds: float = 60.0) -> None:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self.http = httpx2.Client(base_url=url, headers=headers, timeout=seconds, trust_env=False)

    def __enter__(self) -> "GraphQL":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        self.http.close()

    def send(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx2.Response:
        """The bare HTTP answer."""
        return self.http.post("/graphql", json={"query": query, "variables": dict(variables or {})})

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's data.

        Raises:
            Refused: another status than 200, or top-level errors. Errors of payloads stay in the data.
        """
        response = self.send(query, variables)
        answer = response.json() if response.headers.get("content-type", "").startswith("application/json") else {}
        if response.status_code != 200 or answer.get("errors"):
            raise Refused(f"{response.status_code} {answer.get('errors')}")
        data: dict[str, Any] = answer["data"]
        return data

    def upload(self, file: Path) -> tuple[str, httpx2.Response]:
        """Stream a file in; the upload's id, and the bare answer.

        Raises:
            Refused.
        """
        with file.open("rb") as content:
            response = self.http.post("/uploads", content=content, headers={"perkhub-filename": quote(file.name)})
        if response.status_code != 201:
            raise Refused(f"{response.status_code} {response.text}")
        return str(response.json()["uploadId"]), response
