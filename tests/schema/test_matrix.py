"""The whole schema as everybody, machine clients too: what the rule in the SDL refuses is refused, and has changed nothing."""

from pathlib import Path
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.graphql.access import Access
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.making import flash_sale
from tests.factories import Person, Shop
from tests.orders import desk
from tests.schema.events import first_event
from tests.schema.inputs import actor_for, begun_top_up, code_import, variables_for
from tests.schema.people import NOT_ALLOWED, NOT_SIGNED_IN, askers
from tests.schema.standing import Standing, unchanged
from tests.schema.walk import RootField, access_table, guarded_fields, root_fields

TABLE = Path(__file__).with_name("access.txt")
REMEDY = "Who may use what has changed. If it is meant: python -m tests.schema.walk > tests/schema/access.txt"
FIELDS = root_fields()
# Who watches an order is looked at order by order: staff who may read orders see every one.
WATCHED = "Subscription.orderChanged"
# How one gets to the fields of objects that need a permission of their own, and by which permission.
WAYS = {
    "Brand.privateMetadata": ("READ_CODES", "{ brands { nodes { privateMetadata { key } } } }"),
    "Campaign.figures": ("READ_CODES", "{ campaigns { nodes { figures { orders } } } }"),
    "Campaign.terms": ("READ_CODES", "{ campaigns { nodes { terms { version } } } }"),
    "Category.privateMetadata": ("READ_CODES", "{ categories { privateMetadata { key } } }"),
    "CodeImport.lot": ("IMPORT_CODES", "{ codeImports { nodes { lot { id } } } }"),
    "Collection.privateMetadata": ("READ_CODES", "{ collections { nodes { privateMetadata { key } } } }"),
    "Collection.productIds": ("READ_CODES", "{ collections { nodes { productIds } } }"),
    "Collection.rule": ("READ_CODES", "{ collections { nodes { rule { match } } } }"),
    "Customer.coupons": ("READ_CUSTOMERS", "{ customers { nodes { coupons { nodes { id } } } } }"),
    "Customer.entitlements": ("READ_CUSTOMERS", "{ customers { nodes { entitlements { nodes { id } } } } }"),
    "Customer.orders": ("READ_CUSTOMERS", "{ customers { nodes { orders { nodes { id } } } } }"),
    "Customer.wallet": ("READ_CUSTOMERS", "{ customers { nodes { wallet { frozen } } } }"),
    "Customer.walletMovements": ("READ_CUSTOMERS", "{ customers { nodes { walletMovements { nodes { kind } } } } }"),
    "Lot.holders": ("READ_CODES", "{ lots { nodes { holders { nodes { __typename } } } } }"),
    "Product.privateMetadata": ("READ_CODES", "{ products { nodes { privateMetadata { key } } } }"),
    "Organisation.coupons": ("READ_CUSTOMERS", "{ organisations { nodes { coupons { nodes { id } } } } }"),
    "Organisation.entitlements": ("READ_CUSTOMERS", "{ organisations { nodes { entitlements { nodes { id } } } } }"),
    "Organisation.orders": ("READ_CUSTOMERS", "{ organisations { nodes { orders { nodes { id } } } } }"),
    "Organisation.wallet": ("READ_CUSTOMERS", "{ organisations { nodes { wallet { frozen } } } }"),
    "Organisation.walletMovements": ("READ_CUSTOMERS", "{ organisations { nodes { walletMovements { nodes { kind } } } } }"),
    "Variant.listings": ("MANAGE_CATALOG", "{ allProducts { nodes { variants { listings { id } } } } }"),
    "Variant.privateMetadata": ("READ_CODES", "{ products { nodes { variants { privateMetadata { key } } } } }"),
    "Variant.stock": ("MANAGE_CATALOG", "{ allProducts { nodes { variants { stock } } } }"),
}
# Fields that take the id of something that belongs to one customer.
OWNED = ("orderId", "entitlementId", "id", "organisationId", "memberId", "invitationId")


async def sent(house: Standing, field: RootField, variables: dict[str, Any], token: str | None) -> dict[str, Any]:
    if field.root == "Subscription":
        return await first_event(house.app, field.operation(), variables, token)
    return await house.api(field.operation(), variables, token)


def top_codes(answer: dict[str, Any]) -> list[str]:
    return [error.get("extensions", {}).get("code", error["message"]) for error in answer.get("errors", [])]


