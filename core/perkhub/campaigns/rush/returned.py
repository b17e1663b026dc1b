"""What was sold out and is back: a hold that nobody paid, a refund, an operator's change. Whoever comes next is let in."""

from collections.abc import Iterable
from uuid import UUID

from perkhub.campaigns.rush.doors import forget_gone
from perkhub.campaigns.rush.sold_out import forget_sold_out
from perkhub.kit.db import Transaction


def open_after_commit(tx: Transaction, campaigns: Iterable[UUID]) -> None:
    """Let nothing of these count as sold out any more once the change can be read: here at once, and in every other process
    when it looks again."""
    back = frozenset(campaigns)

    async def forget() -> None:
        for campaign in back:
            forget_sold_out(campaign)
            await forget_gone(campaign)

    tx.after_commit(forget)
