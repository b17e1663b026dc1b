"""Why a plugin was refused. Perkhub does not start with one: half a set of plugins is worse than none.

PluginRefused               names the plugin and the distribution it came in
├── PluginUnloadable        its module cannot be imported
├── ContractMismatch        it needs another version of the contract, or names none
├── HookMisused             it implements a hook that does not exist, or with other arguments
├── OfferInvalid            what it registers is not what the hook takes; every fault is listed
└── AlreadyTaken            another plugin has that name or key
SettingsRefused             the settings of a method or notifier are missing or wrong; says what would be right, never a value
"""

from collections.abc import Sequence
from typing import NamedTuple

from perkhub.plugin.payment import Title


class PluginRefused(Exception):
    """The text says who, from where, and what would be right."""

    def __init__(self, plugin: str, distribution: str, reason: str) -> None:
        self.plugin, self.distribution, self.reason = plugin, distribution, reason
        super().__init__(f"Plugin {plugin!r} of {distribution}: {reason}")


class PluginUnloadable(PluginRefused):
    """The cause follows it in the traceback."""


class ContractMismatch(PluginRefused):
    """Same major version, and a minor version no higher than the one offered: anything else is a mismatch."""

    def __init__(self, plugin: str, distribution: str, *, needed: str | None, offered: str) -> None:
        self.needed, self.offered = needed, offered
        reason = (
            f"it names no contract version; add perkhub_contract = {offered!r} to its module"
            if needed is None
            else f"it needs contract {needed}, this Perkhub offers {offered}"
        )
        super().__init__(plugin, distribution, reason)


class HookMisused(PluginRefused):
    """Says which hook, or which arguments are allowed."""


class OfferInvalid(PluginRefused):
    """All faults of one offered object at once."""

    def __init__(self, plugin: str, distribution: str, *, offered: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(plugin, distribution, f"{offered} cannot be registered: {'; '.join(faults)}")


class AlreadyTaken(PluginRefused):
    """Says who was first."""


class SettingFault(NamedTuple):
    """One setting, by its path in the plugin's model, and what would be acceptable; no path where it is of none alone."""

    path: tuple[str, ...]
    why: Title


class SettingsRefused(Exception):
    """The settings at fault and what is wrong with each. Values stay out of it: they may be secrets."""

    def __init__(self, key: str, faults: Sequence[SettingFault]) -> None:
        self.key, self.faults = key, tuple(faults)
        told = "; ".join(": ".join(filter(None, (".".join(fault.path), fault.why.en))) for fault in faults)
        super().__init__(f"Settings of {key!r}: {told}")
