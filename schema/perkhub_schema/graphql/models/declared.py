"""What a pydantic model, or a dataclass, says of its fields."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined


@dataclass(frozen=True)
class Declared:
    """A field: what it holds, what it is of (see `Mechanic`), and who may see it."""

    name: str
    holds: Any
    description: str
    of: str | None = None
    hidden: bool = False
    required: bool = True
    default: Any = None


def declared_in(model: type[Any]) -> Iterator[Declared]:
    """Its fields, in their order."""
    yield from _of_model(model) if issubclass(model, BaseModel) else _of_dataclass(model)


def _of_model(model: type[BaseModel]) -> Iterator[Declared]:
    for name, field in model.model_fields.items():
        said = _said(field)
        yield Declared(
            name=name,
            holds=field.annotation,
            description=field.description or "",
            of=_text(said.get("of")),
            hidden=said.get("hidden") is True,
            required=field.is_required(),
            default=None if field.default is PydanticUndefined else field.default,
        )


def _said(field: FieldInfo) -> Mapping[str, Any]:
    """What it says beyond its type; of one that may be left out (`Percent | None`), what the type itself says."""
    members = [said for one in get_args(field.annotation) for said in getattr(one, "__metadata__", ())]
    found = [one.json_schema_extra for one in (*members, field) if isinstance(one, FieldInfo)]
    return {name: value for extra in found if isinstance(extra, Mapping) for name, value in extra.items()}


def _of_dataclass(model: type[Any]) -> Iterator[Declared]:
    holds = get_type_hints(model, include_extras=True)
    for field in dataclasses.fields(model):
        said = field.metadata
        yield Declared(
            name=field.name,
            holds=holds[field.name],
            description=_text(said.get("description")) or "",
            of=_text(said.get("of")),
            hidden=said.get("hidden") is True,
        )


def _text(given: object) -> str | None:
    return given if isinstance(given, str) else None
