"""Showing a code to its holder: the state moves, the custody log is written, and only then is the code unsealed."""

from uuid import UUID

from perkhub.accounts import ensure_not_blocked
from perkhub.entitlements.errors import EntitlementNotRevealable
from perkhub.entitlements.read import Entitlement, entitlement_from, entitlements_by_ids
from perkhub.entitlements.states import ENTITLEMENT, EntitlementState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotFound
from perkhub.kit.outbox import emit
from perkhub.plugin.events import EntitlementRevealed
from perkhub.vault import Credential, CustodyAction, SealedCode, read_sealed, record_custody, unseal_credentials

# Locked and checked in one statement, so that a refund cannot take the unit back between the check and the reveal.
SEEN_AGAIN = "SELECT id FROM entitlement WHERE id = $1 AND state = 'revealed' FOR SHARE"


async def reveal(party: UUID, entitlement: UUID, *, actor: str) -> tuple[Entitlement, list[Credential]]:
    """Show the credentials of one unit to its holder; every look is a row of the custody log.

    Raises:
        NotFound: no such unit, or another party's.
        EntitlementNotRevealable: nothing was issued, it was taken back or frozen, or its time is over.
        CustomerBlocked.
    """
    shown, sealed = await transact(lambda tx: _record_reveal(tx, party, entitlement, actor=actor))
    return shown, await unseal_credentials(sealed)


async def _record_reveal(tx: Transaction, party: UUID, entitlement: UUID, *, actor: str) -> tuple[Entitlement, SealedCode]:
    await ensure_not_blocked(party)
    moved = await ENTITLEMENT.move_many(
        tx, [entitlement], EntitlementState.REVEALED, event=None, origin=[EntitlementState.ISSUED], revealed_at=now()
    )
    if moved:
        shown = entitlement_from(moved[0])
        emit(tx, EntitlementRevealed(entitlement_id=entitlement))
    else:
        shown = await _seen_again(tx, party, entitlement)
    _refuse_stranger(party, shown)
    if shown.state is EntitlementState.EXPIRED:
        raise EntitlementNotRevealable(state=shown.state)
    assert shown.code_id is not None
    await record_custody(tx, CustodyAction.REVEALED, [(shown.code_id, entitlement)], actor=actor)
    return shown, (await read_sealed(tx, [shown.code_id]))[0]


def _refuse_stranger(party: UUID, unit: Entitlement | None) -> None:
    """Another party's unit and one that never was must not be told apart, in whatever state it is."""
    if unit is None or unit.party_id != party:
        raise NotFound("benefit", "权益", path=("entitlementId",))


async def _seen_again(tx: Transaction, party: UUID, entitlement: UUID) -> Entitlement:
    seen = await tx.value(SEEN_AGAIN, entitlement)
    found = await entitlements_by_ids([entitlement], tx=tx)
    _refuse_stranger(party, found[0] if found else None)
    if seen is None:
        raise EntitlementNotRevealable(state=found[0].state)
    return found[0]
