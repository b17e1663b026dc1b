"""Suppliers of benchmarks: sandboxes as processes of their own, 50 ms away, sold through accounts of the shop, and what their
own books say in the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psutil

from perkhub.plugin.testing.conformance.vendor import RunningSandbox, running_sandbox
from tests.bench.reading import ReadBackDisagrees, ask
from tests.bench.shop import BenchShop, Variant
from tests.processes import Child

LATENCY = 0.05
# What is bought of each, at the price of its sandbox's list.
GOODS = {"fulu": ("card:10000587", "19.80", "CNY"), "reloadly": ("120:25", "24.375", "USD")}

ACCOUNT = "SELECT id FROM supplier_account WHERE name = $1"
OURS = """
    SELECT count(*) AS orders, coalesce(sum(o.received), 0) AS codes, coalesce(sum(o.cost), 0) AS cost
    FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE a.name = $1 AND o.state = 'delivered'
"""


@dataclass(frozen=True)
class Upstream:
    """A sandbox, the account that we have there, and what is bought from it."""

    name: str
    vendor: RunningSandbox
    variants: Sequence[Variant]

    def far(self, seconds: float = LATENCY, **faults: float) -> None:
        """So far away from now on, with these faults and no others."""
        self.vendor.fault(slow_seconds=seconds, **faults)


@contextmanager
def upstream(shop: BenchShop, plugin: str, *, variants: int, name: str | None = None) -> Iterator[Upstream]:
    """A sandbox of the plugin, and variants that it sells us."""
    called = name or plugin
    sku, cost, currency = GOODS[plugin]
    with running_sandbox(plugin) as vendor:
        known = len(shop.variants)
        priced = {"sku": sku, "cost": cost, "currency": currency, "variants": variants}
        shop.seed(sourced={"name": called, "plugin": plugin, "settings": vendor.settings, **priced})
        made = Upstream(called, vendor, shop.variants[known:])
        made.far()
        yield made


def call_back(shop: BenchShop, one: Upstream, port: int) -> None:
    """Have the vendor call our web process when an order is done."""
    account = ask(shop.servers.database_url, ACCOUNT, one.name)[0][0]
    one.vendor.act(notify_url=f"http://127.0.0.1:{port}/callbacks/sup_{account.hex}")


def confirm_books(shop: BenchShop, upstreams: Sequence[Upstream]) -> dict[str, Any]:
    """That each vendor sold exactly what we have as delivered: as many orders, as many different codes, for as much money.

    Raises:
        ReadBackDisagrees.
    """
    told: dict[str, Any] = {}
    for one in upstreams:
        sold = [order for order in one.vendor.books()["sold"] if order["secrets"]]
        theirs = {
            "orders": len(sold),
            "codes": len({tuple(secret) for order in sold for secret in order["secrets"]}),
            "cost": sum(round(Decimal(order["cost"]["amount"]) * 100) for order in sold),
        }
        row = ask(shop.servers.database_url, OURS, one.name)[0]
        ours = {name: int(row[name]) for name in theirs}
        rounding = theirs["orders"] if one.name == "reloadly" else 0  # its prices have three decimals
        if abs(ours.pop("cost") - theirs["cost"]) > rounding or ours != {name: theirs[name] for name in ours}:
            raise ReadBackDisagrees(f"{one.name}: ours {dict(row)}, theirs {theirs}")
        told[one.name] = theirs
    return told


@dataclass(frozen=True)
class Spent:
    """Computing seconds of every process that takes part, so far."""

    seconds: dict[str, float]

    @classmethod
    def of(cls, shop: BenchShop, processes: Mapping[str, Child | int]) -> "Spent":
        """Ours, and PostgreSQL's and Redis's."""
        pids = {name: one.pid if isinstance(one, Child) else one for name, one in processes.items()}
        pids |= {"postgres": shop.servers.postgres.pid or 0, "redis": shop.servers.redis.pid or 0}
        return cls({name: _of_tree(pid) for name, pid in pids.items()})

    def each(self, before: "Spent", count: int) -> dict[str, float]:
        """Milliseconds for each of so many, by process and together."""
        spent = {name: (seconds - before.seconds[name]) * 1000 / max(1, count) for name, seconds in self.seconds.items()}
        return {**spent, "together": sum(spent.values())}


def _of_tree(pid: int) -> float:
    process = psutil.Process(pid)
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
        if one.pid == pid:
            total += times.children_user + times.children_system
    return total
