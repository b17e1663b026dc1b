"""Inputs made of what clients send, by steps that are found out once for each input type.

Strawberry asks every field for its name and its type again for each request; of an order's arguments alone that was a
twentieth of the web process's time. What is rare (`Maybe`, lists of lists, pydantic models) it still converts itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, replace
from typing import Any, cast

import strawberry
from strawberry.scalars import is_scalar
from strawberry.types.arguments import InputContext
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert = Callable[[Any, InputContext, str], Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """One field: under which name it comes and goes, and how its value is converted; None where it stays as it is."""

    sent: str
    name: str
    convert: Convert | None
    even_null: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    steps: tuple[_Step, ...]
    absent: Mapping[str, None]

    def build(self, made: type, given: Mapping[str, Any], context: InputContext) -> Any:
        fields: dict[str, Any] = dict(self.absent)
        for step in self.steps:
            if step.sent in given:
                value = given[step.sent]
                as_it_is = step.convert is None or (value is None and not step.even_null) or value is UNSET
                fields[step.name] = value if as_it_is else step.convert(value, context, step.sent)  # type: ignore[misc]
        return made(**fields)


def convert_by_plans(schema: strawberry.Schema) -> None:
    """From now on every input type that builds itself in no way of its own is built by its plan."""
    for known in schema.schema_converter.type_map.values():
        definition = known.definition
        if isinstance(definition, StrawberryObjectDefinition) and definition.is_input and definition.from_input is None:
            definition.from_input = _planned(schema, definition)


def _planned(schema: strawberry.Schema, definition: StrawberryObjectDefinition) -> Callable[..., Any]:
    plan: _Plan | None = None

    def build(made: type, given: Mapping[str, Any], context: InputContext) -> Any:
        nonlocal plan
        if plan is None:
            plan = _plan_of(schema, definition)
        return plan.build(made, given, context)

    return build


def _plan_of(schema: strawberry.Schema, definition: StrawberryObjectDefinition) -> _Plan:
    steps = []
    for field in definition.fields:
        kind = field.resolve_type(type_definition=definition)
        sent = schema.config.name_converter.from_field(field)
        steps.append(_Step(sent, field.python_name, _conversion(schema, kind), isinstance(kind, StrawberryMaybe)))
    # What may be left out and says no default is null.
    absent = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }
    return _Plan(tuple(steps), absent)


def _conversion(schema: strawberry.Schema, kind: Any) -> Convert | None:
    if isinstance(kind, StrawberryMaybe):
        return _by_strawberry(kind)
    if isinstance(kind, StrawberryOptional):
        return _conversion(schema, kind.of_type)
    if isinstance(kind, LazyType):
        return _conversion(schema, kind.resolve_type())
    if kind is not strawberry.relay.GlobalID and _is_leaf(schema, kind):
        return None
    if isinstance(kind, StrawberryList) and has_object_definition(kind.of_type):
        return _each_of(kind.of_type)
    return _object_of(kind) if has_object_definition(kind) else _by_strawberry(kind)


def _is_leaf(schema: strawberry.Schema, kind: Any) -> bool:
    enum = isinstance(kind, StrawberryEnumDefinition) or has_enum_definition(kind)
    return enum or is_scalar(kind, schema.schema_converter.scalar_registry)


def _by_strawberry(kind: Any) -> Convert:
    return lambda value, context, sent: context.convert(value, kind, sent)


def _object_of(kind: Any) -> Convert:
    build = kind.__strawberry_definition__.from_input
    return lambda value, context, sent: build(kind, value, replace(context, path=(*context.path, sent)))


def _each_of(kind: Any) -> Convert:
    build = kind.__strawberry_definition__.from_input

    def each(values: Any, context: InputContext, sent: str) -> list[Any]:
        path = (*context.path, sent)
        return [build(kind, value, replace(context, path=(*path, place))) for place, value in enumerate(values)]

    return cast("Convert", each)
