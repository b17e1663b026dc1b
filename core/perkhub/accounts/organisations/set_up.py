"""Organisations come to be: made by staff, or asked for by a customer and decided about. Also shut out, and named anew."""

from typing import TypedDict
from uuid import UUID

import asyncpg

from perkhub.accounts.organisations.errors import AlreadyMember, OrganisationDecided
from perkhub.accounts.organisations.roles import Role
from perkhub.accounts.organisations.states import ORGANISATION, OrganisationState
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.states import IllegalMove
from perkhub.kit.texts import refuse_odd_text

NAME_LENGTH = 120
REFERENCE_LENGTH = 120
REASON_LENGTH = 300
REQUESTS_AT_MOST = 3

ADD_PARTY = "INSERT INTO party (id, kind, created_at) VALUES ($1, 'organisation', $2)"
ADD = """
    INSERT INTO organisation (id, name, external_reference, state, version, created_at) VALUES ($1, $2, $3, $4, 1, $5)
    ON CONFLICT (external_reference) DO NOTHING
"""
ADD_MEMBER = """
    INSERT INTO organisation_member (id, organisation_id, customer_id, role, joined_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (customer_id, organisation_id) DO NOTHING
"""
# Locked first and counted then, in a statement of its own: one that has waited for a lock still counts what it saw before.
LOCK_CUSTOMER = """
    SELECT 1 FROM customer cu JOIN party p ON p.id = cu.party_id
    WHERE cu.party_id = $1 AND p.erased_at IS NULL AND cu.blocked_at IS NULL FOR NO KEY UPDATE OF cu, p
"""
COUNT_REQUESTS = """
    SELECT count(*) FROM organisation_member m JOIN organisation o ON o.id = m.organisation_id
    WHERE m.customer_id = $1 AND o.state = 'requested'
"""
LOCK = "SELECT name, external_reference, state, version FROM organisation WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = "UPDATE organisation SET name = $2, external_reference = $3, version = version + 1 WHERE id = $1"


class OrganisationChanges(TypedDict, total=False):
    """What staff say otherwise of an organisation; all else stays."""

    name: str
    external_reference: str | None


async def create_organisation(tx: Transaction, *, name: str, external_reference: str | None = None) -> UUID:
    """An active organisation that nobody belongs to yet. Its party's id.

    Raises:
        InvalidInput, AlreadyNamed.
    """
    organisation = await _record(tx, name, external_reference, OrganisationState.ACTIVE)
    tx.note_change("organisation", organisation, after={"name": name, "state": OrganisationState.ACTIVE})
    return organisation


async def request_organisation(tx: Transaction, customer: UUID, *, name: str) -> UUID:
    """Ask for an organisation of which one is the owner; nobody can act for it until staff say yes.

    Raises:
        InvalidInput: also where too many requests of theirs wait.
        NotFound: there is no such customer who may act.
    """
    if await tx.value(LOCK_CUSTOMER, customer) is None:
        raise NotFound("customer", "客户")
    if await tx.value(COUNT_REQUESTS, customer) >= REQUESTS_AT_MOST:
        raise InvalidInput(
            path=("name",),
            reason=f"{REQUESTS_AT_MOST} requests of yours are waiting already; wait until they are decided about.",
            reason_zh=f"您已有 {REQUESTS_AT_MOST} 个待审核的申请,请等待审核。",
        )
    organisation = await _record(tx, name, None, OrganisationState.REQUESTED)
    await tx.execute(ADD_MEMBER, new_id(), organisation, customer, str(Role.OWNER), now())
    return organisation


async def decide_organisation(tx: Transaction, organisation: UUID, *, approved: bool, reason: str = "") -> None:
    """Say yes or no to a request.

    Raises:
        NotFound, OrganisationDecided, InvalidInput.
    """
    state = OrganisationState.ACTIVE if approved else OrganisationState.DECLINED
    await _move(tx, organisation, state, origin=OrganisationState.REQUESTED, reason=reason)