def refusals(field: RootField, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors in the payload, of a field that has one."""
    told = (answer["data"] or {}).get(field.name)
    return list(told.get("errors", [])) if isinstance(told, dict) else []


def test_every_field_has_one_rule():
    assert [str(field) for field in FIELDS if not field.rule] == []


def test_the_rules_are_those_of_the_table():
    assert access_table() == TABLE.read_text(encoding="utf-8"), REMEDY


@pytest.mark.parametrize("field", FIELDS, ids=str)
async def test_a_field_is_for_whom_its_rule_names(standing: Standing, field: RootField):
    owner = await actor_for(field)
    given = await variables_for(field, owner)
    for asker in await askers(field, owner):
        if asker.refused is not None:
            async with unchanged(asker):
                answer = await sent(standing, field, given, asker.token)
            assert top_codes(answer) == [asker.refused], asker
            assert not any((answer["data"] or {}).values()), asker
        elif asker.person is not None and str(field) != WATCHED:
            answer = await sent(standing, field, await variables_for(field, asker.person), asker.token)
            assert top_codes(answer) == [], asker
            assert refusals(field, answer) == [], asker


@pytest.mark.parametrize("field", [field for field in FIELDS if field.rule == "public"], ids=str)
async def test_what_is_public_asks_for_nobody(standing: Standing, field: RootField):
    answer = await sent(standing, field, await variables_for(field, await actor_for(field)), None)
    assert (top_codes(answer), refusals(field, answer)) == ([], [])


def test_every_guarded_field_is_walked():
    assert sorted(guarded_fields()) == sorted(WAYS)


@pytest.mark.parametrize("place", WAYS)
async def test_a_field_of_an_object_is_for_whom_it_names(standing: Standing, place: str):
    await code_import(await Shop().customer())
    await Shop().organisation()
    await Shop().category()
    await Shop().collection()
    await flash_sale(await Shop().variant())
    inside, outside = Permission(guarded_fields()[place]), Permission(WAYS[place][0])
    for held, codes in ((set(Permission) - {inside}, {NOT_ALLOWED}), ({inside, outside}, set())):
        answer = await standing.api(WAYS[place][1], None, (await Shop().staff(*held)).token)
        assert set(top_codes(answer)) == codes, answer


TAKING_OWNED = [field for field in FIELDS if field.rule == "customer" and any(map(field.takes, OWNED))]


@pytest.mark.parametrize("field", TAKING_OWNED, ids=str)
async def test_what_is_anothers_is_not_there(standing: Standing, field: RootField):
    owner, other = await actor_for(field), await actor_for(field)
    given = await variables_for(field, owner)
    # That somebody asked under this key is remembered for them; all else stays as it was.
    async with unchanged(besides={"idempotency_key"}):
        answer = await sent(standing, field, given, other.token)
    if field.root == "Mutation":
        assert top_codes(answer) == []
        assert [error["code"] for error in refusals(field, answer)] == ["NOT_FOUND"]
        assert [
            name for name, told in answer["data"][field.name].items() if told and name not in ("errors", "__typename")
        ] == []
    else:
        assert (answer["data"] or {}).get(field.name) is None
    mine = await sent(standing, field, given, owner.token)
    assert (top_codes(mine), refusals(field, mine)) == ([], [])
    assert mine["data"][field.name] is not None


async def things_of(owner: Person) -> dict[str, str]:
    """One of each kind of thing that belongs to a customer."""
    order = await desk.buy(owner, await Shop().variant())
    [unit] = await desk.units_of(order)
    payment = await begun_top_up(owner)
    return {
        "order": global_id(Kind.ORDER, order.id),
        "entitlement": global_id(Kind.ENTITLEMENT, unit.id),
        "payment": global_id(Kind.PAYMENT, payment.id),
        "top-up": global_id(Kind.TOP_UP, payment.payable.id),
    }


async def test_a_node_is_there_for_its_owner_alone(standing: Standing):
    node = RootField("Query", "node")
    owner = await Shop().customer(wallet="500.00")
    others = [None, (await Shop().customer()).token, (await Shop().staff()).token]
    for name, thing in (await things_of(owner)).items():
        assert (await sent(standing, node, {"id": thing}, owner.token))["data"]["node"] is not None, name
        for token in others:
            answer = await sent(standing, node, {"id": thing}, token)
            assert (answer["data"]["node"], top_codes(answer)) == (None, []), name


async def test_staff_watch_orders_by_their_permission(standing: Standing):
    field = next(field for field in FIELDS if str(field) == WATCHED)
    owner = await actor_for(field)
    given = await variables_for(field, owner)
    reader = await Shop().staff(Permission.READ_ORDERS)
    assert top_codes(await sent(standing, field, given, reader.token)) == []
    assert top_codes(await sent(standing, field, given, (await Shop().staff()).token)) == [NOT_ALLOWED]
    assert top_codes(await sent(standing, field, given, None)) == [NOT_SIGNED_IN]


async def test_without_its_guard_a_field_would_answer(standing: Standing, monkeypatch: pytest.MonkeyPatch):
    """The walk above can fail."""
    field = RootField("Query", "permissionGroups")
    assert top_codes(await sent(standing, field, {}, None)) == [NOT_SIGNED_IN]
    monkeypatch.setattr(Access, "allow", lambda *_: None)
    assert top_codes(await sent(standing, field, {}, None)) == []


async def test_whatever_is_written_is_seen(standing: Standing):
    for written in (
        "UPDATE channel SET key = key",
        "INSERT INTO unpaid_orders VALUES ('party:nobody', 0)",
        "DELETE FROM unpaid_orders",
    ):
        with pytest.raises(AssertionError):
            async with unchanged():
                await db.value(written)
