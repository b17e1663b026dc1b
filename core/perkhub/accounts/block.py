"""Shutting a customer out, and letting them in again."""

from uuid import UUID

from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.sessions import revoke_sessions
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound

# Each tells what was before, for the activity log.
BLOCK = """
    WITH held AS (SELECT party_id, blocked_at FROM customer WHERE party_id = $1 FOR NO KEY UPDATE)
    UPDATE customer c SET blocked_at = coalesce(held.blocked_at, $2), version = c.version + 1
    FROM held WHERE c.party_id = held.party_id RETURNING held.blocked_at
"""
UNBLOCK = """
    WITH held AS (SELECT cu.party_id, cu.blocked_at FROM customer cu JOIN party p ON p.id = cu.party_id
                  WHERE cu.party_id = $1 AND p.erased_at IS NULL FOR NO KEY UPDATE OF cu, p)
    UPDATE customer c SET blocked_at = NULL, version = c.version + 1
    FROM held WHERE c.party_id = held.party_id RETURNING held.blocked_at
"""


async def block_customer(tx: Transaction, party_id: UUID) -> None:
    """End every session; access tokens already out last until they expire, but `ensure_not_blocked` stops them at money.

    Raises:
        NotFound
    """
    before = await tx.row(BLOCK, party_id, now())
    if before is None:
        raise NotFound("customer", "客户", path=("customerId",))
    await revoke_sessions(tx, IdentityKind.CUSTOMER, party_id)
    tx.note_change("customer", party_id, before={"blocked": before["blocked_at"] is not None}, after={"blocked": True})


async def unblock_customer(tx: Transaction, party_id: UUID) -> None:
    """Let them sign in again; who was erased has nothing left to sign in by.

    Raises:
        NotFound
    """
    before = await tx.row(UNBLOCK, party_id)
    if before is None:
        raise NotFound("customer", "客户", path=("customerId",))
    tx.note_change("customer", party_id, before={"blocked": before["blocked_at"] is not None}, after={"blocked": False})
