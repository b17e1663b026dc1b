"""Every way to extend Perkhub. Hooks run once, at start, in the order of the plugins' names, and only register."""

from typing import Protocol, TypeVar

import pluggy

from perkhub.plugin.mechanic import Mechanic
from perkhub.plugin.notifier import Notifier
from perkhub.plugin.payment import PaymentMethod
from perkhub.plugin.supplier import Supplier

T = TypeVar("T", contravariant=True)

PROJECT = "perkhub"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Register(Protocol[T]):
    """What a hook is given: call it once for each thing offered."""

    def __call__(self, offered: T, /) -> None: ...


@hookspec
def register_suppliers(register: Register[type[Supplier]]) -> None:
    """Offer suppliers to buy benefits from: register(AcmeCards)."""


@hookspec
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer mechanics that give campaigns their meaning: register(LuckyWheel)."""


@hookspec
def register_payments(register: Register[PaymentMethod]) -> None:
    """Offer ways to pay: register(AcmePay)."""


@hookspec
def register_notifiers(register: Register[type[Notifier]]) -> None:
    """Offer ways to send messages: register(AcmeSms)."""
