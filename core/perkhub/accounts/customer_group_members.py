"""Who is in a customer group: added and removed many at a time, found by id, e-mail or phone, each answered for itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.parties import PartyKind, PartyRef
from perkhub.accounts.personal import index_of
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id

MEMBERS_AT_ONCE = 1000

BY_CONTACT = """
    SELECT w.position, co.party_id
    FROM unnest($1::int[], $2::text[], $3::bytea[]) AS w(position, kind, blind_index)
    JOIN contact co ON co.kind = w.kind AND co.blind_index = w.blind_index
"""
# Shared: whoever is being erased at this moment is in no group afterwards.
EXISTING = "SELECT id, kind FROM party WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id FOR SHARE"
# Share: a group that is being changed is waited for, and two who add members at once do not wait for each other.
LOCK = "SELECT 1 FROM customer_group WHERE id = $1 FOR KEY SHARE"
# In one order by all, or two who add the same people at once could wait for each other in a circle.
ADD = """
    INSERT INTO customer_group_member (id, party_id, group_id, until, added_by, added_at)
    SELECT m.id, m.party_id, $3, $4, $5, $6 FROM unnest($1::uuid[], $2::uuid[]) AS m(id, party_id) ORDER BY m.party_id
    ON CONFLICT (party_id, group_id) DO UPDATE SET until = excluded.until
"""
REMOVE = "DELETE FROM customer_group_member WHERE group_id = $1 AND party_id = ANY($2)"
MEMBERS = """
    SELECT m.id, m.party_id, p.kind AS party_kind, m.until, m.added_by, m.added_at
    FROM customer_group_member m JOIN party p ON p.id = m.party_id
    WHERE m.group_id = $1 AND (m.until IS NULL OR m.until > $3)
"""
COUNTS = """
    SELECT group_id, count(*) AS members FROM customer_group_member
    WHERE group_id = ANY($1) AND (until IS NULL OR until > $2) GROUP BY group_id
"""

# A party by its id, or whoever has this contact.
MemberKey: TypeAlias = UUID | ContactPoint


@dataclass(frozen=True)
class CustomerGroupMembership:
    """That a party is in a group; `id` is the membership's own, and sorts by when it began."""

    id: UUID
    party: PartyRef
    until: datetime | None
    added_by: str
    added_at: datetime


async def add_group_members(
    tx: Transaction,
    group: UUID,
    members: Sequence[MemberKey],
    *,
    until: datetime | None = None,
    actor: str,
    skip_unknown: bool = False,
) -> list[PartyRef | None]:
    """Put parties into a group, for ever or until a moment; who is in it already gets the new end. Their parties, in order.

    None stands for an entry that is nobody's; with `skip_unknown` the others are added all the same.

    Raises:
        InvalidInput, NotFound.
    """
    if until is not None and until <= now():
        raise InvalidInput(path=("until",), reason="Give a moment that is yet to come.", reason_zh="请提供将来的时间。")
    found = await _found(tx, group, members, skip_unknown=skip_unknown)
    parties = sorted({party.id for party in found if party is not None})
    await tx.execute(ADD, [new_id() for _ in parties], parties, group, until, actor, now())
    tx.note_change("customer_group", group, after={"members_added": parties, "until": until})
    return found


async def remove_group_members(
    tx: Transaction, group: UUID, members: Sequence[MemberKey], *, skip_unknown: bool = False
) -> list[PartyRef | None]:
    """Take parties out of a group; who was not in it stays out. Their parties, in order, as for adding.

    Raises:
        InvalidInput, NotFound.
    """
    found = await _found(tx, group, members, skip_unknown=skip_unknown)
    parties = sorted({party.id for party in found if party is not None})
    await tx.execute(REMOVE, group, parties)
    tx.note_change("customer_group", group, after={"members_removed": parties})
    return found


async def members_of_group(group: UUID, *, limit: int, before: UUID | None = None) -> list[CustomerGroupMembership]:
    """Who is in a group now, the latest first, from below the membership `before` on."""
    start = "AND m.id < $4" if before is not None else "AND $4::uuid IS NULL"
    rows = await db.rows(f"{MEMBERS} {start} ORDER BY m.id DESC LIMIT $2", group, limit, now(), before)
    return [
        CustomerGroupMembership(
            row["id"], PartyRef(row["party_id"], PartyKind(row["party_kind"])), row["until"], row["added_by"], row["added_at"]
        )
        for row in rows
    ]


async def count_group_members(group_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many are in each of these groups now, in one statement."""
    wanted = list(group_ids)
    counts = dict.fromkeys(wanted, 0)
    for row in await db.rows(COUNTS, wanted, now()):
        counts[row["group_id"]] = row["members"]
    return counts


async def _found(tx: Transaction, group: UUID, members: Sequence[MemberKey], *, skip_unknown: bool) -> list[PartyRef | None]:
    """The party of each entry; two statements however many there are."""
    if not 0 < len(members) <= MEMBERS_AT_ONCE:
        raise InvalidInput(
            path=("members",),
            reason=f"Give 1 to {MEMBERS_AT_ONCE} members.",
            reason_zh=f"请提供 1 至 {MEMBERS_AT_ONCE} 个成员。",
        )
    if await tx.value(LOCK, group) is None:
        raise NotFound("customer group", "客户分组", path=("groupId",))
    contacts = [(place, key) for place, key in enumerate(members) if isinstance(key, ContactPoint)]
    parties: dict[int, UUID] = {place: key for place, key in enumerate(members) if not isinstance(key, ContactPoint)}
    if contacts:
        places, kinds, indexes = zip(*((place, str(key.kind), index_of(key)) for place, key in contacts), strict=True)
        parties |= {row["position"]: row["party_id"] for row in await tx.rows(BY_CONTACT, places, kinds, indexes)}
    known = await tx.rows(EXISTING, sorted(set(parties.values())))
    existing = {row["id"]: PartyRef(row["id"], PartyKind(row["kind"])) for row in known}
    found = [existing.get(parties[place]) if place in parties else None for place in range(len(members))]
    if None in found and not skip_unknown:
        raise NotFound("customer or organisation", "客户或组织", path=("members", str(found.index(None))))
    return found
