"""Tokens of a host application: what is forged, confused or strange is nobody's; keys are fetched as seldom as may be."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from perkhub.accounts import (
    identify,
)
from perkhub.accounts.federation.keys import read_keys
from perkhub.accounts.federation.recognise import forget_host_users
from perkhub.accounts.federation.verify import LEEWAY_SECONDS
from perkhub.kit import db
from perkhub.kit.clock import travel
from tests.accounts.hosts import is_refused, trusted
from tests.accounts.keys import AUDIENCE, BY_EC, EC, ED, ISSUER, RSA, STRANGE, Signing, b64, claims, jwks, signed
from tests.accounts.people import all_at_once, tally
from tests.accounts.remote_keys import KeyServer, key_server

pytestmark = pytest.mark.usefixtures("accounts")

CUSTOMERS = "SELECT count(*) FROM customer"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(jwks(RSA, EC, ED)) as running:
        yield running


def confused() -> str:
    """Signed with the public key as if it were a shared secret, which everybody has."""
    head = b64({"alg": "HS256", "kid": "rsa-1", "typ": "JWT"})
    pem = RSA.raw_value.public_key() if hasattr(RSA.raw_value, "public_key") else RSA.raw_value
    secret = pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = f"{head}.{b64(claims())}"
    return f"{body}.{b64(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def forged() -> dict[str, str]:
    good = signed(claims())
    header, body, signature = good.split(".")
    return {
        "alg none": f"{b64({'alg': 'none', 'typ': 'JWT'})}.{b64(claims())}.",
        "alg None": f"{b64({'alg': 'None'})}.{b64(claims())}.",
        "unsigned": f"{header}.{body}.",
        "HS256 with the public key": confused(),
        "another key": signed(claims(), Signing(STRANGE, "RS256")),
        "another body": f"{header}.{b64(claims(sub='admin'))}.{signature}",
        "a signature of another kind": signed(claims(), BY_EC, kid="rsa-1"),
        "another algorithm": signed(claims(), Signing(RSA, "PS256")),
        "RS512": signed(claims(), Signing(RSA, "RS512")),
        "an unknown key": signed(claims(), kid="rsa-2"),
        "a key that is a path": signed(claims(), kid="../../../../dev/null"),
        "a key that is SQL": signed(claims(), kid="' UNION SELECT 'x"),
        "a key that is no text": f"{b64({'alg': 'RS256', 'kid': {'x': 1}})}.{body}.{signature}",
        "a key of its own": signed(claims(), Signing(STRANGE, "RS256"), kid=None, jwk=STRANGE.as_dict(private=False)),
        "a key from elsewhere": signed(claims(), Signing(STRANGE, "RS256"), kid="x", jku="https://evil.example.com/keys"),
        "an unknown crit": f"{b64({'alg': 'RS256', 'kid': 'rsa-1', 'crit': ['x'], 'x': 1})}.{body}.{signature}",
        "an empty crit": f"{b64({'alg': 'RS256', 'kid': 'rsa-1', 'crit': []})}.{body}.{signature}",
        "unencoded": f"{b64({'alg': 'RS256', 'kid': 'rsa-1', 'crit': ['b64'], 'b64': False})}.{body}.{signature}",
        "no object": f"{header}.{b64([1])}.{signature}",
        "huge": signed(claims(more="x" * 9000)),
        "a huge header": f"{b64({'alg': 'RS256', 'kid': 'x' * 4000})}.{body}.{signature}",
        "deep": f"{header}.{b64(b'[' * 3000)}.{signature}",
        "four parts": f"{good}.x",
        "not ASCII": f"{header}.{body}.é",
    }


FORGED = sorted(forged())


@pytest.mark.parametrize("name", FORGED)
async def test_what_is_forged_is_nobodys(name: str):
    await trusted()
    assert await is_refused(forged()[name])
    assert await db.value(CUSTOMERS) == 0
    assert not await is_refused(signed(claims()))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "another shop"},
        {"aud": None},
        {"aud": ["a", "b"]},
        {"exp": None},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
    ],
    ids=str,
)
async def test_every_claim_is_checked(changed: dict[str, Any]):
    await trusted()
    assert await is_refused(signed(claims(**changed)))
    assert await db.value(CUSTOMERS) == 0


async def test_what_is_fine_is_taken():
    await trusted()
    for token in (
        signed(claims(aud=["others", AUDIENCE])),
        signed(claims(), typ="at+jwt"),
        signed(claims(), BY_EC, kid=None),
        signed(claims(nbf=None, iat=None)),
        signed(claims(), x5t="abc", cat="anything"),
    ):
        assert not await is_refused(token)


async def test_clocks_may_be_a_minute_apart_and_no_more():
    await trusted()
    token = signed(claims())
    for later, refused in ((600 + LEEWAY_SECONDS - 5, False), (600 + LEEWAY_SECONDS + 5, True)):
        forget_host_users()
        with travel(timedelta(seconds=later)):
            assert await is_refused(token) is refused
    await identify(token)  # remembered, it ends at the same moment
    with travel(timedelta(seconds=600 + LEEWAY_SECONDS + 5)):
        assert await is_refused(token)


async def test_keys_are_fetched_once_and_anew_for_an_unknown_one_but_not_each_time(server: KeyServer):
    await trusted(jwks_url=server.url)
    fresh = RSAKey.generate_key(2048, parameters={"kid": "rsa-9"})
    for _ in range(3):
        assert not await is_refused(signed(claims()))
    assert server.asked == 1
    server.keys = jwks(RSA, fresh)
    rotated = signed(claims(), Signing(fresh, "RS256"))
    assert await is_refused(rotated)  # asked less than a minute ago
    assert server.asked == 1
    with travel(A_MINUTE):
        assert not await is_refused(rotated)
        for number in range(20):
            assert await is_refused(signed(claims(), kid=f"made-up-{number}"))
    assert server.asked == 2


async def test_many_at_once_fetch_once(server: KeyServer):
    server.delay = 0.05
    await trusted(jwks_url=server.url)
    results = await all_at_once(identify(signed(claims(sub=f"user-{number}"))) for number in range(20))
    assert tally(results) == {"Identity": 20}
    assert server.asked == 1


async def test_cached_keys_go_on_while_nobody_answers_but_not_for_ever(server: KeyServer):
    await trusted(jwks_url=server.url)
    assert not await is_refused(signed(claims()))
    server.status = 500
    with travel(timedelta(hours=5)):
        assert not await is_refused(signed(claims()))
    with travel(timedelta(hours=7)):
        assert await is_refused(signed(claims()))
        server.status = 200
    with travel(timedelta(hours=7, minutes=2)):
        assert not await is_refused(signed(claims()))


@pytest.mark.parametrize("fault", ["status", "text", "no set", "redirect", "huge", "packed", "closed"])
async def test_an_address_that_answers_nonsense_lets_nobody_in(server: KeyServer, fault: str):
    server.misbehave(fault)
    await trusted(jwks_url=server.url)
    assert await is_refused(signed(claims()))
    assert await db.value(CUSTOMERS) == 0
    server.behave()
    with travel(timedelta(seconds=6)):
        assert not await is_refused(signed(claims()))


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        {},
        {"keys": None},
        {"keys": []},
        {"keys": [None, 5, {}, {"kty": "RSA"}, {"kty": "RSA", "n": 5, "e": "AQAB"}, {"kty": "EC", "crv": "P-256", "x": "?"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [{"kty": "RSA", "n": "AQAB" * 30, "e": "AQAB"}]},
        {"keys": [{**EC.as_dict(private=False), "use": "enc"}]},
        {"keys": [{**EC.as_dict(private=False), "kid": 7}]},
    ],
    ids=["nothing", "a list", "an empty object", "no list", "no key", "odd keys", "a secret", "short", "to seal by", "odd id"],
)
def test_what_is_no_set_of_keys_is_refused(keys: Any):
    with pytest.raises(ValueError, match="key"):
        read_keys(keys)
