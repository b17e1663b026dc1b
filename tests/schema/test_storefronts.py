"""Storefronts: the one that is built and served here, and those hosted elsewhere that the operator named."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest

from perkhub.kit.settings import settings
from perkhub_schema.app import build_app
from perkhub_schema.http.storefront import NONCE_PLACE

ELSEWHERE = "https://shop.example.com"
STRANGER = "https://shop.example.com.evil.example"
SCRIPT = "console.log('perkhub')\n" * 100
ASK = {"query": "{ shop { channel } }"}
Client = Callable[..., httpx2.AsyncClient]


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """`client(allowed_origins=…)`: an application that was started with these settings."""

    def started(**given: str) -> httpx2.AsyncClient:
        for name, value in given.items():
            monkeypatch.setenv(f"PERKHUB_{name.upper()}", value)
        settings.cache_clear()
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=build_app()), base_url="https://api.example.com")

    yield started
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A storefront as its build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b'<meta name="nonce" content="' + NONCE_PLACE + b'"><script src="a.js"></script>')
    (tmp_path / "assets/a-1234.js").write_text(SCRIPT)
    (tmp_path / "icon.svg").write_text("<svg/>")
    return tmp_path


def preflight(origin: str, asks: str = "authorization,perkhub-channel,perkhub-cookies") -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asks}


async def test_a_named_origin_may_call_with_its_cookies(house: None, client: Client):
    async with client(allowed_origins=f"{ELSEWHERE},https://second.example.com") as http:
        asked = await http.options("/graphql", headers=preflight(ELSEWHERE))
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ELSEWHERE)
        assert asked.headers["access-control-allow-credentials"] == "true"
        answer = await http.post("/graphql", json=ASK, headers={"Origin": ELSEWHERE})
        assert answer.headers["access-control-allow-origin"] == ELSEWHERE
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", [STRANGER, "null", "http://shop.example.com"])
async def test_no_other_may(house: None, client: Client, origin: str):
    async with client(allowed_origins=ELSEWHERE) as http:
        asked = await http.options("/graphql", headers=preflight(origin))
        assert asked.status_code == 400
        answer = await http.post("/graphql", json=ASK, headers={"Origin": origin})
        assert [told for told in (asked, answer) if "access-control-allow-origin" in told.headers] == []


async def test_where_none_is_named_none_may(client: Client):
    async with client() as http:
        asked = await http.options("/graphql", headers=preflight("https://api.example.com"))
        assert (asked.status_code, [name for name in asked.headers if name.startswith("access-control")]) == (405, [])


async def test_every_address_of_the_shop_is_its_page(client: Client, built: Path):
    async with client(storefront_folder=str(built)) as http:
        for address in ("/shop/", "/shop/products/iqiyi-gold", "/shop/orders/ord_1"):
            page = await http.get(address)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
            assert page.headers["content-type"].startswith("text/html")
        for address in ("/", "/shop"):
            assert (await http.get(address)).headers["location"] == "/shop/"


async def test_each_page_has_a_policy_and_a_nonce_of_its_own(client: Client, built: Path):
    seen = set()
    async with client(storefront_folder=str(built)) as http:
        for _ in range(2):
            page = await http.get("/shop/")
            policy = page.headers["content-security-policy"]
            [nonce] = re.findall(r"'nonce-([\w-]{20,})'", policy)
            assert f'content="{nonce}"' in page.text
            assert "unsafe" not in policy
            assert "default-src 'self'; script-src 'self'; " in policy
            assert (page.headers["x-content-type-options"], page.headers["x-frame-options"]) == ("nosniff", "DENY")
            seen.add(nonce)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"public_url": "http://shop.example.com:9000/below"}, "http://shop.example.com:9000"),
        ({"media_url": "https://pictures.example.com/"}, "https://pictures.example.com"),
    ],
    ids=["usual", "public_url", "media_url"],
)
async def test_a_page_shows_our_pictures_by_whatever_name_it_was_opened(
    client: Client, built: Path, given: dict[str, str], shown: str
):
    async with client(storefront_folder=str(built), **given) as http:
        policy = (await http.get("/shop/")).headers["content-security-policy"]
    [pictures] = [part for part in policy.split("; ") if part.startswith("img-src")]
    assert pictures == f"img-src 'self' data: https: {shown}"


async def test_what_is_named_by_its_content_is_kept_for_ever(client: Client, built: Path):
    async with client(storefront_folder=str(built)) as http:
        script = await http.get("/shop/assets/a-1234.js")
        assert (script.text, script.headers["content-encoding"]) == (SCRIPT, "gzip")
        assert "immutable" in script.headers["cache-control"]
        plain = await http.get("/shop/assets/a-1234.js", headers={"Accept-Encoding": "identity"})
        assert (plain.text, plain.headers.get("content-encoding")) == (SCRIPT, None)
        icon = await http.get("/shop/icon.svg")
        assert (icon.headers["cache-control"], icon.headers["content-type"]) == ("no-cache", "image/svg+xml")
        again = await http.get("/shop/icon.svg", headers={"If-None-Match": icon.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "address",
    ["/shop/assets/gone-1.js", "/shop/assets/", "/shop/..%2f..%2fetc/passwd.txt", "/shop/favicon.ico"],
)
async def test_there_is_nothing_beside_it(client: Client, built: Path, address: str):
    async with client(storefront_folder=str(built)) as http:
        assert (await http.get(address)).status_code == 404


async def test_without_a_shop_there_are_none_of_its_addresses(client: Client, tmp_path: Path):
    async with client(storefront_folder=str(tmp_path)) as http:
        assert [(await http.get(address)).status_code for address in ("/", "/shop", "/shop/")] == [404] * 3
