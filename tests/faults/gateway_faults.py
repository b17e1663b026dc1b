"""What goes wrong at the payment gateway meanwhile: other faults every few seconds, and none in the end."""

import asyncio
from random import Random
from typing import Any

import httpx2

EVERY_SECONDS = (1.0, 4.0)


async def misbehave(faults_url: str, rng: Random, over: asyncio.Event) -> None:
    """Switch faults until it is over. Late money is taken all the time, so that expired orders are paid for too."""
    async with httpx2.AsyncClient(timeout=30.0, trust_env=False) as http:
        while not over.is_set():
            (await http.put(faults_url, json=_some(rng))).raise_for_status()
            await asyncio.sleep(rng.uniform(*EVERY_SECONDS))
        (await http.put(faults_url, json={"late": True})).raise_for_status()


def _some(rng: Random) -> dict[str, Any]:
    return {
        "late": True,
        "duplicate_callbacks": rng.choice((0, 0, 1, 3)),
        "accept_then_drop": rng.choice((0, 0, 1, 2)),
        "drop_before_accept": rng.choice((0, 0, 0, 1)),
        "error_500_then_accepted": rng.choice((0, 0, 1)),
        "no_callback": rng.random() < 0.15,
        "forged_callback": rng.random() < 0.15,
        "lying_callback": rng.random() < 0.15,
        "refund_pending": rng.random() < 0.15,
        "slow_seconds": rng.choice((0, 0, 0, 0.05)),
    }
