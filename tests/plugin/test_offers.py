"""Each fault of an offered class is named before it could cost money."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from perkhub.plugin import (
    Acknowledgement,
    BalancePayment,
    CallbackHint,
    ContactChannel,
    GatewayPayment,
    LookupRequest,
    Message,
    NoSettings,
    Notifier,
    PaymentOutcome,
    PaymentRequest,
    PaymentStarted,
    RefundLookupOutcome,
    RefundOutcome,
    RefundRequest,
    Title,
)
from perkhub.plugin.offers import notifier_faults, payment_faults
from perkhub.plugin.registry import load_plugins
from tests.plugin.made import balance


class Gateway(GatewayPayment):
    """In order; what the tests change they change in a subclass."""

    key = "acme"
    title = Title(en="Acme", zh="艾克美")
    currencies = frozenset({"CNY"})

    class Settings(BaseModel):
        api_key: SecretStr
        token: SecretStr | None = None
        public_key: str = ""

    def __init__(self, settings: Settings) -> None: ...
    async def start(self, request: PaymentRequest) -> PaymentStarted: ...  # type: ignore[empty-body]
    async def lookup(self, request: LookupRequest) -> PaymentOutcome: ...  # type: ignore[empty-body]
    async def refund(self, request: RefundRequest) -> RefundOutcome: ...  # type: ignore[empty-body]
    async def lookup_refund(self, request: RefundRequest) -> RefundLookupOutcome: ...  # type: ignore[empty-body]
    def read_callback(self, headers: Mapping[str, str], body: bytes) -> CallbackHint: ...  # type: ignore[empty-body]
    def acknowledge(self) -> Acknowledgement: ...  # type: ignore[empty-body]


class Mail(Notifier):
    """In order."""

    key = "acme_mail"
    channels = frozenset({ContactChannel.EMAIL})

    async def send(self, message: Message) -> None: ...


class PlainSecret(BaseModel):
    webhook_secret: str


async def asynchronous(self: object, headers: object, body: object) -> None: ...
def synchronous(self: object, request: object) -> None: ...
async def too_few(self: object) -> None: ...


def changed(offered: type, **attributes: Any) -> type:
    return type(offered.__name__, (offered,), attributes)


def without(offered: type, *methods: str) -> type:
    """As if the class had never written these methods."""
    kept = {
        name: value for name, value in vars(offered).items() if name not in (*methods, "__dict__", "__weakref__", "_abc_impl")
    }
    return type(offered)(offered.__name__, offered.__bases__, kept)


def test_what_is_in_order_has_no_faults():
    assert list(payment_faults(Gateway)) == []
    assert list(payment_faults(balance())) == []
    assert list(notifier_faults(Mail)) == []


def test_the_built_ins_have_no_faults():
    offered = load_plugins()
    assert [fault for method in offered.payments.values() for fault in payment_faults(method)] == []
    assert [fault for notifier in offered.notifiers.values() for fault in notifier_faults(notifier)] == []


@pytest.mark.parametrize("offered", [None, 7, "wallet", object(), dict, balance()(), Mail])
def test_no_payment_class_at_all(offered: object):
    (fault,) = payment_faults(offered)
    assert "must be a class derived from BalancePayment or GatewayPayment" in fault


@pytest.mark.parametrize("offered", [None, Mail(NoSettings()), Gateway])
def test_no_notifier_class_at_all(offered: object):
    (fault,) = notifier_faults(offered)
    assert "must be a class derived from Notifier" in fault


def test_both_kinds_at_once():
    both = type("Both", (Gateway, BalancePayment), {})
    assert list(payment_faults(both)) == ["it must be a BalancePayment or a GatewayPayment, not both"]


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"key": "Acme"}, "`key`"),
        ({"key": ""}, "`key`"),
        ({"key": None}, "`key`"),
        ({"key": "a" * 41}, "`key`"),
        ({"key": "acme\n"}, "`key`"),
        ({"title": "Acme"}, "`title`"),
        ({"title": Title(en="Acme", zh=" ")}, "`title`"),
        ({"currencies": ["CNY"]}, "`currencies`"),
        ({"currencies": frozenset()}, "`currencies`"),
        ({"currencies": frozenset({"CNY", "RMB"})}, "'RMB'"),
        ({"Settings": dict}, "`Settings`"),
        ({"Settings": PlainSecret}, "`Settings.webhook_secret`"),
        ({"read_callback": asynchronous}, "method `read_callback` must not be async"),
        ({"lookup": synchronous}, "method `lookup` must be async"),
        ({"refund": too_few}, "method `refund` must take self, request"),
        ({"acknowledge": None}, "method `acknowledge`"),
    ],
)
def test_a_fault_of_a_gateway_is_named(attributes: dict[str, Any], named: str):
    (fault,) = payment_faults(changed(Gateway, **attributes))
    assert named in fault


def test_missing_methods_are_all_named():
    faults = list(payment_faults(without(Gateway, "lookup", "lookup_refund")))
    assert faults == ["method `lookup` is missing", "method `lookup_refund` is missing"]


@pytest.mark.parametrize("channels", [None, [], frozenset(), frozenset({"email"}), {ContactChannel.SMS}])
def test_channels_of_a_notifier(channels: object):
    (fault,) = notifier_faults(changed(Mail, channels=channels))
    assert "`channels`" in fault