async def suspend_organisation(tx: Transaction, organisation: UUID, *, reason: str = "") -> None:
    """Shut an organisation out: nobody acts for it, and its orders are not paid, until it is resumed.

    Raises:
        NotFound, OrganisationDecided, InvalidInput.
    """
    await _move(tx, organisation, OrganisationState.SUSPENDED, origin=OrganisationState.ACTIVE, reason=reason)


async def resume_organisation(tx: Transaction, organisation: UUID) -> None:
    """Let a suspended organisation act again.

    Raises:
        NotFound, OrganisationDecided.
    """
    await _move(tx, organisation, OrganisationState.ACTIVE, origin=OrganisationState.SUSPENDED)


async def update_organisation(
    tx: Transaction, organisation: UUID, changes: OrganisationChanges, *, expected_version: int
) -> None:
    """Name it anew. Staff alone do: a name that was approved is not changed by who asked for it.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    before = await lock_organisation(tx, organisation)
    if before["version"] != expected_version:
        raise VersionMoved(version=before["version"])
    name = _checked_name(changes.get("name", before["name"]))
    reference = _checked_reference(changes.get("external_reference", before["external_reference"]))
    try:
        await tx.execute(CHANGE, organisation, name, reference)
    except asyncpg.UniqueViolationError:
        raise AlreadyNamed("externalReference") from None
    tx.note_change("organisation", organisation, before=before, after={"name": name, "external_reference": reference})


async def add_owner(tx: Transaction, organisation: UUID, customer: UUID) -> None:
    """Make a customer an owner by staff's word: of a new organisation, or of one whose owners are gone.

    Raises:
        NotFound.
        AlreadyMember: an owner already; whoever has another role becomes one.
    """
    await lock_organisation(tx, organisation)
    if await tx.value(LOCK_CUSTOMER, customer) is None:
        raise NotFound("customer", "客户", path=("customerId",))
    if await tx.execute(ADD_MEMBER, new_id(), organisation, customer, str(Role.OWNER), now()) == 0:
        raised = await tx.execute(
            "UPDATE organisation_member SET role = 'owner' WHERE organisation_id = $1 AND customer_id = $2 AND role <> 'owner'",
            organisation,
            customer,
        )
        if raised == 0:
            raise AlreadyMember(path=("customerId",))
    tx.note_change("organisation", organisation, after={"owner_added": customer})


async def lock_organisation(tx: Transaction, organisation: UUID) -> Row:
    """Wait one's turn: whoever changes an organisation, or who belongs to it, does so alone.

    Raises:
        NotFound.
    """
    row = await tx.row(LOCK, organisation)
    if row is None:
        raise NotFound("organisation", "组织", path=("organisationId",))
    return row


async def _record(tx: Transaction, name: str, reference: str | None, state: OrganisationState) -> UUID:
    name, reference, organisation = _checked_name(name), _checked_reference(reference), new_id()
    await tx.execute(ADD_PARTY, organisation, now())
    if await tx.execute(ADD, organisation, name, reference, str(ORGANISATION.birth(state)), now()) == 0:
        raise AlreadyNamed("externalReference")
    return organisation


async def _move(
    tx: Transaction, organisation: UUID, to: OrganisationState, *, origin: OrganisationState, reason: str | None = None
) -> None:
    refuse_odd_text(reason or "", "reason", longest=REASON_LENGTH)
    before = await lock_organisation(tx, organisation)
    try:
        await ORGANISATION.move(tx, organisation, to, event=None, origin=[origin], reason=reason or None)
    except IllegalMove:
        raise OrganisationDecided(state=before["state"]) from None
    tx.note_change("organisation", organisation, before=before, after={"state": to, "reason": reason or None})


def _checked_name(name: str) -> str:
    kept = name.strip()
    if not kept:
        raise InvalidInput(path=("name",), reason="Give it a name.", reason_zh="请填写名称。")
    refuse_odd_text(kept, "name", longest=NAME_LENGTH)
    return kept


def _checked_reference(reference: str | None) -> str | None:
    kept = (reference or "").strip() or None
    refuse_odd_text(kept or "", "externalReference", longest=REFERENCE_LENGTH)
    return kept
