"""A client of one GraphQL endpoint, as tests speak to it."""

from collections.abc import Mapping
from typing import Any

import httpx2


class Api:
    """A client of one GraphQL endpoint; it keeps cookies as a browser does."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        token: str | None = None,
        channel: str = "retail",
        *,
        language: str = "en",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer: `data`, `errors` where there are any, and `extensions`."""
        answer = await self.send(query, variables, token, channel, language=language, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    async def send(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        token: str | None = None,
        channel: str = "retail",
        *,
        language: str = "en",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The whole response, for tests of status, headers and cookies."""
        sent = {"Perkhub-Channel": channel, "Accept-Language": language, **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=sent)
