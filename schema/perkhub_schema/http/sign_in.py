"""/auth/{provider}/start and /callback: signing in with an OpenID Connect provider, by Authlib's Starlette client.

The library makes state, nonce and PKCE, and trades the code; who somebody is by the ID token, and what follows from it, is
the domain's to say. A browser goes only where an operator has said that it may be sent.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from httpx2 import HTTPError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from perkhub.accounts import (
    Endpoints,
    ProviderRecord,
    ProviderUnavailable,
    SignInRefused,
    Vouched,
    endpoints_of,
    link_provider,
    live_providers,
    read_id_token,
    sign_in_with_provider,
)
from perkhub.kit.errors import AccessError, DomainError, InvalidInput, NotFound, TooFast
from perkhub.kit.logging import get_logger
from perkhub.kit.public_addresses import PublicTransport
from perkhub.kit.rates import take
from perkhub.kit.redaction import told
from perkhub.kit.settings import settings
from perkhub_schema.accounts.cookies import keep_refresh_token
from perkhub_schema.accounts.links import take_link
from perkhub_schema.http.flows import Flow, forget_flow, keep_flow, return_address, take_flow

log = get_logger(__name__)
# At DEBUG it would tell codes and verifiers.
logging.getLogger("authlib").setLevel(logging.WARNING)

PATIENCE_SECONDS = 10.0
PER_ADDRESS_AND_MINUTE = 60
LONGEST_QUERY = 8000
# Nobody keeps what carries a code or a token on.
UNKEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class ProviderClient(StarletteOAuth2App):  # type: ignore[misc]  # the library has no types
    """Authlib's client, with our reading of ID tokens: our list of algorithms, our keys, our clock."""

    def __init__(self, provider: ProviderRecord, endpoints: Endpoints) -> None:
        self.provider, self.endpoints = provider, endpoints
        secret = provider.client_secret()
        super().__init__(
            StarletteIntegration(provider.draft.key),
            name=provider.draft.key,
            client_id=provider.draft.client_id,
            client_secret=secret,
            authorize_url=endpoints.authorization,
            access_token_url=endpoints.token,
            client_kwargs={
                "scope": " ".join(provider.draft.scopes),
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": endpoints.way_in if secret else "none",
                "transport": PublicTransport(),
                "timeout": PATIENCE_SECONDS,
                "follow_redirects": False,
            },
        )

    async def parse_id_token(self, token: dict[str, Any], nonce: str, **_: Any) -> Vouched:
        """Who somebody is."""
        given = token.get("id_token")
        if not isinstance(given, str):
            raise SignInRefused
        return await read_id_token(self.provider, self.endpoints, given, nonce=nonce)


async def start(request: Request) -> Response:
    """Send the browser to the provider; with a `link` of `identityLink`, to link it to the account that is signed in."""
    try:
        await _take_turn(request)
        provider = await _provider(request)
        address = return_address(request.query_params.get("return_to"))
        if address is None:
            reason = "Not an address of a page that browsers may be sent back to."
            raise InvalidInput(path=("return_to",), reason=reason, reason_zh="返回地址不在允许范围内。")
        link_to = take_link(request, provider)
        session: dict[str, Any] = {}
        request.scope["session"] = session
        client = ProviderClient(provider, await endpoints_of(provider.draft.issuer))
        response: Response = await client.authorize_redirect(request, _callback_address(provider))
        [state] = (name.rpartition("_")[2] for name in session)
    except (DomainError, AccessError) as refused:
        return _plain(request, refused)
    keep_flow(response, request, state, Flow(provider.draft.key, address, session, link_to))
    response.headers.update(UNKEPT)
    return response


async def callback(request: Request) -> Response:
    """Take the browser back from the provider, sign in or link, and send it to where it came from."""
    flow: Flow | None = None
    try:
        await _take_turn(request)
        provider = await _provider(request)
        flow = take_flow(request, provider.draft.key)
        if flow is None:
            raise SignInRefused
        return await _arrived(request, provider, flow)
    except (DomainError, AccessError) as refused:
        if flow is None:
            return _plain(request, refused)
        return _sent_back(request, flow, "sign_in_error", refused.code)


async def _arrived(request: Request, provider: ProviderRecord, flow: Flow) -> Response:
    vouched = await _vouched(request, provider, flow)
    if flow.link_to is not None:
        await link_provider(provider, vouched, flow.link_to)
        return _sent_back(request, flow, "linked", provider.draft.key)
    signed_in = await sign_in_with_provider(provider, vouched, source=_source(request))
    response = _sent_back(request, flow, "signed_in", provider.draft.key)
    keep_refresh_token(response, request, signed_in)
    return response


async def _vouched(request: Request, provider: ProviderRecord, flow: Flow) -> Vouched:
    """Trade the code for an ID token, and read it."""
    client = ProviderClient(provider, await endpoints_of(provider.draft.issuer))
    request.scope["session"] = flow.session
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            token = await client.authorize_access_token(request)
        vouched = token.get("userinfo")
    except OAuthError as refused:  # the person said no, or the code is not good
        log.info("sign_in_refused", provider=provider.draft.key, error=told(refused))
        raise SignInRefused from None
    except (HTTPError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as fault:
        log.warning("provider_unavailable", provider=provider.draft.key, error=type(fault).__name__)
        raise ProviderUnavailable from None
    if not isinstance(vouched, Vouched):
        raise SignInRefused
    return vouched


async def _provider(request: Request) -> ProviderRecord:
    found = (await live_providers()).get(request.path_params["provider"])
    if found is None:
        raise NotFound("identity provider", "身份提供方")
    return found


async def _take_turn(request: Request) -> None:
    if len(request.url.query) > LONGEST_QUERY:
        raise SignInRefused
    await take(f"auth:{_source(request)}", limit=PER_ADDRESS_AND_MINUTE, seconds=60)


def _callback_address(provider: ProviderRecord) -> str:
    return f"{settings().public_url.rstrip('/')}/auth/{provider.draft.key}/callback"


def _sent_back(request: Request, flow: Flow, name: str, value: str) -> Response:
    """To the page it came from, which reads from its own address how it ended."""
    joint = "&" if urlsplit(flow.return_to).query else "?"
    address, hash_, fragment = flow.return_to.partition("#")
    response = RedirectResponse(f"{address}{joint}{urlencode({name: value})}{hash_}{fragment}", status_code=303, headers=UNKEPT)
    forget_flow(response, request)
    return response


def _plain(request: Request, refused: DomainError | AccessError) -> Response:
    """For whom there is no page to be sent back to."""
    language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    status = {NotFound: 404, TooFast: 429, ProviderUnavailable: 502}.get(type(refused), 400)
    headers = {**UNKEPT, **({"Retry-After": str(refused.data["retry_after"])} if isinstance(refused, TooFast) else {})}
    body = {"errors": [{"code": refused.code, "message": refused.message(language)}]}
    return JSONResponse(body, status_code=status, headers=headers)


def _source(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"
