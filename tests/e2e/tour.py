"""Pages as a newcomer follows them: every block in its order, what is in capitals taken from earlier answers.

A block is GraphQL to send, JSON headers to send from then on, or shell to run. A comment below it, which a reader of the page
does not see, says what to remember of the answer (`keep NAME = path, …`), what to wait for (`until path = value`), or what it
must say (`expect path = value`).
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.house.tree import ROOT

README = ROOT / "README.md"
GUIDE = ROOT / "schema/GUIDE.md"
WRITTEN_ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```\n(?:<!-- (?P<note>.*?) -->\n)?", re.M | re.S)
PLACEHOLDER = re.compile(r"\b[A-Z]+(?:_[A-Z]+)*_(?:TOKEN|ID|URL|CURSOR|SECRET|KEYS)\b")
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Block:
    """One block and its note."""

    language: str
    text: str
    keep: Mapping[str, str] = field(default_factory=dict)
    until: tuple[str, str] | None = None
    expect: Mapping[str, str] = field(default_factory=dict)


def tour() -> list[Block]:
    """The README's blocks between the tour's heading and the next one."""
    return blocks_of(README.read_text(encoding="utf-8").partition("\n## A tour\n")[2].partition("\n## ")[0])


def guide() -> list[Block]:
    """Every block of the guide for front-end teams."""
    return blocks_of(GUIDE.read_text(encoding="utf-8"))


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page, each with its note."""
    return [_block(found) for found in BLOCK.finditer(page)]


def _block(found: re.Match[str]) -> Block:
    word, _, rest = (found["note"] or "").partition(" ")
    said = dict(part.split(" = ") for part in rest.split(", ")) if rest else {}
    assert word in ("", "keep", "until", "expect"), f"nobody knows what to do with {found['note']}"
    keep, expect = (said if word == name else {} for name in ("keep", "expect"))
    until = next(iter(said.items())) if word == "until" else None
    return Block(found["language"], found["text"], keep, until, expect)


@dataclass
class Newcomer:
    """Somebody who pastes, and copies what an answer says."""

    address: str
    folder: Path
    environment: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def paste(self, block: Block) -> None:
        """Do what the block says, and remember what its note says."""
        text = self.filled(block.text)
        answer: Any = {}
        if block.language == "json":
            self.headers = json.loads(text)
        elif block.language == "sh":
            answer = self.run(text, answers=bool(block.keep or block.expect))
        elif block.until is not None:
            answer = self.ask_until(text, *block.until)
        else:
            answer = self.ask(text, refused=any(".errors." in path for path in block.expect))
        for path, value in block.expect.items():
            assert str(at(answer, path)) == self.known.get(value, value), f"{path} in {answer}"
        for name, path in block.keep.items():
            self.known[name] = str(at(answer, path))
            assert self.known[name], f"{path} is empty in {answer}"

    def filled(self, text: str) -> str:
        """With the server's real address, and everything known in place of its name."""
        for name, value in self.known.items():
            text = re.sub(rf"\b{name}\b", lambda _, value=value: value, text)
        assert not PLACEHOLDER.search(text), f"nobody told this newcomer {PLACEHOLDER.findall(text)}"
        return text.replace(WRITTEN_ADDRESS, self.address)

    def ask(self, query: str, *, refused: bool = False) -> dict[str, Any]:
        """The data, where nothing was refused unless that is what the block shows."""
        response = httpx2.post(
            f"{self.address}/graphql", json={"query": query}, headers=self.headers, timeout=30.0, trust_env=False
        )
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        assert any(_payload_errors(answer["data"])) is refused, answer
        data: dict[str, Any] = answer["data"]
        return data

    def ask_until(self, query: str, path: str, value: str) -> dict[str, Any]:
        """Ask again and again, as one does who waits."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while at(answer := self.ask(query), path) != value:
            assert time.monotonic() < deadline, f"{path} did not become {value}: {answer}"
            time.sleep(0.1)
        return answer

    def run(self, script: str, *, answers: bool) -> Any:
        """In a shell; its last line as JSON where an answer is wanted."""
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1]) if answers else {}


def at(answer: Any, path: str) -> Any:
    """What stands there: `product.variants.0.id`."""
    for step in path.split("."):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer


def _payload_errors(data: Any) -> Iterator[Any]:
    if isinstance(data, list):
        for one in data:
            yield from _payload_errors(one)
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from [value] if name == "errors" else _payload_errors(value)
