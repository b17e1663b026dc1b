"""Plugins are loaded in order, each is known by what it brought, and one at fault is refused by name."""

from types import ModuleType

import pytest

from perkhub.plugin import discovery, hookimpl
from perkhub.plugin.discovery import FoundPlugin, find_plugins
from perkhub.plugin.errors import AlreadyTaken, ContractMismatch, HookMisused, OfferInvalid, PluginUnloadable
from perkhub.plugin.registry import Registry, load_plugins, registry, set_registry
from tests.plugin.made import balance, payments_hook, plugin


def test_the_built_in_plugins_come_in_through_entry_points():
    loaded = {one.name: one for one in load_plugins().loaded()}
    assert {"wallet", "sandbox_gateway", "console"} <= set(loaded)
    wallet = loaded["wallet"]
    assert (wallet.distribution, wallet.module, wallet.contract) == ("perkhub", "perkhub_plugins.payments.wallet", "1.0")
    assert wallet.registered == ("payment wallet",)
    assert wallet.version


def test_plugins_are_found_in_the_order_of_their_names():
    names = [found.name for found in find_plugins()]
    assert names == sorted(names)


@pytest.mark.parametrize("contract", ["2.0", "0.9", "1.1", "1", "1.0.0", "one.zero", "", "1.-1", 1.0, (1, 0)])
def test_another_contract_is_refused_by_name(contract: object):
    found = plugin("acme", contract=contract, register_payments=payments_hook(balance()))
    with pytest.raises(ContractMismatch) as refused:
        load_plugins([found])
    for part in ("'acme'", "acme-pay", "1.0"):
        assert part in str(refused.value)
    if isinstance(contract, str):
        assert refused.value.needed == contract
        assert contract in str(refused.value)
    assert refused.value.offered == "1.0"


def test_no_contract_is_refused_and_says_what_to_add():
    with pytest.raises(ContractMismatch, match=r"add perkhub_contract = '1.0'"):
        load_plugins([plugin("acme", contract=None)])


def test_an_older_minor_contract_is_fine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(discovery, "CONTRACT", (1, 4))
    assert load_plugins([plugin("acme", contract="1.3")]).loaded()[0].contract == "1.3"


def test_a_key_twice_is_refused_naming_both():
    first = plugin("acme", distribution="acme-pay", register_payments=payments_hook(balance("points")))
    second = plugin("bolt", distribution="bolt-pay", register_payments=payments_hook(balance("points")))
    with pytest.raises(AlreadyTaken) as refused:
        load_plugins([first, second])
    for part in ("'acme'", "acme-pay", "'bolt'", "bolt-pay", "payment 'points'"):
        assert part in str(refused.value)


def test_a_name_twice_is_refused_naming_both_distributions():
    with pytest.raises(AlreadyTaken) as refused:
        load_plugins([plugin("acme", distribution="acme-pay"), plugin("acme", distribution="acme-too")])
    assert "acme-pay" in str(refused.value)
    assert "acme-too" in str(refused.value)


def test_a_hook_that_does_not_exist_is_refused():
    @hookimpl
    def register_teleporters(register: object) -> None: ...

    with pytest.raises(HookMisused, match=r"Plugin 'acme' of acme-pay: .*register_teleporters"):
        load_plugins([plugin("fine"), plugin("acme", register_teleporters=register_teleporters)])


def test_a_hook_with_other_arguments_is_refused():
    @hookimpl
    def register_payments(register: object, app: object) -> None: ...

    with pytest.raises(HookMisused, match=r"'acme' of acme-pay: .*app"):
        load_plugins([plugin("acme", register_payments=register_payments)])


def test_a_wrong_offer_is_refused_with_every_fault():
    wrong = balance("Not A Key", title="Points")
    with pytest.raises(OfferInvalid) as refused:
        load_plugins([plugin("acme", register_payments=payments_hook(wrong))])
    assert "payment Points" in str(refused.value)
    assert len(refused.value.faults) == 2


class Point:
    """Stands in for an entry point of an installed distribution."""

    name, value, dist = "acme", "acme.plugin", None

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def load(self) -> object:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize("outcome", [ImportError("no acme"), RuntimeError("boom"), SyntaxError("bad"), object()])
def test_a_module_that_cannot_be_loaded_is_refused_by_name(outcome: object, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(discovery, "entry_points", lambda *, group: [Point(outcome)])
    with pytest.raises(PluginUnloadable, match=r"Plugin 'acme' of no distribution: acme.plugin"):
        load_plugins(find_plugins())


def test_the_registry_cannot_be_changed():
    offered = load_plugins([FoundPlugin("empty", "acme-pay", "1", _silent())])
    assert offered.payments == {}
    with pytest.raises(TypeError):
        offered.payments["points"] = balance()  # type: ignore[index]


def test_the_process_registry_is_loaded_once_and_can_be_replaced():
    set_registry(None)
    assert "wallet" in registry().payments
    assert registry() is registry()
    other = Registry(suppliers={}, mechanics={}, payments={}, notifiers={}, plugins=())
    set_registry(other)
    assert registry() is other
    set_registry(None)
    assert "wallet" in registry().payments


def _silent() -> ModuleType:
    module = ModuleType("silent")
    vars(module)["perkhub_contract"] = "1.0"
    return module
