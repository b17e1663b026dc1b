"""Refresh tokens in cookies: for browsers, which shall keep no token where a script can read it.

A client asks for it with the header `Perkhub-Cookies: 1`. No form and no foreign page can send that header, so a cookie
that the browser adds by itself is worth nothing without it. Shop and console have a cookie each, for they may share a host.

A third one tells one browser from another: a page loaded again while its token is exchanged is then known for what it is.
"""

import re
import secrets
from typing import TypeGuard

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from perkhub.accounts import IdentityKind, SignedIn
from perkhub_schema.graphql.context import Context

HEADER = "perkhub-cookies"
NAMES = {IdentityKind.CUSTOMER: "perkhub_refresh", IdentityKind.STAFF: "perkhub_staff_refresh"}
BROWSER = "perkhub_browser"
BROWSER_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
BROWSER_SECONDS = 400 * 24 * 3600  # no browser keeps a cookie for longer
PATH = "/graphql"
LOCAL = ("localhost", "127.0.0.1", "::1")


def _over_http(response: object) -> TypeGuard[Response]:
    """Whether an answer can carry a cookie: over a websocket there is none."""
    return isinstance(response, Response)


def wants_cookie(context: Context) -> bool:
    """Whether this client keeps its refresh token in a cookie."""
    return context.request is not None and context.request.headers.get(HEADER) == "1" and _over_http(context.response)


def keep_in_cookie(context: Context, signed_in: SignedIn) -> None:
    """Give the browser the token to keep."""
    assert _over_http(context.response)
    assert context.request is not None
    keep_refresh_token(context.response, context.request, signed_in)


def keep_refresh_token(response: Response, request: HTTPConnection, signed_in: SignedIn) -> None:
    """Give the browser the token to keep, with whatever answer it gets, and a key of its own if it has none."""
    name, token = NAMES[signed_in.subject_kind], signed_in.refresh_token
    secure = is_secure(request)
    response.set_cookie(
        name, token, expires=signed_in.refresh_expires_at, path=PATH, secure=secure, httponly=True, samesite="strict"
    )
    if _browser_key(request) is None:
        key = secrets.token_urlsafe(32)
        response.set_cookie(BROWSER, key, max_age=BROWSER_SECONDS, path=PATH, secure=secure, httponly=True, samesite="strict")


def browser_key(context: Context) -> str | None:
    """What tells this browser from every other, if the client keeps cookies."""
    return _browser_key(context.request) if wants_cookie(context) and context.request is not None else None


def _browser_key(request: HTTPConnection) -> str | None:
    key = request.cookies.get(BROWSER, "")
    return key if BROWSER_KEY.fullmatch(key) else None


def token_in_cookie(context: Context, kind: IdentityKind) -> str | None:
    """The token that the browser kept, if the client may use it."""
    if not wants_cookie(context) or not isinstance(context.request, Request):
        return None
    return context.request.cookies.get(NAMES[kind])


def forget_cookie(context: Context, kind: IdentityKind) -> None:
    """Take the token back from the browser; with the last one its key too, for nobody is to be known again by it."""
    if wants_cookie(context):
        assert _over_http(context.response)
        assert context.request is not None
        others = {name for name in NAMES.values() if name != NAMES[kind]} & context.request.cookies.keys()
        for name in (NAMES[kind], *(() if others else (BROWSER,))):
            context.response.delete_cookie(name, path=PATH, secure=is_secure(context.request), httponly=True, samesite="strict")


def is_secure(request: HTTPConnection | None) -> bool:
    """Always but in development on this very machine: behind a proxy that ends TLS the request itself comes by http."""
    url = request.url if request is not None else None
    return url is None or url.scheme == "https" or url.hostname not in LOCAL
