"""Refresh tokens in cookies: out of scripts' reach, and worth nothing without the header that only our clients send."""

from collections.abc import Mapping
from http.cookies import SimpleCookie

import httpx2
import pytest

from perkhub_schema.app import build_app
from tests.factories import PASSWORD, Person, Shop
from tests.schema.accounts.operations import ME, REFRESH, SIGN_IN, SIGN_OUT, STAFF_SIGN_IN, given
from tests.schema.conftest import Api

COOKIES = {"Perkhub-Cookies": "1"}
CUSTOMER, STAFF, BROWSER = "perkhub_refresh", "perkhub_staff_refresh", "perkhub_browser"


def kept(response: httpx2.Response, name: str = CUSTOMER) -> Mapping[str, str]:
    """The attributes of the cookie that the response sets, its value included; but for a browser's key it sets no other."""
    headers = response.headers.get_list("set-cookie")
    [header] = [header for header in headers if not header.startswith(f"{BROWSER}=")] if name != BROWSER else headers
    morsel = SimpleCookie(header)[name]
    return {"value": morsel.value, **{key: value for key, value in morsel.items() if value}}


async def signed_in(api: Api, person: Person) -> httpx2.Response:
    told = {"contact": given(person.contact), "password": PASSWORD}
    return await api.send(SIGN_IN, {"input": told}, headers=COOKIES)


async def test_the_token_goes_into_the_cookie_alone(api: Api, shop: Shop):
    response = await signed_in(api, await shop.customer(password=PASSWORD))
    cookie = kept(response)
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "strict", "/graphql")
    answer = response.json()["data"]["signIn"]
    assert answer["refreshToken"] is None
    assert answer["accessToken"]
    assert cookie["value"] not in response.text


async def test_the_cookie_refreshes_the_session_and_moves_on(api: Api, shop: Shop):
    person = await shop.customer(password=PASSWORD)
    first = kept(await signed_in(api, person))["value"]
    response = await api.send(REFRESH, headers=COOKIES)
    answer = response.json()["data"]["tokenRefresh"]
    assert answer["errors"] == []
    assert answer["refreshToken"] is None
    assert kept(response)["value"] != first
    assert (await api(ME, token=answer["accessToken"]))["data"]["me"] == answer["customer"]


async def test_a_cookie_without_the_header_is_worth_nothing(api: Api, shop: Shop):
    await signed_in(api, await shop.customer(password=PASSWORD))
    for headers in ({}, {"Perkhub-Cookies": "0"}):
        response = await api.send(REFRESH, headers=headers)
        [error] = response.json()["data"]["tokenRefresh"]["errors"]
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "refreshToken"])
        assert "set-cookie" not in response.headers
    assert (await api(REFRESH, headers=COOKIES))["data"]["tokenRefresh"]["errors"] == []


async def test_without_the_header_no_cookie_is_set(api: Api, shop: Shop):
    person = await shop.customer(password=PASSWORD)
    response = await api.send(SIGN_IN, {"input": {"contact": given(person.contact), "password": PASSWORD}})
    assert "set-cookie" not in response.headers
    assert response.json()["data"]["signIn"]["refreshToken"]


async def test_a_browser_gets_a_key_of_its_own_once(api: Api, shop: Shop):
    response = await signed_in(api, await shop.customer(password=PASSWORD))
    [key] = [header for header in response.headers.get_list("set-cookie") if header.startswith(BROWSER)]
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/graphql"} <= set(key.split("; "))
    assert api.http.cookies[BROWSER] not in response.text
    assert "perkhub_browser" not in str((await api.send(REFRESH, headers=COOKIES)).headers.get_list("set-cookie"))
    api.http.cookies.set(BROWSER, "of no use", domain="shop.example.com", path="/graphql")
    assert "perkhub_browser" in str((await api.send(REFRESH, headers=COOKIES)).headers.get_list("set-cookie"))


async def test_a_page_that_is_loaded_again_meanwhile_stays_signed_in(api: Api, shop: Shop):
    token = kept(await signed_in(api, await shop.customer(password=PASSWORD)))["value"]
    await api.send(REFRESH, headers=COOKIES)
    api.http.cookies.set(CUSTOMER, token, domain="shop.example.com", path="/graphql")
    assert (await api(REFRESH, headers=COOKIES))["data"]["tokenRefresh"]["errors"] == []
    assert (await api(REFRESH, headers=COOKIES))["data"]["tokenRefresh"]["errors"] == []
    without_cookies = await api(REFRESH, {"input": {"refreshToken": token}}, headers=COOKIES)
    [error] = without_cookies["data"]["tokenRefresh"]["errors"]
    assert error["code"] == "TOKEN_REUSED", "what a script can send has no grace"


async def test_a_cookie_that_came_before_is_taken_back(api: Api, shop: Shop):
    stolen = kept(await signed_in(api, await shop.customer(password=PASSWORD)))["value"]
    await api.send(REFRESH, headers=COOKIES)
    api.http.cookies.clear()
    api.http.cookies.set(CUSTOMER, stolen, domain="shop.example.com", path="/graphql")
    response = await api.send(REFRESH, headers=COOKIES)
    [error] = response.json()["data"]["tokenRefresh"]["errors"]
    assert error["code"] == "TOKEN_REUSED"
    assert kept(response)["max-age"] == "0"


async def test_no_cookie_at_all(api: Api):
    [error] = (await api(REFRESH, headers=COOKIES))["data"]["tokenRefresh"]["errors"]
    assert error["code"] == "SESSION_ENDED"


async def test_signing_out_takes_the_cookies_back(api: Api, shop: Shop):
    response = await signed_in(api, await shop.customer(password=PASSWORD))
    out = await api.send(SIGN_OUT, token=response.json()["data"]["signIn"]["accessToken"], headers=COOKIES)
    assert kept(out)["max-age"] == "0"
    assert list(api.http.cookies) == []


async def test_while_the_console_is_signed_in_the_browser_keeps_its_key(api: Api, shop: Shop):
    member, response = await shop.staff(), await signed_in(api, await shop.customer(password=PASSWORD))
    told = {"email": member.contact.value, "password": PASSWORD}
    kept(await api.send(STAFF_SIGN_IN, {"input": told}, headers=COOKIES), STAFF)
    await api.send(SIGN_OUT, token=response.json()["data"]["signIn"]["accessToken"], headers=COOKIES)
    assert sorted(api.http.cookies) == [BROWSER, STAFF]


async def test_shop_and_console_have_a_cookie_each(api: Api, shop: Shop):
    customer, member = await shop.customer(password=PASSWORD), await shop.staff()
    await signed_in(api, customer)
    told = {"email": member.contact.value, "password": PASSWORD}
    kept(await api.send(STAFF_SIGN_IN, {"input": told}, headers=COOKIES), STAFF)
    as_customer = (await api(REFRESH, headers=COOKIES))["data"]["tokenRefresh"]
    as_staff = (await api(REFRESH, {"input": {"staff": True}}, headers=COOKIES))["data"]["tokenRefresh"]
    assert (bool(as_customer["customer"]), as_customer["staff"]) == (True, None)
    assert (as_staff["customer"], bool(as_staff["staff"])) == (None, True)


@pytest.mark.parametrize(
    ("origin", "secure"),
    [("http://localhost:8000", False), ("http://127.0.0.1:8000", False), ("http://shop.example.com", True)],
)
async def test_only_this_very_machine_does_without_tls(shop: Shop, origin: str, secure: bool):
    person = await shop.customer(password=PASSWORD)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=build_app()), base_url=origin) as http:
        assert ("secure" in kept(await signed_in(Api(http), person))) is secure
