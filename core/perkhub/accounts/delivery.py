"""Handing a one-time code to whoever sends it: opened in memory, and gone from its row once sent."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.accounts.codes import CodePurpose
from perkhub.accounts.contacts import ContactKind, ContactPoint
from perkhub.accounts.personal import unseal_personal
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction

# A code to sign in or to reset goes only to a contact that has an account which may sign in. Deciding it here and not at
# the request makes every request alike, in its answer and in its time.
OPEN = """
    SELECT c.id, c.contact_kind, c.purpose, c.sealed_code, c.sealed_destination, c.locale, c.expires_at
    FROM one_time_code c
    WHERE c.id = $1 AND c.sealed_code IS NOT NULL AND c.sealed_destination IS NOT NULL
      AND c.consumed_at IS NULL AND c.expires_at > $2
      AND (c.purpose = 'verify' OR EXISTS (
          SELECT FROM contact co JOIN customer cu ON cu.party_id = co.party_id
          WHERE co.kind = c.contact_kind AND co.blind_index = c.blind_index
            AND co.verified_at IS NOT NULL AND cu.blocked_at IS NULL))
"""
FORGET_PLAIN = "UPDATE one_time_code SET sealed_code = NULL, sealed_destination = NULL WHERE id = $1"


@dataclass(frozen=True)
class CodeToDeliver:
    """A code on its way. Never stored, logged or queued: its representation shows neither code nor destination."""

    code_id: UUID
    purpose: CodePurpose
    contact: ContactPoint
    code: str = field(repr=False)
    locale: str
    expires_at: datetime


async def open_for_delivery(code_id: UUID) -> CodeToDeliver | None:
    """The code and where it goes; None when nothing is to be sent: sent already, too old, used, or to nobody we know."""
    found = await db.row(OPEN, code_id, now())
    if found is None:
        return None
    destination = unseal_personal(found["sealed_destination"], ("one_time_code", code_id, "destination"))
    return CodeToDeliver(
        code_id=code_id,
        purpose=CodePurpose(found["purpose"]),
        contact=ContactPoint(ContactKind(found["contact_kind"]), destination),
        code=unseal_personal(found["sealed_code"], ("one_time_code", code_id, "code")),
        locale=found["locale"],
        expires_at=found["expires_at"],
    )


async def forget_plain_code(tx: Transaction, code_id: UUID) -> None:
    """Keep of the code only what compares it: it was sent, or will not be."""
    await tx.execute(FORGET_PLAIN, code_id)
