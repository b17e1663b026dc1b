"""How the database is reached: by its address, with the settings that our statements ask for."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.exceptions import TransactionManagementError
from tortoise.transactions import in_transaction

APP = "perkhub"

Init = Callable[[asyncpg.Connection], Awaitable[None]]


def tortoise_config(
    url: str, *, models: Sequence[str], pool: int = 16, application: str = "perkhub", init: Init | None = None
) -> dict[str, Any]:
    """The ORM's configuration: one connection, one app, one migrations package; `init` is called with each connection."""
    credentials = {
        **parse_url(url),
        "minsize": min(2, pool),
        "maxsize": pool,
        "application_name": application,
        "reset": _no_reset,
        "command_timeout": 60,
        # Our statements are few, prepared once per connection, and wanted by index whatever the values: planning them
        # again for each call cost a third of the database's time. JIT only ever lost on statements this short.
        "server_settings": {"plan_cache_mode": "force_generic_plan", "jit": "off"},
        "statement_cache_size": 500,
        **({"init": init} if init is not None else {}),
    }
    return {
        "connections": {APP: {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {APP: {"models": list(models), "default_connection": APP, "migrations": "perkhub.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def parse_url(url: str) -> dict[str, Any]:
    """Connection keywords for asyncpg out of postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…"""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    keywords: dict[str, Any] = {
        "user": unquote(parts.username or "postgres"),
        "database": parts.path.lstrip("/") or "perkhub",
        "host": query.get("host") or parts.hostname or "localhost",
        "port": parts.port or int(query.get("port", 5432)),
    }
    if parts.password:
        keywords["password"] = unquote(parts.password)
    if query.get("sslmode", "disable") != "disable":
        keywords["ssl"] = query["sslmode"]
    return keywords


async def _no_reset(connection: asyncpg.Connection) -> None:
    """Nothing to reset: no code leaves session state, and the stock reset costs a round trip per checkout."""


async def begin_transaction(opened: AsyncExitStack) -> TransactionWrapper:
    """Begin a transaction of the ORM's, or a savepoint inside one; it ends with the stack."""
    context = in_transaction()
    try:
        return cast("TransactionWrapper", await opened.enter_async_context(context))
    except BaseException:
        # Tortoise keeps the connection of a BEGIN that did not come through, and goes on believing in it. Whether the server
        # has heard it nobody knows.
        if isinstance(context, TransactionContextPooled) and hasattr(context, "token"):
            context.client._connection.terminate()
            await context.__aexit__(TransactionManagementError, None, None)
        raise
