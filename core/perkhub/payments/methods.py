"""The payment methods of this process: loaded plugins, configured from the environment."""

from perkhub.payments.errors import PaymentMethodUnknown
from perkhub.plugin.configure import configure, settings_from_environment
from perkhub.plugin.payment import BalancePayment, GatewayPayment
from perkhub.plugin.registry import registry

_gateways: dict[str, GatewayPayment] = {}


def gateways() -> dict[str, GatewayPayment]:
    """Every gateway that is loaded and configured, by key; one instance each per process."""
    for key, method in registry().payments.items():
        if issubclass(method, GatewayPayment) and key not in _gateways:
            values = settings_from_environment(method)
            if values is not None:
                _gateways[key] = configure(method, values)
    return _gateways


def gateway(key: str, *, currency: str) -> GatewayPayment:
    """The gateway of this key, if it takes this currency.

    Raises:
        PaymentMethodUnknown.
    """
    usable = {name: method for name, method in gateways().items() if currency in method.currencies}
    if key not in usable:
        raise PaymentMethodUnknown(currency=currency, available=", ".join(sorted(usable)))
    return usable[key]


def wallet_key() -> str:
    """The key under which wallet payments are recorded.

    Raises:
        PaymentMethodUnknown: the wallet plugin is not loaded.
    """
    for key, method in registry().payments.items():
        if issubclass(method, BalancePayment):
            return key
    raise PaymentMethodUnknown(currency="any currency", available="")


async def close_gateways() -> None:
    """Give up connections at the end of the process."""
    while _gateways:
        _, method = _gateways.popitem()
        await method.close()
