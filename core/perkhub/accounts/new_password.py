"""A customer's new password: after a one-time code, or after the old one. Either ends the sessions that stood before."""

from uuid import UUID

from perkhub.accounts.attempts import count_attempt, count_attempt_from
from perkhub.accounts.codes import CodePurpose, ProvenCode, prove_code, spend_code
from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import SignInFailed
from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.passwords import ensure_acceptable, hash_password, password_matches
from perkhub.accounts.personal import index_of
from perkhub.accounts.sessions import SignedIn, open_session, revoke_sessions
from perkhub.kit import db, rates
from perkhub.kit.db import Transaction, transact

GUESSES = 10
GUESS_SECONDS = 900

RESET = """
    UPDATE customer cu SET password_hash = $3, version = cu.version + 1 FROM contact co
    WHERE co.kind = $1 AND co.blind_index = $2 AND co.verified_at IS NOT NULL
      AND cu.party_id = co.party_id AND cu.blocked_at IS NULL
    RETURNING cu.party_id
"""
STORED = "SELECT password_hash, version FROM customer WHERE party_id = $1 AND blocked_at IS NULL"
# The version is the one at which the old password was checked: of two changes at once, one wins.
CHANGE = """
    UPDATE customer SET password_hash = $3, version = version + 1
    WHERE party_id = $1 AND version = $2 AND blocked_at IS NULL RETURNING party_id
"""


async def reset_password(contact: ContactPoint, code: str, password: str, *, source: str | None = None) -> SignedIn:
    """Set a new password by a one-time code, end every session, and begin a new one.

    Takes no transaction: a wrong guess stays counted, and hashing must not hold one open.

    Raises:
        CodeWrong, CodeExpired, PasswordTooWeak, SignInFailed, TooFast.
    """
    ensure_acceptable(password, path=("password",))
    await count_attempt(contact, source)
    proven = await prove_code(contact, CodePurpose.RESET, code)
    password_hash = await hash_password(password)
    return await transact(lambda tx: _reset(tx, proven, password_hash))


async def change_password(party_id: UUID, *, old: str, new: str, source: str | None = None) -> SignedIn:
    """Set a new password by the old one, end every session, and begin a new one. Without an old one, `reset_password`.

    Raises:
        PasswordTooWeak, SignInFailed, TooFast.
    """
    ensure_acceptable(new, path=("new",))
    await count_attempt_from(source)
    await rates.take(f"change-password:{party_id}", limit=GUESSES, seconds=GUESS_SECONDS)
    stored = await db.row(STORED, party_id)
    if not await password_matches(old, stored["password_hash"] if stored is not None else None) or stored is None:
        raise SignInFailed(path=("old",))
    password_hash = await hash_password(new)
    return await transact(lambda tx: _change(tx, party_id, version=stored["version"], password_hash=password_hash))


async def _reset(tx: Transaction, proven: ProvenCode, password_hash: str) -> SignedIn:
    await spend_code(tx, proven)
    party_id = await tx.value(RESET, str(proven.contact.kind), index_of(proven.contact), password_hash)
    if party_id is None:
        raise SignInFailed
    return await _begin_afresh(tx, party_id)


async def _change(tx: Transaction, party_id: UUID, *, version: int, password_hash: str) -> SignedIn:
    if await tx.value(CHANGE, party_id, version, password_hash) is None:
        raise SignInFailed(path=("old",))
    return await _begin_afresh(tx, party_id)


async def _begin_afresh(tx: Transaction, party_id: UUID) -> SignedIn:
    await revoke_sessions(tx, IdentityKind.CUSTOMER, party_id)
    return await open_session(tx, IdentityKind.CUSTOMER, party_id)
