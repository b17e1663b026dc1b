"""What payments know of a person besides the money: forgotten when they are erased."""

from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.redaction import redact_text

FORGET_ADDRESSES = "UPDATE payment SET return_url = NULL WHERE party_id = $1 AND return_url IS NOT NULL"
FORGET_CALLBACKS = """
    UPDATE gateway_callback c SET sealed = NULL FROM payment p
    WHERE p.party_id = $1 AND c.method = p.method AND c.our_reference = p.our_reference AND c.sealed IS NOT NULL
"""
# The customer's own words go; what staff have noted stays, without what looks like a contact.
FORGET_WORDS = """
    UPDATE refund r SET reason = '' FROM payment p
    WHERE p.party_id = $1 AND r.payment_id = p.id AND r.actor LIKE 'customer:%' AND r.reason <> ''
"""
WORDS = "SELECT r.id, r.reason FROM refund r JOIN payment p ON p.id = r.payment_id WHERE p.party_id = $1 AND r.reason <> ''"
REDACT = "UPDATE refund SET reason = $2 WHERE id = $1 AND reason <> ''"
REASON_LENGTH = 200  # what the column takes: what stands for a contact may be longer than it was


async def forget_payer(party: UUID) -> None:
    """Addresses to come back to, callbacks still kept, and the words of refunds."""
    reasons = await db.rows(WORDS, party)

    async def work(tx: Transaction) -> None:
        for statement in (FORGET_ADDRESSES, FORGET_CALLBACKS, FORGET_WORDS):
            await tx.execute(statement, party)
        for row in reasons:
            await tx.execute(REDACT, row["id"], redact_text(row["reason"])[:REASON_LENGTH])

    await transact(work)
