"""The shop that a benchmark runs against: production settings, durable servers, filled, and asked what it came to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.reading import ask
from tests.processes import Installation, ProcessFailed, RealServers, installation, new_folder, production, real_servers
from tests.processes.installation import ROOT

# A load generator is one client: what keeps one client from flooding a shop would only measure itself.
UNLIMITED = {
    "requests_per_minute": "10000000",
    "query_cost_per_minute": "1000000000",
    "reveals_per_minute": "100000",
    "access_token_seconds": "3600",
}


@dataclass(frozen=True)
class Variant:
    """What is sold, by the ids of the database."""

    id: str
    listing_id: str

    @property
    def global_id(self) -> str:
        """As clients name it."""
        return f"var_{self.id.replace('-', '')}"


@dataclass(frozen=True)
class Sale(Variant):
    """A variant with a flash sale of its own."""

    campaign_id: str

    @property
    def campaign_global_id(self) -> str:
        """As clients name it."""
        return f"cmp_{self.campaign_id.replace('-', '')}"


@dataclass
class BenchShop:
    """Servers, an installation on them, and what was put into it."""

    servers: RealServers
    perkhub: Installation
    seeding: "Seeding"
    variants: list[Variant]
    tokens: list[str]
    staff: str | None = None
    sales: list["Sale"] = field(default_factory=list)

    def seed(self, **wanted: Any) -> None:
        """Put more in; see `tests.bench.seed`."""
        made = self.seeding.ask(wanted)
        self.variants += [Variant(**one) for one in made["variants"]]
        self.sales += [Sale(**one) for one in made["sales"]]
        self.tokens += made["tokens"]
        self.staff = made["staff"] or self.staff

    def restock(self, codes: Mapping[Variant, int]) -> None:
        """More codes of what is sold already."""
        self.seed(more={variant.id: many for variant, many in codes.items()})

    def settings(self) -> dict[str, Any]:
        """What the figure depends on."""
        shown = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        database = {name: ask(self.servers.database_url, f"SHOW {name}")[0][0] for name in shown}
        return {**database, "cpus": os.cpu_count(), "web_processes": 1, **UNLIMITED}


@dataclass(frozen=True)
class Seeding:
    """The process that fills the shop; it waits while a benchmark runs."""

    process: subprocess.Popen[str]

    def ask(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Have it make what is wanted."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(wanted)}\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline()
        if not told:
            raise ProcessFailed("the seeding", f"ended with {self.process.wait()}", "see above")
        made: dict[str, Any] = json.loads(told)
        return made


@contextmanager
def seeding(perkhub: Installation) -> Iterator[Seeding]:
    """It ends when its input does. What it logs goes where our own errors go."""
    command, environment = [sys.executable, "-m", "tests.bench.seed"], perkhub.environment(log_level="WARNING")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment) as process:
        yield Seeding(process)


@contextmanager
def bench_shop(
    *, codes: Sequence[int] = (), wallets: int = 0, staff: Sequence[str] = (), **settings: str
) -> Iterator[BenchShop]:
    """A shop with so many codes of each variant, on listings with quota and limit, and so many wallets."""
    with (
        new_folder("perkhub-bench") as folder,
        real_servers(folder) as servers,
        installation(folder, servers, production(**UNLIMITED, **settings)) as perkhub,
    ):
        perkhub.migrate()
        with seeding(perkhub) as seeder:
            shop = BenchShop(servers, perkhub, seeder, [], [])
            shop.seed(variants=list(codes), wallets=wallets, staff=list(staff))
            analyse(shop)
            yield shop


def analyse(shop: BenchShop) -> None:
    """What autovacuum would do within a minute: after a bulk load the planner must not believe the tables empty."""
    ask(shop.servers.database_url, "VACUUM ANALYZE")
