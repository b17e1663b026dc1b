"""Trusted issuers in GraphQL, and their users as they come over HTTP: with the host's own tokens."""

import json
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from tests.accounts.keys import AUDIENCE, EC, ISSUER, RSA, claims, jwks, signed
from tests.factories import Shop
from tests.schema.accounts.operations import payload, refusal
from tests.schema.conftest import Api

ERRORS = "errors { code message path }"
ISSUED = """trustedIssuer { id name issuer audience jwksUrl pinnedKeys algorithms subjectPrefix version archivedAt
    claims { email groups } }"""
CREATE = f"mutation ($input: TrustedIssuerCreateInput!) {{ trustedIssuerCreate(input: $input) {{ {ISSUED} {ERRORS} }} }}"
UPDATE = f"mutation ($input: TrustedIssuerUpdateInput!) {{ trustedIssuerUpdate(input: $input) {{ {ISSUED} {ERRORS} }} }}"
ARCHIVE = f"mutation ($input: TrustedIssuerArchiveInput!) {{ trustedIssuerArchive(input: $input) {{ {ISSUED} {ERRORS} }} }}"
ME = "{ me { id hasPassword contacts { masked } } }"
HOST: dict[str, Any] = {"name": "Host", "issuer": ISSUER, "audience": AUDIENCE, "pinnedKeys": json.dumps(jwks(RSA, EC))}


async def test_a_host_user_shops_with_the_hosts_token(api: Api, shop: Shop):
    staff = (await shop.staff(Permission.MANAGE_SIGN_IN)).token
    made = (await payload(api, CREATE, HOST, token=staff))["trustedIssuer"]
    assert (made["algorithms"], made["jwksUrl"]) == (["ES256", "EdDSA", "RS256"], None)
    token = signed(claims(email="u@example.com", email_verified=True))
    me = (await api(ME, token=token))["data"]["me"]
    assert (me["hasPassword"], me["contacts"]) == (False, [{"masked": "••••@example.com"}])
    assert (await api(ME, token=signed(claims(jti="2"))))["data"]["me"] == me
    which = {"trustedIssuerId": made["id"], "expectedVersion": 1}
    assert (await payload(api, ARCHIVE, which, token=staff))["trustedIssuer"]["archivedAt"]
    [error] = (await api(ME, token=token))["errors"]
    assert error["extensions"]["code"] == "NOT_SIGNED_IN"
    assert (await refusal(api, ARCHIVE, which, token=staff))["code"] == "VERSION_MOVED"
    again = {**which, "expectedVersion": 2, "archived": False}
    assert (await payload(api, ARCHIVE, again, token=staff))["trustedIssuer"]["archivedAt"] is None
    assert (await api(ME, token=token))["data"]["me"] == me


async def test_keys_come_from_one_place(api: Api, shop: Shop):
    staff = (await shop.staff(Permission.MANAGE_SIGN_IN)).token
    made = (await payload(api, CREATE, HOST, token=staff))["trustedIssuer"]
    moved = {"trustedIssuerId": made["id"], "expectedVersion": 1, "jwksUrl": "https://host.example.com/keys"}
    changed = (await payload(api, UPDATE, moved, token=staff))["trustedIssuer"]
    assert (changed["jwksUrl"], changed["pinnedKeys"]) == ("https://host.example.com/keys", None)
    back = {
        "trustedIssuerId": made["id"],
        "expectedVersion": 2,
        "pinnedKeys": HOST["pinnedKeys"],
        "claims": {"groups": "roles"},
    }
    changed = (await payload(api, UPDATE, back, token=staff))["trustedIssuer"]
    assert (changed["jwksUrl"], json.loads(changed["pinnedKeys"])) == (None, jwks(RSA, EC))
    assert changed["claims"] == {"email": "email", "groups": "roles"}


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"pinnedKeys": None}, "jwksUrl"),
        ({"jwksUrl": "https://host.example.com/keys"}, "jwksUrl"),
        ({"pinnedKeys": None, "jwksUrl": "http://host.example.com/keys"}, "jwksUrl"),
        ({"pinnedKeys": None, "jwksUrl": "https://169.254.169.254/"}, "jwksUrl"),
        ({"pinnedKeys": "{"}, "pinnedKeys"),
        ({"pinnedKeys": "{}"}, "pinnedKeys"),
        ({"pinnedKeys": json.dumps({"keys": [RSA.as_dict(private=True)]})}, "pinnedKeys"),
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"issuer": ""}, "issuer"),
        ({"issuer": "a b"}, "issuer"),
        ({"audience": " "}, "audience"),
        ({"claims": {"groups": "x" * 200}}, "claims"),
        ({"subjectPrefix": "x" * 100}, "subjectPrefix"),
        ({"name": "a\nb"}, "name"),
    ],
    ids=lambda given: given if isinstance(given, str) else ",".join(given),
)
async def test_what_cannot_be_trusted_is_told_by_its_field(api: Api, shop: Shop, changed: dict[str, Any], path: str):
    staff = (await shop.staff(Permission.MANAGE_SIGN_IN)).token
    error = await refusal(api, CREATE, {**HOST, **changed}, token=staff)
    assert (error["code"], error["path"][:2]) == ("INVALID_INPUT", ["input", path])
    assert await db.value("SELECT count(*) FROM trusted_issuer") == 0


async def test_one_issuer_is_trusted_once(api: Api, shop: Shop):
    staff = (await shop.staff(Permission.MANAGE_SIGN_IN)).token
    first = (await payload(api, CREATE, HOST, token=staff))["trustedIssuer"]
    assert (await refusal(api, CREATE, HOST, token=staff))["code"] == "ISSUER_TRUSTED"
    second = (await payload(api, CREATE, {**HOST, "issuer": "https://other.example.com"}, token=staff))["trustedIssuer"]
    taken = {"trustedIssuerId": second["id"], "expectedVersion": 1, "issuer": ISSUER}
    assert (await refusal(api, UPDATE, taken, token=staff))["code"] == "ISSUER_TRUSTED"
    await payload(api, ARCHIVE, {"trustedIssuerId": first["id"], "expectedVersion": 1}, token=staff)
    await payload(api, UPDATE, taken, token=staff)
    back = {"trustedIssuerId": first["id"], "expectedVersion": 2, "archived": False}
    assert (await refusal(api, ARCHIVE, back, token=staff))["code"] == "ISSUER_TRUSTED"
