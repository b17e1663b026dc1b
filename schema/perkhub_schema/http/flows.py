"""What must be remembered between sending a browser to a provider and its coming back: sealed, and kept by that browser.

The state in the address says which flow comes back; only the browser that began it has its cookie, and once.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from perkhub.accounts import IdentityKind, LinkTo
from perkhub.kit.clock import now
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import Unsealable, seal, unseal
from perkhub.kit.settings import settings
from perkhub_schema.accounts.cookies import is_secure

PATH = "/auth"
LIFE = timedelta(minutes=10)
LONGEST_RETURN = 2000
LINK_COOKIE = "perkhub_link"


@dataclass(frozen=True)
class Flow:
    """One sign-in under way. `session` is what the client library keeps: state, nonce, and the verifier of PKCE."""

    provider: str
    return_to: str
    session: dict[str, Any] = field(repr=False)
    link_to: LinkTo | None = None


def return_address(asked: str | None) -> str | None:
    """Where a browser may be sent back to: a page of ours, or of a storefront that the operator named. Else None."""
    address = asked or "/"
    plain = len(address) <= LONGEST_RETURN and address.isascii() and address.isprintable()
    # Browsers take a backslash for a slash: what follows would be another host.
    if not plain or "\\" in address or " " in address:
        return None
    if address.startswith("/") and not address.startswith("//"):
        return settings().public_url.rstrip("/") + address
    try:
        honest = "@" not in urlsplit(address).netloc
    except ValueError:
        return None
    return address if honest and settings().is_ours(address) else None


def keep_flow(response: Response, request: Request, state: str, flow: Flow) -> None:
    """Give the browser the flow to keep. Lax: it comes back from elsewhere, by a link."""
    link = None if flow.link_to is None else [str(flow.link_to.kind), str(flow.link_to.id), str(flow.link_to.session_id)]
    told = {**asdict(flow), "link_to": link, "until": (now() + LIFE).timestamp()}
    response.set_cookie(
        _name(state),
        sealed(told, "flow"),
        max_age=int(LIFE.total_seconds()),
        path=PATH,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def take_flow(request: Request, provider: str) -> Flow | None:
    """The flow that this browser began with this provider, and that has come back in time."""
    state = request.query_params.get("state", "")
    told = opened(request.cookies.get(_name(state), ""), "flow")
    if told is None or told["until"] < now().timestamp() or told["provider"] != provider:
        return None
    link = told["link_to"]
    to = None if link is None else LinkTo(IdentityKind(link[0]), UUID(link[1]), UUID(link[2]))
    return Flow(told["provider"], told["return_to"], told["session"], to)


def forget_flow(response: Response, request: Request) -> None:
    """It came back: whatever came of it, it comes back no second time."""
    state = request.query_params.get("state", "")
    response.delete_cookie(_name(state), path=PATH, secure=is_secure(request), httponly=True, samesite="lax")


def sealed(told: dict[str, Any], use: str) -> str:
    """Something that only we shall read again."""
    key = keyring().house_key(HouseKey.CREDENTIALS)
    return urlsafe_b64encode(seal(key, orjson.dumps(told), associated=("browser", use))).decode().rstrip("=")


def opened(text: str, use: str) -> dict[str, Any] | None:
    """The same again; None if it is none of ours, or was sealed for another use."""
    try:
        given = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = orjson.loads(unseal(keyring().house_key(HouseKey.CREDENTIALS), given, associated=("browser", use)))
    except (ValueError, Unsealable):
        return None
    return found if isinstance(found, dict) else None


def _name(state: str) -> str:
    """Several flows may be under way in several tabs."""
    return f"perkhub_flow_{sha256(state.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
