"""Who belongs to an organisation and acts for it. Nobody gains anything by naming one: it is looked up, each time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.organisations.errors import LastOwner, OrganisationNotYours
from perkhub.accounts.organisations.roles import RIGHTS, Right, Role, right_to_manage
from perkhub.accounts.organisations.set_up import lock_organisation
from perkhub.accounts.organisations.states import OrganisationState
from perkhub.kit import db
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import NotAllowed, NotFound, NotSignedIn

MEMBERSHIP = """
    SELECT m.id, m.organisation_id, m.customer_id, m.role, m.joined_at, o.state
    FROM organisation_member m JOIN organisation o ON o.id = m.organisation_id
"""
OF_CUSTOMERS = f"{MEMBERSHIP} WHERE m.customer_id = ANY($1) ORDER BY m.organisation_id"
# A customer who was blocked acts for nobody, though their access token may still be good.
ACTING = f"""{MEMBERSHIP} JOIN customer cu ON cu.party_id = m.customer_id
    WHERE m.organisation_id = $1 AND m.customer_id = $2 AND cu.blocked_at IS NULL"""
OF_ORGANISATION = f"{MEMBERSHIP} WHERE m.organisation_id = $1"
BY_ID = f"{MEMBERSHIP} WHERE m.id = $1"
SET_ROLE = "UPDATE organisation_member SET role = $2 WHERE id = $1"
REMOVE = "DELETE FROM organisation_member WHERE id = $1"
SOMEBODY_OWNS = "SELECT EXISTS (SELECT FROM organisation_member WHERE organisation_id = $1 AND role = 'owner')"


@dataclass(frozen=True)
class Membership:
    """That a customer belongs to an organisation, as it stands."""

    id: UUID
    organisation_id: UUID
    customer_id: UUID
    role: Role
    joined_at: datetime
    state: OrganisationState

    def may(self, right: Right) -> bool:
        """Whether the member's role has the right; seeing needs no active organisation, all else does."""
        return right in RIGHTS[self.role] and (right is Right.SEE or self.state is OrganisationState.ACTIVE)

    def ensure(self, right: Right) -> None:
        """Go on only with the right.

        Raises:
            NotAllowed.
        """
        if not self.may(right):
            raise NotAllowed(needs=f"a role in the organisation with the right {right.upper()}")


async def acting_for(identity: Identity, organisation: UUID) -> Membership:
    """The membership by which somebody acts for an organisation that they have named.

    Raises:
        NotSignedIn.
        OrganisationNotYours: they are no member, or it is not active; also for who is no customer.
    """
    if identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    row = None
    if identity.kind is IdentityKind.CUSTOMER:
        row = await db.row(ACTING, organisation, identity.party_id)
    if row is None or row["state"] != OrganisationState.ACTIVE:
        raise OrganisationNotYours
    return _membership(row)


async def memberships_of(customers: Iterable[UUID]) -> dict[UUID, list[Membership]]:
    """The organisations of each of these customers, in one statement."""
    wanted = list(customers)
    found: dict[UUID, list[Membership]] = {customer: [] for customer in wanted}
    for row in await db.rows(OF_CUSTOMERS, wanted):
        found[row["customer_id"]].append(_membership(row))
    return found


async def members_of_organisation(organisation: UUID, *, limit: int, after: UUID | None = None) -> list[Membership]:
    """Who belongs to an organisation, in the order of joining, from above the membership `after` on."""
    start = "AND m.id > $3" if after is not None else "AND $3::uuid IS NULL"
    rows = await db.rows(f"{OF_ORGANISATION} {start} ORDER BY m.id LIMIT $2", organisation, limit, after)
    return [_membership(row) for row in rows]


async def ensure_right(tx: Transaction, organisation: UUID, customer: UUID, right: Right) -> Membership:
    """The customer's membership, if it has the right; after `lock_organisation` it stays so until the commit.

    Raises:
        NotFound: they are no member; an organisation that is not is told alike.
        NotAllowed: their role does not have it.
    """
    row = await tx.row(ACTING, organisation, customer)
    if row is None:
        raise NotFound("organisation", "组织", path=("organisationId",))
    membership = _membership(row)
    membership.ensure(right)
    return membership


async def set_member_role(tx: Transaction, member: UUID, role: Role, *, by: UUID) -> Membership:
    """Give a member another role; only owners make owners, and unmake them.

    Raises:
        NotFound, NotAllowed, LastOwner.
    """
    before = await _manageable(tx, member, by, giving=role)
    await tx.execute(SET_ROLE, member, str(role))
    await _ensure_somebody_owns(tx, before.organisation_id, ("role",))
    return _membership(await _read(tx, member))


async def remove_member(tx: Transaction, member: UUID, *, by: UUID) -> Membership:
    """Take a member out; from this commit on they act for it no more. As they were.

    Raises:
        NotFound, NotAllowed, LastOwner.
    """
    before = await _manageable(tx, member, by)
    await tx.execute(REMOVE, member)
    await _ensure_somebody_owns(tx, before.organisation_id, ("memberId",))
    return before


async def leave_organisation(tx: Transaction, organisation: UUID, customer: UUID) -> None:
    """Belong to it no more; needs no right, but the last owner stays.

    Raises:
        NotFound, LastOwner.
    """
    await lock_organisation(tx, organisation)
    row = await tx.row(f"{OF_ORGANISATION} AND m.customer_id = $2", organisation, customer)
    if row is None:
        raise NotFound("organisation", "组织", path=("organisationId",))
    await tx.execute(REMOVE, row["id"])
    await _ensure_somebody_owns(tx, organisation, ("organisationId",))


async def _manageable(tx: Transaction, member: UUID, by: UUID, *, giving: Role | None = None) -> Membership:
    """The member, locked with all of the organisation, if `by` may change them."""
    found = await _read(tx, member)
    await _take_turn(tx, found["organisation_id"])
    try:
        acting = await ensure_right(tx, found["organisation_id"], by, Right.MANAGE_MEMBERS)
    except NotFound:
        raise _no_member() from None
    present = _membership(await _read(tx, member))  # again: a competitor may have changed them before our turn
    for role in (present.role, giving or present.role):
        acting.ensure(right_to_manage(role))
    return present


async def _take_turn(tx: Transaction, organisation: UUID) -> None:
    # Without it two owners who unmake each other at once would each still see the other.
    await lock_organisation(tx, organisation)


async def _ensure_somebody_owns(tx: Transaction, organisation: UUID, path: tuple[str, ...]) -> None:
    if not await tx.value(SOMEBODY_OWNS, organisation):
        raise LastOwner(path=path)


async def _read(tx: Transaction, member: UUID) -> Row:
    row = await tx.row(BY_ID, member)
    if row is None:
        raise _no_member()
    return row


def _no_member() -> NotFound:
    return NotFound("member", "成员", path=("memberId",))


def _membership(row: Row) -> Membership:
    return Membership(
        id=row["id"],
        organisation_id=row["organisation_id"],
        customer_id=row["customer_id"],
        role=Role(row["role"]),
        joined_at=row["joined_at"],
        state=OrganisationState(row["state"]),
    )
