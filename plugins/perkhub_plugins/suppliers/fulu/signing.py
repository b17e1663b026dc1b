"""Fulu's signatures and its card cipher.

A signature covers the *characters* of a text, sorted, with the secret behind them: whoever permutes digits, or moves
characters from one field to another, keeps it valid. It keeps out who does not know the secret, and no more; what a
message says is never believed because it is signed.
"""

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7

LARGEST_PLAIN = "\uffff"


class Unsendable(ValueError):
    """A character beyond the first plane: their own implementations sort it in different ways."""


class CardUnreadable(ValueError):
    """No ciphertext of this secret."""


def serialised(fields: Mapping[str, str]) -> str:
    """JSON without spaces, nothing escaped that need not be."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def signature(text: str, secret: str) -> str:
    """MD5, in lower-case hex, over the sorted characters and the secret.

    Raises:
        Unsendable.
    """
    if any(character > LARGEST_PLAIN for character in text):
        raise Unsendable
    # The vendor's choice, not ours; no digest of a secret of ours is made by it.
    return hashlib.md5(("".join(sorted(text)) + secret).encode(), usedforsecurity=False).hexdigest()


def is_signed(text: str, sign: str, secret: str) -> bool:
    """Whether the signature fits, compared in constant time."""
    try:
        return hmac.compare_digest(signature(text, secret).encode(), sign.encode())
    except Unsendable:
        return False


def decrypt_card(ciphertext: str, secret: str) -> str:
    """A card's number or password: base64 of AES-256-ECB with PKCS#7, by the 32 bytes of the secret.

    Raises:
        CardUnreadable.
    """
    try:
        decryptor = Cipher(AES(secret.encode()), ECB()).decryptor()  # noqa: S305 - the vendor's cipher; sealed anew at once
        padded = decryptor.update(b64decode(ciphertext, validate=True)) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return (unpadder.update(padded) + unpadder.finalize()).decode().strip()
    except ValueError:
        raise CardUnreadable from None
