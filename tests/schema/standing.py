"""A house that stands for all tests of a module: what is refused must change nothing, so one house serves them all."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from perkhub.accounts import attempts
from perkhub.kit import db
from perkhub_schema.app import build_app
from tests.factories import Shop
from tests.fixtures.house import opened_house
from tests.fixtures.session_servers import SessionServers, flush, fresh_database
from tests.plugins.gateway import running_gateway
from tests.plugins.suppliers.vendors import running_vendor
from tests.schema.api import Api
from tests.schema.suppliers.inputs import FULU

# Nobody is turned away here for coming often.
GENEROUS = {
    "REQUESTS_PER_MINUTE": "10000000",
    "REVEALS_PER_MINUTE": "100000",
    "UNMASKINGS_PER_HOUR": "100000",
    "EXPORTS_PER_HOUR": "100000",
    "UNPAID_ORDERS_PER_BUYER": "1000",
}
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
# A row that is written gets another xmin: even what is written anew with the values it had is seen.
DIGEST = '(SELECT count(*) || \':\' || coalesce(sum(xmin::text::bigint), 0) FROM "{0}") AS "{0}"'

_statement: list[str] = []


@dataclass(frozen=True)
class Standing:
    """The house from outside."""

    app: ASGIApp
    api: Api
    database_url: str
    redis_url: str


@asynccontextmanager
async def standing_house(servers: SessionServers, redis_url: str) -> AsyncIterator[Standing]:
    """With a payment service, a supplier, a channel, and no limit on how often anybody asks."""
    with running_gateway() as gateway, running_vendor("fulu") as vendor, pytest.MonkeyPatch.context() as patch:
        FULU.update(vendor.settings)
        gateway.fault(no_callback=True)
        for name, value in gateway.settings.items():
            patch.setenv(f"PERKHUB_SANDBOX_GATEWAY_{name.upper()}", value)
        for name, value in GENEROUS.items():
            patch.setenv(f"PERKHUB_{name}", value)
        for name in ("PER_CONTACT", "PER_SOURCE"):
            patch.setattr(attempts, name, 10**7)
        flush(redis_url)
        async with fresh_database(servers) as url, opened_house(url, redis_url, patch):
            await Shop().channel()
            app = build_app()
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
            async with httpx2.AsyncClient(transport=transport, base_url="https://shop.example.com") as http:
                yield Standing(app, Api(http), url, redis_url)


async def contents() -> dict[str, str]:
    """Every table by its number of rows and a sum over their versions."""
    if not _statement:
        tables = [row["relname"] for row in await db.rows(TABLES)]
        _statement.append("SELECT " + ", ".join(DIGEST.format(table) for table in tables))
    row = await db.row(_statement[0])
    assert row is not None
    return dict(row)


def changed_tables(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Which of them are not as they were."""
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}


@asynccontextmanager
async def unchanged(whom: Any = "", *, besides: Collection[str] = ()) -> AsyncIterator[None]:
    """Whatever happens inside, every row of every table is afterwards as it was before."""
    before = await contents()
    yield
    assert changed_tables(before, await contents()) - set(besides) == set(), whom
