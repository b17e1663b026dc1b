"""Keys of a host application, and tokens that it signs, or seems to."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from perkhub.accounts.federation.verify import _Registry
from perkhub.kit.clock import now

ISSUER, AUDIENCE = "https://host.example.com", "perkhub-shop"
Key = RSAKey | ECKey | OKPKey | OctKey

RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed-1"})
STRANGE = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})  # of somebody else, who says it is ours


def jwks(*keys: Key) -> dict[str, Any]:
    """The public set."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims, some of them changed; None takes one away."""
    at = int(now().timestamp())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "iat": at, "nbf": at, "exp": at + 600}
    return {name: value for name, value in (good | changed).items() if value is not None}


@dataclass(frozen=True)
class Signing:
    """How a token is signed."""

    key: Key
    algorithm: str
    header: dict[str, Any] = field(default_factory=dict)


BY_RSA, BY_EC, BY_ED = Signing(RSA, "RS256"), Signing(EC, "ES256"), Signing(ED, "EdDSA")


def signed(content: dict[str, Any], by: Signing = BY_RSA, **header: Any) -> str:
    """A token; a header parameter of None is left out."""
    told = {"alg": by.algorithm, "kid": by.key.kid, "typ": "JWT", **by.header, **header}
    shown = {name: value for name, value in told.items() if value is not None}
    return jws.serialize_compact(shown, json.dumps(content).encode(), by.key, registry=_Registry([by.algorithm]))


def b64(value: Any) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()
