"""Which customer, or member of staff, somebody at a provider or an issuer is. One person there is one account here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, auto
from uuid import UUID

from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import ContactTaken
from perkhub.accounts.federation.claims import Vouched
from perkhub.accounts.personal import seal_personal
from perkhub.accounts.register import create_customer, record_contact
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import blind_index, mask_tail

DEFAULT_LOCALE = "zh-CN"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # nothing was told of their groups yet

FIND = """
    SELECT e.id, e.party_id, e.staff_id, e.told_groups, e.told_at, cu.blocked_at IS NOT NULL AS blocked
    FROM external_identity e LEFT JOIN customer cu ON cu.party_id = e.party_id
    WHERE e.source_id = $1 AND e.subject_index = $2
"""
ADD = """
    INSERT INTO external_identity (id, source_kind, source_id, subject_index, sealed_subject, label, party_id, staff_id,
                                   told_groups, told_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, $10)
"""
TELL_GROUPS = "UPDATE external_identity SET told_groups = $2, told_at = $3 WHERE id = $1 AND told_at < $3"
# Only what came in this way goes in this way: a group that an operator gave stays.
LEAVE = """
    DELETE FROM customer_group_member m USING customer_group g
    WHERE m.party_id = $1 AND m.added_by = $2 AND g.id = m.group_id AND NOT coalesce(g.external_reference, '') = ANY($3)
"""
JOIN = """
    INSERT INTO customer_group_member (id, party_id, group_id, added_by, added_at)
    SELECT w.id, $1, g.id, $2, $5 FROM unnest($3::uuid[], $4::text[]) AS w(id, reference)
    JOIN customer_group g ON g.external_reference = w.reference AND g.archived_at IS NULL
    ORDER BY g.id ON CONFLICT (party_id, group_id) DO NOTHING
"""


class SourceKind(StrEnum):
    PROVIDER = auto()
    ISSUER = auto()


@dataclass(frozen=True)
class Source:
    """Who vouches. Another configuration is another source, even with the same address: it takes over nobody's people."""

    kind: SourceKind
    id: UUID

    def index_of(self, subject: str) -> bytes:
        """What finds a subject without its being stored: hosts put phone numbers there."""
        return blind_index(keyring().house_key(HouseKey.BLIND_INDEX), f"external identity:{self.id}", subject)

    @property
    def actor(self) -> str:
        """Its name where it is noted who did something: "issuer:0197…"."""
        return f"{self.kind}:{self.id}"


async def lock_identity(tx: Transaction, source: Source, subject: str) -> Row | None:
    """The identity, if it is known. All who see somebody for the first time at once come here one after the other."""
    index = source.index_of(subject)
    await tx.advisory_lock(f"external identity:{source.id}:{index.hex()}")
    return await tx.row(FIND, source.id, index)


async def make_customer(tx: Transaction, source: Source, vouched: Vouched) -> UUID:
    """A new customer who is this person; under `lock_identity`. Their e-mail is kept if it was verified and is nobody's yet."""
    party = await create_customer(tx, None, password_hash=None, locale=vouched.locale or DEFAULT_LOCALE)
    if vouched.verified_email is not None:
        await _keep_contact(tx, party, vouched.verified_email)
    await add_identity(tx, source, vouched, party=party)
    return party


async def add_identity(
    tx: Transaction, source: Source, vouched: Vouched, *, party: UUID | None = None, staff: UUID | None = None
) -> UUID:
    """Note that this person is this customer, or this member of staff; under `lock_identity`."""
    identity, at = new_id(), now()
    label = vouched.verified_email.masked if vouched.verified_email is not None else mask_tail(vouched.subject)
    sealed = seal_personal(vouched.subject, ("external_identity", identity, "subject"))
    index = source.index_of(vouched.subject)
    await tx.execute(ADD, identity, str(source.kind), source.id, index, sealed, label[:120], party, staff, LONG_AGO, at)
    return identity


async def tell_groups(
    tx: Transaction, source: Source, identity: UUID, party: UUID, *, groups: Iterable[str], told_at: datetime
) -> None:
    """Put a customer into our groups whose external references these are, and out of those that they were put into before.

    What an older token says changes nothing: both are about for a while.
    """
    named = sorted(set(groups))
    if await tx.execute(TELL_GROUPS, identity, named, told_at) == 0:
        return
    await tx.execute(LEAVE, party, source.actor, named)
    await tx.execute(JOIN, party, source.actor, [new_id() for _ in named], named, now())


async def _keep_contact(tx: Transaction, party: UUID, email: ContactPoint) -> None:
    try:
        await record_contact(tx, party, email)
    except ContactTaken:
        return  # it is somebody else's account: theirs it stays, and these two are not made one
