"""Finding plugins: modules that installed distributions name in an entry-point group. Nothing else is ever loaded."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from perkhub.plugin.errors import ContractMismatch, PluginUnloadable

GROUP = "perkhub.plugins"

# Major: what breaks plugins. Minor: what was added; an older plugin never notices.
CONTRACT = (1, 0)


@dataclass(frozen=True)
class FoundPlugin:
    """A plugin module and where it comes from."""

    name: str
    distribution: str
    version: str
    module: ModuleType

    @property
    def contract(self) -> str | None:
        """The contract version it needs, by its `perkhub_contract`."""
        needed = getattr(self.module, "perkhub_contract", None)
        return needed if isinstance(needed, str) else None


def find_plugins(group: str = GROUP) -> list[FoundPlugin]:
    """Every plugin of every installed distribution, in the order of their names.

    Raises:
        PluginUnloadable: a module cannot be imported.
    """
    points = sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    return [_load(point) for point in points]


def check_contract(plugin: FoundPlugin) -> None:
    """Refuse a plugin that needs a contract we do not offer.

    Raises:
        ContractMismatch: with the plugin, its distribution, the needed and the offered version.
    """
    needed, offered = plugin.contract, ".".join(str(part) for part in CONTRACT)
    try:
        major, minor = (int(part) for part in (needed or "").split("."))
    except ValueError:
        raise ContractMismatch(plugin.name, plugin.distribution, needed=needed, offered=offered) from None
    if major != CONTRACT[0] or not 0 <= minor <= CONTRACT[1]:
        raise ContractMismatch(plugin.name, plugin.distribution, needed=needed, offered=offered)


def _load(point: EntryPoint) -> FoundPlugin:
    distribution, version = (point.dist.name, point.dist.version) if point.dist else ("no distribution", "")
    try:
        module = point.load()
    except Exception as cause:  # a plugin's module may fail in any way while it is imported
        raise PluginUnloadable(point.name, distribution, f"{point.value} cannot be imported ({cause!r})") from cause
    if not isinstance(module, ModuleType):
        raise PluginUnloadable(point.name, distribution, f"{point.value} is no module")
    return FoundPlugin(point.name, distribution, version, module)
