"""The way in for one client, as a good client goes it: whatever happens to the connection or the server, the same request
with the same key again, until there is a definite answer. Troubles are counted, and an answer that no client should ever
get ends the run.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.6
PATIENCE_SECONDS = 240.0
TRIES_AT_GATEWAY = 15
# Served, but something on the server's side was away: the request may or may not have been carried out.
UNSURE = "INTERNAL"
NOT_STARTED = "PAYMENT_NOT_STARTED"


class WrongAnswer(Exception):
    """An answer that is neither what was asked for, nor a refusal that fits, nor an honest "something went wrong"."""


@dataclass
class Troubles:
    """What clients saw besides good answers, for all of them together."""

    seen: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    retries: int = 0
    longest_wait: float = 0.0


class Door:
    """One client's way in."""

    def __init__(self, url: str, token: str, troubles: Troubles, rng: Random, *, seconds: float = 15.0) -> None:
        self.troubles = troubles
        self._rng = rng
        self.http = httpx2.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {token}"},
            timeout=httpx2.Timeout(seconds, connect=2.0),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self.http.aclose()

    async def mutation(self, document: str, given: Mapping[str, Any], *, refusals: Collection[str] = ()) -> dict[str, Any]:
        """Carry a mutation out to a definite end: its payload, or one with a refusal among those that may be.

        Raises:
            WrongAnswer.
        """
        for tries in range(1, TRIES_AT_GATEWAY + 1):
            (payload,) = (await self.ask(document, {"input": given})).values()
            codes = [error["code"] for error in payload["errors"]]
            self.troubles.refused.update(codes)
            if NOT_STARTED in codes and tries < TRIES_AT_GATEWAY:
                # Not charged, says the shop, and that it may be tried again: the key makes that safe.
                await self._pause(tries)
                continue
            if set(codes) - set(refusals):
                raise WrongAnswer(f"refused with {payload['errors']} where only {sorted(refusals)} fit")
            return dict(payload)
        raise AssertionError("unreachable")

    async def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer without top-level errors.

        Raises:
            WrongAnswer.
        """
        body = {"query": document, "variables": dict(variables or {})}
        answer = await self._until_answered(lambda: self.http.post("/graphql", json=body))
        return dict(answer["data"])

    async def upload(self, name: str, content: bytes) -> str:
        """Send a file in: its upload's id. Each try is a new upload; those that nobody uses go by themselves."""
        headers = {"perkhub-filename": name}
        answer = await self._until_answered(lambda: self.http.post("/uploads", content=content, headers=headers))
        return str(answer["uploadId"])

    async def _until_answered(self, send: Any) -> dict[str, Any]:
        begun, tries = time.monotonic(), 0
        while True:
            tries += 1
            trouble, answer = await self._once(send)
            waited = time.monotonic() - begun
            if answer is not None:
                self.troubles.answers += 1
                self.troubles.longest_wait = max(self.troubles.longest_wait, waited)
                return answer
            self.troubles.seen[trouble] += 1
            self.troubles.retries += 1
            if waited > PATIENCE_SECONDS:
                raise WrongAnswer(f"no definite answer within {waited:.0f} s and {tries} tries; the last: {trouble}")
            await self._pause(tries)

    async def _once(self, send: Any) -> tuple[str, dict[str, Any] | None]:
        """A good answer, or what kind of trouble there was."""
        try:
            response = await send()
        except httpx2.TransportError as lost:
            return f"connection: {type(lost).__name__}", None
        if response.status_code >= 500:
            return f"status {response.status_code}", None
        if response.status_code not in (200, 201):
            raise WrongAnswer(f"status {response.status_code}: {response.text[:300]}")
        answer: dict[str, Any] = response.json()
        codes = {(error.get("extensions") or {}).get("code") for error in answer.get("errors") or ()}
        if codes == {UNSURE}:
            return f"masked: {UNSURE}", None
        if codes:
            raise WrongAnswer(f"top-level errors {answer['errors']}")
        return "", answer

    async def _pause(self, tries: int) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** min(tries, 10))
        await asyncio.sleep(pause * self._rng.uniform(0.5, 1.5))
