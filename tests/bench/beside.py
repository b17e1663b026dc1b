"""Halves in turns: the same load alone and beside trouble, A B A B, so that what else the machine does befalls both alike."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median

from tests.bench.market import Market
from tests.bench.plan import Outcome, Phase
from tests.bench.result import Told
from tests.bench.shop import Variant

ROUNDS = 2


@dataclass
class Half:
    """Every turn of one side."""

    outcomes: list[Outcome] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)  # of all processes, for each order

    @property
    def per_second(self) -> float:
        """Over all turns."""
        return self.count / max(sum(one.seconds for one in self.outcomes), 1e-9)

    @property
    def count(self) -> int:
        """Good answers."""
        return sum(one.count for one in self.outcomes)

    @property
    def errors(self) -> int:
        """Bad ones."""
        return sum(one.errors for one in self.outcomes)

    def told(self) -> Told:
        """Beside the other one."""
        return {
            "per_second": self.per_second,
            "each_turn": [one.per_second for one in self.outcomes],
            "count": self.count,
            "errors": self.errors,
            "p50_ms": median(one.p50_ms for one in self.outcomes),
            "p99_ms": median(one.p99_ms for one in self.outcomes),
            "cpu_ms": median(self.cpu_ms),
        }


@dataclass
class Halves:
    """Alone, and beside it."""

    alone: Half = field(default_factory=Half)
    beside: Half = field(default_factory=Half)

    def told(self) -> Told:
        """`ratio` is of the rates: 1 where the trouble costs nothing. `ratios` are of each turn by itself, `cpu_ratio` of what
        an order costs all processes together: of more than 1, the trouble is paid for by what it takes."""
        turns = zip(self.alone.outcomes, self.beside.outcomes, strict=True)
        return {
            "alone": self.alone.told(),
            "beside": self.beside.told(),
            "ratio": self.beside.per_second / max(self.alone.per_second, 1e-9),
            "ratios": [beside.per_second / max(alone.per_second, 1e-9) for alone, beside in turns],
            "cpu_ratio": median(self.beside.cpu_ms) / max(median(self.alone.cpu_ms), 1e-9),
        }


def in_turns(
    place: Market, phase: Phase, variants: Sequence[Variant], trouble: Callable[[], AbstractContextManager[int]]
) -> Halves:
    """Drive the phase alone and beside the trouble, some times over; each half is read back by itself."""
    halves = Halves()
    for _ in range(ROUNDS):
        _drive(place, phase, variants, halves.alone, pending=0)
        with trouble() as pending:
            _drive(place, phase, variants, halves.beside, pending=pending)
    return halves


def _drive(place: Market, phase: Phase, variants: Sequence[Variant], half: Half, *, pending: int) -> None:
    outcome, spent = place.drive(phase, variants=variants, pending=pending)
    half.outcomes.append(outcome)
    half.cpu_ms.append(spent["together"])
