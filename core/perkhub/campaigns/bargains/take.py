"""A bargain in an order's hands: taken with it at the price that was told, bought when it is paid, open again if it ends."""

from collections.abc import Collection, Sequence
from uuid import UUID

from perkhub.campaigns.bargains.errors import BargainOver
from perkhub.campaigns.bargains.sql import CONFIRM, GIVE_BACK, TAKE, TAKE_AGAIN
from perkhub.campaigns.bargains.tell import tell_after_commit
from perkhub.campaigns.parts import Part
from perkhub.kit.clock import now
from perkhub.kit.db import ClaimContended, Transaction


async def take_bargains(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID, paid: bool) -> None:
    """Take what these parts are priced by; nobody cuts it from here on.

    Raises:
        ClaimContended: it was cut, taken or is over since: the basket is priced again, and then it says which.
    """
    for part in parts:
        if (seen := part.bargain) is not None:
            if await tx.value(TAKE, seen.id, order, party, now(), seen.cuts, paid) is None:
                raise ClaimContended(BargainOver(path=part.path))
            tell_after_commit(tx, seen.id)


def confirm_bargains(tx: Transaction, order: UUID) -> None:
    """The order is paid: what it held is bought. Written with the transaction's other writes."""
    tx.later(CONFIRM, order)


async def give_back_bargains(tx: Transaction, order: UUID) -> None:
    """The order ended unpaid: its bargain goes on, as long as its time lasts."""
    for row in await tx.rows(GIVE_BACK, order, now()):
        tell_after_commit(tx, row["id"])


async def take_bargains_again(tx: Transaction, bargains: Collection[UUID], order: UUID) -> None:
    """Money came after all for an order that had ended: the bargain is bought at what the order says.

    Raises:
        BargainOver: another order has it by now.
    """
    taken = await tx.rows(TAKE_AGAIN, list(bargains), order)
    if len(taken) < len(bargains):
        raise BargainOver
    for row in taken:
        tell_after_commit(tx, row["id"])
