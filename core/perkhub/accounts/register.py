"""Becoming a customer: a contact that was proved, perhaps a password. Also further contacts of the same customer."""

from uuid import UUID

from perkhub.accounts.attempts import count_attempt
from perkhub.accounts.codes import CodePurpose, ProvenCode, prove_code, spend_code
from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import ContactTaken
from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.locales import parse_locale
from perkhub.accounts.passwords import ensure_acceptable, hash_password
from perkhub.accounts.personal import index_of, seal_personal
from perkhub.accounts.sessions import SignedIn, open_session
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit
from perkhub.plugin.events import CustomerRegistered

CONTACTS_AT_MOST = 10

ADD_PARTY = "INSERT INTO party (id, kind, created_at) VALUES ($1, 'customer', $2)"
ADD_CUSTOMER = "INSERT INTO customer (party_id, locale, password_hash, version) VALUES ($1, $2, $3, 1)"
# Of two parties that claim one contact at once, the second waits for the first's commit and then inserts nothing.
ADD_CONTACT = """
    INSERT INTO contact (id, party_id, kind, sealed, blind_index, masked, verified_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (kind, blind_index) DO NOTHING
"""
# Locked first and counted then: a statement that has waited for a lock still counts what it saw before.
LOCK_CUSTOMER = """
    SELECT 1 FROM customer cu JOIN party p ON p.id = cu.party_id
    WHERE cu.party_id = $1 AND p.erased_at IS NULL FOR NO KEY UPDATE OF cu, p
"""


async def register_customer(
    contact: ContactPoint, code: str, *, password: str | None = None, locale: str = "zh-CN", source: str | None = None
) -> SignedIn:
    """Make a customer out of a contact and the code that was sent to it, and sign them in.

    Takes no transaction: a wrong guess stays counted, and hashing the password must not hold one open.

    Raises:
        CodeWrong, CodeExpired, PasswordTooWeak, TooFast.
        ContactTaken: told only now, after the code was right.
    """
    spoken = parse_locale(locale)
    if password is not None:
        ensure_acceptable(password, path=("password",))
    await count_attempt(contact, source)
    proven = await prove_code(contact, CodePurpose.VERIFY, code)
    password_hash = await hash_password(password) if password is not None else None
    return await transact(lambda tx: _register(tx, proven, password_hash=password_hash, locale=spoken))


async def create_customer(
    tx: Transaction, contact: ContactPoint | None, *, password_hash: str | None, locale: str = "zh-CN"
) -> UUID:
    """Record a customer whose contact counts as verified: by a code, by an import, by the demo shop. Their party's id.

    Without a contact only where somebody else vouches for who they are.

    Raises:
        ContactTaken
    """
    party_id = new_id()
    await tx.execute(ADD_PARTY, party_id, now())
    await tx.execute(ADD_CUSTOMER, party_id, locale, password_hash)
    if contact is not None:
        await record_contact(tx, party_id, contact)
    emit(tx, CustomerRegistered(party_id))
    return party_id


async def add_contact(party_id: UUID, contact: ContactPoint, code: str, *, source: str | None = None) -> UUID:
    """Give a customer one more contact, proved by the code that was sent to it. The contact's id.

    Takes no transaction, like `register_customer`.

    Raises:
        CodeWrong, CodeExpired, ContactTaken, TooFast.
    """
    await count_attempt(contact, source)
    proven = await prove_code(contact, CodePurpose.VERIFY, code)
    return await transact(lambda tx: _add(tx, party_id, proven))


async def _register(tx: Transaction, proven: ProvenCode, *, password_hash: str | None, locale: str) -> SignedIn:
    await spend_code(tx, proven)
    party_id = await create_customer(tx, proven.contact, password_hash=password_hash, locale=locale)
    return await open_session(tx, IdentityKind.CUSTOMER, party_id)


async def _add(tx: Transaction, party_id: UUID, proven: ProvenCode) -> UUID:
    await spend_code(tx, proven)
    if await tx.value(LOCK_CUSTOMER, party_id) is None:
        raise NotFound("customer", "客户")
    if await tx.value("SELECT count(*) FROM contact WHERE party_id = $1", party_id) >= CONTACTS_AT_MOST:
        raise InvalidInput(
            path=("contact",),
            reason=f"An account has at most {CONTACTS_AT_MOST} contacts.",
            reason_zh=f"每个账号最多 {CONTACTS_AT_MOST} 个联系方式。",
        )
    return await record_contact(tx, party_id, proven.contact)


async def record_contact(tx: Transaction, party_id: UUID, contact: ContactPoint) -> UUID:
    """Give a customer a contact that counts as verified. Its id.

    Raises:
        ContactTaken
    """
    contact_id = new_id()
    sealed = seal_personal(contact.value, ("contact", contact_id, "value"))
    added = await tx.execute(
        ADD_CONTACT, contact_id, party_id, str(contact.kind), sealed, index_of(contact), contact.masked, now()
    )
    if added == 0:
        raise ContactTaken(path=("contact",))
    return contact_id
