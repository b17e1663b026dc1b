"""Somebody at the front doors, who keeps every answer that is not rightfully theirs to read a secret in."""

import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.faults.house import House
from tests.processes import ProcessFailed
from tests.processes.installation import COMMAND

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
SECONDS = 40.0


@dataclass
class Visitor:
    """Anybody: whoever's token is given with a request."""

    house: House
    http: httpx2.Client
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)  # made by the house, and secrets all the same
    one_time_codes: list[str] = field(default_factory=list)

    def ask(self, document: str, given: Any = None, *, token: str | None = None, rightful: bool = False) -> Any:
        """The first field of the answer's data, or None where there is none. `rightful`: what it shows is theirs."""
        body = {"query": document, "variables": {} if given is None else {"input": given}}
        answer = self.send("POST", "/graphql", json=body, token=token, rightful=rightful)
        data = answer.json().get("data") if answer.headers.get("content-type", "").startswith("application/json") else None
        return next(iter(data.values())) if data else None

    def send(
        self, method: str, path: str, *, token: str | None = None, rightful: bool = False, **given: Any
    ) -> httpx2.Response:
        """Any request."""
        headers: Mapping[str, str] = {**given.pop("headers", {}), **({"authorization": f"Bearer {token}"} if token else {})}
        answer = self.http.request(method, path, headers=headers, **given)
        if not rightful:
            told = f"{answer.status_code}\n{dict(answer.headers)}\n".encode() + answer.content
            self.answers.append((f"answer {len(self.answers)}: {method} {path}", told))
        return answer

    def signed_in(self, document: str, given: Mapping[str, Any], *, token: str | None = None) -> str:
        """Begin a session; its access token. Both tokens are to be searched for."""
        begun = self.ask(document, given, token=token, rightful=True)
        assert begun["errors"] == [], begun["errors"]
        number = f"{len(self.tokens):03}"
        self.tokens |= {
            f"access token {number}": begun["accessToken"].rpartition(".")[2],
            f"refresh token {number}": begun["refreshToken"],
        }
        return str(begun["accessToken"])

    def one_time_code(self, document: str, contact: Mapping[str, str], purpose: str) -> str:
        """Ask for a code, and read it where the console notifier shows it."""
        asked = self.ask(document, {"contact": contact, "purpose": purpose})
        assert asked["errors"] == [], asked["errors"]
        (destination,) = contact.values()
        self.one_time_codes.append(self.until(lambda: self._shown(destination), f"no code came for {destination}"))
        return self.one_time_codes[-1]

    def _shown(self, destination: str) -> str | None:
        for log in sorted(self.house.folder.glob("logs/*-worker.log")):
            _, found, after = log.read_text(errors="replace").lower().rpartition(f"{destination.lower()}\n")
            code = CODE.search(after) if found else None
            if code is not None:
                return code[0]
        return None

    def run(self, *arguments: str, typed: str = "") -> None:
        """A command of the house, and what is typed at its prompts."""
        environment = self.house.perkhub.environment()
        command = [str(COMMAND), *arguments]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, env=environment, check=False, timeout=60)
        if done.returncode != 0:
            raise ProcessFailed(f"perkhub {arguments[0]}", f"ended with {done.returncode}", done.stderr)
        self.answers.append((f"perkhub {arguments[0]}, standard error", done.stderr.encode()))

    def until(self, condition: Any, otherwise: str) -> Any:
        """Wait for it; what it came to."""
        deadline = time.monotonic() + SECONDS
        while not (found := condition()):
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.03)
        return found
