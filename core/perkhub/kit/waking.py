"""Telling whoever watches a thing that it has changed, in whichever process they are. Best effort: they look again anyway."""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.redis import REDIS_AWAY, redis_client


def wake_after_commit(tx: Transaction, kind: str, id: UUID) -> None:
    """Wake the watchers of `kind:<id>` once the change can be read."""
    wake_many_after_commit(tx, [(kind, id)])


def wake_many_after_commit(tx: Transaction, changed: Collection[tuple[str, UUID]]) -> None:
    """Wake the watchers of all of these."""

    async def tell() -> None:
        client = redis_client()
        if client is None:
            return
        with suppress(*REDIS_AWAY):
            async with client.pipeline(transaction=False) as calls:
                for kind, id in changed:
                    calls.publish(f"{kind}:{id.hex}", b"")
                await calls.execute()

    if changed:
        tx.after_commit(tell)
