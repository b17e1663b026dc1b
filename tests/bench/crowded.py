"""Trouble beside which new orders are bought: orders of which nobody knows what became of them, and a crowd at a supplier that
hardly answers. Each is there as long as its block, and gone without a trace after it: halves with and without it take turns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from tests.bench.market import Market
from tests.bench.reading import ReadBackDisagrees, ask, await_delivered
from tests.bench.upstream import Upstream, upstream

SLOW_SECONDS = 30.0
PATIENCE = 300.0

UNKNOWN = "SELECT count(*) FROM supplier_order WHERE state = 'unknown'"
ASKED = """
    SELECT count(*) FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE a.name = $1 AND o.state IN ('submitted', 'unknown')
"""


@contextmanager
def a_crowd_at(place: Market, slow: Upstream, orders: int) -> Iterator[int]:
    """So many orders, more than a worker's share of jobs, at a supplier that answers after half a minute."""
    url = place.shop.servers.database_url
    slow.far(SLOW_SECONDS)
    place.place_only([slow.variants[0]] * orders)
    await_count(url, ASKED, 1, slow.name)
    yield orders
    slow.far(0)
    # What it has taken on meanwhile is asked for, and told.
    await_delivered(url, pending=0, seconds=PATIENCE)


@contextmanager
def unknowns_at(place: Market, there: Upstream, orders: int) -> Iterator[int]:
    """So many orders at one of the accounts: refused in a way that nobody documents as final, and not found there since,
    which is not to be believed yet. They are looked for all the while, and stay UNKNOWN, until two people say of each that it
    has failed.

    Raises:
        ReadBackDisagrees: one of them was settled before.
    """
    url = place.shop.servers.database_url
    there.far(refuse_429=orders)
    place.place_only([there.variants[number % len(there.variants)] for number in range(orders)])
    await_count(url, UNKNOWN, orders)
    there.far()
    yield orders
    left = ask(url, UNKNOWN)[0][0]
    if left != orders:
        raise ReadBackDisagrees(f"unknown orders: {left}, not {orders}")
    place.shop.seed(settle=True)
    await_delivered(url, pending=0, seconds=PATIENCE)


@contextmanager
def another(place: Market, name: str) -> Iterator[Upstream]:
    """One more supplier, where nothing is bought but in trouble."""
    with upstream(place.shop, "fulu", variants=1, name=name) as made:
        place.upstreams.append(made)
        yield made


def await_count(url: str, sql: str, wanted: int, *values: Any) -> None:
    """Wait until there are so many."""
    ends = monotonic() + PATIENCE
    while (found := ask(url, sql, *values)[0][0]) < wanted:
        if monotonic() > ends:
            raise TimeoutError(f"{found}, not {wanted}: {sql}")
        sleep(0.1)
