"""An operator's correction of a wallet, and freezing it."""

from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.money import Money
from perkhub.ledger.books import Book
from perkhub.ledger.post import Entry, credit, debit, post

LONGEST_REASON = 300

KEEP_REASON = "INSERT INTO wallet_adjustment (id, party_id, reason) VALUES ($1, $2, $3)"
FREEZE = "UPDATE party_account SET frozen = $2 WHERE party_id = $1 RETURNING id"


async def adjust_wallet(
    tx: Transaction,
    party: UUID,
    amount: Money,
    *,
    reference: UUID,
    actor: str,
    reason: str = "",
    owner: str = "customer",
) -> None:
    """Credit (positive) or debit (negative) a wallet against the adjustment book; `reference` makes it happen once.

    `owner` says for the log of deeds what the party is: a customer, or an organisation.

    Raises:
        InvalidInput: nothing to adjust, or an unfit reason.
        InsufficientFunds, AccountFrozen, AlreadyBooked.
    """
    if not amount:
        raise InvalidInput(path=("amount", "amount"), reason="Not zero.", reason_zh="金额不能为零。")
    if len(reason) > LONGEST_REASON or (reason and not reason.isprintable()):
        raise InvalidInput(
            path=("reason",),
            reason=f"One line of at most {LONGEST_REASON} characters.",
            reason_zh=f"单行,最多 {LONGEST_REASON} 个字符。",
        )
    account = await (credit(tx, party, amount) if amount.minor > 0 else debit(tx, party, -amount))
    entries = [Entry(Book.PARTY, amount, account), Entry(Book.ADJUSTMENT, -amount)]
    await post(tx, "wallet.adjust", reference, entries, actor=actor)
    await tx.execute(KEEP_REASON, reference, party, reason)
    tx.note_change(owner, party, after={"wallet_adjusted_by": amount})


async def freeze_wallet(tx: Transaction, party: UUID, *, frozen: bool) -> None:
    """Stop (or allow again) all spending of a party."""
    if not await tx.rows(FREEZE, party, frozen):
        raise NotFound("wallet", "钱包", path=("customerId",))
