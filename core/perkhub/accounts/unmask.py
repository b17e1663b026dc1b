"""Reading what names a person in clear: by permission, for a reason, so often an hour, and never without a trace.

The log is append-only in the database itself. What looks like a contact in a reason is left out of it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.accounts.contacts import ContactKind, ContactPoint
from perkhub.accounts.identity import Identity, ensure_permission
from perkhub.accounts.permissions import Permission
from perkhub.accounts.personal import unseal_personal
from perkhub.accounts.profile import open_name
from perkhub.kit import db, rates
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.redaction import redact_text
from perkhub.kit.settings import settings
from perkhub.kit.texts import refuse_odd_text

REASON_LENGTH = 300

CONTACT = "SELECT id, party_id, kind, sealed FROM contact WHERE id = $1"
CONTACTS = "SELECT id, party_id, kind, sealed FROM contact WHERE party_id = $1 ORDER BY created_at, id"
NAME = "SELECT party_id, sealed_name FROM customer WHERE party_id = $1"
LOG = """
    INSERT INTO unmask_log (id, actor, purpose, contact_id, party_id, reason, at, correlation_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
READ_LOG = "SELECT id, actor, purpose, contact_id, party_id, reason, at, correlation_id FROM unmask_log"


@dataclass(frozen=True)
class InClear:
    """What names a customer. Its representation shows nothing of it."""

    party_id: UUID
    name: str | None = field(repr=False)
    contacts: tuple[ContactPoint, ...] = field(repr=False)


@dataclass(frozen=True)
class Unmasking:
    """A row of the log: who read what, of whom, why and when."""

    id: UUID
    actor: str
    purpose: str
    contact_id: UUID | None
    party_id: UUID
    reason: str
    at: datetime
    correlation_id: str


async def count_unmasking(identity: Identity) -> None:
    """Count one more reading in clear; before its transaction, so that one that is refused counts too.

    Raises:
        TooFast
    """
    await rates.take(f"unmask:{identity.actor}", limit=settings().unmaskings_per_hour, seconds=3600)


async def unmask_contact(tx: Transaction, identity: Identity, contact_id: UUID, *, reason: str) -> ContactPoint:
    """A contact in clear; who read it stands in the log from this commit on. One's own needs no permission.

    Raises:
        NotSignedIn, NotAllowed, NotFound, InvalidInput.
    """
    said = _checked(reason)
    found = await tx.row(CONTACT, contact_id)
    if found is None or found["party_id"] != identity.party_id:
        ensure_permission(identity, Permission.UNMASK_PERSONAL_DATA)
    if found is None:
        raise NotFound("contact", "联系方式", path=("contactId",))
    await _log(tx, identity, "contact", found["party_id"], said, contact=contact_id)
    return _open(found)


async def unmask_customer(tx: Transaction, identity: Identity, party_id: UUID, *, reason: str) -> InClear:
    """All that names a customer in clear; who read it stands in the log from this commit on.

    Raises:
        NotSignedIn, NotAllowed, NotFound, InvalidInput.
    """
    said = _checked(reason)
    ensure_permission(identity, Permission.UNMASK_PERSONAL_DATA)
    known = await in_clear(party_id)
    await _log(tx, identity, "customer", party_id, said)
    return known


async def log_export(tx: Transaction, identity: Identity, party_id: UUID, *, reason: str) -> None:
    """That all we hold of a person was handed out: to themselves, or to staff with the permission.

    Raises:
        NotSignedIn, NotAllowed, InvalidInput.
    """
    if identity.party_id == party_id:
        said = ""
    else:
        ensure_permission(identity, Permission.EXPORT_PERSONAL_DATA)
        said = _checked(reason)
    await _log(tx, identity, "export", party_id, said)


async def in_clear(party_id: UUID) -> InClear:
    """What names a customer, for themselves alone or after a trace was left; nothing is checked or logged here.

    Raises:
        NotFound
    """
    row = await db.row(NAME, party_id)
    if row is None:
        raise NotFound("customer", "客户", path=("customerId",))
    contacts = tuple(_open(contact) for contact in await db.rows(CONTACTS, party_id))
    return InClear(party_id, open_name(party_id, row["sealed_name"]), contacts)


async def list_unmaskings(
    *, limit: int, before: UUID | None = None, party: UUID | None = None, actor: str | None = None
) -> list[Unmasking]:
    """The log, newest first, from below the row `before` on; of one person, or by one reader."""
    asked: dict[str, object] = {}
    for condition, value in (("id < ${}", before), ("party_id = ${}", party), ("actor = ${}", actor)):
        if value is not None:
            asked[condition] = value
    conditions = [condition.format(place) for place, condition in enumerate(asked, start=2)]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await db.rows(f"{READ_LOG} {where} ORDER BY id DESC LIMIT $1", limit, *asked.values())
    return [Unmasking(**row) for row in rows]


async def _log(
    tx: Transaction, identity: Identity, purpose: str, party: UUID, reason: str, *, contact: UUID | None = None
) -> None:
    await tx.execute(LOG, new_id(), identity.actor, purpose, contact, party, reason, now(), correlation_id())
    tx.note_change("customer", party, hidden=("contact",))


def _checked(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise InvalidInput(path=("reason",), reason="Say why.", reason_zh="请填写原因。")
    refuse_odd_text(said, "reason", longest=REASON_LENGTH)
    return redact_text(said)[:REASON_LENGTH]


def _open(row: Row) -> ContactPoint:
    return ContactPoint(ContactKind(row["kind"]), unseal_personal(row["sealed"], ("contact", row["id"], "value")))
