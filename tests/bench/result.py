"""What a benchmark tells: one object for machines, a few lines for people."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench.plan import Outcome

Told = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """One benchmark's figure. `statements` is per request; `details` stands beside it in the object."""

    name: str
    count: int
    errors: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statements: float | None
    peak_mb: float
    settings: Told
    details: Told = field(default_factory=dict)

    @classmethod
    def of(
        cls, name: str, outcome: Outcome, *, statements: float | None, peak_mb: float, settings: Told, **details: Any
    ) -> "Result":
        """The figure of a phase of load."""
        times = (outcome.p50_ms, outcome.p95_ms, outcome.p99_ms)
        return cls(name, outcome.count, outcome.errors, outcome.seconds, *times, statements, peak_mb, settings, details)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def as_json(self) -> str:
        """In one line."""
        told = asdict(self)
        details, settings = told.pop("details"), told.pop("settings")
        return json.dumps(rounded({**told, "per_second": self.per_second, **details, "settings": settings}))

    def as_text(self) -> str:
        """For people."""
        lines = [
            f"{self.name}: {self.per_second:,.0f}/s ({self.count:,} in {self.seconds:.1f} s, {self.errors} errors)",
            f"  p50 {self.p50_ms:.1f} ms, p95 {self.p95_ms:.1f} ms, p99 {self.p99_ms:.1f} ms,"
            f" statements {self.statements}, peak {self.peak_mb:.0f} MB",
        ]
        lines += [f"  {name}: {value}" for name, value in rounded(self.details).items()]
        lines.append(f"  settings: {', '.join(f'{name} {value}' for name, value in self.settings.items())}")
        return "\n".join(lines)


def in_short(outcome: Outcome) -> Told:
    """A phase that stands beside the figure."""
    return {
        "per_second": outcome.per_second,
        "count": outcome.count,
        "errors": outcome.errors,
        "seconds": outcome.seconds,
        "p50_ms": outcome.p50_ms,
        "p99_ms": outcome.p99_ms,
    }


def rounded(told: Any) -> Any:
    """Three decimals are more than such a measurement knows."""
    if isinstance(told, float):
        return round(told, 3)
    if isinstance(told, dict):
        return {name: rounded(value) for name, value in told.items()}
    return [rounded(value) for value in told] if isinstance(told, list) else told
