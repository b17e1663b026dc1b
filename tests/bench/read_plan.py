"""What the generator of readers is told: as of buyers, and what each answer must show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.plan import Phase, Plan


@dataclass(frozen=True)
class ReadPlan(Plan):
    """`row` stands in the answer once for each row, of which there are at least and at most so many."""

    row: str = '"slug":'
    rows: tuple[int, int] = (1, 1)

    @classmethod
    def read(cls, file: Path) -> "ReadPlan":
        """In the generator."""
        told: dict[str, Any] = orjson.loads(file.read_bytes())
        return cls(**{**told, "phases": [Phase(**phase) for phase in told["phases"]], "rows": tuple(told["rows"])})
