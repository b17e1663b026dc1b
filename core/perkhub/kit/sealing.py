"""Sealing: authenticated encryption of secrets, keyed hashes that can be searched, and masks for people. Keeps no key.

A sealed value is one version byte, a 12-byte random nonce, and AES-256-GCM's ciphertext with its tag. What it belongs to
(lot, code, field) is bound to it as associated data, so that a sealed value moved to another row does not open there.
A nonce is random: one key may seal some 2^32 values before a repeated nonce becomes a risk worth naming.
"""

import hmac
from collections.abc import Callable
from functools import lru_cache
from os import urandom
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
BODY = len(VERSION) + NONCE_BYTES

Associated = tuple[str | UUID, ...]


class Unsealable(Exception):
    """The value does not open: another key, another place than it was sealed for, damaged, or not sealed at all."""

    def __init__(self) -> None:
        super().__init__("a sealed value does not open with this key in this place")


class Cipher(Protocol):
    """What seals with one key. AES-GCM is the only one in service."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext with its tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes, or InvalidTag."""
        ...


_cipher: Callable[[bytes], Cipher] = AESGCM


def set_cipher(cipher: Callable[[bytes], Cipher]) -> Callable[[bytes], Cipher]:
    """Replace what seals from now on, in this process; what did before. `Sealer`s that exist keep theirs.

    Only the planted-secret search does this, to prove that it can find.
    """
    global _cipher
    before, _cipher = _cipher, cipher
    _sealer.cache_clear()
    return before


class Sealer:
    """Seals and unseals many values under one key; the key is expanded once."""

    def __init__(self, key: bytes) -> None:
        self._cipher = _cipher(key)

    def seal(self, plain: bytes, *, associated: Associated) -> bytes:
        """The sealed form of the bytes, bound to where they belong."""
        nonce = urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, bind(associated))

    def unseal(self, sealed: bytes, *, associated: Associated) -> bytes:
        """The plain bytes.

        Raises:
            Unsealable: nothing about the value is told.
        """
        if len(sealed) < BODY or sealed[:1] != VERSION:
            raise Unsealable
        try:
            return self._cipher.decrypt(sealed[1:BODY], sealed[BODY:], bind(associated))
        except InvalidTag:
            raise Unsealable from None

    def seal_text(self, plain: str, *, associated: Associated) -> bytes:
        """The sealed form of a text."""
        return self.seal(plain.encode(), associated=associated)

    def unseal_text(self, sealed: bytes, *, associated: Associated) -> str:
        """The text again, or Unsealable."""
        try:
            return self.unseal(sealed, associated=associated).decode()
        except UnicodeDecodeError:
            raise Unsealable from None


def seal(key: bytes, plain: bytes, *, associated: Associated) -> bytes:
    """Seal one value; for many under one key keep a `Sealer`."""
    return _sealer(key).seal(plain, associated=associated)


def unseal(key: bytes, sealed: bytes, *, associated: Associated) -> bytes:
    """Open one value, or raise Unsealable."""
    return _sealer(key).unseal(sealed, associated=associated)


def seal_text(key: bytes, plain: str, *, associated: Associated) -> bytes:
    """Seal one text."""
    return _sealer(key).seal_text(plain, associated=associated)


def unseal_text(key: bytes, sealed: bytes, *, associated: Associated) -> str:
    """Open one text, or raise Unsealable."""
    return _sealer(key).unseal_text(sealed, associated=associated)


@lru_cache(maxsize=256)
def _sealer(key: bytes) -> Sealer:
    return Sealer(key)


def bind(associated: Associated) -> bytes:
    """The associated data: every part with its kind and length before it, so that no two tuples give the same bytes."""
    parts = [VERSION]
    for part in associated:
        if isinstance(part, str):
            text = part.encode()
            parts.append(b"s%d:" % len(text))
            parts.append(text)
        else:
            parts.append(b"u16:")
            parts.append(part.bytes)
    return b"".join(parts)


def blind_index(key: bytes, kind: str, normalised: str) -> bytes:
    """What equal personal data of one kind (phone, e-mail) is found by without being stored."""
    return hmac.digest(key, bind(("blind-index", kind, normalised)), "sha256")


def fingerprint(key: bytes, issuer: str, normalised: str) -> bytes:
    """What tells that a credential of this issuer was seen before. `normalised` is the part that identifies it, never a PIN."""
    return hmac.digest(key, bind(("fingerprint", issuer, normalised)), "sha256")


HIDDEN = "••••"
LONG_ENOUGH_FOR_A_TAIL = 12


def mask_tail(value: str) -> str:
    """The last four characters of 12 or more; of anything shorter they would tell too much. Never called with a PIN."""
    return f"{HIDDEN} {value[-4:]}" if len(value) >= LONG_ENOUGH_FOR_A_TAIL else HIDDEN


def mask_email(value: str) -> str:
    """The first letter and the domain: z••••@example.com."""
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}{HIDDEN}@{domain}" if at and len(local) > 1 else f"{HIDDEN}{at}{domain if at else ''}"


def mask_name(value: str) -> str:
    """The first character: 张••••, Z••••."""
    return f"{value[:1]}{HIDDEN}"


def mask_phone(value: str) -> str:
    """All but the four digits before the last four, as people here write it: +86138••••7421."""
    return f"{value[:-8]}{HIDDEN}{value[-4:]}" if len(value) >= LONG_ENOUGH_FOR_A_TAIL - 1 else HIDDEN
