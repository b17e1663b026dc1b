"""The typed list of credentials that a code consists of. Plain values live here and nowhere else, and never print."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from perkhub.plugin.supplier import CredentialKind

__all__ = [
    "IDENTIFYING",
    "NEVER_MASKED_BY_TAIL",
    "Credential",
    "CredentialKind",
    "from_bytes",
    "identifying",
    "pairs_to_bytes",
    "to_bytes",
]

IDENTIFYING = (CredentialKind.NUMBER, CredentialKind.CLAIM_CODE, CredentialKind.URL, CredentialKind.BARCODE)
NEVER_MASKED_BY_TAIL = frozenset({CredentialKind.PIN, CredentialKind.SECURITY_CODE, CredentialKind.URL})


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret of a code."""

    kind: CredentialKind
    value: str = field(repr=False)


def identifying(credentials: list[Credential]) -> Credential | None:
    """The credential that names this code among all of its issuer's; a PIN alone never does."""
    by_kind = {credential.kind: credential for credential in credentials}
    return next((by_kind[kind] for kind in IDENTIFYING if kind in by_kind), None)


def to_bytes(credentials: list[Credential]) -> bytes:
    """For sealing."""
    return pairs_to_bytes((credential.kind, credential.value) for credential in credentials)


def pairs_to_bytes(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The same of (kind, value) pairs, for many codes at once."""
    return orjson.dumps(list(pairs))


def from_bytes(plain: bytes) -> list[Credential]:
    """After unsealing."""
    return [Credential(CredentialKind(kind), value) for kind, value in orjson.loads(plain)]
