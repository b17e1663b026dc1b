"""Recording one orderPlace as SQL: `python -m tests.bench.recording`, JSON in, JSON out with a pgbench script.

The request goes through the whole application in this process. Two orders are recorded, for only their difference shows
what a script must make anew for each order.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx2

from perkhub.kit.connecting import parse_url
from perkhub_schema.app import build_app
from perkhub_schema.runtime import running
from tests.bench.script import Statement, script_of

METHODS = ("execute", "fetch", "fetchrow", "fetchval")
# What a process reads once and remembers stands in no order after the first.
WARMING = 3
ATTEMPTS = 5

Raw = tuple[str, tuple[Any, ...], Any]


@contextmanager
def recorded() -> Iterator[list[Raw]]:
    """Every statement that any connection of this process runs: its text, its values, its result."""
    kept: list[Raw] = []
    with ExitStack() as stack:
        for name in METHODS:
            real = getattr(asyncpg.Connection, name)
            stack.enter_context(patch.object(asyncpg.Connection, name, _noting(real, kept)))
        yield kept


def _noting(real: Callable[..., Awaitable[Any]], kept: list[Raw]) -> Callable[..., Awaitable[Any]]:
    async def noting(connection: Any, query: str, *values: Any, **options: Any) -> Any:
        place = len(kept)
        kept.append((query, values, None))
        result = await real(connection, query, *values, **options)
        kept[place] = (query, values, result)
        return result

    return noting


async def described(url: str, raw: list[Raw]) -> list[Statement]:
    """With the types of the parameters, and the one row that came back by its columns' names."""
    statements = []
    connection = await asyncpg.connect(**parse_url(url))
    for sql, values, result in raw:
        types: list[str] = []
        columns: list[str] = []
        if values:
            prepared = await connection.prepare(sql)
            types = [parameter.name for parameter in prepared.get_parameters()]
            columns = [attribute.name for attribute in prepared.get_attributes()]
        statements.append(Statement(sql.strip().rstrip(";"), values, types, _one_row(result, columns)))
    await connection.close()
    return statements


def _one_row(result: Any, columns: list[str]) -> dict[str, Any]:
    if isinstance(result, list):
        result = result[0] if len(result) == 1 else None
    if result is None or isinstance(result, str) or not columns:
        return {}
    return dict(result) if isinstance(result, asyncpg.Record) else {columns[0]: result}


async def record(wanted: dict[str, Any]) -> dict[str, Any]:
    """Two orders' statements, as a script."""
    async with running(application="perkhub bench") as servers:
        transport = httpx2.ASGITransport(app=build_app())
        async with httpx2.AsyncClient(transport=transport, base_url="http://bench", timeout=30) as client:
            orders = iter(wanted["orders"])
            for _ in range(WARMING):
                await _place(client, wanted["query"], next(orders))
            for _ in range(ATTEMPTS):
                pair = [await _recorded_order(client, wanted["query"], next(orders)) for _ in range(2)]
                first, second = [await described(servers.database_url, raw) for _, raw in pair]
                if [one.sql for one in first] == [one.sql for one in second]:
                    return {"script": script_of(first, second, order=pair[0][0], shop=wanted["shop"])}
    raise RuntimeError("two orders never ran the same statements")


async def _recorded_order(client: httpx2.AsyncClient, query: str, order: dict[str, Any]) -> tuple[dict[str, Any], list[Raw]]:
    with recorded() as kept:
        await _place(client, query, order)
    return order, kept


async def _place(client: httpx2.AsyncClient, query: str, order: dict[str, Any]) -> None:
    asked = {"query": query, "variables": order["variables"]}
    answer = (await client.post("/graphql", json=asked, headers={"authorization": f"Bearer {order['token']}"})).json()
    if answer.get("errors") or answer["data"]["orderPlace"]["errors"]:
        raise RuntimeError("the order to record was refused")


if __name__ == "__main__":
    json.dump(asyncio.run(record(json.load(sys.stdin))), sys.stdout)
