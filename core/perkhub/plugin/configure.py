"""From settings to working objects: what a gateway or a notifier needs to know before it can be used."""

import os
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from perkhub.plugin.errors import SettingFault, SettingsRefused
from perkhub.plugin.http import OutboundClient, outbound_client
from perkhub.plugin.notifier import Notifier
from perkhub.plugin.payment import GatewayPayment
from perkhub.plugin.supplier import Supplier
from perkhub.plugin.unfit import PYDANTICS, REST, unfit

SHORTEST_SECRET = 4
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
        given = frozenset(_texts(values))
        faults = [_fault(one, given) for one in invalid.errors(include_url=False, include_input=False)]
    except Exception:  # a plugin's own validators raise what they may not: their text may hold anything
        faults = [SettingFault((), REST)]
    # Without its cause: pydantic's own text repeats the values.
    raise SettingsRefused(offered.key, faults) from None


def _fault(told: ErrorDetails, given: frozenset[str]) -> SettingFault:
    """In words of the house. Those of a validator are heard as long as they repeat nothing that was given."""
    why = unfit(told)
    if told["type"] not in PYDANTICS and any(text in words for text in given for words in (why.en, why.zh)):
        why = REST
    return SettingFault(tuple(map(str, told["loc"])), why)


def _texts(given: object) -> Iterator[str]:
    """Every text in the settings that is long enough to be a secret, at any depth; of a key its lines, for whoever quotes it
    writes their ends otherwise."""
    if isinstance(given, str | bytes | int | float | Decimal):
        text = given.decode(errors="replace") if isinstance(given, bytes) else str(given)
        yield from (line for line in map(str.strip, text.splitlines()) if len(line) >= SHORTEST_SECRET)
    elif isinstance(given, Mapping):
        yield from _texts([*given.values()])
    elif isinstance(given, Iterable):
        for one in given:
            yield from _texts(one)


def settings_from_environment(
    offered: type[GatewayPayment] | type[Notifier], environment: Mapping[str, str] | None = None
) -> dict[str, str] | None:
    """The values in PERKHUB_<KEY>_<FIELD>, or None when not one of them is set: then it is simply not configured."""
    variables = os.environ if environment is None else environment
    names = {field: f"PERKHUB_{offered.key}_{field}".upper() for field in offered.Settings.model_fields}
    values = {field: variables[name] for field, name in names.items() if variables.get(name)}
    return values or None
