"""Identity providers in GraphQL: set up, changed, archived, and told to everybody who may sign in with them."""

from typing import Any

import pytest

from perkhub.accounts import Permission, create_group
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.schema.accounts.operations import payload, refusal
from tests.schema.conftest import Api, api

__all__ = ["api"]

ERRORS = "errors { code message path }"
SHOWN = """identityProvider { id key name { en zh } audience issuer clientId hasClientSecret callbackUrl scopes emailDomains
    linksByEmail groups { id } version archivedAt claims { email groups } }"""
CREATE = f"mutation ($input: IdentityProviderCreateInput!) {{ identityProviderCreate(input: $input) {{ {SHOWN} {ERRORS} }} }}"
UPDATE = f"mutation ($input: IdentityProviderUpdateInput!) {{ identityProviderUpdate(input: $input) {{ {SHOWN} {ERRORS} }} }}"
ARCHIVE = (
    f"mutation ($input: IdentityProviderArchiveInput!) {{ identityProviderArchive(input: $input) {{ {SHOWN} {ERRORS} }} }}"
)
METHODS = "{ signInMethods { provider name audience startUrl } }"
ACME: dict[str, Any] = {
    "key": "acme",
    "name": {"en": "Acme", "zh": "某某"},
    "audience": "CUSTOMER",
    "issuer": "https://login.acme.example",
    "clientId": "perkhub",
    "clientSecret": "s3cret",
}
FOR_STAFF = {**ACME, "audience": "STAFF", "emailDomains": ["Acme.Example", "acme.example"]}
PROVIDERS = "SELECT count(*) FROM identity_provider"


async def operator(shop: Shop, *more: Permission) -> str:
    return (await shop.staff(Permission.MANAGE_SIGN_IN, *more)).token


async def test_a_life(api: Api, shop: Shop):
    token = await operator(shop)
    made = (await payload(api, CREATE, ACME, token=token))["identityProvider"]
    assert (made["hasClientSecret"], made["scopes"], made["version"]) == (True, ["openid", "email", "profile"], 1)
    assert made["callbackUrl"] == "http://127.0.0.1:8000/auth/acme/callback"
    start = "http://127.0.0.1:8000/auth/acme/start"
    told = {"provider": "acme", "name": "某某", "audience": "CUSTOMER", "startUrl": start}
    assert (await api(METHODS, language="zh"))["data"] == {"signInMethods": [told]}
    which = {"identityProviderId": made["id"]}
    changes = {"expectedVersion": 1, "clientSecret": None, "claims": {"groups": "roles"}, "name": {"en": "Acme Ltd"}}
    changed = (await payload(api, UPDATE, {**which, **changes}, token=token))["identityProvider"]
    assert (changed["hasClientSecret"], changed["claims"]["groups"], changed["name"]) == (
        False,
        "roles",
        {"en": "Acme Ltd", "zh": None},
    )
    assert changed["issuer"] == ACME["issuer"]
    assert (await refusal(api, ARCHIVE, {**which, "expectedVersion": 1}, token=token))["code"] == "VERSION_MOVED"
    assert (await payload(api, ARCHIVE, {**which, "expectedVersion": 2}, token=token))["identityProvider"]["archivedAt"]
    assert (await api(METHODS))["data"] == {"signInMethods": []}
    again = {**which, "expectedVersion": 3, "archived": False}
    assert (await payload(api, ARCHIVE, again, token=token))["identityProvider"]["archivedAt"] is None
    assert (await refusal(api, CREATE, ACME, token=token))["code"] == "ALREADY_NAMED"


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"key": "A"}, "key"),
        ({"key": "a/b"}, "key"),
        ({"name": {}}, "name"),
        ({"issuer": "http://login.acme.example"}, "issuer"),
        ({"issuer": "https://169.254.169.254"}, "issuer"),
        ({"issuer": "https://login.acme.example?x"}, "issuer"),
        ({"clientId": " "}, "clientId"),
        ({"clientSecret": "x" * 2000}, "clientSecret"),
        ({"scopes": ["a b"]}, "scopes"),
        ({"scopes": ["x"] + [f"s{number}" for number in range(30)]}, "scopes"),
        ({"emailDomains": ["not a domain"]}, "emailDomains"),
        ({"emailDomains": ["a@b.example"]}, "emailDomains"),
        ({"linksByEmail": True}, "linksByEmail"),
        ({"audience": "STAFF"}, "emailDomains"),
        ({**FOR_STAFF, "linksByEmail": True}, "linksByEmail"),
        ({"groupIds": ["grp_" + "0" * 32]}, "groupIds"),
    ],
    ids=lambda given: given if isinstance(given, str) else ",".join(given),
)
async def test_what_is_not_safe_is_told_by_its_field(api: Api, shop: Shop, changed: dict[str, Any], path: str):
    error = await refusal(api, CREATE, {**ACME, **changed}, token=await operator(shop, Permission.MANAGE_STAFF))
    assert (error["code"], error["path"][:2]) == ("INVALID_INPUT", ["input", path])
    assert await db.value(PROVIDERS) == 0


async def test_who_may_not_make_staff_lets_no_provider_make_them(api: Api, shop: Shop):
    readers = await transact(lambda tx: create_group(tx, name="Readers", permissions=[Permission.READ_ORDERS], by=None))
    given = {**FOR_STAFF, "groupIds": [global_id(Kind.PERMISSION_GROUP, readers)]}
    for held in ((), (Permission.MANAGE_STAFF,), (Permission.READ_ORDERS,)):
        answer = await api(CREATE, {"input": given}, await operator(shop, *held))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_ALLOWED"]
    assert await db.value(PROVIDERS) == 0
    token = await operator(shop, Permission.MANAGE_STAFF, Permission.READ_ORDERS)
    made = (await payload(api, CREATE, given, token=token))["identityProvider"]
    assert (made["emailDomains"], len(made["groups"])) == (["acme.example"], 1)
    for operation in (UPDATE, ARCHIVE):
        touched = {"identityProviderId": made["id"], "expectedVersion": 1}
        answer = await api(operation, {"input": touched}, await operator(shop))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_ALLOWED"]


async def test_another_issuer_is_another_crowd(api: Api, shop: Shop):
    token = await operator(shop)
    made = (await payload(api, CREATE, ACME, token=token))["identityProvider"]
    owner = await shop.customer()
    await db.value(
        """INSERT INTO external_identity (id, source_kind, source_id, subject_index, sealed_subject, label, party_id,
                                          told_groups, told_at, created_at)
           SELECT gen_random_uuid(), 'provider', p.id, 'x', 'x', 'x', $1, '{}', p.created_at, p.created_at
           FROM identity_provider p""",
        owner.party_id,
    )
    which = {"identityProviderId": made["id"]}
    await payload(api, UPDATE, {**which, "expectedVersion": 1, "clientId": "other"}, token=token)
    assert await db.value("SELECT count(*) FROM external_identity") == 1
    await payload(api, UPDATE, {**which, "expectedVersion": 2, "issuer": "https://login.other.example"}, token=token)
    assert await db.value("SELECT count(*) FROM external_identity") == 0
