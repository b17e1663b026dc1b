"""What a run came to, for people."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.faults.settle import ask
from tests.faults.summary import counted
from tests.faults.suppliers.market import Market

STATES = {
    "orders": "SELECT state, count(*) FROM orders GROUP BY 1",
    "units": "SELECT state, count(*) FROM entitlement GROUP BY 1",
    "needs": "SELECT source_kind || ' ' || state, count(*) FROM need GROUP BY 1",
    "supplier orders": "SELECT a.name || ' ' || o.state, count(*) FROM supplier_order o "
    "JOIN supplier_account a ON a.id = o.account_id GROUP BY 1",
    "of those, why": "SELECT state || ' ' || cause, count(*) FROM supplier_order WHERE cause IS NOT NULL GROUP BY 1",
    "looks": "SELECT CASE WHEN looks > 5 THEN 'more' ELSE looks::text END, count(*) FROM supplier_order GROUP BY 1",
    "settlements": "SELECT decision || ' ' || state, count(*) FROM supplier_settlement GROUP BY 1",
    "booked": "SELECT kind, count(*) FROM ledger_transfer GROUP BY 1",
    "lots": "SELECT state, count(*) FROM lot GROUP BY 1",
    "codes": "SELECT state, count(*) FROM code GROUP BY 1",
    "callbacks kept": "SELECT 'genuine', count(*) FROM supplier_callback",
}


def summary(market: Market, url: str, killed: Counter[str], books: Mapping[str, dict[str, Any]]) -> str:
    """A few lines."""
    desk, troubles = market.desk, market.troubles
    seconds = ", ".join(f"{what} {value:.0f} s" for what, value in market.seconds.items())
    lines = [
        f"{market.till.placed} orders, {sum(killed.values())} kills ({counted(killed)}); {seconds}",
        f"clients: {troubles.answers} answers, {troubles.retries} retries, longest wait {troubles.longest_wait:.1f} s",
        f"troubles seen: {counted(troubles.seen)}",
        f"refusals seen: {counted(troubles.refused)}",
        f"operators: {counted(desk.settled)}; {desk.halts_ended} halts ended, {desk.purchases} purchases into the pool,"
        f" {desk.refunds} orders refunded after a reversal",
    ]
    for vendor in market.vendors.values():
        told = books[vendor.name]
        lines.append(f"{vendor.name} sold {len(told['sold'])} times; its people: {counted(vendor.deeds)}")
        lines.append(f"{vendor.name}, faults that struck: {counted(Counter(told['struck']))}")
        lines.append(f"{vendor.name}, faults of a whole turn: {counted(vendor.deck.turns)}")
    for what, sql in STATES.items():
        lines.append(f"{what}: {counted(Counter({row[0]: row[1] for row in ask(url, sql)}))}")
    return "\n".join(lines)
