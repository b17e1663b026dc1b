"""What a pydantic model, or a dataclass, says of its fields."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel
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
        said = field.json_schema_extra if isinstance(field.json_schema_extra, Mapping) else {}
        yield Declared(
            name=name,
            holds=field.annotation,
            description=field.description or "",
            of=_text(said.get("of")),
            hidden=said.get("hidden") is True,
            required=field.is_required(),
            default=None if field.default is PydanticUndefined else field.default,
        )


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
