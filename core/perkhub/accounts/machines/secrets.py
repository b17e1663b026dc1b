"""Secrets of machine clients: made once, shown once, kept as a hash.

A secret is 256 random bits, not a person's choice: nobody guesses or tries through such a thing, so that a plain SHA-256
keeps it as safe as argon2 would, which costs 25 ms and 19 MiB for every token that is asked for.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

PREFIX = "pks_"  # so that scanners of repositories find one that went astray
LENGTH = len(PREFIX) + 43  # 32 random bytes in base64url
HINT = 4


@dataclass(frozen=True)
class FreshSecret:
    """A secret that was just made; its text is for its owner alone."""

    text: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return hash_of(self.text)

    @property
    def hint(self) -> str:
        """Its last characters, by which people tell two apart."""
        return self.text[-HINT:]


def fresh_secret() -> FreshSecret:
    """One that nobody has seen."""
    return FreshSecret(PREFIX + secrets.token_urlsafe(32))


def hash_of(text: str) -> bytes:
    """What a secret is compared by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def is_one_of(text: str, hashes: Iterable[bytes]) -> bool:
    """Whether the text is one of the kept secrets; it takes as long whether it is or not."""
    given = hash_of(text[: LENGTH + 1])
    found = False
    for kept in hashes:
        found |= hmac.compare_digest(given, kept)
    return found
