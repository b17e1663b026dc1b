"""The settings of every supplier plugin that is loaded, as one input: each plugin's own model becomes one of its members.

Only the form comes from the model: what is acceptable, the model itself says when it is asked.
"""

from typing import Any

import strawberry

from perkhub.plugin.registry import registry
from perkhub.plugin.supplier import Supplier
from perkhub_schema.graphql.models import Forms, camel

FORMS = {key: Forms(key) for key in registry().suppliers}


def _supplier_input(key: str, offered: type[Supplier]) -> Any:
    """The plugin's settings as an input type; what has a default may be left out."""
    says = " ".join((offered.Settings.__doc__ or "As its documentation says.").split())
    told = f"How to reach {offered.title.en}: {says}"
    return FORMS[key].input(offered.Settings, f"{camel(key)}SettingsInput", told)


def _all_settings() -> Any:
    maybe: Any = strawberry.Maybe
    members = {key: maybe[_supplier_input(key, offered)] for key, offered in sorted(registry().suppliers.items())}
    described = {key: strawberry.field(description=f"For {offered.title.en}.") for key, offered in registry().suppliers.items()}
    made = type("SupplierSettingsInput", (), {"__annotations__": members, **described})
    return strawberry.input(made, one_of=True, description="A supplier and its settings: exactly one.")


SupplierSettingsInput: Any = _all_settings()


def chosen_settings(given: Any) -> tuple[str, dict[str, object]]:
    """Which plugin, and what was given of its settings."""
    for key, offered in registry().suppliers.items():
        member = getattr(given, key, None)
        if member is not None:
            told = FORMS[key].plain(offered.Settings, member.value)
            return key, {name: value for name, value in told.items() if value is not None}
    raise AssertionError("exactly one was given")
