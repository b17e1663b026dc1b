"""Key-encryption keys and the token secret: from settings or, in development, from a file that is made once.

KeyTrouble          keys are missing or unusable; says what to mend, never a key
├── KeysMissing     production without the setting that holds them
├── KeysMalformed   the setting or the development file is not in its form
├── KeyUnknown      a data key is wrapped by a key-encryption key that is not configured
└── KeyDamaged      a data key does not open: a key-encryption key of the same name, but another key
"""

import base64
import binascii
import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TextIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from perkhub.kit.settings import Environment, Settings, settings

KEY_BYTES = 32
FILE = "keys.json"
NONCE_BYTES = 12
NAME_LENGTH = 40  # of the column data_key.wrapped_by
KEYS_VARIABLE = "PERKHUB_KEY_ENCRYPTION_KEYS"
KEYS_FORM = "name:base64 of 32 random bytes, comma-separated, the newest first, each name once and of at most 40 characters"
TOKEN_VARIABLE = "PERKHUB_TOKEN_SECRET"  # noqa: S105 - the name of a variable
TOKEN_FORM = "at least 32 random characters"  # noqa: S105
TOKEN_LENGTH = 32


class KeyTrouble(Exception):
    """Keys are missing or unusable. The text is for whoever runs the house."""


class KeysMissing(KeyTrouble):
    """Production never makes up keys of its own: they would be lost with the machine."""

    def __init__(self, variable: str, form: str) -> None:
        super().__init__(f"{variable} is not set. In production it must hold {form}.")


class KeysMalformed(KeyTrouble):
    """Where keys were looked for, and the form they must have."""

    def __init__(self, where: str, form: str) -> None:
        super().__init__(f"{where} must hold {form}.")


class KeyUnknown(KeyTrouble):
    """The named key-encryption key was taken away while data keys still need it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a data key is wrapped by the key-encryption key {name!r}, which is not configured: put it back")


class KeyDamaged(KeyTrouble):
    """The wrapped key was changed, or the key-encryption key is another one under the old name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the key-encryption key {name!r} does not open a data key that it wrapped: is it the same key?")


class KeyProvider(Protocol):
    """Who holds the key-encryption keys. `wrap` is called inside transactions: a remote provider keeps its key opened."""

    @property
    def newest(self) -> str:
        """The name of the key that wraps from now on."""
        ...

    async def wrap(self, plain: bytes, *, associated: bytes) -> tuple[str, bytes]:
        """The newest key's name, and the data key wrapped by it."""
        ...

    async def unwrap(self, name: str, wrapped: bytes, *, associated: bytes) -> bytes:
        """The data key again, or KeyUnknown, or KeyDamaged."""
        ...


class LocalKeys:
    """Key-encryption keys held in this process's memory. The first of them is the newest."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._newest = next(iter(keys))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    @property
    def newest(self) -> str:
        """The name of the key that wraps from now on."""
        return self._newest

    async def wrap(self, plain: bytes, *, associated: bytes) -> tuple[str, bytes]:
        """The newest key's name, and the data key wrapped by it."""
        nonce = os.urandom(NONCE_BYTES)
        return self._newest, nonce + self._ciphers[self._newest].encrypt(nonce, plain, associated)

    async def unwrap(self, name: str, wrapped: bytes, *, associated: bytes) -> bytes:
        """The data key again, or KeyUnknown, or KeyDamaged."""
        if name not in self._ciphers:
            raise KeyUnknown(name)
        try:
            return self._ciphers[name].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated)
        except (InvalidTag, ValueError):
            raise KeyDamaged(name) from None


def local_keys(using: Settings) -> LocalKeys:
    """The provider that the settings ask for.

    Raises:
        KeysMissing, KeysMalformed.
    """
    if using.key_encryption_keys is not None:
        return LocalKeys(parse_keys(using.key_encryption_keys.get_secret_value(), where=KEYS_VARIABLE))
    if using.environment is Environment.PRODUCTION:
        raise KeysMissing(KEYS_VARIABLE, KEYS_FORM)
    path = using.data_folder / FILE
    return LocalKeys(parse_keys(_from_file(path, "key_encryption_keys"), where=str(path)))


def token_secret() -> str:
    """What signs access tokens.

    Raises:
        KeysMissing, KeysMalformed.
    """
    return _token_secret(settings())


@lru_cache(maxsize=4)
def _token_secret(using: Settings) -> str:
    where, given = TOKEN_VARIABLE, using.token_secret.get_secret_value() if using.token_secret is not None else None
    if given is None and using.environment is Environment.PRODUCTION:
        raise KeysMissing(TOKEN_VARIABLE, TOKEN_FORM)
    if given is None:
        path = using.data_folder / FILE
        where, given = str(path), _from_file(path, "token_secret")
    if len(given) < TOKEN_LENGTH:
        raise KeysMalformed(where, TOKEN_FORM)
    return given


def parse_keys(text: str, *, where: str) -> dict[str, bytes]:
    """name:base64,name2:base64 as a mapping in the same order; an error names the place, never what stood there."""
    keys: dict[str, bytes] = {}
    for item in text.split(","):
        name, _, encoded = item.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise KeysMalformed(where, KEYS_FORM) from None
        if len(key) != KEY_BYTES or not 0 < len(name) <= NAME_LENGTH or name in keys:
            raise KeysMalformed(where, KEYS_FORM)
        keys[name] = key
    return keys


def _from_file(path: Path, entry: str) -> str:
    if not path.exists():
        _make_file(path)
    try:
        value = json.loads(path.read_text())[entry]
    except (ValueError, KeyError, TypeError):
        value = None
    if not isinstance(value, str):
        raise KeysMalformed(str(path), "what it was made with; without it, what was sealed in this database is lost")
    return value


def _make_file(path: Path) -> None:
    """Web and worker start at the same time: the lock lets one of them make the file, and a rename shows it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened_privately(path.with_suffix(".lock")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return
        made = {
            # A name of its own for each file, so that a lost file is told as a missing key and not as a damaged one.
            "key_encryption_keys": f"local-{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}",
            "token_secret": secrets.token_urlsafe(TOKEN_LENGTH),
        }
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with _opened_privately(draft) as file:
            file.write(json.dumps(made, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _opened_privately(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w")
