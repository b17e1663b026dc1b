"""A BEGIN that does not come through: its connection goes back to the pool, and nobody goes on in half a transaction."""

import asyncio

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper

from perkhub.kit import db
from perkhub.kit.db import transaction


async def one() -> None:
    async with transaction() as tx:
        assert await tx.value("SELECT 1") == 1


async def cut() -> None:
    async with transaction() as tx:
        await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await tx.execute("SELECT 1")


async def nobody_is_left_inside() -> None:
    """Whoever wants a connection gets one, and the server has heard that the others are gone."""
    inside = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    async with asyncio.timeout(10):
        await asyncio.gather(*(one() for _ in range(20)))
        while await db.value(inside):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("when", [0, 1, 2, 3, 5, 8])
async def test_whoever_gives_up_meanwhile_leaves_no_connection_behind(database: str, when: int):
    for _ in range(40):  # more than the pool has
        task = asyncio.ensure_future(one())
        for _ in range(when):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    await nobody_is_left_inside()


async def test_connections_that_were_cut_are_replaced(database: str):
    for _ in range(40):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await cut()
    await nobody_is_left_inside()


async def test_a_begin_that_fails_leaves_no_connection_behind(database: str, monkeypatch: pytest.MonkeyPatch):
    begin = TransactionWrapper.begin

    async def away(self: TransactionWrapper) -> None:
        await begin(self)
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(TransactionWrapper, "begin", away)
        for _ in range(40):
            with pytest.raises(ConnectionResetError):
                await one()
    await nobody_is_left_inside()
