"""Every hook says what it is for, only registers, and has a test of its own in this file."""

import inspect
import sys

from perkhub.plugin import ContactChannel, Message, Notifier, Register, hookimpl, hookspecs
from perkhub.plugin.mechanic import Mechanic
from perkhub.plugin.registry import load_plugins
from perkhub.plugin.supplier import Supplier
from tests.plugin.made import balance, payments_hook, plugin
from tests.plugin.mechanics import Wheel
from tests.plugin.suppliers import Acme

HOOKS = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "perkhub_spec")}


def untested(hooks: dict[str, object]) -> list[str]:
    here = vars(sys.modules[__name__])
    return [name for name in hooks if not any(test.startswith(f"test_{name}") for test in here)]


def undocumented(hooks: dict[str, object]) -> list[str]:
    return [name for name, hook in hooks.items() if not (inspect.getdoc(hook) or "").strip()]


def test_there_are_hooks():
    assert set(HOOKS) == {"register_suppliers", "register_mechanics", "register_payments", "register_notifiers"}


def test_every_hook_has_a_docstring_and_a_test():
    assert undocumented(HOOKS) == []
    assert untested(HOOKS) == []


def test_a_hook_without_either_is_caught():
    def register_nothing(register: object) -> None: ...

    assert undocumented({"register_nothing": register_nothing}) == ["register_nothing"]
    assert untested({"register_nothing": register_nothing}) == ["register_nothing"]


def test_hooks_only_register():
    for name, hook in HOOKS.items():
        assert name.startswith("register_")
        assert list(inspect.signature(hook).parameters) == ["register"]
        assert not inspect.iscoroutinefunction(hook)


def test_the_page_stays_a_page():
    assert len(inspect.getsource(hookspecs).splitlines()) <= 60


def test_register_payments():
    points = balance("points")
    offered = load_plugins([plugin("acme", register_payments=payments_hook(points))])
    assert dict(offered.payments) == {"points": points}
    assert offered.loaded()[0].registered == ("payment points",)


def test_register_notifiers():
    class Sms(Notifier):
        key = "acme_sms"
        channels = frozenset({ContactChannel.SMS})

        async def send(self, message: Message) -> None: ...

    @hookimpl
    def register_notifiers(register: Register[type[Notifier]]) -> None:
        register(Sms)

    offered = load_plugins([plugin("acme", register_notifiers=register_notifiers)])
    assert dict(offered.notifiers) == {"acme_sms": Sms}
    assert offered.loaded()[0].registered == ("notifier acme_sms",)


def test_register_suppliers():
    @hookimpl
    def register_suppliers(register: Register[type[Supplier]]) -> None:
        register(Acme)

    offered = load_plugins([plugin("acme", register_suppliers=register_suppliers)])
    assert dict(offered.suppliers) == {"acme_cards": Acme}
    assert offered.loaded()[0].registered == ("supplier acme_cards",)


def test_register_mechanics():
    @hookimpl
    def register_mechanics(register: Register[type[Mechanic]]) -> None:
        register(Wheel)

    offered = load_plugins([plugin("acme", register_mechanics=register_mechanics)])
    assert dict(offered.mechanics) == {"lucky_wheel": Wheel}
    assert offered.loaded()[0].registered == ("mechanic lucky_wheel",)
