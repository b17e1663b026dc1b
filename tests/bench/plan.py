"""What the load generator is told and what it tells: the two sides of its process, in JSON."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True)
class Phase:
    """A stretch of load: until the seconds are over or so many were sent, whichever comes first."""

    name: str
    seconds: float
    most: int


@dataclass(frozen=True)
class Plan:
    """Requests in their order: each is (index of its token, its variables as JSON)."""

    port: int
    query: str
    field: str
    connections: int
    phases: list[Phase]
    tokens: list[str] = dataclasses.field(repr=False)
    requests: list[tuple[int, str]] = dataclasses.field(repr=False)
    marks: list[int] = dataclasses.field(default_factory=list)
    refusals: list[str] = dataclasses.field(default_factory=list)  # codes that are as good an answer as any

    def write(self, file: Path) -> None:
        """For the generator; tokens are in it."""
        file.touch(mode=0o600)
        file.write_bytes(orjson.dumps(self))

    @classmethod
    def read(cls, file: Path) -> "Plan":
        """In the generator."""
        told: dict[str, Any] = orjson.loads(file.read_bytes())
        return cls(**{**told, "phases": [Phase(**phase) for phase in told["phases"]]})


@dataclass(frozen=True)
class Outcome:
    """What became of a phase. Every answer was looked into: one without what was asked for is an error.

    `answered` has the entitlements that were shown, by their global ids; the credentials themselves are only counted.
    `refused` are those of the count that are refusals which the plan expected.
    """

    name: str
    count: int
    errors: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float
    first_ms: float
    generator_cpu: float
    statements: float | None = None
    most_statements: int | None = None
    shown: int = 0
    first_error: str | None = None
    answered: list[str] = dataclasses.field(default_factory=list, repr=False)
    refused: int = 0

    @property
    def per_second(self) -> float:
        """Good answers a second."""
        return self.count / self.seconds if self.seconds else 0.0
