"""Forgetting codes, sessions and revoked tokens that are over, so that no table only grows."""

from collections.abc import Awaitable, Callable

from perkhub.accounts.codes import forget_old_codes
from perkhub.accounts.machines.tokens import forget_old_machine_tokens
from perkhub.accounts.organisations.invitations import forget_old_invitations
from perkhub.accounts.sessions import forget_old_sessions
from perkhub.kit.db import Transaction, transact

CHUNKS = 100  # of a thousand rows, so that one turn never runs for long


async def forget_what_is_over() -> None:
    """Delete old one-time codes, refresh tokens, sessions, revocations and invitations in chunks; to be run every hour."""
    await _in_chunks(forget_old_codes)
    await _in_chunks(forget_old_sessions)
    await _in_chunks(forget_old_machine_tokens)
    await _in_chunks(forget_old_invitations)


async def _in_chunks(forget: Callable[[Transaction], Awaitable[int]]) -> None:
    for _ in range(CHUNKS):
        if await transact(forget) == 0:
            return
