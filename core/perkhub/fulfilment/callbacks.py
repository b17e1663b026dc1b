"""A supplier called back: kept sealed, and whatever it is about is looked up. By itself it changes nothing."""

from collections.abc import Mapping
from uuid import UUID

from perkhub.fulfilment.look import look_soon
from perkhub.kit.db import Transaction, transact
from perkhub.plugin.supplier import CallbackAnswer
from perkhub.suppliers import keep_callback, read_callback, sync_soon


async def receive_supplier_callback(
    account: UUID, headers: Mapping[str, str], query: Mapping[str, str], body: bytes
) -> CallbackAnswer:
    """Check it, keep it, and accept the look; the answer is the supplier's own text, whether or not it was news.

    Raises:
        NotFound: no such account, or its supplier never calls.
        CallbackForged: nothing is kept.
    """
    hint = await read_callback(account, headers, query, body)
    if hint.order is None and not hint.catalog:
        # Genuine, and about nothing of ours: there is nothing to look up.
        return hint.answer

    async def keep(tx: Transaction) -> None:
        if not await keep_callback(tx, hint, body):
            return
        if hint.order is not None:
            look_soon(tx, hint.order)
        else:
            await sync_soon(tx, hint.account.id)

    await transact(keep)
    return hint.answer
