"""Customer groups: named sets of customers and organisations that prices and channels can be meant for.

Whoever is asked for a party's groups answers by the moment: a membership that ran out, or a group that was archived,
counts for nothing at once, with no job to be waited for. Who is in a group is `customer_group_members`' business.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

import asyncpg

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_text

NAME_LENGTH = 80
DESCRIPTION_LENGTH = 300
REFERENCE_LENGTH = 120

ADD = """
    INSERT INTO customer_group (id, name, description, external_reference, version, created_at)
    VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT DO NOTHING
"""
NAME_TAKEN = "SELECT 1 FROM customer_group WHERE name = $1"
LOCK = """
    SELECT name, description, external_reference, version, archived_at IS NOT NULL AS archived
    FROM customer_group WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE customer_group SET name = $2, description = $3, external_reference = $4, version = version + 1 WHERE id = $1
"""
ARCHIVE = "UPDATE customer_group SET archived_at = $2, version = version + 1 WHERE id = $1 AND archived_at IS NULL"
REVIVE = "UPDATE customer_group SET archived_at = NULL, version = version + 1 WHERE id = $1 AND archived_at IS NOT NULL"
GROUPS = "SELECT id, name, description, external_reference, version, archived_at, created_at FROM customer_group"
OF_PARTIES = """
    SELECT m.party_id, m.group_id FROM customer_group_member m JOIN customer_group g ON g.id = m.group_id
    WHERE m.party_id = ANY($1) AND (m.until IS NULL OR m.until > $2) AND g.archived_at IS NULL
"""
# The same for one party, within the statement of whoever prices or lets in by groups; {party} is its id, {at} the moment.
GROUPS_OF_PARTY = """SELECT m.group_id FROM customer_group_member m JOIN customer_group g ON g.id = m.group_id
    WHERE m.party_id = {party} AND (m.until IS NULL OR m.until > {at}) AND g.archived_at IS NULL"""


@dataclass(frozen=True)
class CustomerGroupDraft:
    """What an operator says of a group."""

    name: str
    description: str = ""
    external_reference: str | None = None


class CustomerGroupChanges(TypedDict, total=False):
    """What shall be said otherwise of a group; all else stays."""

    name: str
    description: str
    external_reference: str | None


@dataclass(frozen=True)
class CustomerGroupRecord:
    """A customer group as it stands."""

    id: UUID
    name: str
    description: str
    external_reference: str | None
    version: int
    archived_at: datetime | None
    created_at: datetime


async def groups_of(party_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The groups each of these parties is in at this moment; one statement for all, and every party has an answer."""
    wanted = list(party_ids)
    found: dict[UUID, set[UUID]] = {party: set() for party in wanted}
    if wanted:
        for row in await db.rows(OF_PARTIES, wanted, now()):
            found[row["party_id"]].add(row["group_id"])
    return {party: frozenset(groups) for party, groups in found.items()}


async def create_customer_group(tx: Transaction, draft: CustomerGroupDraft) -> UUID:
    """A new group, without members.

    Raises:
        InvalidInput, AlreadyNamed.
    """
    checked = _checked(draft)
    group = new_id()
    if await tx.execute(ADD, group, checked.name, checked.description, checked.external_reference, now()) == 0:
        raise AlreadyNamed("name" if await tx.value(NAME_TAKEN, checked.name) else "externalReference")
    tx.note_change("customer_group", group, after=checked)
    return group


async def update_customer_group(tx: Transaction, group: UUID, changes: CustomerGroupChanges, *, expected_version: int) -> None:
    """Say something else of a group; its members stay.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    row = await _lock(tx, group, expected_version)
    before = CustomerGroupDraft(row["name"], row["description"], row["external_reference"])
    changed = _checked(replace(before, **changes))
    try:
        await tx.execute(CHANGE, group, changed.name, changed.description, changed.external_reference)
    except asyncpg.UniqueViolationError as taken:
        raise AlreadyNamed("name" if "name" in (taken.constraint_name or "") else "externalReference") from None
    tx.note_change("customer_group", group, before=before, after=changed)


async def archive_customer_group(tx: Transaction, group: UUID, *, expected_version: int, archived: bool = True) -> None:
    """Let a group count for nothing, or count again with the members it has.

    Raises:
        NotFound, VersionMoved.
    """
    row = await _lock(tx, group, expected_version)
    if archived:
        await tx.execute(ARCHIVE, group, now())
    else:
        await tx.execute(REVIVE, group)
    tx.note_change("customer_group", group, before={"archived": row["archived"]}, after={"archived": archived})


async def customer_groups_by_id(group_ids: Iterable[UUID]) -> dict[UUID, CustomerGroupRecord]:
    """The groups with these ids, archived ones too, in one statement."""
    rows = await db.rows(f"{GROUPS} WHERE id = ANY($1)", list(group_ids))
    return {row["id"]: CustomerGroupRecord(**row) for row in rows}


async def customer_group_by_reference(reference: str) -> CustomerGroupRecord | None:
    """The group that another system knows by this reference."""
    row = await db.row(f"{GROUPS} WHERE external_reference = $1", reference)
    return None if row is None else CustomerGroupRecord(**row)


async def list_customer_groups(
    *, limit: int, after: UUID | None = None, archived: bool | None = None
) -> list[CustomerGroupRecord]:
    """Groups, newest first, from below `after` on; `archived` asks for one kind alone."""
    rows = await db.rows(
        f"{GROUPS} WHERE ($2::uuid IS NULL OR id < $2) AND ($3::boolean IS NULL OR (archived_at IS NOT NULL) = $3) "
        "ORDER BY id DESC LIMIT $1",
        limit,
        after,
        archived,
    )
    return [CustomerGroupRecord(**row) for row in rows]


async def ensure_customer_groups(tx: Transaction, group_ids: Iterable[UUID], *path: str) -> None:
    """Go on if every one of these groups exists; prices and channels ask before they are meant for one.

    Raises:
        NotFound: with the path.
    """
    wanted = set(group_ids)
    if wanted and await tx.value("SELECT count(*) FROM customer_group WHERE id = ANY($1)", sorted(wanted)) != len(wanted):
        raise NotFound("customer group", "客户分组", path=path)


async def _lock(tx: Transaction, group: UUID, expected_version: int) -> Row:
    row = await tx.row(LOCK, group)
    if row is None:
        raise NotFound("customer group", "客户分组", path=("groupId",))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    return row


def _checked(draft: CustomerGroupDraft) -> CustomerGroupDraft:
    name, description = draft.name.strip(), draft.description.strip()
    reference = (draft.external_reference or "").strip() or None
    if not name:
        raise InvalidInput(path=("name",), reason="Give it a name.", reason_zh="请填写名称。")
    refuse_odd_text(name, "name", longest=NAME_LENGTH)
    refuse_odd_text(description, "description", longest=DESCRIPTION_LENGTH)
    if reference is not None:
        refuse_odd_text(reference, "externalReference", longest=REFERENCE_LENGTH)
    return CustomerGroupDraft(name, description, reference)
