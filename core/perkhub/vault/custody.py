"""The custody log: every touch of a code is a row, written in the transaction that touches it."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.vault.models import CustodyAction
from perkhub.vault.sql import RECORD_CUSTODY


async def record_custody(
    tx: Transaction, action: CustodyAction, codes: Sequence[tuple[UUID, UUID | None]], *, actor: str
) -> None:
    """One row for each (code, entitlement)."""
    await tx.execute(
        RECORD_CUSTODY,
        now(),
        str(action),
        actor,
        correlation_id(),
        [code for code, _ in codes],
        [entitlement for _, entitlement in codes],
    )
