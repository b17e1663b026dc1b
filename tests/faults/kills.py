"""Who is killed when: kinds with their weights, drawn from a seed. Kills are short, so that load goes on between them."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random

from tests.faults.house import House

BETWEEN_SECONDS = (0.15, 1.15)
DOWN_SECONDS = (0.0, 0.35)
# When a process that granian has started again dies within 5.5 s, granian gives up: that is "web -9", and counted there.
CRASH_LOOP_SECONDS = 6.0
PAIRS = 0.08

KINDS: dict[str, tuple[int, Callable[[House], None]]] = {
    "web process -9": (20, House.kill_web_process),
    "worker -9": (17, House.kill_worker),
    "postgres -9": (16, House.kill_postgres),
    "redis -9": (14, House.kill_redis),
    "web -9": (8, House.kill_web),
    "backend -9": (6, House.kill_backend),
    "postgres stopped": (5, House.stop_postgres),
    "worker stopped": (4, House.stop_worker),
    "web stopped": (3, House.stop_web),
    "redis stopped": (2, House.stop_redis),
}
OF_WEB = {"web process -9", "web -9", "web stopped"}
OF_WORKER = {"worker -9", "worker stopped"}
OF_POSTGRES = {"postgres -9", "backend -9", "postgres stopped"}
OF_REDIS = {"redis -9", "redis stopped"}
VICTIMS = (OF_WEB, OF_WORKER, OF_POSTGRES, OF_REDIS)


@dataclass
class Killer:
    """Kills at random moments what is alive, of the kinds that are its own."""

    house: House
    rng: Random
    kinds: Collection[str] = tuple(KINDS)
    between_seconds: tuple[float, float] = BETWEEN_SECONDS
    killed: Counter[str] = field(default_factory=Counter)

    def kill_once(self) -> int:
        """Wait a moment, kill one victim or two at once, let what was killed be started again. How many kills that were."""
        self._wait(self.rng.uniform(*self.between_seconds))
        kinds = self._choose()
        for kind in kinds:
            KINDS[kind][1](self.house)
        self._wait(self.rng.uniform(*DOWN_SECONDS), restart=False)
        self.house.revive_servers()
        self.house.keep_alive()
        self.killed.update(kinds)
        return len(kinds)

    def _choose(self) -> list[str]:
        alive = self._alive()
        if not alive:
            return []
        chosen = self.rng.choices(alive, [KINDS[kind][0] for kind in alive])
        if self.rng.random() < PAIRS:
            victim = next(kinds for kinds in VICTIMS if chosen[0] in kinds)
            others = [kind for kind in alive if kind not in victim]
            chosen += self.rng.choices(others, [KINDS[kind][0] for kind in others]) if others else []
        return chosen

    def _alive(self) -> list[str]:
        """What can be killed: a process that is only just starting would be no victim. PostgreSQL and Redis always are."""
        away: set[str] = set()
        if not self.house.web_is_ready():
            away |= OF_WEB
        elif self.house.web_process_age() < CRASH_LOOP_SECONDS:
            away |= {"web process -9"}
        if not self.house.worker_is_ready():
            away |= OF_WORKER
        return [kind for kind in KINDS if kind in self.kinds and kind not in away]

    def _wait(self, seconds: float, *, restart: bool = True) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
            if restart:
                self.house.keep_alive()
