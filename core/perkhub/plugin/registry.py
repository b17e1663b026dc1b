"""What the plugins of this process offer, collected once at start and never changed afterwards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import pluggy

from perkhub.plugin import hookspecs
from perkhub.plugin.discovery import FoundPlugin, check_contract, find_plugins
from perkhub.plugin.errors import AlreadyTaken, HookMisused, OfferInvalid
from perkhub.plugin.mechanic import Mechanic
from perkhub.plugin.notifier import Notifier
from perkhub.plugin.offers import mechanic_faults, notifier_faults, payment_faults, supplier_faults
from perkhub.plugin.payment import PaymentMethod
from perkhub.plugin.supplier import Supplier


@dataclass(frozen=True)
class LoadedPlugin:
    """One plugin, where it came from and what it brought."""

    name: str
    distribution: str
    version: str
    module: str
    contract: str
    registered: tuple[str, ...]  # "payment wallet", "notifier console"


@dataclass(frozen=True)
class Registry:
    """Everything on offer, by key."""

    suppliers: Mapping[str, type[Supplier]]
    mechanics: Mapping[str, type[Mechanic]]
    payments: Mapping[str, PaymentMethod]
    notifiers: Mapping[str, type[Notifier]]
    plugins: tuple[LoadedPlugin, ...]

    def loaded(self) -> tuple[LoadedPlugin, ...]:
        """Which plugins are loaded and from where."""
        return self.plugins


@dataclass(frozen=True)
class _Shelf:
    """One hook, what it collects, and who put it there."""

    hook: str
    kind: str
    faults: Callable[[object], Iterator[str]]
    offers: dict[str, tuple[FoundPlugin, Any]]

    def take_from(self, plugin: FoundPlugin, offered: object) -> None:
        faults = list(self.faults(offered))
        if faults:
            shown = getattr(offered, "__qualname__", type(offered).__qualname__)
            raise OfferInvalid(plugin.name, plugin.distribution, offered=f"{self.kind} {shown}", faults=faults)
        key: str = offered.key  # type: ignore[attr-defined]  # the faults above have seen it
        if key in self.offers:
            first = self.offers[key][0]
            raise AlreadyTaken(
                plugin.name,
                plugin.distribution,
                f"{self.kind} {key!r} is already registered by plugin {first.name!r} of {first.distribution}",
            )
        self.offers[key] = (plugin, offered)

    def keys_of(self, plugin: FoundPlugin) -> list[str]:
        return [f"{self.kind} {key}" for key, (giver, _) in self.offers.items() if giver is plugin]

    def by_key(self) -> Mapping[str, Any]:
        return MappingProxyType({key: offered for key, (_, offered) in self.offers.items()})


def load_plugins(found: Iterable[FoundPlugin] | None = None) -> Registry:
    """Load what the installed distributions bring (or the given plugins) and let each register.

    Raises:
        PluginRefused: by name, whichever plugin is at fault.
    """
    plugins = find_plugins() if found is None else list(found)
    manager = _managed(plugins)
    suppliers = _Shelf("register_suppliers", "supplier", supplier_faults, {})
    mechanics = _Shelf("register_mechanics", "mechanic", mechanic_faults, {})
    payments = _Shelf("register_payments", "payment", payment_faults, {})
    notifiers = _Shelf("register_notifiers", "notifier", notifier_faults, {})
    shelves = (suppliers, mechanics, payments, notifiers)
    for plugin in plugins:
        for shelf in shelves:
            _let_register(manager, plugin, shelf, others=[other.module for other in plugins if other is not plugin])
    return Registry(
        suppliers=suppliers.by_key(),
        mechanics=mechanics.by_key(),
        payments=payments.by_key(),
        notifiers=notifiers.by_key(),
        plugins=tuple(_loaded(plugin, shelves) for plugin in plugins),
    )


def _managed(plugins: list[FoundPlugin]) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    by_name: dict[str, FoundPlugin] = {}
    for plugin in plugins:
        check_contract(plugin)
        first = by_name.setdefault(plugin.name, plugin)
        if first is not plugin:
            raise AlreadyTaken(plugin.name, plugin.distribution, f"{first.distribution} already brings a plugin of that name")
        try:
            manager.register(plugin.module, name=plugin.name)
            manager.check_pending()
        except pluggy.PluginValidationError as fault:
            raise HookMisused(plugin.name, plugin.distribution, " ".join(str(fault).split())) from None
    return manager


def _let_register(manager: pluggy.PluginManager, plugin: FoundPlugin, shelf: _Shelf, *, others: list[Any]) -> None:
    # One plugin at a time: only so is it known who offers what.
    def register(offered: object, /) -> None:
        shelf.take_from(plugin, offered)

    manager.subset_hook_caller(shelf.hook, others)(register=register)


def _loaded(plugin: FoundPlugin, shelves: Iterable[_Shelf]) -> LoadedPlugin:
    return LoadedPlugin(
        name=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        module=plugin.module.__name__,
        contract=cast("str", plugin.contract),
        registered=tuple(key for shelf in shelves for key in shelf.keys_of(plugin)),
    )


_registry: Registry | None = None


def registry() -> Registry:
    """What this process has; loaded when first asked for."""
    global _registry
    if _registry is None:
        _registry = load_plugins()
    return _registry


def set_registry(chosen: Registry | None) -> None:
    """Use this registry from now on; None loads afresh at the next question. For tests and the start of a process."""
    global _registry
    _registry = chosen
