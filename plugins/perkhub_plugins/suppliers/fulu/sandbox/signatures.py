"""The vendor's own signing and encryption, written apart from the plugin's."""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def sign_text(text: str, secret: str) -> str:
    """The characters in order, then the secret, through MD5."""
    characters = sorted(text, key=ord)
    digest = hashlib.md5(usedforsecurity=False)
    digest.update("".join(characters).encode("utf-8"))
    digest.update(secret.encode("ascii"))
    return digest.hexdigest()


def sign_fields(fields: dict[str, str], secret: str) -> str:
    """Of an object: its JSON, as short as it can be."""
    return sign_text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")), secret)


def encrypt(plain: str, secret: str) -> str:
    """AES-256-ECB, PKCS#7, base64."""
    data = plain.encode("utf-8")
    missing = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES256(secret.encode("ascii")), modes.ECB()).encryptor()  # noqa: S305 - the protocol's
    return base64.b64encode(encryptor.update(data + bytes([missing]) * missing) + encryptor.finalize()).decode("ascii")
