"""The same race between processes: what guards the stock is the database, nothing that a process remembers."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from typing import Any

from tests.factories import Shop
from tests.orders import desk

PROCESSES = 2


async def started(told: dict[str, Any]) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.concurrency.buying_process", stdin=PIPE, stdout=PIPE
    )
    await say(process, json.dumps(told))
    return process


async def say(process: Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()


async def hear(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_two_processes_and_thirty_codes(shop: Shop, database_url: str, redis_url: str):
    variant = await shop.variant(codes=30, quota=40, limit=1)
    buyers = await shop.customers(60, wallet="20.00")
    where = {"database_url": database_url, "redis_url": redis_url, "variant": str(variant.id)}
    # Some buyers try from every process: their limit must stop all but one.
    shares = [buyers[number::PROCESSES] + buyers[:5] for number in range(PROCESSES)]
    running = [await started({**where, "parties": [str(buyer.party_id) for buyer in share]}) for share in shares]
    try:
        assert [await hear(process) for process in running] == ["ready"] * PROCESSES
        for process in running:
            await say(process, "go")
        ended: Counter[str] = Counter()
        for process in running:
            ended.update(json.loads(await hear(process)))
            assert await process.wait() == 0
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()
    refused = ended["OutOfStock"] + ended["LimitReached"] + ended["InsufficientFunds"]
    assert (ended["Order"], refused) == (30, 60 + 5 * PROCESSES - 30)
    assert await desk.stock_of(variant) == (0, 0)
    assert await desk.taken_of(variant) == 30
    await desk.assert_clean()
