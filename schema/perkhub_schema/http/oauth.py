"""OAuth 2 for machine clients: tokens for client credentials (RFC 6749), revocation (RFC 7009), metadata (RFC 8414).

A thin endpoint of our own: Authlib's server core is synchronous, and of it we would need one grant of forty lines.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from perkhub.accounts import Permission, ProvenClient, issue_machine_token, prove_machine_client, take_back_machine_token
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, TooFast
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.http.bodies import BodyRefused, limited

LARGEST_BODY = 16 * 1024
MOST_FIELDS = 20
FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"
WAYS_IN = ["client_secret_basic", "client_secret_post"]
# A token lives for minutes: who comes more often is lost, or guesses. Never lenient: these are exact.
PER_CLIENT_AND_MINUTE = 60
PER_ADDRESS_AND_MINUTE = 300
# RFC 6749 5.1, and the same for what refuses.
UNKEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Refused(Exception):
    """Said in the words of RFC 6749 5.2; the description never repeats what was sent."""

    def __init__(self, error: str, description: str, *, status: int = 400, headers: dict[str, str] | None = None) -> None:
        self.error, self.description, self.status, self.headers = error, description, status, headers or {}
        super().__init__(error)


@dataclass(frozen=True)
class Credentials:
    """What a client shows, and by which way."""

    client: str
    secret: str = field(repr=False)
    basic: bool


async def token(request: Request) -> Response:
    """Trade a client's secret for an access token."""
    try:
        form = await _form(request)
        if (asked := form.get("grant_type")) != GRANT:
            error = "unsupported_grant_type" if asked else "invalid_request"
            raise Refused(error, "The grant_type must be client_credentials.")
        client = await _proven(request, form)
        scope = form.get("scope")
        made = issue_machine_token(client, scopes=scope.split() if scope is not None else None)
    except InvalidInput:
        return _told(Refused("invalid_scope", "Ask only for scopes of the client, or for none to get them all."))
    except Refused as refused:
        return _told(refused)
    told = {"token_type": "Bearer", "expires_in": made.expires_in, "scope": " ".join(sorted(made.scopes))}
    return JSONResponse({"access_token": made.text, **told}, headers=UNKEPT)


async def revoke(request: Request) -> Response:
    """End one of the client's own access tokens; what is no token of ours is over anyway."""
    try:
        form = await _form(request)
        client = await _proven(request, form)
        given = form.get("token")
        if not given:
            raise Refused("invalid_request", "Give the token.")
        if not await transact(lambda tx: take_back_machine_token(tx, client.id, given)):
            raise Refused("unauthorized_client", "This token was given to another client.")
    except Refused as refused:
        return _told(refused)
    return Response(headers=UNKEPT)


async def metadata(_: Request) -> Response:
    """What a client's library has to know."""
    base = settings().public_url.rstrip("/")
    told = {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "token_endpoint_auth_methods_supported": WAYS_IN,
        "revocation_endpoint": f"{base}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": WAYS_IN,
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "scopes_supported": sorted(Permission),
    }
    return JSONResponse(told, headers={"Cache-Control": "public, max-age=3600"})


async def _proven(request: Request, form: dict[str, str]) -> ProvenClient:
    """The client that shows its secret. Each try is counted before anybody compares, right or wrong."""
    source = request.client.host if request.client is not None else "unknown"
    shown = _credentials(request, form)
    client_id = _client_id(shown.client)
    try:
        await take(f"oauth:{source}", limit=PER_ADDRESS_AND_MINUTE, seconds=60)
        await take(f"oauth:{source}:{client_id}", limit=PER_CLIENT_AND_MINUTE, seconds=60)
    except TooFast as fast:
        waiting = {"Retry-After": str(fast.data["retry_after"])}
        raise Refused("temporarily_unavailable", "Too many requests.", status=429, headers=waiting) from None
    client = await prove_machine_client(client_id, shown.secret, source=source) if client_id is not None else None
    if client is None:
        challenge = {"WWW-Authenticate": 'Basic realm="perkhub", charset="UTF-8"'} if shown.basic else {}
        raise Refused("invalid_client", "No such live client, secret or network.", status=401, headers=challenge)
    return client


def _credentials(request: Request, form: dict[str, str]) -> Credentials:
    header = request.headers.get("authorization")
    if header is None:
        return Credentials(form.get("client_id", ""), form.get("client_secret", ""), basic=False)
    if "client_secret" in form:
        raise Refused("invalid_request", "Show the secret by one way: in the header or in the form.")
    scheme, _, given = header.partition(" ")
    try:
        client, colon, secret = b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        client = colon = secret = ""
    if scheme.lower() != "basic" or not colon or form.get("client_id", unquote_plus(client)) != unquote_plus(client):
        raise Refused("invalid_request", "The Authorization header must be that of HTTP Basic, for the same client.")
    return Credentials(unquote_plus(client), unquote_plus(secret), basic=True)


def _client_id(given: str) -> UUID | None:
    try:
        return local_id(Kind.MACHINE_CLIENT, given)
    except InvalidInput:
        return None


async def _form(request: Request) -> dict[str, str]:
    """The fields of the body, each at most once."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("invalid_request", f"Send a body of type {FORM}.")
    try:
        counted = Request(request.scope, limited(request.scope, request.receive, most=LARGEST_BODY))
        fields = parse_qsl((await counted.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except BodyRefused as refused:
        raise Refused("invalid_request", refused.reason, status=refused.status) from None
    except ValueError:
        raise Refused("invalid_request", "The body cannot be read.") from None
    if len({name for name, _ in fields}) != len(fields):
        raise Refused("invalid_request", "No field may stand twice.")
    return dict(fields)


def _told(refused: Refused) -> Response:
    told = {"error": refused.error, "error_description": refused.description}
    return JSONResponse(told, status_code=refused.status, headers={**UNKEPT, **refused.headers})
