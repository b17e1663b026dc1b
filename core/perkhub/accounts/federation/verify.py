"""Whether a token was signed by whom it says, for us, and for now. Everything in it is believed only after that."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderRegistryDict

from perkhub.accounts.federation.keys import KINDS, Keys, keys_for, remote_keys
from perkhub.kit.clock import now

LONGEST = 8192
LEEWAY_SECONDS = 60  # clocks of others
ALGORITHMS = ("RS256", "ES256", "EdDSA")


class TokenRefused(Exception):
    """The token proves nothing; why is for our log, not for its bearer."""


@dataclass(frozen=True)
class SaidHeader:
    """What a token says of its own signature, before anybody has looked."""

    algorithm: str
    key_id: str | None


class _Registry(JWSRegistry):
    """The named algorithms alone, and no warning about the name EdDSA, which hosts use and we need."""

    def __init__(self, algorithms: Collection[str]) -> None:
        super().__init__(HeaderRegistryDict(), algorithms, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """The algorithm, if it is one of them."""
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


def read_header(token: str) -> SaidHeader:
    """The header of a token.

    Raises:
        TokenRefused: it is no token, or of an algorithm that nobody may use here: none, HS256 …
    """
    if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
        raise TokenRefused("not a token")
    header = _part(token, 0)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in KINDS or not isinstance(key_id, str | None):
        raise TokenRefused("algorithm")
    return SaidHeader(algorithm, key_id)


def said_issuer(token: str) -> str | None:
    """Who the token says has made it; good only for choosing whose keys to look with."""
    issuer = _part(token, 1).get("iss")
    return issuer if isinstance(issuer, str) else None


async def current_keys(url: str, header: SaidHeader) -> Keys:
    """The keys at this address, fetched anew where the token names one that is not among them.

    Raises:
        ProviderUnavailable
    """

    def lacks(keys: Keys) -> bool:
        return header.key_id is not None and all(known.id != header.key_id for known in keys)

    return await remote_keys.get(url, lacks=lacks)


def verified_claims(token: str, keys: Keys, *, issuer: str, audience: str, algorithms: Collection[str]) -> dict[str, Any]:
    """The claims of a token that is genuine, for this audience, and good now.

    Raises:
        TokenRefused
    """
    header = read_header(token)
    allowed = {*algorithms, *({"Ed25519"} if "EdDSA" in algorithms else ())}
    if header.algorithm not in allowed:
        raise TokenRefused("algorithm")
    for known in keys_for(keys, algorithm=header.algorithm, key_id=header.key_id):
        try:
            claims = jwt.decode(token, known.key, registry=_Registry(allowed)).claims
        except (JoseError, ValueError, TypeError, RecursionError) as fault:
            raise TokenRefused(f"signature: {type(fault).__name__}") from None
        _ensure_good(claims, issuer=issuer, audience=audience)
        return claims
    raise TokenRefused("no such key")


def _ensure_good(claims: dict[str, Any], *, issuer: str, audience: str) -> None:
    due = jwt.JWTClaimsRegistry(
        now=lambda: int(now().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        due.validate(claims)
    except (JoseError, ValueError, TypeError) as fault:
        raise TokenRefused(f"claims: {type(fault).__name__}") from None


def _part(token: str, place: int) -> dict[str, Any]:
    part = token.split(".")[place]
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise TokenRefused("not a token") from None
    if not isinstance(found, dict):
        raise TokenRefused("not a token")
    return found
