"""just-in-time beside trouble: orders of which nobody knows what became of them, and a supplier that hardly answers."""

from time import monotonic, sleep
from typing import Any

from tests.bench.market import Market
from tests.bench.plan import Phase
from tests.bench.reading import ReadBackDisagrees, ask, await_delivered
from tests.bench.result import Told, in_short
from tests.bench.upstream import upstream

SLOW_SECONDS = 30.0
PATIENCE = 300.0

UNKNOWN = "SELECT count(*) FROM supplier_order WHERE state = 'unknown'"
ASKED = """
    SELECT count(*) FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE a.name = $1 AND o.state IN ('submitted', 'unknown')
"""


def beside_a_slow_one(place: Market, phase: Phase, *, orders: int) -> Told:
    """A third supplier, which answers after half a minute, is asked for more than its share of a worker's jobs."""
    url = place.shop.servers.database_url
    with upstream(place.shop, "fulu", variants=1, name="slow") as slow:
        slow.far(SLOW_SECONDS)
        place.place_only([slow.variants[0]] * orders)
        await_count(url, ASKED, 1, slow.name)
        asked = ask(url, ASKED, slow.name)[0][0]
        outcome, spent = place.drive(phase, pending=orders)
        slow.far(0)
        # What it has taken on meanwhile is asked for, and told.
        await_delivered(url, pending=0, seconds=PATIENCE)
    return {**in_short(outcome), "cpu_ms": spent, "orders_there": orders, "asked_at_once": asked}


def beside_unknowns(place: Market, phase: Phase, *, orders: int) -> Told:
    """So many orders at one of the accounts: refused in a way that nobody documents as final, and not found there since,
    which is not to be believed yet. They are looked for all the while, and stay UNKNOWN.

    Raises:
        ReadBackDisagrees: one of them was settled.
    """
    url, fulu = place.shop.servers.database_url, place.upstreams[0]
    fulu.far(refuse_429=orders)
    place.place_only([fulu.variants[number % len(fulu.variants)] for number in range(orders)])
    await_count(url, UNKNOWN, orders)
    fulu.far()
    outcome, spent = place.drive(phase, pending=orders)
    left = ask(url, UNKNOWN)[0][0]
    if left != orders:
        raise ReadBackDisagrees(f"unknown orders: {left}, not {orders}")
    return {**in_short(outcome), "cpu_ms": spent, "orders_unknown": orders}


def await_count(url: str, sql: str, wanted: int, *values: Any) -> None:
    """Wait until there are so many."""
    ends = monotonic() + PATIENCE
    while (found := ask(url, sql, *values)[0][0]) < wanted:
        if monotonic() > ends:
            raise TimeoutError(f"{found}, not {wanted}: {sql}")
        sleep(0.1)
