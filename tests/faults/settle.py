"""Waiting until everything that was begun has ended: jobs, payments, refunds, unpaid orders, imports."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from perkhub.kit.connecting import parse_url

SECONDS = 420.0

OPEN = {
    "jobs": "SELECT count(*) FROM outbox WHERE state IN ('ready', 'running') AND kind <> 'periodic'",
    "payments": "SELECT count(*) FROM payment WHERE state = 'pending'",
    "refunds": "SELECT count(*) FROM refund WHERE state = 'pending'",
    "unpaid orders": "SELECT count(*) FROM orders WHERE state = 'placed'",
    "imports": "SELECT count(*) FROM code_import WHERE state IN ('queued', 'checking', 'stocking')",
    "custody": "SELECT count(*) FROM custody WHERE batch_id IS NULL",
}

WAITING = "SELECT name, state, attempts, last_error, run_at FROM outbox WHERE state IN ('ready', 'running', 'dead') LIMIT 20"


class NeverSettled(AssertionError):
    """Something that was accepted has not ended in time."""


def ask(url: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    """A statement past the application, on a connection of its own."""

    async def answer() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(**parse_url(url))
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    # In a thread: the loop of the tests stays out of it.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer()).result()


def settle(url: str, *, seconds: float = SECONDS) -> float:
    """Wait; how long it took.

    Raises:
        NeverSettled: what is still open.
    """
    begun = time.monotonic()
    while True:
        open_ = {what: int(ask(url, sql)[0][0]) for what, sql in OPEN.items()}
        waited = time.monotonic() - begun
        if not any(open_.values()):
            return waited
        if waited > seconds:
            raise NeverSettled(f"still open after {seconds:.0f} s: {open_}; {[dict(row) for row in ask(url, WAITING)]}")
        time.sleep(0.5)
