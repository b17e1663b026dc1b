"""Signing in with a provider: who is new, who is known, and everything that a provider, or somebody between, may do wrong."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from perkhub.accounts import block_customer, find_customer, parse_contact
from perkhub.accounts.contacts import ContactKind, ContactPoint
from perkhub.accounts.federation.providers import forget_providers
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub_schema.http import sign_in
from tests.accounts.oidc_provider import Provider
from tests.factories import Shop
from tests.schema.sign_in.browser import SHOP, Browser, outcome, set_up

CUSTOMERS = "SELECT count(*) FROM customer"
SESSIONS = "SELECT count(*) FROM sign_in_session"


def email(address: str) -> ContactPoint:
    return parse_contact(ContactKind.EMAIL, address)


async def test_who_is_new_becomes_a_customer_and_who_is_known_stays_one(browser: Browser):
    await set_up(browser.provider)
    response = await browser.sign_in(return_to="/shop/account?tab=1#top")
    assert response.headers["location"] == f"{SHOP}/shop/account?tab=1&signed_in=acme#top"
    cookies = response.headers.get_list("set-cookie")
    [refresh] = [one for one in cookies if one.startswith("perkhub_refresh=")]
    assert {"HttpOnly", "Path=/graphql", "SameSite=strict"} <= set(refresh.split("; "))
    first = await browser.refreshed()
    assert first["errors"] == []
    me = await browser.api("{ me { id contacts { masked } identities { provider name label } } }", token=first["accessToken"])
    assert me["data"]["me"] == {
        **first["customer"],
        "contacts": [{"masked": "a••••@example.com"}],
        "identities": [{"provider": "acme", "name": "Acme", "label": "a••••@example.com"}],
    }
    browser.http.cookies.clear()
    await browser.sign_in()
    assert (await browser.refreshed())["customer"] == first["customer"]
    assert await db.value(CUSTOMERS) == 1


async def test_discovery_and_keys_are_asked_for_once(browser: Browser):
    await set_up(browser.provider)
    for _ in range(3):
        assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    asked = browser.provider.asked
    assert (asked.count("/.well-known/openid-configuration"), asked.count("/keys"), asked.count("/token")) == (1, 1, 3)


async def test_a_rotated_key_is_fetched(browser: Browser):
    await set_up(browser.provider)
    await browser.sign_in()
    browser.provider.key = RSAKey.generate_key(2048, parameters={"kid": "key-2"})
    with travel(timedelta(minutes=1)):
        assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    assert browser.provider.asked.count("/keys") == 2


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 5},
        {"aud": "another client"},
        {"aud": ["perkhub", "another client"]},
        {"aud": ["perkhub", "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"iss": "https://evil.example.com"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
    ],
    ids=str,
)
async def test_an_id_token_that_does_not_fit_lets_nobody_in(browser: Browser, spoil: dict[str, Any]):
    await set_up(browser.provider)
    browser.provider.spoil = spoil
    assert outcome(await browser.sign_in(return_to="/account")) == (f"{SHOP}/account", {"sign_in_error": "SIGN_IN_REFUSED"})
    assert [await db.value(CUSTOMERS), await db.value(SESSIONS)] == [0, 0]
    assert "perkhub_refresh" not in browser.http.cookies


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("unsigned", "SIGN_IN_REFUSED"),
        ("forged", "SIGN_IN_REFUSED"),
        ("no id token", "SIGN_IN_REFUSED"),
        ("says no", "SIGN_IN_REFUSED"),
        ("token 500", "PROVIDER_UNAVAILABLE"),
        ("token nonsense", "PROVIDER_UNAVAILABLE"),
        ("token list", "PROVIDER_UNAVAILABLE"),
        ("down /keys", "PROVIDER_UNAVAILABLE"),
    ],
)
async def test_what_goes_wrong_on_the_way_is_told_to_the_page_it_came_from(browser: Browser, fault: str, code: str):
    await set_up(browser.provider)
    browser.provider.faults = {fault}
    assert outcome(await browser.sign_in(return_to="/account")) == (f"{SHOP}/account", {"sign_in_error": code})
    assert [await db.value(CUSTOMERS), await db.value(SESSIONS)] == [0, 0]
    browser.provider.faults = set()
    with travel(timedelta(minutes=1)):
        assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}


async def test_a_slow_provider_is_not_waited_for_for_ever(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    await set_up(browser.provider)
    address = await browser.agree(await browser.start())
    monkeypatch.setattr(sign_in, "PATIENCE_SECONDS", 0.05)
    browser.provider.delay = 0.3
    assert outcome(await browser.come_back(address))[1] == {"sign_in_error": "PROVIDER_UNAVAILABLE"}


@pytest.mark.parametrize("fault", ["down", "another issuer", "inside"])
async def test_a_provider_that_cannot_be_believed_is_not_gone_to(browser: Browser, fault: str):
    await set_up(browser.provider)
    browser.provider.faults = {fault}
    response = await browser.start()
    assert (response.status_code, response.json()["errors"][0]["code"]) == (502, "PROVIDER_UNAVAILABLE")
    assert "location" not in response.headers


async def test_a_wrong_secret_at_the_provider_is_no_sign_in(browser: Browser):
    await set_up(browser.provider, client_secret="wrong")
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "SIGN_IN_REFUSED"}


ADDRESSES = [
    "https://evil.example.com",
    "//evil.example.com",
    "/\\evil.example.com",
    "https://evil.example.com\\@127.0.0.1:8000",
    "https://127.0.0.1:8000@evil.example.com",
    "http://127.0.0.1:8000.evil.example.com",
    "http://127.0.0.1:8001",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:evil.example.com",
    "/a\r\nSet-Cookie: x=1",
    " https://evil.example.com",
    "https://[",
    "/" + "x" * 3000,
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_browser_is_sent_nowhere_else(browser: Browser, address: str):
    await set_up(browser.provider)
    response = await browser.start(return_to=address)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "INVALID_INPUT")
    assert not {"location", "set-cookie"} & set(response.headers)


async def test_a_storefront_that_was_named_is_come_back_to(house: None, provider: Provider, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_ALLOWED_ORIGINS", "https://shop.example.com")
    sign_in.settings.cache_clear()
    async with Browser(provider) as browser:
        await set_up(provider)
        where, how = outcome(await browser.sign_in(return_to="https://shop.example.com/welcome"))
        assert (where, how) == ("https://shop.example.com/welcome", {"signed_in": "acme"})


async def test_only_the_browser_that_began_it_comes_back_and_once(browser: Browser):
    await set_up(browser.provider)
    address = await browser.agree(await browser.start())
    async with Browser(browser.provider) as stranger:
        response = await stranger.come_back(address)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "SIGN_IN_REFUSED")
    assert outcome(await browser.come_back(address))[1] == {"signed_in": "acme"}
    assert (await browser.come_back(address)).status_code == 400
    assert await db.value(SESSIONS) == 1


@pytest.mark.parametrize("query", ["", "state=x", "code=x&state=", "error=access_denied", "state=" + "x" * 9000])
async def test_who_comes_from_nowhere_gets_nowhere(browser: Browser, query: str):
    await set_up(browser.provider)
    response = await browser.http.get(f"/auth/acme/callback?{query}")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "SIGN_IN_REFUSED")
    assert browser.provider.asked == []


async def test_a_flow_belongs_to_its_provider_and_its_time(browser: Browser):
    await set_up(browser.provider)
    await set_up(browser.provider, "other")
    address = await browser.agree(await browser.start())
    assert (await browser.come_back(address.replace("/acme/", "/other/"))).status_code == 400
    with travel(timedelta(minutes=11)):
        assert (await browser.come_back(address)).status_code == 400
    assert await db.value(SESSIONS) == 0


async def test_several_tabs_sign_in_side_by_side(browser: Browser):
    await set_up(browser.provider)
    addresses = [await browser.agree(await browser.start(return_to=f"/tab/{number}")) for number in range(3)]
    for number, address in enumerate(addresses):
        assert outcome(await browser.come_back(address)) == (f"{SHOP}/tab/{number}", {"signed_in": "acme"})


async def test_nobody_knows_a_provider_that_is_archived_or_never_was(browser: Browser):
    await set_up(browser.provider)
    await db.value("UPDATE identity_provider SET archived_at = created_at")
    forget_providers()
    for key in ("acme", "nobody", "..", "%00"):
        assert (await browser.start(key)).status_code == 404
    assert (await browser.api("{ signInMethods { provider } }"))["data"] == {"signInMethods": []}


async def test_nobody_is_sent_as_often_as_they_like(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sign_in, "PER_ADDRESS_AND_MINUTE", 2)
    await set_up(browser.provider)
    assert [(await browser.start()).status_code for _ in range(4)] == [302, 302, 429, 429]


# --- whose account it is ---


async def test_an_account_with_the_same_email_is_not_opened(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    owner = await shop.customer(contact=email("alice@example.com"))
    sessions = await db.value(SESSIONS)
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "ACCOUNT_EXISTS"}
    assert [await db.value(CUSTOMERS), await db.value(SESSIONS)] == [1, sessions]
    assert await find_customer(owner.contact) == owner.party_id


async def test_it_is_opened_where_the_provider_owns_the_address(browser: Browser, shop: Shop):
    await set_up(browser.provider, links_by_email=True, email_domains=["example.com"])
    owner = await shop.customer(contact=email("alice@example.com"))
    assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    assert (await browser.refreshed())["customer"]["id"].endswith(owner.party_id.hex)
    assert await db.value(CUSTOMERS) == 1


@pytest.mark.parametrize(
    "said", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "no"}, {"email": None}]
)
async def test_an_unproved_email_opens_nothing_and_is_kept_nowhere(browser: Browser, shop: Shop, said: dict[str, Any]):
    await set_up(browser.provider)
    owner = await shop.customer(contact=email("alice@example.com"))
    browser.provider.spoil = said
    assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    assert not (await browser.refreshed())["customer"]["id"].endswith(owner.party_id.hex)
    assert await db.value("SELECT count(*) FROM contact") == 1


async def test_only_people_of_the_named_domains(browser: Browser):
    await set_up(browser.provider, email_domains=["acme.example"])
    for said in ({}, {"email": "alice@acme.example", "email_verified": False}, {"email": "a@notacme.example"}, {"email": None}):
        browser.provider.spoil = said
        assert outcome(await browser.sign_in())[1] == {"sign_in_error": "EMAIL_NOT_ACCEPTED"}
    browser.provider.spoil = {"email": "Alice@Acme.Example"}
    assert outcome(await browser.sign_in())[1] == {"signed_in": "acme"}
    assert await db.value(CUSTOMERS) == 1


async def test_who_is_blocked_here_stays_out(browser: Browser):
    await set_up(browser.provider)
    await browser.sign_in()
    party = await db.value("SELECT party_id FROM customer")
    await transact(lambda tx: block_customer(tx, party))
    assert outcome(await browser.sign_in())[1] == {"sign_in_error": "SIGN_IN_FAILED"}


async def test_two_providers_do_not_share_their_subjects(browser: Browser):
    await set_up(browser.provider)
    await set_up(browser.provider, "other")
    browser.provider.spoil = {"email": None}
    await browser.sign_in()
    await browser.sign_in("other")
    assert await db.value(CUSTOMERS) == 2


async def test_the_secret_is_sent_to_the_provider_and_told_to_nobody(browser: Browser):
    await set_up(browser.provider)
    row = await db.row("SELECT * FROM identity_provider")
    assert row is not None
    assert b"s3cret" not in row["sealed_client_secret"]
    response: httpx2.Response = await browser.start()
    assert "s3cret" not in str(response.headers)
    flow = next(value for name, value in browser.http.cookies.items() if name.startswith("perkhub_flow_"))
    assert "verifier" not in flow
