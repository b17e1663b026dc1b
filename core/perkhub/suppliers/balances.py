"""What lies at suppliers: asked again and again, and told once when it falls below what an operator wants to be there."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.jobs import Context, Postpone
from perkhub.kit.logging import get_logger
from perkhub.kit.money import UNIT_PLACES
from perkhub.kit.outbox import emit, enqueue
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.events import SupplierBalanceLow
from perkhub.plugin.registry import registry
from perkhub.plugin.supplier import Balance, SupplierProblem, offers
from perkhub.suppliers.accounts import SUBJECT, account_by_id, lock_account
from perkhub.suppliers.connection import balance_told
from perkhub.suppliers.errors import SupplierUnknown
from perkhub.suppliers.guarded import a_line, word
from perkhub.suppliers.slots import NotNow

log = get_logger(__name__)

BALANCE_JOB = "suppliers.balance"
EVERY = timedelta(minutes=10)
MOST_ASKED = 200
LARGEST_WANTED = Decimal(10) ** 12

# The one that was asked longest ago goes first; who did not answer is not asked again at once either.
DUE = """
    UPDATE supplier_account SET balance_asked_at = $1
    WHERE id IN (SELECT id FROM supplier_account
                 WHERE plugin = ANY($2) AND state = 'active' AND (balance_asked_at IS NULL OR balance_asked_at <= $3)
                 ORDER BY balance_asked_at NULLS FIRST, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id
"""
NOTE = "UPDATE supplier_account SET answered_at = $2, balance = $3, balance_currency = $4, balance_low_since = $5 WHERE id = $1"
WANT = "UPDATE supplier_account SET balance_wanted = $2, balance_low_since = $3, version = version + 1 WHERE id = $1"


async def ask_balances() -> None:
    """A job for each account whose turn it is: one that is slow keeps no other one waiting."""
    telling = [key for key, offered in registry().suppliers.items() if offers(offered, "balance")]
    await transact(partial(_ask_due, telling=telling))


async def _ask_due(tx: Transaction, *, telling: list[str]) -> None:
    for row in await tx.rows(DUE, now(), telling, now() - EVERY, MOST_ASKED):
        enqueue(tx, BALANCE_JOB, account_id=row["id"], unique_key=f"balance:{row['id']}")


async def ask_balance(context: Context, account_id: UUID) -> None:
    """One question. What is not answered is asked again by its next turn.

    Raises:
        Postpone: the account cannot be asked at this moment.
    """
    account = await account_by_id(account_id)
    try:
        async with a_line(account) as line:
            balance = await balance_told(line)
    except NotNow as wait:
        raise Postpone(max(1.0, wait.seconds * 2 ** min(context.forgiven, 6))) from None
    except SupplierProblem as problem:
        log.warning("a supplier does not tell its balance", account=account.id, reason=word(problem.reason))
        return
    except (SupplierUnknown, SettingsRefused) as unusable:
        log.warning("an account cannot be used", account=account.id, error=type(unusable).__name__)
        return
    await transact(lambda tx: note_balance(tx, account_id, balance))


async def note_balance(tx: Transaction, account: UUID, balance: Balance | None) -> None:
    """The supplier answered as it should, and this lies there, where it tells. Below what is wanted, it is told: once, until
    there was enough again."""
    known = await lock_account(tx, account)
    amount, currency = (None, None) if balance is None else (balance.amount, balance.currency)
    low_since = known.balance_low_since
    if known.balance_wanted is None or (amount is not None and amount >= known.balance_wanted):
        low_since = None
    elif amount is not None and low_since is None:
        low_since = now()
        emit(tx, SupplierBalanceLow(account_id=account))
    await tx.execute(NOTE, account, now(), amount, currency, low_since)
    tx.note_change(SUBJECT, account, after={"answered": True})


async def want_balance(tx: Transaction, account: UUID, wanted: Decimal | None, *, expected_version: int) -> None:
    """Be told when less than this lies there, in the currency that the supplier tells; None is never.

    Raises:
        NotFound, VersionMoved, InvalidInput.
    """
    if wanted is not None and not (
        wanted.is_finite() and 0 < wanted <= LARGEST_WANTED and wanted == wanted.quantize(UNIT_PLACES)
    ):
        reason = "More than 0, with at most six decimal places."
        raise InvalidInput(path=("threshold",), reason=reason, reason_zh="须大于 0,最多六位小数。")
    before = await lock_account(tx, account, expected_version=expected_version)
    is_low = wanted is not None and before.balance is not None and before.balance < wanted
    low_since = (before.balance_low_since or now()) if is_low else None
    await tx.execute(WANT, account, wanted, low_since)
    if is_low and before.balance_low_since is None:
        emit(tx, SupplierBalanceLow(account_id=account))
    tx.note_change(SUBJECT, account, before={"balance_wanted": before.balance_wanted}, after={"balance_wanted": wanted})


async def count_low_balances() -> int:
    """Accounts at which less lies than is wanted."""
    many: int = await db.value("SELECT count(*) FROM supplier_account WHERE balance_low_since IS NOT NULL")
    return many
