"""Operations named by their hash, by the protocol of automatic persisted queries: `extensions.persistedQuery.sha256Hash`.

A client sends the hash alone; where it is not known, `PersistedQueryNotFound` tells it to send the text along once.
"""

import re
from typing import Any

from perkhub.kit.db import transact
from perkhub.kit.errors import TooFast
from perkhub.kit.operations import keep_operation, kept_operation, operation_hash
from perkhub.kit.rates import take
from perkhub.kit.settings import Environment, OperationPolicy, settings

LONGEST = 20_000  # characters of an operation that is kept
HASH = re.compile(r"[0-9a-f]{64}")


class OperationRefused(Exception):
    """The request names no operation that may run; told as a GraphQL error with a code."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        self.code = code
        self.status = status
        super().__init__(message)


def operation_policy() -> OperationPolicy:
    """What this installation lets clients send."""
    chosen = settings().operations
    if chosen is not None:
        return chosen
    development = settings().environment is Environment.DEVELOPMENT
    return OperationPolicy.AUTOMATIC if development else OperationPolicy.KNOWN


async def operation_text(query: str | None, extensions: dict[str, Any] | None, *, who: str, keep: bool) -> str | None:
    """The operation that a request asks for, by its text or by its hash; `keep`: new ones may be kept.

    Raises:
        OperationRefused.
    """
    named = _hash_of(extensions)
    policy = operation_policy()
    if named is None:
        if policy is OperationPolicy.LISTED and query:
            await _refuse_unlisted(operation_hash(query))
        return query
    if query is None:
        known = await kept_operation(named)
        if known is None or (policy is not OperationPolicy.AUTOMATIC and not known.published):
            # As clients of the protocol expect it: by this message, and with 200.
            raise OperationRefused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", status=200)
        return known.text
    if operation_hash(query) != named:
        raise OperationRefused("PERSISTED_QUERY_MISMATCH", "The hash is not the SHA-256 of this operation's text.")
    if policy is OperationPolicy.LISTED:
        await _refuse_unlisted(named)
    elif policy is OperationPolicy.AUTOMATIC and keep and len(query) <= LONGEST and await kept_operation(named) is None:
        await _keep(query, who)
    return query


def _hash_of(extensions: dict[str, Any] | None) -> str | None:
    given = (extensions or {}).get("persistedQuery")
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("version", 1) != 1:
        raise OperationRefused("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported: only version 1 is.")
    named = given.get("sha256Hash")
    if not isinstance(named, str) or not HASH.fullmatch(named.lower()):
        raise OperationRefused("BAD_REQUEST", "`persistedQuery.sha256Hash` must be 64 hexadecimal digits.")
    return named.lower()


async def _refuse_unlisted(named: str) -> None:
    known = await kept_operation(named)
    if known is None or not known.published:
        raise OperationRefused("OPERATION_NOT_LISTED", "This installation runs only the operations that were published to it.")


async def _keep(query: str, who: str) -> None:
    """Whoever sends too many new ones is served all the same; they are only not kept."""
    try:
        await take(f"operations:{who}", limit=settings().operations_per_minute, seconds=60)
    except TooFast:
        return
    await transact(lambda tx: keep_operation(tx, query))
