"""The wallet is a name: money moves in the host alone."""

from perkhub.plugin import BalancePayment
from perkhub.plugin.registry import load_plugins
from perkhub_plugins.payments.wallet import Wallet


def test_the_wallet_is_on_offer():
    assert load_plugins().payments["wallet"] is Wallet


def test_the_wallet_only_has_a_name():
    assert issubclass(Wallet, BalancePayment)
    assert (Wallet.key, Wallet.capture) == ("wallet", "balance")
    assert (Wallet.title.text("en"), Wallet.title.text("zh-CN")) == ("Wallet", "钱包余额")
    assert [name for name, value in vars(Wallet).items() if callable(value) and not name.startswith("_")] == []
