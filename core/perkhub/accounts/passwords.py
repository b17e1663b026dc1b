"""Passwords: what is acceptable, and their argon2id hashes. Hashing runs beside the event loop, a few at a time."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from perkhub.accounts.common_passwords import COMMON
from perkhub.accounts.errors import PasswordTooWeak

T = TypeVar("T")

SHORTEST = 10
LONGEST = 256

# The second of OWASP's equivalent choices: 19 MiB and two passes, about 25 ms. Memory is bounded by the threads below.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def ensure_acceptable(password: str, *, path: tuple[str, ...] = ()) -> None:
    """Length and a list of the commonest; no rules of composition, which only make passwords harder to remember.

    Raises:
        PasswordTooWeak
    """
    if len(password) > LONGEST:
        raise PasswordTooWeak(f"at most {LONGEST} characters", f"最多 {LONGEST} 个字符", path=path)
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST:
        raise PasswordTooWeak(f"at least {SHORTEST} characters", f"至少 {SHORTEST} 个字符", path=path)
    if normal.casefold() in COMMON or len(set(normal)) == 1:
        raise PasswordTooWeak("it is one of the most common ones", "该密码过于常见", path=path)


async def hash_password(password: str) -> str:
    """The argon2id hash to store. Takes some 25 ms of a core: never call it inside a transaction that holds locks."""
    return await _beside_the_loop(_hash, password)


async def password_matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Where nothing is stored it takes as long, so that nobody learns it by time."""
    if len(password) > LONGEST:
        return False
    matches = await _beside_the_loop(_verify, password, stored or _dummy())
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)


async def _beside_the_loop(work: Callable[..., T], *arguments: str) -> T:
    return await asyncio.get_running_loop().run_in_executor(_hashing, work, *arguments)


def _hash(password: str) -> str:
    return HASHER.hash(_normal(password))


def _verify(password: str, stored: str) -> bool:
    try:
        return HASHER.verify(stored, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    return _hash("nobody has this password")


def _normal(password: str) -> bytes:
    """The same characters typed on another keyboard (full width, composed accents) are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")  # JSON may bring half a character
