"""Access tokens: what is forged, old or meant for others identifies nobody; a customer costs no statement."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from perkhub.accounts import ANONYMOUS, Identity, IdentityKind, Permission, ensure_customer, ensure_permission, identify, tokens
from perkhub.accounts.tokens import issue_access_token
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.errors import NotAllowed, NotSignedIn
from perkhub.kit.ids import new_id
from tests.accounts.people import staff_with

pytestmark = pytest.mark.usefixtures("accounts")


def a_token() -> str:
    return issue_access_token(IdentityKind.CUSTOMER, new_id(), session_id=new_id())[0]


def claims(**changed: Any) -> dict[str, Any]:
    subject = str(new_id())
    at = int(now().timestamp())
    good = {
        "iss": "perkhub",
        "aud": "perkhub",
        "sub": subject,
        "party": subject,
        "kind": "customer",
        "sid": str(new_id()),
        "iat": at,
        "exp": at + 600,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(content: dict[str, Any], *, key: OctKey | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, content, key or tokens.signing_key(), algorithms=[algorithm])


def b64(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_says_who_without_asking_the_database():
    subject, session = new_id(), new_id()
    token, expires_at = issue_access_token(IdentityKind.CUSTOMER, subject, session_id=session)
    counted = db.statements.set([])
    try:
        for _ in range(2):
            identity = await identify(token)
        assert db.statements.get() == []
    finally:
        db.statements.reset(counted)
    assert identity == Identity(IdentityKind.CUSTOMER, id=subject, party_id=subject, session_id=session)
    assert timedelta(seconds=599) < expires_at - now() <= timedelta(seconds=600)


async def test_without_a_token_one_is_nobody():
    assert await identify(None) is ANONYMOUS
    assert ANONYMOUS.actor == "anonymous"
    with pytest.raises(NotSignedIn):
        ensure_permission(ANONYMOUS, Permission.READ_ORDERS)
    with pytest.raises(NotSignedIn):
        ensure_customer(ANONYMOUS)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "somebody else"},
        {"aud": None},
        {"iss": "somebody else"},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1},
        {"exp": True},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"sub": None},
        {"sub": "no uuid", "party": "no uuid"},
        {"sub": 7},
        {"sid": None},
        {"sid": "no uuid"},
        {"kind": "machine"},
        {"kind": "anonymous"},
        {"kind": None},
        {"kind": ["customer"]},
        {"party": "no uuid"},
    ],
    ids=str,
)
async def test_every_claim_is_checked(changed: dict[str, Any]):
    assert (await identify(signed(claims()))).kind is IdentityKind.CUSTOMER
    with pytest.raises(NotSignedIn):
        await identify(signed(claims(**changed)))


async def test_other_keys_and_algorithms_are_refused():
    other = OctKey.import_key(b"another key of thirty-two bytes!")
    header, body, signature = a_token().split(".")
    forged = [
        signed(claims(), key=other),
        signed(claims(), algorithm="HS512"),
        f"{b64({'alg': 'none', 'typ': 'JWT'})}.{b64(claims())}.",
        f"{b64({'alg': 'HS256', 'typ': 'JWT', 'crit': ['x'], 'x': 1})}.{body}.{signature}",
        f"{header}.{b64(claims())}.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}",
        f"{header}.{body}.{signature[:-4]}AAAA",
        f"{header}.{body}.{signature}.x",
    ]
    for token in forged:
        with pytest.raises(NotSignedIn):
            await identify(token)


@pytest.mark.parametrize("token", ["", ".", "..", "x", "a.b.c", "é.é.é", "\ud800", "\x00", "x" * 100_000, "=.=.=", "[].[].[]"])
async def test_garbage_identifies_nobody(token: str):
    with pytest.raises(NotSignedIn) as refused:
        await identify(token)
    assert len(token) < 2 or token not in repr(refused.value)


async def test_a_token_lives_ten_minutes_also_when_remembered():
    remembered, unseen = a_token(), a_token()
    await identify(remembered)
    with travel(timedelta(seconds=tokens.SKEW_SECONDS + 601)):
        for token in (remembered, unseen):
            with pytest.raises(NotSignedIn):
                await identify(token)


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 10)
    for _ in range(30):
        await identify(a_token())
    assert len(tokens._verified) == 10


async def test_a_customer_holds_no_permission():
    identity = await identify(a_token())
    assert ensure_customer(identity) == identity.party_id
    for permission in Permission:
        with pytest.raises(NotAllowed):
            ensure_permission(identity, permission)


async def test_staff_own_nothing():
    identity = await staff_with(Permission.READ_ORDERS)
    assert identity.party_id is None
    ensure_permission(identity, Permission.READ_ORDERS)
    with pytest.raises(NotAllowed):
        ensure_permission(identity, Permission.MANAGE_ORDERS)
    with pytest.raises(NotAllowed):
        ensure_customer(identity)
