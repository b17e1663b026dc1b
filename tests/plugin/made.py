"""Plugins made for one test, as modules that nothing installed."""

from types import ModuleType
from typing import Any

from perkhub.plugin import BalancePayment, PaymentMethod, Register, Title, hookimpl
from perkhub.plugin.discovery import FoundPlugin


def balance(key: str = "points", **attributes: Any) -> type[BalancePayment]:
    """A way to pay that is in order, but for what the test changes."""
    return type("Points", (BalancePayment,), {"key": key, "title": Title(en="Points", zh="积分"), **attributes})


def payments_hook(*offered: Any) -> Any:
    """A hook that offers these."""

    @hookimpl
    def register_payments(register: Register[PaymentMethod]) -> None:
        for each in offered:
            register(each)

    return register_payments


def plugin(name: str, *, contract: Any = "1.0", distribution: str = "acme-pay", **hooks: Any) -> FoundPlugin:
    """A plugin module of that name with these hooks."""
    module = ModuleType(f"{name}_plugin")
    if contract is not None:
        vars(module)["perkhub_contract"] = contract
    vars(module).update(hooks)
    return FoundPlugin(name, distribution, "3.2.1", module)
