"""Signing staff in, and their own change of password. The rules are those of customers; the tables are not."""

from uuid import UUID

from perkhub.accounts.attempts import count_attempt, count_attempt_from
from perkhub.accounts.contacts import ContactKind, parse_contact
from perkhub.accounts.errors import SignInFailed
from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.passwords import ensure_acceptable, hash_password, needs_rehash, password_matches
from perkhub.accounts.personal import staff_index
from perkhub.accounts.sessions import SignedIn, open_session, revoke_sessions
from perkhub.kit import db, rates
from perkhub.kit.db import Row, Transaction, transact

GUESSES = 10
GUESS_SECONDS = 900

BY_EMAIL = "SELECT id, password_hash, version FROM staff WHERE blind_index = $1"
BY_ID = "SELECT id, password_hash, version FROM staff WHERE id = $1"
# The share lock makes a deactivation or a new password wait until the session stands, and then end it.
STILL_WELCOME = "SELECT 1 FROM staff WHERE id = $1 AND version = $2 AND active FOR SHARE"
REHASH = "UPDATE staff SET password_hash = $3 WHERE id = $1 AND password_hash = $2"
CHANGE = "UPDATE staff SET password_hash = $3, version = version + 1 WHERE id = $1 AND version = $2 AND active"


async def sign_in_staff(email: str, password: str, *, source: str | None = None) -> SignedIn:
    """Sign a member of staff in. Takes no transaction: hashing must not hold one open.

    Raises:
        SignInFailed: unknown, wrong or no longer active. InvalidInput, TooFast.
    """
    contact = parse_contact(ContactKind.EMAIL, email, path=("email",))
    await count_attempt(contact, source)
    found = await db.row(BY_EMAIL, staff_index(contact))
    if not await password_matches(password, found["password_hash"] if found is not None else None) or found is None:
        raise SignInFailed
    signed_in = await transact(lambda tx: _welcome(tx, found))
    if needs_rehash(found["password_hash"]):
        better = await hash_password(password)
        await transact(lambda tx: tx.execute(REHASH, found["id"], found["password_hash"], better))
    return signed_in


async def change_staff_password(staff_id: UUID, *, old: str, new: str, source: str | None = None) -> SignedIn:
    """Set one's own new password, end every session, and begin a new one.

    Raises:
        PasswordTooWeak, SignInFailed, TooFast.
    """
    ensure_acceptable(new, path=("new",))
    await count_attempt_from(source)
    await rates.take(f"change-password:{staff_id}", limit=GUESSES, seconds=GUESS_SECONDS)
    found = await db.row(BY_ID, staff_id)
    if not await password_matches(old, found["password_hash"] if found is not None else None) or found is None:
        raise SignInFailed(path=("old",))
    password_hash = await hash_password(new)
    return await transact(lambda tx: _change(tx, found, password_hash))


async def _welcome(tx: Transaction, found: Row) -> SignedIn:
    if await tx.value(STILL_WELCOME, found["id"], found["version"]) is None:
        raise SignInFailed
    return await open_session(tx, IdentityKind.STAFF, found["id"])


async def _change(tx: Transaction, found: Row, password_hash: str) -> SignedIn:
    if await tx.execute(CHANGE, found["id"], found["version"], password_hash) == 0:
        raise SignInFailed(path=("old",))
    await revoke_sessions(tx, IdentityKind.STAFF, found["id"])
    tx.note_change("staff", found["id"], hidden=("password",))
    return await open_session(tx, IdentityKind.STAFF, found["id"])
