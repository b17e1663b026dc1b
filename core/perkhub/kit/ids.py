"""Identifiers: UUIDv7 for rows, which sort by time and so keep indexes append-friendly."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

# No 0/O, 1/I/L: what people read aloud and type must not be ambiguous.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, then 74 random bits (RFC 9562)."""
    return uuid7()


def readable_code(length: int) -> str:
    """Random characters from an alphabet without look-alikes."""
    return _random_text(READABLE, length)


def outbound_reference() -> str:
    """The reference we give to a third party: 24 random characters of 0-9A-Z, about 124 bits."""
    return _random_text(REFERENCE, 24)


def _random_text(alphabet: str, length: int) -> str:
    """Drawn from the system once, not once for each character; eight bits a character and eight bytes to spare keep
    every text as likely as any other to within one part in 2^64."""
    drawn = int.from_bytes(secrets.token_bytes(length + 8))
    characters = []
    for _ in range(length):
        drawn, place = divmod(drawn, len(alphabet))
        characters.append(alphabet[place])
    return "".join(characters)
