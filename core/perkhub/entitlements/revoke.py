"""Taking units back: what was never seen, and, for operators, what was."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.entitlements.errors import EntitlementAlreadySeen
from perkhub.entitlements.read import Entitlement, entitlement_from
from perkhub.entitlements.states import ENTITLEMENT, EntitlementState
from perkhub.kit.db import Transaction
from perkhub.kit.outbox import emit
from perkhub.plugin.events import EntitlementsRevoked

UNSEEN = (EntitlementState.ISSUED,)
SEEN = (EntitlementState.ISSUED, EntitlementState.REVEALED, EntitlementState.DELIVERED, EntitlementState.FROZEN)


async def revoke(
    tx: Transaction, units: Sequence[UUID], *, even_if_seen: bool = False, even_if_over: bool = False
) -> list[Entitlement]:
    """Take all of these units back, or none.

    Returns them as they stood, so that the caller can return or burn each code; `revealed_at` tells which.

    Raises:
        EntitlementAlreadySeen: one of them was shown (or taken back) and the caller may not overrule that.
    """
    origin = [*(SEEN if even_if_seen else UNSEEN), *([EntitlementState.EXPIRED] if even_if_over else [])]
    moved = await ENTITLEMENT.move_many(tx, units, EntitlementState.REVOKED, event=None, origin=origin)
    if len(moved) != len(set(units)):
        raise EntitlementAlreadySeen
    # The unit lets go of its code, which may be sold again; the custody log keeps who had it.
    await tx.execute("UPDATE entitlement SET code_id = NULL WHERE id = ANY($1)", list(units))
    emit(tx, EntitlementsRevoked(entitlement_ids=tuple(sorted(units))))
    return [entitlement_from(row) for row in moved]
