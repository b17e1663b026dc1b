"""Who may use each field of accounts: walked as everybody; whoever is denied is told so, and nothing has changed."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from graphql import GraphQLObjectType
from strawberry.utils.str_converters import to_camel_case

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub_schema.accounts.customer_mutations import CustomerMutations
from perkhub_schema.accounts.queries import AccountQueries
from perkhub_schema.accounts.sessions import SessionMutations
from perkhub_schema.accounts.staff_mutations import StaffMutations
from perkhub_schema.accounts.wallet_mutations import WalletMutations
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.schema import schema
from tests.factories import PASSWORD, Shop
from tests.schema.conftest import Api

PUBLIC, CUSTOMER, STAFF, SIGNED_IN = "public", "customer", "staff", "signedIn"
TABLES = (
    *("party", "customer", "contact", "one_time_code", "sign_in_session", "refresh_token", "unmask_log"),
    *("staff", "staff_group", "permission_group", "party_account", "ledger_transfer", "wallet_adjustment", "wallet_payout"),
    "idempotency_key",
)
PHONE = {"phone": "13800138000"}
MONEY = {"amount": "1.00", "currency": "CNY"}
PASSWORDS = {"old": PASSWORD, "new": "a wholly new password"}


@dataclass(frozen=True)
class Field:
    """A root field: who may use it, its input (with the names of `targets`), and what to select of its answer."""

    name: str
    who: str | Permission
    given: dict[str, Any] | None = None
    select: str = "{ errors { code } }"

    def __str__(self) -> str:
        return self.name


WALKED = (SessionMutations, CustomerMutations, WalletMutations, StaffMutations)
MANAGE_STAFF, MANAGE_CUSTOMERS = Permission.MANAGE_STAFF, Permission.MANAGE_CUSTOMERS
MUTATIONS = [
    Field("oneTimeCodeRequest", PUBLIC, {"contact": PHONE, "purpose": "VERIFY"}),
    Field("customerRegister", PUBLIC, {"contact": PHONE, "code": "123456"}),
    Field("signIn", PUBLIC, {"contact": PHONE, "code": "123456"}),
    Field("tokenRefresh", PUBLIC, {"refreshToken": "x"}),
    Field("passwordReset", PUBLIC, {"contact": PHONE, "code": "123456", "password": PASSWORD}),
    Field("staffSignIn", PUBLIC, {"email": "a@example.com", "password": PASSWORD}),
    Field("signOut", SIGNED_IN),
    Field("passwordChange", CUSTOMER, PASSWORDS),
    Field("contactAdd", CUSTOMER, {"contact": PHONE, "code": "123456"}),
    Field("staffPasswordChange", STAFF, PASSWORDS),
    Field("staffCreate", MANAGE_STAFF, {"email": "new@example.com", "password": PASSWORD}),
    Field("staffActivate", MANAGE_STAFF, {"staffId": "{staff}"}),
    Field("staffDeactivate", MANAGE_STAFF, {"staffId": "{staff}"}),
    Field("staffGroupsSet", MANAGE_STAFF, {"staffId": "{staff}", "groupIds": []}),
    Field("staffPasswordReset", MANAGE_STAFF, {"staffId": "{staff}", "password": PASSWORD}),
    Field("permissionGroupCreate", MANAGE_STAFF, {"name": "New", "permissions": []}),
    Field("permissionGroupUpdate", MANAGE_STAFF, {"groupId": "{group}", "name": "Other", "permissions": []}),
    Field("customerBlock", MANAGE_CUSTOMERS, {"customerId": "{customer}"}),
    Field("customerUnblock", MANAGE_CUSTOMERS, {"customerId": "{customer}"}),
    Field(
        "walletAdjust",
        Permission.ADJUST_WALLETS,
        {"idempotencyKey": "key", "customerId": "{customer}", "amount": MONEY, "reason": "sorry"},
    ),
    Field(
        "walletPayOut",
        Permission.ADJUST_WALLETS,
        {"idempotencyKey": "key", "customerId": "{customer}", "amount": MONEY, "evidence": "ICBC-2026/0001"},
    ),
]
QUERIES = [
    Field("me", PUBLIC, select="{ id }"),
    Field("myStaff", STAFF, select="{ id }"),
    Field("staff", MANAGE_STAFF, select="{ nodes { id } }"),
    Field("permissionGroups", MANAGE_STAFF, select="{ id }"),
    Field('customer(contact: { phone: "13800138000" })', Permission.READ_CUSTOMERS, select="{ id }"),
    Field("customers", Permission.READ_CUSTOMERS, select="{ nodes { id } }"),
]
DENIED = {"NOT_SIGNED_IN", "NOT_ALLOWED"}


def root(name: str) -> GraphQLObjectType:
    """The type of all queries, or of all mutations."""
    return cast("GraphQLObjectType", schema._schema.type_map[name])


async def people(shop: Shop, field: Field) -> dict[str, tuple[str | None, str | None]]:
    """Everybody who might ask: their token, and the code by which they are denied."""
    named = field.who if isinstance(field.who, Permission) else None
    may = {PUBLIC: "acw", CUSTOMER: "c", STAFF: "w", SIGNED_IN: "cw"}.get(str(field.who), "")
    without = await shop.staff(*(set(Permission) - {named}))
    everybody: dict[str, tuple[str | None, str | None]] = {
        "anonymous": (None, None if "a" in may else "NOT_SIGNED_IN"),
        "forged": ("x.y.z", "NOT_SIGNED_IN"),
        "customer": ((await shop.customer()).token, None if "c" in may else "NOT_ALLOWED"),
        "staff without": (without.token, None if "w" in may else "NOT_ALLOWED"),
    }
    if named is not None:
        # The permission alone suffices for the field; what may be given to others is another matter.
        everybody["staff with"] = ((await shop.staff(named)).token, None)
    return everybody


async def targets(shop: Shop) -> dict[str, str]:
    """Things that the fields act upon."""
    person, member = await shop.customer(wallet="1.00"), await shop.staff()
    group = await db.value("SELECT group_id FROM staff_group WHERE staff_id = $1", member.id)
    contact = await db.value("SELECT id FROM contact WHERE party_id = $1", person.party_id)
    return {
        "{customer}": global_id(Kind.CUSTOMER, person.party_id),
        "{contact}": global_id(Kind.CONTACT, contact),
        "{staff}": global_id(Kind.STAFF, member.id),
        "{group}": global_id(Kind.PERMISSION_GROUP, group),
    }


async def all_rows() -> list[str]:
    """What stands in the tables of accounts and ledger."""
    return [await db.value(f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t") or "" for table in TABLES]


def test_every_field_is_walked_as_its_directive_says():
    parts = [("Query", AccountQueries), *(("Mutation", part) for part in WALKED)]
    said: dict[str, str] = {}
    for type_name, part in parts:
        for declared in part.__strawberry_definition__.fields:
            name = to_camel_case(declared.python_name)
            [directive] = root(type_name).fields[name].extensions["strawberry-definition"].directives
            said[name] = getattr(directive, "permission", None) or directive.__strawberry_directive__.graphql_name
    assert said == {field.name.partition("(")[0]: field.who for field in [*QUERIES, *MUTATIONS]}


@pytest.mark.parametrize("field", MUTATIONS, ids=str)
async def test_mutations(api: Api, shop: Shop, field: Field):
    ids = await targets(shop)
    told = None if field.given is None else {key: ids.get(str(value), value) for key, value in field.given.items()}
    argument = "" if told is None else f"($input: {root('Mutation').fields[field.name].args['input'].type})"
    call = field.name if told is None else f"{field.name}(input: $input)"
    await walk(api, shop, field, f"mutation {argument} {{ {call} {field.select} }}", {"input": told})


@pytest.mark.parametrize("field", QUERIES, ids=str)
async def test_queries(api: Api, shop: Shop, field: Field):
    await walk(api, shop, field, f"{{ {field.name} {field.select} }}", {})


async def walk(api: Api, shop: Shop, field: Field, document: str, variables: dict[str, Any]) -> None:
    for who, (token, denied) in (await people(shop, field)).items():
        before = await all_rows()
        answer = await api(document, variables, token=token)
        codes = {error["extensions"]["code"] for error in answer.get("errors", []) if "extensions" in error}
        if denied is None:
            assert not codes & DENIED, (who, answer)
            assert answer["data"] is not None, (who, answer)
        else:
            assert codes == {denied}, (who, answer)
            assert not any((answer["data"] or {}).values())
            assert await all_rows() == before, who
