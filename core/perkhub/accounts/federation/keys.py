"""Public keys of others: read from a JWK set, fetched when a token names one that is not known, kept when they cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from perkhub.accounts.federation.remote import RemoteDocuments

MOST_KEYS = 50
SHORTEST_RSA = 2048
# Whatever else stands in a set (symmetric keys, other curves) verifies nothing here.
KINDS: dict[str, tuple[type[RSAKey] | type[ECKey] | type[OKPKey], str | None]] = {
    "RS256": (RSAKey, None),
    "ES256": (ECKey, "P-256"),
    "EdDSA": (OKPKey, "Ed25519"),
    "Ed25519": (OKPKey, "Ed25519"),
}
PUBLIC = ("kty", "kid", "use", "alg", "key_ops", "n", "e", "crv", "x", "y")
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")

Key = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class KnownKey:
    """A key that may verify signatures; `only_for` is the one algorithm it says it is for."""

    id: str | None
    key: Key
    only_for: str | None

    def fits(self, algorithm: str) -> bool:
        """Whether it is of the algorithm's kind: an RSA key never verifies what says it is ES256, or the other way round."""
        kind, curve = KINDS[algorithm]
        alike = {"EdDSA", "Ed25519"}
        meant = self.only_for in (None, algorithm) or {self.only_for, algorithm} == alike
        return meant and isinstance(self.key, kind) and curve in (None, getattr(self.key, "curve_name", None))


Keys = tuple[KnownKey, ...]


def read_keys(document: Any) -> Keys:
    """The usable keys of a JWK set; what is none is passed over.

    Raises:
        ValueError: it is no set, or none of its keys is usable.
    """
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError("not a set of keys")
    found = tuple(key for key in map(_read, listed[:MOST_KEYS]) if key is not None)
    if not found:
        raise ValueError("no usable key")
    return found


def holds_private_keys(document: Any) -> bool:
    """Whether somebody gave away what they must keep."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    return isinstance(listed, list) and any(isinstance(one, Mapping) and any(name in one for name in PRIVATE) for one in listed)


def keys_for(keys: Keys, *, algorithm: str, key_id: str | None) -> Keys:
    """Those that a token's header may mean: the one it names; where it names none, the only one of its kind."""
    fitting = tuple(key for key in keys if key.fits(algorithm))
    if key_id is not None:
        return tuple(key for key in fitting if key.id == key_id)
    return fitting if len(fitting) == 1 else ()


def _read(given: Any) -> KnownKey | None:
    if not isinstance(given, Mapping) or given.get("use", "sig") != "sig" or not isinstance(given.get("kid"), str | None):
        return None
    public = {name: given[name] for name in PUBLIC if name in given}
    try:
        key = _imported(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if key is None or (isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA):
        return None
    only_for = public.get("alg")
    return KnownKey(public.get("kid"), key, only_for if isinstance(only_for, str) else None)


def _imported(public: dict[str, Any]) -> Key | None:
    if public.get("kty") == "RSA":
        # A number that long is short: joserfc would warn, and we take none below 2048 bits.
        return RSAKey.import_key(public) if len(str(public.get("n"))) >= SHORTEST_RSA // 8 else None
    if public.get("kty") == "EC" and public.get("crv") == "P-256":
        return ECKey.import_key(public)
    if public.get("kty") == "OKP" and public.get("crv") == "Ed25519":
        return OKPKey.import_key(public)
    return None


# A key that was taken away is trusted for ten minutes more; for six hours where nobody can be asked.
remote_keys = RemoteDocuments(read_keys, fresh=timedelta(minutes=10), lasts=timedelta(hours=6))
