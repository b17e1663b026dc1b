"""Telling whoever watches a thing that it has changed, in whichever process they are. Best effort: they look again anyway."""

from contextlib import suppress
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.redis import REDIS_AWAY, redis_client


def wake_after_commit(tx: Transaction, kind: str, id: UUID) -> None:
    """Wake the watchers of `kind:<id>` once the change can be read."""

    async def tell() -> None:
        client = redis_client()
        if client is not None:
            with suppress(*REDIS_AWAY):
                await client.publish(f"{kind}:{id.hex}", b"")

    tx.after_commit(tell)
