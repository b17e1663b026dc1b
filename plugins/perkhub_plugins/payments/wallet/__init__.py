"""Paying from the wallet that a party keeps with us. All movement of money is the host's; this gives it a name."""

from perkhub.plugin import BalancePayment, PaymentMethod, Register, Title, hookimpl

perkhub_contract = "1.0"


class Wallet(BalancePayment):
    """The balance of the party's own account, in the order's currency."""

    key = "wallet"
    title = Title(en="Wallet", zh="钱包余额")


@hookimpl
def register_payments(register: Register[PaymentMethod]) -> None:
    """Offer the wallet."""
    register(Wallet)
