"""The settings of every supplier plugin that is loaded, as one input: each plugin's own model becomes one of its members.

Only the form comes from the model: what is acceptable, the model itself says when it is asked.
"""

import types
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

import strawberry
from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from perkhub.plugin.registry import registry
from perkhub.plugin.supplier import Supplier
from perkhub_schema.graphql.kept import NEVER_KEPT
from perkhub_schema.graphql.money import ExactDecimal

PLAIN: Mapping[type, Any] = {
    str: str,
    int: int,
    bool: bool,
    float: ExactDecimal,
    Decimal: ExactDecimal,
    SecretStr: str,
    SecretBytes: str,
}
LISTS = (list, tuple, set, frozenset)


def _supplier_input(offered: type[Supplier]) -> Any:
    """The plugin's settings as an input type; what has a default may be left out."""
    annotations: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for name, declared in offered.Settings.model_fields.items():
        kind, secret = _kind_of(declared.annotation)
        more: dict[str, Any] = {"metadata": NEVER_KEPT} if secret else {}
        if not declared.is_required():
            kind, more["default"] = kind | None, None
        annotations[name] = kind
        fields[name] = strawberry.field(description=_described(declared), **more)
    made = type(f"{_camel(offered.key)}SettingsInput", (), {"__annotations__": annotations, **fields})
    return strawberry.input(made, description=f"How to reach {offered.title.en}: {_says(offered)}")


def _kind_of(annotation: Any) -> tuple[Any, bool]:
    """What a field takes on the wire, and whether it is a secret."""
    if get_origin(annotation) is Annotated:
        return _kind_of(get_args(annotation)[0])
    origin, given = get_origin(annotation), [one for one in get_args(annotation) if one is not type(None)]
    if origin in (Union, types.UnionType) and len(given) == 1:
        kind, secret = _kind_of(given[0])
        return kind | None, secret
    if origin in LISTS and given:
        kind, secret = _kind_of(given[0])
        return types.GenericAlias(list, (kind,)), secret
    return PLAIN.get(annotation, str), annotation in (SecretStr, SecretBytes)


def _described(declared: FieldInfo) -> str:
    told = declared.description or "As the plugin's own documentation says."
    default = declared.default
    plain = default is not PydanticUndefined and isinstance(default, str | int | float) and default != ""
    return f"{told.rstrip('.')}; {default} if left out." if plain else f"{told.rstrip('.')}."


def _says(offered: type[Supplier]) -> str:
    return " ".join((offered.Settings.__doc__ or "As its documentation says.").split())


def _camel(key: str) -> str:
    return "".join(part.capitalize() for part in key.split("_"))


def _all_settings() -> Any:
    maybe: Any = strawberry.Maybe
    members = {key: maybe[_supplier_input(offered)] for key, offered in sorted(registry().suppliers.items())}
    described = {key: strawberry.field(description=f"For {offered.title.en}.") for key, offered in registry().suppliers.items()}
    made = type("SupplierSettingsInput", (), {"__annotations__": members, **described})
    return strawberry.input(made, one_of=True, description="A supplier and its settings: exactly one.")


SupplierSettingsInput: Any = _all_settings()


def chosen_settings(given: Any) -> tuple[str, dict[str, object]]:
    """Which plugin, and what was given of its settings."""
    for key in registry().suppliers:
        member = getattr(given, key, None)
        if member is not None:
            return key, {name: _plain(value) for name, value in vars(member.value).items() if value is not None}
    raise AssertionError("exactly one was given")


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, Collection) and not isinstance(value, str) else value
