"""Two organisations in one house: members act for their own, see it by role, and nothing of the other."""

from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission, acting_for, suspend_organisation
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.ledger import balances
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.events import first_event
from tests.schema.inputs import a_name, variables_for
from tests.schema.people import NOT_ALLOWED, NOT_SIGNED_IN
from tests.schema.people_inputs import organisation_of
from tests.schema.standing import Standing, unchanged
from tests.schema.walk import RootField, root_fields

NOT_YOURS = "ORGANISATION_NOT_YOURS"
BUY = """
    mutation ($input: OrderPlaceInput!) {
      orderPlace(input: $input) {
        order { id placedById organisationId lines { entitlements { id } } } errors { code path }
      }
    }
"""
REVEAL = """
    mutation ($input: EntitlementRevealInput!) {
      entitlementReveal(input: $input) { revealed { credentials { value } } errors { code } }
    }
"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"
HOUSE = """
    query ($id: ID!) {
      organisation(id: $id) {
        name state myMembership { role rights } wallet { balance { amount } } orders { nodes { id } }
        entitlements { nodes { id } } walletMovements { nodes { kind } }
        members { nodes { customerId role contacts { masked } } }
      }
    }
"""
OWNED = "{ me { orders { nodes { id } } memberships { role organisation { id } } } }"
FOR_CUSTOMERS = [field for field in root_fields("Query", "Mutation") if field.rule == "customer"]


def named(organisation: UUID) -> dict[str, str]:
    return {"Perkhub-Organisation": global_id(Kind.ORGANISATION, organisation)}


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def buy(standing: Standing, person: Person, organisation: UUID | None, **more: Any) -> dict[str, Any]:
    variant = await Shop().variant(price="19.90")
    line = {"variantId": global_id(Kind.VARIANT, variant.id)}
    given = {"idempotencyKey": a_name("key"), "lines": [line], "pay": {"wallet": {}}, **more}
    headers = named(organisation) if organisation is not None else None
    return await standing.api(BUY, {"input": given}, person.token, headers=headers)


async def balance_of(party: UUID) -> int:
    return sum(one.balance.minor for one in await balances(party))


async def test_a_member_buys_for_the_organisation_with_its_money(standing: Standing):
    buyer = await Shop().customer(wallet="100.00")
    organisation = await Shop().organisation(buyer=buyer, wallet="100.00")
    answer = await buy(standing, buyer, organisation)
    placed = answer["data"]["orderPlace"]
    assert placed["errors"] == []
    order = placed["order"]
    assert order["placedById"] == global_id(Kind.CUSTOMER, buyer.party_id)
    assert order["organisationId"] == global_id(Kind.ORGANISATION, organisation)
    assert (await balance_of(organisation), await balance_of(buyer.party_id)) == (8010, 10000)
    row = await db.row("SELECT party_id, placed_by FROM orders WHERE id = $1", UUID(order["id"].partition("_")[2]))
    assert row is not None
    assert tuple(row) == (organisation, buyer.identity.actor)
    actors = await db.rows(
        "SELECT DISTINCT actor FROM ledger_transfer WHERE kind = 'order.paid' AND reference_id = $1", UUID(order["id"][4:])
    )
    assert [one["actor"] for one in actors] == [buyer.identity.actor]
    mine = (await standing.api(OWNED, None, buyer.token))["data"]["me"]
    assert mine["orders"]["nodes"] == []
    assert mine["memberships"] == [{"role": "BUYER", "organisation": {"id": order["organisationId"]}}]


async def test_every_member_sees_what_it_has_and_strangers_nothing(standing: Standing):
    buyer, viewer, stranger = [await Shop().customer() for _ in range(3)]
    organisation = await Shop().organisation(buyer=buyer, viewer=viewer, wallet="100.00")
    await Shop().organisation(owner=stranger, wallet="100.00")
    order = (await buy(standing, buyer, organisation))["data"]["orderPlace"]["order"]
    [unit] = order["lines"][0]["entitlements"]
    given = {"id": global_id(Kind.ORGANISATION, organisation)}
    for member in (buyer, viewer):
        seen = (await standing.api(HOUSE, given, member.token))["data"]["organisation"]
        assert seen["wallet"] == [{"balance": {"amount": "80.10"}}]
        assert (seen["orders"]["nodes"], seen["entitlements"]["nodes"]) == ([{"id": order["id"]}], [unit])
        assert "•" in seen["members"]["nodes"][0]["contacts"][0]["masked"]
        for thing in (order["id"], unit["id"], given["id"]):
            assert (await standing.api(NODE, {"id": thing}, member.token))["data"]["node"] == {"id": thing}
    assert (await standing.api(HOUSE, given, stranger.token))["data"]["organisation"] is None
    watch = "subscription ($id: ID!) { orderChanged(id: $id) { id } }"
    assert codes(await first_event(standing.app, watch, {"id": order["id"]}, viewer.token)) == []
    assert (await first_event(standing.app, watch, {"id": order["id"]}, stranger.token))["data"] is None
    for thing in (order["id"], unit["id"], given["id"]):
        assert (await standing.api(NODE, {"id": thing}, stranger.token))["data"]["node"] is None


async def test_a_role_that_does_not_buy_changes_nothing(standing: Standing):
    buyer, viewer = await Shop().customer(), await Shop().customer(wallet="100.00")
    organisation = await Shop().organisation(buyer=buyer, viewer=viewer, wallet="100.00")
    order = (await buy(standing, buyer, organisation))["data"]["orderPlace"]["order"]
    look = {"entitlementId": order["lines"][0]["entitlements"][0]["id"]}
    variant = await Shop().variant()
    async with unchanged():
        given = {"idempotencyKey": a_name("key"), "lines": [{"variantId": global_id(Kind.VARIANT, variant.id)}]}
        refused = await standing.api(BUY, {"input": given}, viewer.token, headers=named(organisation))
        assert codes(refused) == [NOT_ALLOWED]
        refused = await standing.api(REVEAL, {"input": look}, viewer.token, headers=named(organisation))
        assert codes(refused) == [NOT_ALLOWED]
        # Without naming it, one looks among one's own.
        answer = await standing.api(REVEAL, {"input": look}, buyer.token)
        assert [error["code"] for error in answer["data"]["entitlementReveal"]["errors"]] == ["NOT_FOUND"]
    shown = await standing.api(REVEAL, {"input": look}, buyer.token, headers=named(organisation))
    assert shown["data"]["entitlementReveal"]["errors"] == []


@pytest.mark.parametrize("field", FOR_CUSTOMERS, ids=str)
async def test_naming_anothers_organisation_ends_every_request(standing: Standing, field: RootField):
    person = await Shop().customer(wallet="500.00")
    theirs, _ = await organisation_of(await Shop().customer())
    given = await variables_for(field, person)
    async with unchanged():
        for headers in (named(theirs), {"Perkhub-Organisation": f"org_{'0' * 32}"}, {"Perkhub-Organisation": "x"}):
            answer = await standing.api(field.operation(), given, person.token, headers=headers)
            assert codes(answer) == [NOT_YOURS], headers
            assert not any((answer["data"] or {}).values())
        assert codes(await standing.api(field.operation(), given, None, headers=named(theirs))) == [NOT_SIGNED_IN]


async def test_without_the_look_a_name_would_do(standing: Standing, monkeypatch: pytest.MonkeyPatch):
    """The walk above can fail: with the membership of its owner instead of one's own, the house is bought for."""
    person, owner = await Shop().customer(), await Shop().customer()
    theirs = await Shop().organisation(owner=owner, wallet="100.00")

    async def by_name(self: Context) -> None:
        self.identity = person.identity
        self.acting = await acting_for(owner.identity, theirs)

    monkeypatch.setattr(Context, "_identify", by_name)
    assert (await buy(standing, person, theirs))["data"]["orderPlace"]["errors"] == []
    assert await balance_of(theirs) == 8010


