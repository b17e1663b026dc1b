"""Double entry: who has what, and why. Every transfer sums to zero; a party's balance never passes its floor."""

from perkhub.ledger.adjust import adjust_wallet, freeze_wallet
from perkhub.ledger.books import Book
from perkhub.ledger.errors import AccountFrozen, AlreadyBooked, InsufficientFunds, WalletNotEmpty
from perkhub.ledger.forget import forget_notes
from perkhub.ledger.pay_out import pay_out_wallet
from perkhub.ledger.post import Booking, Entry, credit, debit, lock_account, post, post_many_new, post_new
from perkhub.ledger.read import Balance, Movement, adjustment_reasons, balances, balances_of, booked_by, movements

__all__ = [
    "AccountFrozen",
    "AlreadyBooked",
    "Balance",
    "Book",
    "Booking",
    "Entry",
    "InsufficientFunds",
    "Movement",
    "WalletNotEmpty",
    "adjust_wallet",
    "adjustment_reasons",
    "balances",
    "balances_of",
    "booked_by",
    "credit",
    "debit",
    "forget_notes",
    "freeze_wallet",
    "lock_account",
    "movements",
    "pay_out_wallet",
    "post",
    "post_many_new",
    "post_new",
]
