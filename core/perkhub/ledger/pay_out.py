"""Money of a wallet that was sent to its owner by other ways than ours, on record for good.

So that whoever wants to be forgotten gets what is theirs first, a frozen or nameless wallet is paid out as well.
"""

import re
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import Money
from perkhub.ledger.books import Book
from perkhub.ledger.errors import InsufficientFunds
from perkhub.ledger.post import Entry, post

KIND = "wallet.pay_out"
# Kept when its owner is erased: a number at a bank, and no words that could name somebody.
EVIDENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")

# What is theirs and nothing of a credit line. Nobody spends here, so that a frozen wallet is no hindrance.
TAKE = """
    UPDATE party_account SET balance = balance - $3 WHERE party_id = $1 AND currency = $2 AND balance >= $3 RETURNING id
"""
PRESENT = "SELECT greatest(balance, 0) FROM party_account WHERE party_id = $1 AND currency = $2"
KEEP = "INSERT INTO wallet_payout (id, party_id, evidence) VALUES ($1, $2, $3)"


async def pay_out_wallet(
    tx: Transaction, party: UUID, amount: Money, *, evidence: str, reference: UUID, actor: str, owner: str = "customer"
) -> None:
    """Record that so much was sent to the party; `evidence` is the bank's number of it, `reference` makes it happen once.

    Raises:
        InvalidInput, InsufficientFunds, AlreadyBooked.
    """
    if amount.minor <= 0:
        raise InvalidInput(path=("amount", "amount"), reason="More than zero.", reason_zh="金额须大于零。")
    if not EVIDENCE.fullmatch(evidence):
        reason, reason_zh = "Up to 64 of A-Z, a-z, 0-9 and '._:/#-'.", "最多 64 个字符,限字母、数字及 ._:/#-。"
        raise InvalidInput(path=("evidence",), reason=reason, reason_zh=reason_zh)
    account: UUID | None = await tx.value(TAKE, party, amount.currency, amount.minor)
    if account is None:
        there = Money(await tx.value(PRESENT, party, amount.currency) or 0, amount.currency)
        raise InsufficientFunds(shortfall=amount - there)
    entries = [Entry(Book.PARTY, -amount, account), Entry(Book.PAID_OUT, amount)]
    await post(tx, KIND, reference, entries, actor=actor)
    await tx.execute(KEEP, reference, party, evidence)
    tx.note_change(owner, party, after={"wallet_paid_out": amount, "evidence": evidence})
