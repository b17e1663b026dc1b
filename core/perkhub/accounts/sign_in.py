"""Signing a customer in, by password or by one-time code. Whatever is wrong, the answer is the same and takes as long."""

from uuid import UUID

from perkhub.accounts.attempts import count_attempt
from perkhub.accounts.codes import CodePurpose, ProvenCode, prove_code, spend_code
from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import CustomerBlocked, SignInFailed
from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.passwords import hash_password, needs_rehash, password_matches
from perkhub.accounts.personal import index_of
from perkhub.accounts.sessions import SignedIn, open_session
from perkhub.kit import db
from perkhub.kit.claims import Claim, Granted
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.ids import new_id

BY_CONTACT = """
    SELECT cu.party_id, cu.password_hash, cu.version FROM contact co JOIN customer cu ON cu.party_id = co.party_id
    WHERE co.kind = $1 AND co.blind_index = $2 AND co.verified_at IS NOT NULL
"""
# The share lock makes a block or a new password wait until the session stands, and then end it.
STILL_WELCOME = "SELECT 1 FROM customer WHERE party_id = $1 AND version = $2 AND blocked_at IS NULL FOR SHARE"
WELCOME_BY_CONTACT = f"{BY_CONTACT} AND cu.blocked_at IS NULL FOR SHARE OF cu"
BLOCKED = """
    SELECT EXISTS (SELECT FROM customer WHERE party_id = $1 AND blocked_at IS NOT NULL)
        OR EXISTS (SELECT FROM organisation WHERE id = $1 AND state <> 'active')
"""
# The same for who claims more in one statement.
WELCOME = """
    welcome AS (
        SELECT w.key FROM (SELECT $2::uuid AS key) AS w
        WHERE NOT EXISTS (SELECT FROM customer WHERE party_id = $1::uuid AND blocked_at IS NOT NULL)
          AND NOT EXISTS (SELECT FROM organisation WHERE id = $1::uuid AND state <> 'active')
    )
"""
IS_WELCOME = "SELECT w.key, true FROM welcome w"
# Whichever of the two the party is; the share lock makes a block that comes meanwhile wait.
LOCK_CUSTOMER = "SELECT blocked_at IS NOT NULL FROM customer WHERE party_id = $1 FOR SHARE"
LOCK_ORGANISATION = "SELECT state <> 'active' FROM organisation WHERE id = $1 FOR SHARE"
REHASH = "UPDATE customer SET password_hash = $3 WHERE party_id = $1 AND password_hash = $2"


async def sign_in_with_password(contact: ContactPoint, password: str, *, source: str | None = None) -> SignedIn:
    """Sign in by password. Takes no transaction: hashing must not hold one open.

    Raises:
        SignInFailed, TooFast.
    """
    await count_attempt(contact, source)
    found = await db.row(BY_CONTACT, str(contact.kind), index_of(contact))
    if not await password_matches(password, found["password_hash"] if found is not None else None) or found is None:
        raise SignInFailed
    signed_in = await transact(lambda tx: _welcome(tx, found))
    if needs_rehash(found["password_hash"]):
        better = await hash_password(password)
        await transact(lambda tx: tx.execute(REHASH, found["party_id"], found["password_hash"], better))
    return signed_in


async def sign_in_with_code(contact: ContactPoint, code: str, *, source: str | None = None) -> SignedIn:
    """Sign in by a one-time code asked for with this purpose. Takes no transaction: a wrong guess stays counted.

    Raises:
        CodeWrong, CodeExpired, SignInFailed, TooFast.
    """
    await count_attempt(contact, source)
    proven = await prove_code(contact, CodePurpose.SIGN_IN, code)
    return await transact(lambda tx: _welcome_by_code(tx, proven))


async def ensure_not_blocked(party_id: UUID) -> None:
    """A customer who was blocked, or an organisation that is not active: asked before money moves or a code is shown.

    One indexed read, inside the caller's transaction where one is open.

    Raises:
        CustomerBlocked
    """
    if await db.value(BLOCKED, party_id):
        raise CustomerBlocked


def not_blocked(party_id: UUID) -> Claim:
    """The same look, for who claims in one statement what an order needs; refused with CustomerBlocked."""
    asked = new_id()

    async def settle(_: Transaction, granted: Granted) -> None:
        if asked not in granted:
            raise CustomerBlocked

    return Claim(WELCOME, IS_WELCOME, (party_id, asked), 1, settle)


async def is_blocked(tx: Transaction, party_id: UUID) -> bool:
    """The same as an answer, which holds until the transaction ends: a block that comes meanwhile waits for it."""
    blocked = await tx.value(LOCK_CUSTOMER, party_id)
    return bool(await tx.value(LOCK_ORGANISATION, party_id) if blocked is None else blocked)


async def _welcome(tx: Transaction, found: Row) -> SignedIn:
    if await tx.value(STILL_WELCOME, found["party_id"], found["version"]) is None:
        raise SignInFailed
    return await open_session(tx, IdentityKind.CUSTOMER, found["party_id"])


async def _welcome_by_code(tx: Transaction, proven: ProvenCode) -> SignedIn:
    await spend_code(tx, proven)
    found = await tx.row(WELCOME_BY_CONTACT, str(proven.contact.kind), index_of(proven.contact))
    if found is None:
        raise SignInFailed
    return await open_session(tx, IdentityKind.CUSTOMER, found["party_id"])
