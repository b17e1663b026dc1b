"""A browser that goes to the provider and comes back, with cookies as browsers keep them."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from perkhub.accounts import ProviderAudience, ProviderDraft, create_provider
from perkhub.kit.db import transact
from perkhub_schema.app import build_app
from tests.accounts.oidc_provider import CLIENT, SECRET, Provider
from tests.schema.api import Api

SHOP = "http://127.0.0.1:8000"  # the public address of the settings
COOKIES = {"Perkhub-Cookies": "1"}
REFRESH = """mutation ($input: TokenRefreshInput) { tokenRefresh(input: $input) {
    accessToken customer { id } staff { id } errors { code } } }"""


async def set_up(provider: Provider, key: str = "acme", **changed: Any) -> Any:
    """The provider, as an operator has set it up."""
    draft: dict[str, Any] = {
        "audience": "customer",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        **changed,
    }
    draft["audience"] = ProviderAudience(draft["audience"])
    made = ProviderDraft(key=key, name={"en": "Acme", "zh": "某某"}, **draft)
    return await transact(lambda tx: create_provider(tx, made, by=None))


class Browser:
    """One person's browser, on the shop's own address."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=build_app()), base_url=SHOP)
        self.elsewhere = httpx2.AsyncClient()
        self.api = Api(self.http)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.elsewhere.aclose()

    async def start(self, key: str = "acme", **query: str) -> httpx2.Response:
        return await self.http.get(f"/auth/{key}/start?{urlencode(query)}")

    async def agree(self, started: httpx2.Response) -> str:
        """Where the provider sends the browser back to."""
        assert started.status_code == 302, started.text
        answer = await self.elsewhere.get(started.headers["location"])
        return answer.headers["location"]

    async def come_back(self, address: str) -> httpx2.Response:
        assert address.startswith(SHOP)
        return await self.http.get(address)

    async def sign_in(self, key: str = "acme", **query: str) -> httpx2.Response:
        """All of it."""
        return await self.come_back(await self.agree(await self.start(key, **query)))

    async def refreshed(self, *, staff: bool = False) -> dict[str, Any]:
        """What the storefront asks for once it is back."""
        answer = await self.api(REFRESH, {"input": {"staff": staff}}, headers=COOKIES)
        told: dict[str, Any] = answer["data"]["tokenRefresh"]
        return told


def outcome(response: httpx2.Response) -> tuple[str, dict[str, str]]:
    """The page that the browser was sent back to, and how it ended."""
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers["location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {name: one[0] for name, one in parse_qs(parts.query).items()}
