"""From settings to working objects: what a gateway or a notifier needs to know before it can be used."""

import os
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.http import OutboundClient, outbound_client
from perkhub.plugin.notifier import Notifier
from perkhub.plugin.payment import GatewayPayment
from perkhub.plugin.supplier import Supplier

Configurable = TypeVar("Configurable", GatewayPayment, Notifier)


def configure(offered: type[Configurable], values: Mapping[str, object]) -> Configurable:
    """An instance, with its settings checked.

    Raises:
        SettingsRefused: names the fields at fault and never a value.
    """
    return offered(checked_settings(offered, values))


def configure_supplier(
    offered: type[Supplier], values: Mapping[str, object], *, client: OutboundClient | None = None
) -> Supplier:
    """An instance with its settings checked, and a way out that keeps its deadline and its silence.

    Raises:
        SettingsRefused: names the fields at fault and never a value.
    """
    settings = checked_settings(offered, values)
    if client is None:
        client = outbound_client("", timeout=offered.capabilities.timeout.total_seconds())
    return offered(settings, client)


def checked_settings(offered: type[GatewayPayment | Notifier | Supplier], values: Mapping[str, object]) -> BaseModel:
    """The settings as the plugin's own model has them.

    Raises:
        SettingsRefused.
    """
    try:
        return offered.Settings.model_validate(dict(values))
    except ValidationError as invalid:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in invalid.errors(include_input=False)]
        # Without its cause: pydantic's own text repeats the values.
        raise SettingsRefused(offered.key, faults) from None


def settings_from_environment(
    offered: type[GatewayPayment] | type[Notifier], environment: Mapping[str, str] | None = None
) -> dict[str, str] | None:
    """The values in PERKHUB_<KEY>_<FIELD>, or None when not one of them is set: then it is simply not configured."""
    variables = os.environ if environment is None else environment
    names = {field: f"PERKHUB_{offered.key}_{field}".upper() for field in offered.Settings.model_fields}
    values = {field: variables[name] for field, name in names.items() if variables.get(name)}
    return values or None