async def test_a_key_used_for_oneself_is_not_one_for_the_organisation(standing: Standing):
    buyer = await Shop().customer(wallet="100.00")
    organisation = await Shop().organisation(buyer=buyer, wallet="100.00")
    variant = await Shop().variant()
    given = {"idempotencyKey": a_name("key"), "lines": [{"variantId": global_id(Kind.VARIANT, variant.id)}]}
    assert (await standing.api(BUY, {"input": given}, buyer.token))["data"]["orderPlace"]["errors"] == []
    async with unchanged():
        again = await standing.api(BUY, {"input": given}, buyer.token, headers=named(organisation))
    assert [error["code"] for error in again["data"]["orderPlace"]["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_whoever_leaves_in_a_request_does_not_buy_in_the_rest_of_it(standing: Standing):
    buyer, variant = await Shop().customer(), await Shop().variant()
    organisation = await Shop().organisation(buyer=buyer, wallet="100.00")
    both = """
        mutation ($house: OrganisationInput!, $basket: OrderPlaceInput!) {
          organisationLeave(input: $house) { organisationId }
          orderPlace(input: $basket) { order { id } }
        }
    """
    given = {
        "house": {"organisationId": global_id(Kind.ORGANISATION, organisation)},
        "basket": {
            "idempotencyKey": a_name("key"),
            "lines": [{"variantId": global_id(Kind.VARIANT, variant.id)}],
            "pay": {"wallet": {}},
        },
    }
    answer = await standing.api(both, given, buyer.token, headers=named(organisation))
    assert codes(answer) == [NOT_YOURS]
    assert await balance_of(organisation) == 10000


async def test_nothing_is_bought_for_a_suspended_one(standing: Standing):
    buyer = await Shop().customer()
    organisation = await Shop().organisation(buyer=buyer, wallet="100.00")
    await transact(lambda tx: suspend_organisation(tx, organisation))
    assert codes(await buy(standing, buyer, organisation)) == [NOT_YOURS]
    seen = (await standing.api(HOUSE, {"id": global_id(Kind.ORGANISATION, organisation)}, buyer.token))["data"]
    assert seen["organisation"]["state"] == "SUSPENDED"


async def test_staff_see_organisations_by_their_permissions(standing: Standing):
    organisation = await Shop().organisation(wallet="100.00")
    given = {"id": global_id(Kind.ORGANISATION, organisation)}
    reader = await Shop().staff(Permission.READ_CUSTOMERS)
    answer = await standing.api(HOUSE, given, reader.token)
    assert set(codes(answer)) == {NOT_ALLOWED}
    assert answer["data"]["organisation"]["wallet"] is None
    assert answer["data"]["organisation"]["myMembership"] is None
    all_of_it = await Shop().staff(Permission.READ_CUSTOMERS, Permission.READ_ORDERS, Permission.READ_LEDGER)
    answer = await standing.api(HOUSE, given, all_of_it.token)
    assert codes(answer) == []
    assert answer["data"]["organisation"]["wallet"] == [{"balance": {"amount": "100.00"}}]
    nobody = await Shop().staff()
    assert (await standing.api(HOUSE, given, nobody.token))["data"]["organisation"] is None
