"""Sessions: a sign-in, and the chain of refresh tokens that keeps it alive. Each token is exchanged once.

A token that comes a second time was stolen from its owner, or from the thief: the whole session ends.

But a page that is loaded again while its token is being exchanged sends that token twice, and has done nothing wrong. So for
`GRACE` after the exchange the browser that made it gets one more token: a new one, for nothing that is kept tells the first.
A thief gains no more by it than one turn, because the first of such siblings to be exchanged uses all of them up: whoever
comes with another of them, when the grace is over, ends the session as ever.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.accounts.errors import SessionEnded, TokenReused
from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.tokens import issue_access_token
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.errors import TooFast
from perkhub.kit.ids import new_id
from perkhub.kit.settings import settings

KEPT = timedelta(days=7)
TOKEN_LENGTH = 43  # 32 random bytes in base64url

GRACE = timedelta(seconds=10)
SIBLINGS = 20  # unused at a time: a page that is loaded again and again, and no more

# The reason why two exchanges with tokens of one session never both go by what stood before: the second waits here.
LOCK_SESSION = """
    SELECT s.id, s.subject_kind, s.subject_id, s.exchanged_by, s.revoked_at IS NOT NULL AS revoked FROM sign_in_session s
    WHERE s.id = (SELECT t.session_id FROM refresh_token t WHERE t.token_hash = $1)
    FOR NO KEY UPDATE
"""
STANDING = "SELECT used_at, expires_at FROM refresh_token WHERE token_hash = $1"
USE_UP = "UPDATE refresh_token SET used_at = $2 WHERE session_id = $1 AND used_at IS NULL"
COUNT_UNUSED = "SELECT count(*) FROM refresh_token WHERE session_id = $1 AND used_at IS NULL"
NOTE_BROWSER = "UPDATE sign_in_session SET exchanged_by = $2 WHERE id = $1"
REVOKE = "UPDATE sign_in_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL"
OPEN = "INSERT INTO sign_in_session (id, subject_kind, subject_id, created_at) VALUES ($1, $2, $3, $4)"
ADD = "INSERT INTO refresh_token (id, session_id, token_hash, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)"
REVOKE_ALL = """
    UPDATE sign_in_session SET revoked_at = $3 WHERE subject_id = $1 AND subject_kind = $2 AND revoked_at IS NULL
"""
FORGET = """
    DELETE FROM refresh_token WHERE id IN (SELECT id FROM refresh_token WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
    RETURNING session_id
"""
FORGET_EMPTY = """
    DELETE FROM sign_in_session s
    WHERE s.id = ANY($1) AND NOT EXISTS (SELECT FROM refresh_token t WHERE t.session_id = s.id)
"""


@dataclass(frozen=True)
class SignedIn:
    """What a client keeps after signing in. The tokens stay out of representations, and so out of logs."""

    subject_kind: IdentityKind
    subject_id: UUID
    session_id: UUID
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime

    @property
    def identity(self) -> Identity:
        """Who signed in; for staff without their permissions, which `identify` reads."""
        party = self.subject_id if self.subject_kind is IdentityKind.CUSTOMER else None
        return Identity(self.subject_kind, id=self.subject_id, party_id=party, session_id=self.session_id)


async def open_session(tx: Transaction, kind: IdentityKind, subject: UUID) -> SignedIn:
    """Begin a session. The caller holds a share lock on the subject's row, so that no block or deactivation slips between."""
    session_id = new_id()
    await tx.execute(OPEN, session_id, str(kind), subject, now())
    return await _hand_out(tx, kind, subject, session_id)


async def refresh_session(token: str, *, browser: str | None = None) -> SignedIn:
    """Trade a refresh token for a new pair. Takes no transaction: the revocation after a reuse must outlive the refusal.

    `browser` is a secret that one browser keeps and sends along; without it there is no grace.

    Raises:
        SessionEnded: unknown, expired or revoked.
        TokenReused: it was exchanged before; the session is revoked now.
        TooFast: the same browser came again too often within the grace.
    """
    db.ensure_no_transaction()
    if len(token) != TOKEN_LENGTH or not token.isascii():
        raise SessionEnded
    outcome = await transact(lambda tx: _refresh(tx, _hash(token), _hash(browser) if browser else None))
    if isinstance(outcome, SessionEnded):
        raise outcome
    return outcome


async def sign_out(tx: Transaction, identity: Identity) -> None:
    """End this session: none of its refresh tokens works any more."""
    await tx.execute(REVOKE, identity.session_id, now())


async def revoke_sessions(tx: Transaction, kind: IdentityKind, subject: UUID) -> int:
    """End every session of this subject; how many there were."""
    return await tx.execute(REVOKE_ALL, subject, str(kind), now())


async def forget_old_sessions(tx: Transaction, *, at_most: int = 1000) -> int:
    """Delete refresh tokens that expired a week ago, and sessions left without any; how many tokens went."""
    gone = await tx.rows(FORGET, now() - KEPT, at_most)
    await tx.execute(FORGET_EMPTY, sorted({row["session_id"] for row in gone}))
    return len(gone)


async def _refresh(tx: Transaction, token: bytes, browser: bytes | None) -> SignedIn | SessionEnded:
    """Refusals are returned, not raised: raising would roll the revocation back."""
    session = await tx.row(LOCK_SESSION, token)
    # Only now: read with the lock it would be as it stood before the wait.
    known = await tx.row(STANDING, token)
    if session is None or known is None:
        return SessionEnded()
    over = session["revoked"] or known["expires_at"] <= now()
    if known["used_at"] is None:
        return SessionEnded() if over else await _exchange(tx, session, browser)
    if not over and browser == session["exchanged_by"] is not None and known["used_at"] > now() - GRACE:
        return await _exchange_again(tx, session)
    await tx.execute(REVOKE, session["id"], now())
    return TokenReused()


async def _exchange(tx: Transaction, session: Row, browser: bytes | None) -> SignedIn:
    await tx.execute(USE_UP, session["id"], now())
    await tx.execute(NOTE_BROWSER, session["id"], browser)
    return await _next(tx, session)


async def _exchange_again(tx: Transaction, session: Row) -> SignedIn:
    if await tx.value(COUNT_UNUSED, session["id"]) >= SIBLINGS:
        raise TooFast(retry_after=int(GRACE.total_seconds()))
    return await _next(tx, session)


async def _next(tx: Transaction, session: Row) -> SignedIn:
    return await _hand_out(tx, IdentityKind(session["subject_kind"]), session["subject_id"], session["id"])


async def _hand_out(tx: Transaction, kind: IdentityKind, subject: UUID, session_id: UUID) -> SignedIn:
    refresh_token = secrets.token_urlsafe(32)
    expires = now() + timedelta(days=settings().refresh_token_days)
    await tx.execute(ADD, new_id(), session_id, _hash(refresh_token), expires, now())
    access_token, access_expires = issue_access_token(kind, subject, session_id=session_id)
    return SignedIn(kind, subject, session_id, access_token, access_expires, refresh_token, expires)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
