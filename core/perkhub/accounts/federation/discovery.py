"""Where a provider's endpoints are, as the provider itself says it. Believed only for the issuer that was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from perkhub.accounts.federation.errors import ProviderUnavailable
from perkhub.accounts.federation.remote import RemoteDocuments
from perkhub.kit.errors import InvalidInput
from perkhub.kit.public_addresses import parse_remote_url

WELL_KNOWN = "/.well-known/openid-configuration"
WAYS_IN = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True)
class Endpoints:
    """What a sign-in needs; each is an address that may be called."""

    issuer: str
    authorization: str
    token: str
    keys: str
    way_in: str


async def endpoints_of(issuer: str) -> Endpoints:
    """The endpoints of this provider.

    Raises:
        ProviderUnavailable: it cannot be reached, or tells of another issuer.
    """
    found = await remote_endpoints.get(issuer.rstrip("/") + WELL_KNOWN)
    if found.issuer != issuer:
        raise ProviderUnavailable
    return found


def read_endpoints(document: Any) -> Endpoints:
    """What the document says.

    Raises:
        ValueError: something is missing, or leads where nobody may be sent.
    """
    if not isinstance(document, Mapping):
        raise ValueError("not a configuration")
    ways = document.get("token_endpoint_auth_methods_supported") or WAYS_IN[:1]
    way_in = next((way for way in WAYS_IN if isinstance(ways, list | tuple) and way in ways), WAYS_IN[0])
    return Endpoints(
        issuer=str(document.get("issuer")),
        authorization=_address(document, "authorization_endpoint"),
        token=_address(document, "token_endpoint"),
        keys=_address(document, "jwks_uri"),
        way_in=way_in,
    )


def _address(document: Mapping[str, Any], name: str) -> str:
    said = document.get(name)
    bare = str(said).partition("?")[0]  # an endpoint may have a query of its own
    try:
        parse_remote_url(bare, name)
    except InvalidInput:
        raise ValueError(f"{name} is no address to be called") from None
    return str(said)


remote_endpoints = RemoteDocuments(read_endpoints, fresh=timedelta(hours=1), lasts=timedelta(hours=24))
