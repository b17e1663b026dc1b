"""What the ledger's notes say of a person: forgotten when they are erased. Every entry stays."""

from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.redaction import redact_text
from perkhub.ledger.adjust import LONGEST_REASON

NOTES = "SELECT id, reason FROM wallet_adjustment WHERE party_id = $1 AND reason <> ''"
REDACT = "UPDATE wallet_adjustment SET reason = $2 WHERE id = $1 AND reason <> $2"


async def forget_notes(party: UUID) -> None:
    """What looks like a contact in an operator's note goes out of it."""
    notes = await db.rows(NOTES, party)

    async def work(tx: Transaction) -> None:
        for row in notes:
            await tx.execute(REDACT, row["id"], redact_text(row["reason"])[:LONGEST_REASON])

    await transact(work)
