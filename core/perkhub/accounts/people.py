"""Reading people: masked, and found by a contact without its being stored. What is read in clear is `unmask`'s business."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.accounts.contacts import ContactKind, ContactPoint
from perkhub.accounts.personal import index_of
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row

LARGEST_PAGE = 100

CUSTOMERS = """
    SELECT cu.party_id, cu.locale, cu.masked_name, cu.password_hash IS NOT NULL AS has_password, cu.blocked_at, p.created_at,
           p.erased_at
    FROM customer cu JOIN party p ON p.id = cu.party_id
"""
CONTACTS = """
    SELECT id, party_id, kind, masked, verified_at FROM contact WHERE party_id = ANY($1) ORDER BY party_id, created_at, id
"""
BY_CONTACT = """
    SELECT co.party_id FROM contact co JOIN customer cu ON cu.party_id = co.party_id
    WHERE co.kind = $1 AND co.blind_index = $2
"""


@dataclass(frozen=True)
class CustomerRecord:
    """A customer, without anything that names them."""

    party_id: UUID
    locale: str
    masked_name: str | None
    has_password: bool
    blocked_at: datetime | None
    created_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True)
class MaskedContact:
    """A contact as it may be shown."""

    id: UUID
    party_id: UUID
    kind: ContactKind
    masked: str
    verified_at: datetime | None


async def customers_by_id(party_ids: Iterable[UUID]) -> dict[UUID, CustomerRecord]:
    """The customers among these parties, in one statement."""
    found = await db.rows(f"{CUSTOMERS} WHERE cu.party_id = ANY($1)", list(party_ids))
    return {row["party_id"]: CustomerRecord(**row) for row in found}


@dataclass(frozen=True)
class CustomersAsked:
    """Which customers; what is None is not asked for. The time leaves out its end."""

    contact: ContactPoint | None = None
    group: UUID | None = None
    organisation: UUID | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    blocked: bool | None = None
    erased: bool | None = None


async def list_customers(
    asked: CustomersAsked | None = None, *, first: int = 50, after: UUID | None = None
) -> list[CustomerRecord]:
    """Customers, newest first, from below `after` on; at most a hundred at once."""
    values: list[object] = [min(max(first, 0), LARGEST_PAGE + 1)]

    def place(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = list(_conditions(asked or CustomersAsked(), place))
    if after is not None:
        conditions.append(f"cu.party_id < {place(after)}")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await db.rows(f"{CUSTOMERS} {where} ORDER BY cu.party_id DESC LIMIT $1", *values)
    return [CustomerRecord(**row) for row in rows]


def _conditions(asked: CustomersAsked, place: Callable[[object], str]) -> Iterator[str]:
    """Each is in the statement only where it was asked for, and each has an index: plans are made once, for any value."""
    if asked.contact is not None:
        kind, index = place(str(asked.contact.kind)), place(index_of(asked.contact))
        yield f"cu.party_id = (SELECT party_id FROM contact WHERE kind = {kind} AND blind_index = {index})"
    if asked.group is not None:
        group, at = place(asked.group), place(now())
        members = f"SELECT party_id FROM customer_group_member WHERE group_id = {group} AND (until IS NULL OR until > {at})"
        yield f"cu.party_id IN ({members})"
    if asked.organisation is not None:
        organisation = place(asked.organisation)
        yield f"cu.party_id IN (SELECT customer_id FROM organisation_member WHERE organisation_id = {organisation})"
    if asked.created_from is not None:
        yield f"p.created_at >= {place(asked.created_from)}"
    if asked.created_until is not None:
        yield f"p.created_at < {place(asked.created_until)}"
    if asked.blocked is not None:
        yield "cu.blocked_at IS NOT NULL" if asked.blocked else "cu.blocked_at IS NULL"
    if asked.erased is not None:
        yield "p.erased_at IS NOT NULL" if asked.erased else "p.erased_at IS NULL"


async def contacts_of(party_ids: Iterable[UUID]) -> dict[UUID, list[MaskedContact]]:
    """Every party's contacts, masked, in one statement; a party without any has an empty list."""
    wanted = list(party_ids)
    contacts: dict[UUID, list[MaskedContact]] = {party_id: [] for party_id in wanted}
    for row in await db.rows(CONTACTS, wanted):
        contacts[row["party_id"]].append(_masked(row))
    return contacts


async def find_customer(contact: ContactPoint) -> UUID | None:
    """Whose contact this is."""
    found: UUID | None = await db.value(BY_CONTACT, str(contact.kind), index_of(contact))
    return found


def _masked(row: Row) -> MaskedContact:
    return MaskedContact(row["id"], row["party_id"], ContactKind(row["kind"]), row["masked"], row["verified_at"])
