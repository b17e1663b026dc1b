"""What the root fields about customer groups and organisations are given so that they succeed; see `inputs`."""

from itertools import count
from typing import Any, TypeAlias
from uuid import UUID

from perkhub.accounts import (
    ContactPoint,
    CustomerGroupDraft,
    Role,
    create_customer_group,
    invite_member,
    open_invitation_for_delivery,
    request_organisation,
    suspend_organisation,
)
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, an_email

Given: TypeAlias = dict[str, Any]

_shop = Shop()
_numbers = count(1)


async def customer_id(_: Person) -> Given:
    return {"customerId": global_id(Kind.CUSTOMER, (await _shop.customer(wallet="5.00")).party_id)}


async def customer_without_money(_: Person) -> Given:
    return {"customerId": global_id(Kind.CUSTOMER, (await _shop.customer()).party_id)}


async def money_to_pay_out(_: Person) -> Given:
    money = {"amount": f"{next(_numbers) % 9000 + 1}.00", "currency": "CNY"}
    owner = await _shop.customer(wallet=money["amount"])
    return {"customerId": global_id(Kind.CUSTOMER, owner.party_id), "amount": money, "evidence": "ICBC-2026/0001"}


async def customer_group(_: Person) -> Given:
    made_now = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft(f"Walked group {next(_numbers)}")))
    return {"groupId": global_id(Kind.CUSTOMER_GROUP, made_now)}


async def group_member(by: Person) -> Given:
    [(_, given_id)] = (await customer_id(by)).items()
    return {**await customer_group(by), "members": [{"customerId": given_id}]}


async def organisation_of(by: Person) -> tuple[UUID, Person]:
    """One that `by` owns, where they are a customer; and another member, who buys for it."""
    owner = by if by.identity.party_id is not None else await _shop.customer()
    buyer = await _shop.customer()
    return await _shop.organisation(owner=owner, buyer=buyer, wallet="500.00"), buyer


async def organisation_id(by: Person) -> Given:
    return {"organisationId": global_id(Kind.ORGANISATION, (await organisation_of(by))[0])}


async def organisation_and_customer(by: Person) -> Given:
    return {**await organisation_id(by), **await customer_id(by)}


async def organisation_to_leave(by: Person) -> Given:
    """That another owns, too."""
    made_now = await _shop.organisation(buyer=by)
    return {"organisationId": global_id(Kind.ORGANISATION, made_now)}


async def requested_organisation(_: Person) -> Given:
    asking = await _shop.customer()
    made_now = await transact(lambda tx: request_organisation(tx, asking.party_id, name="Walked"))
    return {"organisationId": global_id(Kind.ORGANISATION, made_now)}


async def suspended_organisation(by: Person) -> Given:
    made_now, _ = await organisation_of(by)
    await transact(lambda tx: suspend_organisation(tx, made_now))
    return {"organisationId": global_id(Kind.ORGANISATION, made_now)}


async def organisation_member(by: Person) -> Given:
    made_now, _ = await organisation_of(by)
    found = await db.value("SELECT id FROM organisation_member WHERE organisation_id = $1 AND role = 'buyer'", made_now)
    return {"memberId": global_id(Kind.ORGANISATION_MEMBER, found)}


async def invitation_to(contact: ContactPoint, by: Person) -> UUID:
    made_now, _ = await organisation_of(by)
    return await transact(lambda tx: invite_member(tx, made_now, contact, Role.BUYER, by=None, actor=by.identity.actor))


async def invitation(by: Person) -> Given:
    """Sent long enough ago to be sent again."""
    sent = await invitation_to(an_email(), by)
    await db.value("UPDATE organisation_invitation SET sent_at = sent_at - interval '2 minutes' WHERE id = $1", sent)
    return {"invitationId": global_id(Kind.ORGANISATION_INVITATION, sent)}


async def invitation_token(by: Person) -> Given:
    opened = await open_invitation_for_delivery(await invitation_to(by.contact, await _shop.customer()))
    assert opened is not None
    return {"token": opened.token}
