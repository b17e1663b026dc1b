"""Which plugins this server has loaded, and what each brought."""

import strawberry

from perkhub.accounts import Permission
from perkhub.plugin.registry import LoadedPlugin, registry
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.mutations import query


@strawberry.type(name="Plugin", description="A loaded plugin.")
class PluginType:
    name: str = strawberry.field(description="The name of its entry point.")
    distribution: str = strawberry.field(description="The installed package that brings it.")
    version: str = strawberry.field(description="The package's version.")
    module: str = strawberry.field(description="The module that was loaded.")
    contract: str = strawberry.field(description="The version of the plugin contract that it needs.")
    registered: list[str] = strawberry.field(description='What it offers, by kind and key: "payment wallet".')


def to_plugin(plugin: LoadedPlugin) -> PluginType:
    """The plugin on the wire."""
    return PluginType(
        name=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        module=plugin.module,
        contract=plugin.contract,
        registered=list(plugin.registered),
    )


@strawberry.type
class PluginQueries:
    @query(requires(Permission.READ_PLUGINS), "Every loaded plugin, by name.")
    async def plugins(self) -> list[PluginType]:
        return [to_plugin(plugin) for plugin in registry().plugins]
