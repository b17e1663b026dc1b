"""Invitations: a token sent to a contact, that makes whoever owns the contact a member. It works once, and for a week.

What is kept of the token is its hash; sealed in full it waits for the notifier alone. Sent again it is another one, and
the one before is void. Nobody is sent more than a few, however many organisations invite them.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.accounts.codes import COOLDOWN
from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.locales import parse_locale
from perkhub.accounts.organisations.errors import (
    AlreadyMember,
    InvitationEnded,
    InvitationForAnother,
    InvitationSentTooOften,
)
from perkhub.accounts.organisations.members import ensure_right
from perkhub.accounts.organisations.roles import Right, Role, right_to_manage
from perkhub.accounts.organisations.set_up import ADD_MEMBER, lock_organisation
from perkhub.accounts.personal import index_of, seal_personal
from perkhub.kit import db, rates
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit
from perkhub.plugin.events import OrganisationInvitationIssued

LIFE = timedelta(days=7)
KEPT = timedelta(days=30)
SENT_AT_MOST = 5
OPEN_AT_MOST = 200  # of one organisation
WINDOW = timedelta(days=1)
PER_WINDOW = 10  # to one contact, by whatever organisation
GUESSES, GUESS_SECONDS = 20, 900
TOKEN_LENGTH = 43  # 32 random bytes in base64url

COLUMNS = "id, organisation_id, role, masked, sent_count, sent_at, expires_at, accepted_at, revoked_at, created_at"
OPEN = "accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2"
COUNT_OPEN = f"SELECT count(*) FROM organisation_invitation WHERE organisation_id = $1 AND {OPEN}"
# Whoever is invited again has one invitation: the older one is void.
REVOKE_SAME = """
    UPDATE organisation_invitation SET revoked_at = $2, sealed = NULL, sealed_token = NULL
    WHERE organisation_id = $1 AND contact_kind = $3 AND blind_index = $4 AND accepted_at IS NULL AND revoked_at IS NULL
"""
ADD = """
    INSERT INTO organisation_invitation (id, organisation_id, role, contact_kind, blind_index, sealed, masked, token_hash,
                                         sealed_token, locale, invited_by, sending_id, sent_count, sent_at, expires_at,
                                         created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $13)
"""
RECENT = """
    SELECT count(*) AS sent, min(created_at) AS first FROM organisation_invitation
    WHERE contact_kind = $1 AND blind_index = $2 AND created_at > $3
