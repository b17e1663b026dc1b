"""Linking a provider to the account that is signed in: by its owner, in their own browser; and taking it away again."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from perkhub.accounts import IdentityKind, erase_customer, revoke_sessions
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from tests.factories import Person, Shop
from tests.schema.accounts.operations import payload, refusal
from tests.schema.sign_in.browser import SHOP, Browser, outcome, set_up

LINK = "mutation ($input: IdentityLinkInput!) { identityLink(input: $input) { url errors { code path } } }"
UNLINK = "mutation ($input: IdentityUnlinkInput!) { identityUnlink(input: $input) { identities { id } errors { code path } } }"
IDENTITIES = "{ me { identities { id provider label } } }"
LINKS = "SELECT count(*) FROM external_identity"


async def link_address(browser: Browser, person: Person, **told: Any) -> str:
    made = await payload(browser.api, LINK, {"provider": "acme", **told}, token=person.token)
    assert made["errors"] == []
    url: str = made["url"]
    return url


async def linked(browser: Browser, person: Person, **told: Any) -> tuple[str, dict[str, str]]:
    """All of it."""
    url = await link_address(browser, person, **told)
    return outcome(await browser.come_back(await browser.agree(await browser.http.get(url))))


async def identities(browser: Browser, person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.api(IDENTITIES, token=person.token))["data"]["me"]["identities"]
    return found


async def test_a_customer_links_signs_in_and_unlinks(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    owner = await shop.customer()
    assert await linked(browser, owner, returnTo="/account") == (f"{SHOP}/account", {"linked": "acme"})
    assert "perkhub_refresh" not in browser.http.cookies
    [one] = await identities(browser, owner)
    assert (one["provider"], one["label"]) == ("acme", "a••••@example.com")
    assert await linked(browser, owner) == (f"{SHOP}/", {"linked": "acme"})  # twice is once
    await browser.sign_in()
    assert (await browser.refreshed())["customer"]["id"].endswith(owner.party_id.hex)
    gone = await payload(browser.api, UNLINK, {"identityId": one["id"]}, token=owner.token)
    assert gone == {"identities": [], "errors": []}
    assert (await refusal(browser.api, UNLINK, {"identityId": one["id"]}, token=owner.token))["code"] == "NOT_FOUND"


async def test_a_link_is_worth_nothing_in_another_browser(browser: Browser, shop: Shop):
    """Else somebody could lead others to link their own sign-in to an account that is not theirs."""
    await set_up(browser.provider)
    url = await link_address(browser, await shop.customer())
    async with Browser(browser.provider) as victim:
        response = await victim.http.get(url)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "SIGN_IN_REFUSED")
        await link_address(victim, await shop.customer())  # with a cookie of their own neither
        assert (await victim.http.get(url)).status_code == 400
    assert await db.value(LINKS) == 0


async def test_a_link_is_for_its_provider_its_session_and_its_time(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    await set_up(browser.provider, "other")
    owner = await shop.customer()
    url = await link_address(browser, owner)
    assert (await browser.http.get(url.replace("/acme/", "/other/"))).status_code == 400
    ticket = parse_qs(urlsplit(url).query)["link"][0]
    assert (await browser.http.get(url.replace(ticket, ticket[:-6] + "AAAAAA"))).status_code == 400
    with travel(timedelta(minutes=6)):
        assert (await browser.http.get(url)).status_code == 400
    address = await browser.agree(await browser.http.get(url))
    await transact(lambda tx: revoke_sessions(tx, IdentityKind.CUSTOMER, owner.party_id))
    assert outcome(await browser.come_back(address))[1] == {"sign_in_error": "SESSION_ENDED"}
    assert await db.value(LINKS) == 0


async def test_what_is_linked_to_one_account_is_not_linked_to_another(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    first, second = await shop.customer(), await shop.customer()
    await linked(browser, first)
    assert (await linked(browser, second))[1] == {"sign_in_error": "IDENTITY_TAKEN"}
    assert await identities(browser, second) == []
    [one] = await identities(browser, first)
    assert (await refusal(browser.api, UNLINK, {"identityId": one["id"]}, token=second.token))["code"] == "NOT_FOUND"
    assert await db.value(LINKS) == 1


async def test_the_last_way_in_stays(browser: Browser):
    await set_up(browser.provider)
    browser.provider.spoil = {"email": None}
    await browser.sign_in()
    token = (await browser.refreshed())["accessToken"]
    [one] = (await browser.api(IDENTITIES, token=token))["data"]["me"]["identities"]
    error = await refusal(browser.api, UNLINK, {"identityId": one["id"]}, token=token)
    assert (error["code"], error["path"]) == ("LAST_WAY_IN", ["input", "identityId"])
    assert await db.value(LINKS) == 1


async def test_an_account_has_a_handful_of_them(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    owner = await shop.customer()
    for number in range(11):
        browser.provider.spoil = {"sub": f"alice-{number}"}
        _, how = await linked(browser, owner)
        assert how == ({"linked": "acme"} if number < 10 else {"sign_in_error": "INVALID_INPUT"})
    assert await db.value(LINKS) == 10


async def test_only_a_provider_of_ones_own_kind(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    await set_up(browser.provider, "staff", audience="staff", email_domains=["example.com"])
    owner, member = await shop.customer(), await shop.staff()
    for person, provider in ((owner, "staff"), (member, "acme"), (owner, "nobody")):
        error = await refusal(browser.api, LINK, {"provider": provider}, token=person.token)
        assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "provider"])
    error = await refusal(browser.api, LINK, {"provider": "acme", "returnTo": "//evil.example.com"}, token=owner.token)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "returnTo"])
    made = await payload(browser.api, LINK, {"provider": "staff"}, token=member.token)
    back: httpx2.Response = await browser.come_back(await browser.agree(await browser.http.get(made["url"])))
    assert outcome(back)[1] == {"linked": "staff"}
    await browser.sign_in("staff")
    assert (await browser.refreshed(staff=True))["staff"]["id"].endswith(member.id.hex)


async def test_who_is_erased_is_at_no_provider_any_more(browser: Browser, shop: Shop):
    await set_up(browser.provider)
    owner = await shop.customer()
    await linked(browser, owner)
    await transact(lambda tx: erase_customer(tx, owner.party_id))
    assert await db.value(LINKS) == 0
