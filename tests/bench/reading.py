"""Reading results back, past the application: a bench whose answers the database does not confirm has no figure."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import asyncpg

from perkhub.kit.connecting import parse_url
from tests.bench.plan import Outcome
from tests.processes import Installation, RealServers


class ReadBackDisagrees(Exception):
    """What the answers said and what the database holds are two things."""


# Everything that one bought unit leaves behind, each counted by itself.
COUNTS = {
    "orders": "SELECT count(*) FROM orders WHERE state = 'paid'",
    "units": "SELECT coalesce(sum(quantity), 0) FROM order_line",
    "entitlements": "SELECT count(*) FROM entitlement WHERE state IN ('issued', 'revealed')",
    "seen": "SELECT count(*) FROM entitlement WHERE state = 'revealed'",
    "codes_sold": "SELECT count(*) FROM code WHERE state = 'sold'",
    "codes_held": "SELECT count(DISTINCT code_id) FROM entitlement WHERE code_id IS NOT NULL",
    "sold_in_custody": "SELECT count(*) FROM custody WHERE action = 'sold'",
    "seen_in_custody": "SELECT count(*) FROM custody WHERE action = 'revealed'",
    "payments": "SELECT count(*) FROM payment WHERE state = 'succeeded'",
    "transfers": "SELECT count(*) FROM ledger_transfer WHERE kind = 'order.paid'",
    "keys": "SELECT count(*) FROM idempotency_key WHERE operation = 'orderPlace' AND error IS NULL",
    "quota_taken": "SELECT coalesce(sum(taken), 0) FROM listing",
    "limits_taken": "SELECT coalesce(sum(taken), 0) FROM listing_buyer",
    "paid": "SELECT coalesce(sum(total), 0) FROM orders WHERE state = 'paid'",
    "spent": """SELECT coalesce(-sum(e.amount), 0) FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
                WHERE t.kind = 'order.paid' AND e.book = 'party'""",
    "stock": "SELECT coalesce(sum(available), 0) FROM stock",
    "available": "SELECT count(*) FROM code WHERE state = 'available'",
    # Of what a supplier sold us.
    "needs": "SELECT count(*) FROM need WHERE state = 'done'",
    "attempts": "SELECT count(*) FROM supplier_order WHERE state = 'delivered'",
    "lots": "SELECT count(*) FROM lot WHERE reference IS NOT NULL",
    "booked": "SELECT count(*) FROM ledger_transfer WHERE kind = 'supplier.delivered'",
}
PER_ATTEMPT = ("needs", "attempts", "lots", "booked")
PER_ORDER = ("orders", "payments", "transfers", "keys")
PER_UNIT = ("units", "entitlements", "codes_sold", "codes_held", "sold_in_custody", "quota_taken", "limits_taken")
STATEMENT = re.compile(rb"([^|]*)\|LOG:  (?:execute [^:]*|statement): *(?!BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.I)
APPLICATIONS = {"web", "worker"}
WAITING = "SELECT count(*) FROM entitlement WHERE state IN ('pending', 'delayed')"
SETTLING = 60.0
ANSWERED = "SELECT count(DISTINCT code_id) FROM entitlement WHERE id = ANY($1) AND state = 'revealed'"


@dataclass(frozen=True)
class Counted:
    """The database at one moment."""

    rows: dict[str, int]

    @classmethod
    def of(cls, url: str) -> "Counted":
        """Count now."""
        return cls({name: int(ask(url, sql)[0][0]) for name, sql in COUNTS.items()})

    def grown(self, before: "Counted") -> dict[str, int]:
        """What came since."""
        return {name: many - before.rows[name] for name, many in self.rows.items()}


def ask(url: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    """A statement on a connection of its own."""

    async def answer() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(**parse_url(url))
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    return asyncio.run(answer())


def confirm_bought(url: str, before: Counted, *, orders: int, units: int, seen: int) -> Counted:
    """That exactly so many orders and units were bought, paid and delivered since; the database as it is now.

    Raises:
        ReadBackDisagrees: by name, with both numbers.
    """
    now = Counted.of(url)
    grown = now.grown(before)
    expected = {**dict.fromkeys(PER_ORDER, orders), **dict.fromkeys(PER_UNIT, units)}
    expected |= {"seen": seen, "seen_in_custody": seen, "spent": grown["paid"]}
    expected |= {"stock": -units, "available": -units}
    _refuse_difference({name: grown[name] for name in expected}, expected)
    return now


def confirm_delivered(url: str, before: Counted, *, seen: int, late: int) -> Counted:
    """That every order of one unit that was placed since was paid and got its code from a supplier, none of them from stock;
    that so many were seen, and that no more are `late`, whose buyers waited for their code in vain.

    Raises:
        ReadBackDisagrees.
    """
    now = Counted.of(url)
    grown = now.grown(before)
    orders = grown["orders"]
    expected = dict.fromkeys((*PER_ORDER, *PER_UNIT, *PER_ATTEMPT), orders)
    expected |= {"spent": grown["paid"], "stock": 0, "available": 0, "seen": seen, "seen_in_custody": seen}
    _refuse_difference({name: grown[name] for name in expected}, expected)
    if not seen <= orders <= seen + late:
        raise ReadBackDisagrees(f"orders: {orders}, not {seen} to {seen + late}")
    return now


def await_delivered(url: str, *, pending: int, seconds: float = SETTLING) -> None:
    """Wait until no more units than these wait for their code; what is missing then, the next reading tells."""
    ends = monotonic() + seconds
    while ask(url, WAITING)[0][0] > pending and monotonic() < ends:
        sleep(0.1)


@contextmanager
def statements_of(servers: RealServers) -> Iterator[dict[str, int]]:
    """Counts statements by the application that sends them, transaction control left out, as PostgreSQL logs them."""
    counted: dict[str, int] = {}
    log = servers.postgres.log
    _set(servers, "log_line_prefix = '%a|'", "log_statement = 'all'")
    begin = log.stat().st_size
    try:
        yield counted
    finally:
        _set(servers, "log_line_prefix = ''", "log_statement = 'none'")
        with log.open("rb") as lines:
            lines.seek(begin)
            for line in lines:
                found = STATEMENT.match(line)
                if found is not None:
                    application = found[1].decode().removeprefix("perkhub ")
                    counted[application] = counted.get(application, 0) + 1
        for application in set(counted) - APPLICATIONS:
            del counted[application]


def _set(servers: RealServers, *settings: str) -> None:
    for setting in settings:
        ask(servers.database_url, f"ALTER SYSTEM SET {setting}")
    ask(servers.database_url, "SELECT pg_reload_conf()")
    sleep(0.3)


def confirm_shown(url: str, outcomes: list[Outcome]) -> None:
    """That each answered entitlement is there, seen, and has a code of its own; and that no credential came twice.

    Raises:
        ReadBackDisagrees.
    """
    answered = {one for outcome in outcomes for one in outcome.answered}
    ids = [UUID(one.partition("_")[2]) for one in answered]
    held = int(ask(url, ANSWERED, ids)[0][0])
    shown = sum(outcome.shown for outcome in outcomes)
    _refuse_difference({"codes of answered entitlements": held, "credentials shown": shown}, {
        "codes of answered entitlements": len(answered), "credentials shown": len(answered),
    })  # fmt: skip


def confirm_audit(perkhub: Installation) -> int:
    """That `perkhub audit` finds no breach; how many rows it looked at.

    Raises:
        ReadBackDisagrees: with the broken rules.
    """
    verdict = perkhub.audit()
    if not verdict["clean"]:
        broken = [f"{one['rule']}: {one['broken']}" for one in verdict["checks"] if one["broken"] and not one["warning"]]
        raise ReadBackDisagrees(f"perkhub audit: {'; '.join(broken)}")
    return sum(one["checked"] for one in verdict["checks"])


def _refuse_difference(found: dict[str, int], expected: dict[str, int]) -> None:
    different = [f"{name}: {found[name]}, not {many}" for name, many in expected.items() if found[name] != many]
    if different:
        raise ReadBackDisagrees("; ".join(different))