"""
FORGET = """
    DELETE FROM organisation_invitation
    WHERE id IN (SELECT id FROM organisation_invitation WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
"""
READ = f"SELECT {COLUMNS} FROM organisation_invitation WHERE id = $1"
RESEND = """
    UPDATE organisation_invitation
    SET token_hash = $2, sealed_token = $3, sending_id = $4, sent_count = sent_count + 1, sent_at = $5, expires_at = $6
    WHERE id = $1
"""
REVOKE = f"""
    UPDATE organisation_invitation SET revoked_at = $2, sealed = NULL, sealed_token = NULL WHERE id = $1 AND {OPEN}
"""
# The claim: of many who bring one token at once, the second waits for the first's commit and finds it used.
ACCEPT = f"""
    UPDATE organisation_invitation SET accepted_at = $2, sealed = NULL, sealed_token = NULL
    WHERE token_hash = $1 AND {OPEN} RETURNING id, organisation_id, role, contact_kind, blind_index, masked
"""
HAS_CONTACT = """
    SELECT 1 FROM contact co JOIN customer cu ON cu.party_id = co.party_id
    WHERE co.party_id = $1 AND co.kind = $2 AND co.blind_index = $3 AND co.verified_at IS NOT NULL AND cu.blocked_at IS NULL
"""
ACTIVE = "SELECT 1 FROM organisation WHERE id = $1 AND state = 'active' FOR SHARE"


@dataclass(frozen=True)
class Invitation:
    """An invitation, without the token; `masked` is where it was sent."""

    id: UUID
    organisation_id: UUID
    role: Role
    masked: str
    sent_count: int
    sent_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


async def invite_member(
    tx: Transaction,
    organisation: UUID,
    contact: ContactPoint,
    role: Role,
    *,
    by: UUID | None,
    actor: str,
    locale: str = "zh-CN",
) -> UUID:
    """Let a contact be sent an invitation. `by` is the member who invites; None on staff's word.

    Raises:
        NotFound, NotAllowed, InvalidInput.
        InvitationSentTooOften: this contact was sent too many today, by whomever.
    """
    spoken = parse_locale(locale)
    await lock_organisation(tx, organisation)
    if by is not None:
        (await ensure_right(tx, organisation, by, Right.MANAGE_MEMBERS)).ensure(right_to_manage(role))
    if await tx.value(COUNT_OPEN, organisation, now()) >= OPEN_AT_MOST:
        raise InvalidInput(
            path=("contact",),
            reason=f"{OPEN_AT_MOST} invitations are open already; take some back first.",
            reason_zh=f"未接受的邀请已达 {OPEN_AT_MOST} 个,请先撤回部分邀请。",
        )
    index = index_of(contact)
    await _ensure_not_too_many(tx, contact, index)
    await tx.execute(REVOKE_SAME, organisation, now(), str(contact.kind), index)
    invitation, sending, token = new_id(), new_id(), secrets.token_urlsafe(32)
    await tx.execute(
        ADD,
        invitation,
        organisation,
        str(role),
        str(contact.kind),
        index,
        seal_personal(contact.value, ("organisation_invitation", invitation, "contact")),
        contact.masked,
        _hash(token),
        seal_personal(token, ("organisation_invitation", invitation, "token")),
        spoken,
        actor,
        sending,
        now(),
        now() + LIFE,
    )
    emit(tx, OrganisationInvitationIssued(invitation, sending_id=sending))
    return invitation


async def resend_invitation(tx: Transaction, invitation: UUID, *, by: UUID) -> None:
    """Send another token to the same contact; the one before is void.

    Raises:
        NotFound, NotAllowed, InvitationEnded.
        InvitationSentTooOften: less than a minute ago. InvalidInput: as often as it may be.
    """
    known = await _manageable(tx, invitation, by)
    if known["sent_count"] >= SENT_AT_MOST:
        raise InvalidInput(
            path=("invitationId",),
            reason=f"It was sent {SENT_AT_MOST} times already; take it back and invite anew.",
            reason_zh=f"该邀请已发送 {SENT_AT_MOST} 次,请撤回后重新邀请。",
        )
    again = known["sent_at"] + COOLDOWN
    if again > now():
        raise InvitationSentTooOften(int((again - now()).total_seconds()) + 1, path=("invitationId",))
    token, sending = secrets.token_urlsafe(32), new_id()
    sealed = seal_personal(token, ("organisation_invitation", invitation, "token"))
    await tx.execute(RESEND, invitation, _hash(token), sealed, sending, now(), now() + LIFE)
    emit(tx, OrganisationInvitationIssued(invitation, sending_id=sending))


async def revoke_invitation(tx: Transaction, invitation: UUID, *, by: UUID) -> None:
    """Take an invitation back.

    Raises:
        NotFound, NotAllowed, InvitationEnded.
    """
    await _manageable(tx, invitation, by)
    await tx.execute(REVOKE, invitation, now())


async def accept_invitation(token: str, *, customer: UUID) -> UUID:
    """Become a member by a token that was sent to a contact of one's own. The organisation's id.

    Takes no transaction: a guess stays counted.

    Raises:
        InvitationEnded, InvitationForAnother, AlreadyMember.
        TooFast: too many tokens were tried.
    """
    await rates.take(f"invitation-accept:{customer}", limit=GUESSES, seconds=GUESS_SECONDS)
    return await transact(lambda tx: _accept(tx, token, customer))


async def forget_old_invitations(tx: Transaction, *, at_most: int = 1000) -> int:
    """Delete invitations that ended a month ago, whom they reached with them; how many went."""
    return await tx.execute(FORGET, now() - KEPT, at_most)


async def _accept(tx: Transaction, token: str, customer: UUID) -> UUID:
    claimed = None
    if len(token) == TOKEN_LENGTH and token.isascii():
        claimed = await tx.row(ACCEPT, _hash(token), now())
    if claimed is None or await tx.value(ACTIVE, claimed["organisation_id"]) is None:
        raise InvitationEnded(path=("token",))
    if await tx.value(HAS_CONTACT, customer, claimed["contact_kind"], claimed["blind_index"]) is None:
        raise InvitationForAnother(claimed["masked"])
    organisation: UUID = claimed["organisation_id"]
    if await tx.execute(ADD_MEMBER, new_id(), organisation, customer, claimed["role"], now()) == 0:
        raise AlreadyMember(path=("token",))
    return organisation


async def open_invitations(organisation: UUID, *, limit: int, after: UUID | None = None) -> list[Invitation]:
    """Invitations that can still be accepted, the latest first, from below `after` on."""
    start = "AND id < $4" if after is not None else "AND $4::uuid IS NULL"
    sql = f"SELECT {COLUMNS} FROM organisation_invitation WHERE organisation_id = $1 AND {OPEN} {start}"
    rows = await db.rows(f"{sql} ORDER BY id DESC LIMIT $3", organisation, now(), limit, after)
    return [_invitation(row) for row in rows]


async def invitation_by_id(invitation: UUID) -> Invitation | None:
    """The invitation with this id, however it ended."""
    row = await db.row(READ, invitation)
    return None if row is None else _invitation(row)


async def _manageable(tx: Transaction, invitation: UUID, by: UUID) -> Row:
    """The invitation, locked with all of the organisation, if `by` may manage it and it is still open."""
    found = await tx.row(READ, invitation)
    if found is None:
        raise _no_invitation()
    await lock_organisation(tx, found["organisation_id"])
    try:
        acting = await ensure_right(tx, found["organisation_id"], by, Right.MANAGE_MEMBERS)
    except NotFound:
        raise _no_invitation() from None
    acting.ensure(right_to_manage(Role(found["role"])))
    present = await tx.row(f"SELECT {COLUMNS} FROM organisation_invitation WHERE id = $1 AND {OPEN}", invitation, now())
    if present is None:
        raise InvitationEnded(path=("invitationId",))
    return present


async def _ensure_not_too_many(tx: Transaction, contact: ContactPoint, index: bytes) -> None:
    # One at a time for one contact, so that each sees the ones before it.
    await tx.advisory_lock(f"organisation_invitation:{contact.kind}:{index.hex()}")
    recent = await tx.row(RECENT, str(contact.kind), index, now() - WINDOW)
    assert recent is not None
    if recent["sent"] >= PER_WINDOW:
        again = recent["first"] + WINDOW - now()
        raise InvitationSentTooOften(int(again.total_seconds()) + 1, path=("contact",))


def _no_invitation() -> NotFound:
    return NotFound("invitation", "邀请", path=("invitationId",))


def _invitation(row: Row) -> Invitation:
    return Invitation(**{**row, "role": Role(row["role"])})


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
