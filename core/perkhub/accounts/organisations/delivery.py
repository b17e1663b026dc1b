"""Handing an invitation's token to whoever sends it: opened in memory, and gone from its row once sent."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.accounts.contacts import ContactKind, ContactPoint
from perkhub.accounts.personal import unseal_personal
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction

OPEN = """
    SELECT i.id, i.contact_kind, i.sealed, i.sealed_token, i.sending_id, i.locale, i.expires_at, o.name
    FROM organisation_invitation i JOIN organisation o ON o.id = i.organisation_id
    WHERE i.id = $1 AND i.sealed IS NOT NULL AND i.sealed_token IS NOT NULL
      AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2 AND o.state = 'active'
"""
# Only of this sending: a token that was made meanwhile still waits for its own.
FORGET = "UPDATE organisation_invitation SET sealed_token = NULL WHERE id = $1 AND sending_id = $2"


@dataclass(frozen=True)
class InvitationToDeliver:
    """An invitation on its way. Its representation shows neither the token nor where it goes."""

    invitation_id: UUID
    organisation: str
    contact: ContactPoint
    token: str = field(repr=False)
    sending_id: UUID
    locale: str
    expires_at: datetime


async def open_invitation_for_delivery(invitation: UUID) -> InvitationToDeliver | None:
    """The token and where it goes; None when nothing is to be sent: sent already, over, or taken back."""
    found = await db.row(OPEN, invitation, now())
    if found is None:
        return None
    value = unseal_personal(found["sealed"], ("organisation_invitation", invitation, "contact"))
    return InvitationToDeliver(
        invitation_id=invitation,
        organisation=found["name"],
        contact=ContactPoint(ContactKind(found["contact_kind"]), value),
        token=unseal_personal(found["sealed_token"], ("organisation_invitation", invitation, "token")),
        sending_id=found["sending_id"],
        locale=found["locale"],
        expires_at=found["expires_at"],
    )


async def forget_invitation_token(tx: Transaction, invitation: UUID, sending: UUID) -> None:
    """Keep of the token only its hash: it was sent, or will not be."""
    await tx.execute(FORGET, invitation, sending)
