"""Building the forms: of each model an input and a type, of each of its fields the shape that fits."""

import dataclasses
import re
import types
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin
from uuid import UUID

import strawberry
from pydantic import BaseModel
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

from perkhub.accounts import Permission, ensure_permission
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.kept import NEVER_KEPT
from perkhub_schema.graphql.models.declared import Declared, declared_in
from perkhub_schema.graphql.models.shapes import (
    SIMPLE,
    Anything,
    Around,
    Many,
    Number,
    OneOf,
    Perhaps,
    Price,
    Shape,
)

LISTS = (list, set, frozenset)
SILENT = "As the plugin's own documentation says."
NUMBER = "number"


class Shown(NamedTuple):
    """A model on its way out."""

    model: Any
    currency: str


# Where a type of several fields finds its model: of a nested one it is the source itself.
Find = Callable[[Any, Info], Any]


def camel(key: str) -> str:
    """The key of a plugin, or a text, as the beginning of a type's name."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", key))


class Forms:
    """Of one plugin. Its types are named after it, so that two plugins may name their models alike.

    `references` are the shapes of its UUIDs, by what a field says that it is `of`; the first is meant where it says nothing.
    `hidden_for` is the permission without which hidden fields are refused. `kept` is what the activity log keeps of texts.
    """

    def __init__(
        self,
        key: str,
        *,
        references: Mapping[str, Shape] | None = None,
        others: Mapping[str, Shape] | None = None,
        hidden_for: Permission | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> None:
        self.prefix = camel(key)
        self._references = dict(references or {})
        self._others = dict(others or {})
        self._hidden_for = hidden_for
        self._kept = dict(kept or {})
        self._shapes: dict[Any, Shape] = {}
        self._of_models: dict[type[Any], list[tuple[Declared, Shape]]] = {}
        self._making: set[Any] = set()

    # --- inputs ---

    def input(
        self,
        model: type[BaseModel],
        name: str,
        description: str,
        *,
        first: Mapping[str, tuple[Any, str]] | None = None,
    ) -> Any:
        """The model as an input; what has a default may be left out. `first` are fields that stand before its own."""
        annotations: dict[str, Any] = {own: kind for own, (kind, _) in (first or {}).items()}
        fields: dict[str, Any] = {own: strawberry.field(description=told) for own, (_, told) in (first or {}).items()}
        for declared, shape in self._fields_of(model):
            more: dict[str, Any] = {"metadata": NEVER_KEPT if shape.secret else self._kept}
            kind = shape.given
            if not declared.required:
                kind, more["default"] = kind | None, UNSET
            annotations[declared.name] = kind
            fields[declared.name] = strawberry.field(description=_asked(declared), **more)
        return strawberry.input(type(name, (), {"__annotations__": annotations, **fields}), description=description)

    def plain(self, model: type[BaseModel], given: Any, *path: str) -> dict[str, Any]:
        """What was given as JSON that the model reads: what was left out is not there, and gets the model's default.

        Raises:
            InvalidInput: an id is not one of its kind.
        """
        told: dict[str, Any] = {}
        for declared, shape in self._fields_of(model):
            value = getattr(given, declared.name)
            if value is UNSET or (value is None and not isinstance(shape, Perhaps)):
                continue
            told[declared.name] = shape.plain(value, *path, to_camel_case(declared.name))
        return told

    # --- types ---

    def fields(self, model: type[Any], find: Find, *, taken: Collection[str] = (), optional: bool = False) -> dict[str, Any]:
        """Each field as one of a GraphQL type, by its name; one whose name is `taken` is named after the plugin too.
        With `optional`, all are null where `find` finds no model."""
        made: dict[str, Any] = {}
        for declared, shape in self._fields_of(model):
            name = declared.name
            if name in taken:
                name = f"{self.prefix[:1].lower()}{self.prefix[1:]}_{name}"
            made[name] = self._field(name, declared, shape, find, optional=optional)
        return made

    def _field(self, name: str, declared: Declared, shape: Shape, find: Find, *, optional: bool) -> Any:
        hidden_for = self._hidden_for if declared.hidden else None

        async def resolve(self: Any, info: Info) -> Any:
            if hidden_for is not None:
                ensure_permission(info.context.identity, hidden_for)
            found = find(self, info)
            shown = await found if hasattr(found, "__await__") else found
            if shown is None:
                return None
            return await shape.wire(getattr(shown.model, declared.name), Around(info, shown.currency))

        nullable = optional or hidden_for is not None
        resolve.__name__ = name
        resolve.__annotations__ = {"info": Info, "return": shape.shown | None if nullable else shape.shown}
        needs = f"; needs {hidden_for}." if hidden_for is not None else "."
        told = declared.description or SILENT
        return strawberry.field(resolver=resolve, description=f"{told.rstrip('.')}{needs}")

    # --- shapes ---

    def shapes(self, model: type[Any]) -> dict[str, Shape]:
        """The shape of each field."""
        return {declared.name: shape for declared, shape in self._fields_of(model)}

    def _fields_of(self, model: type[Any]) -> list[tuple[Declared, Shape]]:
        """Its fields with their shapes, found once: what is taken, and shown, must be what was built."""
        if model not in self._of_models:
            self._of_models[model] = [(declared, self._shape(declared.holds, declared)) for declared in declared_in(model)]
        return self._of_models[model]

    def _shape(self, holds: Any, declared: Declared) -> Shape:
        origin, args = get_origin(holds), get_args(holds)
        if origin is Annotated:
            return self._shape(args[0], declared)
        if origin in (Union, types.UnionType):
            return self._union([one for one in args if one is not type(None)], declared, optional=type(None) in args)
        if origin in LISTS or (origin is tuple and len(args) == 2 and args[1] is Ellipsis):
            return Many(self._shape(args[0], declared))
        if declared.of in self._others:
            return self._others[declared.of]
        if origin is Literal:
            return self._literal(args, declared)
        if holds is UUID and self._references:
            return self._references.get(declared.of or "", next(iter(self._references.values())))
        if holds is Decimal:
            return Number() if declared.of == NUMBER else Price()
        if holds in SIMPLE:
            return SIMPLE[holds]
        return self._own(holds)

    def _union(self, kinds: list[Any], declared: Declared, *, optional: bool) -> Shape:
        one = self._shape(kinds[0], declared) if len(kinds) == 1 else Anything()
        return Perhaps(one) if optional else one

    def _own(self, holds: Any) -> Shape:
        """A class of the plugin's own, each once."""
        if not isinstance(holds, type) or holds in self._making:
            return Anything()  # a model within itself has no end
        if holds not in self._shapes:
            self._making.add(holds)
            if issubclass(holds, BaseModel) or dataclasses.is_dataclass(holds):
                self._shapes[holds] = Nested(self, holds)
            elif issubclass(holds, Enum):
                meanings = {one.name: getattr(one, "meaning", None) or _words(one.name) for one in holds}
                self._shapes[holds] = self._enumeration(holds.__name__, _doc(holds), dict(holds.__members__), meanings)
            else:
                self._shapes[holds] = Anything()
            self._making.discard(holds)
        return self._shapes[holds]

    def _literal(self, values: tuple[Any, ...], declared: Declared) -> Shape:
        key = (declared.name, values)
        names = {str(value).upper() if str(value).isidentifier() else f"VALUE_{at}": value for at, value in enumerate(values)}
        if key not in self._shapes:
            meanings = {name: _words(str(value)) for name, value in names.items()}
            self._shapes[key] = self._enumeration(camel(declared.name), declared.description or SILENT, names, meanings)
        return self._shapes[key]

    def _enumeration(self, name: str, told: str, values: Mapping[str, Any], meanings: Mapping[str, str]) -> Shape:
        made = cast("type[Enum]", Enum(self.named(name), {one: one for one in values}))
        described(made, f"{told.rstrip('.')}.", {one: meanings[one.name] for one in made})
        return OneOf(made, values)

    def named(self, name: str) -> str:
        """A type of this plugin."""
        return name if name.startswith(self.prefix) else f"{self.prefix}{name}"


class Nested(Shape):
    """A model inside of a model: an input and a type of its own. Dataclasses are only shown."""

    def __init__(self, forms: Forms, model: type[Any]) -> None:
        self._forms, self._model = forms, model
        name = forms.named(camel(model.__name__))
        if issubclass(model, BaseModel):
            self.given = forms.input(model, f"{name}Input", _doc(model))
        found = forms.fields(model, lambda source, _: source)
        self.shown = strawberry.type(type(name, (), found), description=_doc(model))

    def plain(self, value: Any, *path: str) -> Any:
        """Its own fields."""
        return self._forms.plain(self._model, value, *path)

    async def wire(self, value: Any, around: Around) -> Any:
        """Its fields read it."""
        return Shown(value, around.currency)


def _asked(declared: Declared) -> str:
    told, default = declared.description or SILENT, declared.default
    if isinstance(default, Enum):
        default = default.name
    plain = isinstance(default, str | int | float | Decimal) and default != ""
    return f"{told.rstrip('.')}; {default} if left out." if plain else f"{told.rstrip('.')}."


def _doc(model: type[Any]) -> str:
    told = " ".join((model.__doc__ or "").split())
    generated = dataclasses.is_dataclass(model) and told.startswith(f"{model.__name__}(")
    return told if told and not generated and told != "An enumeration." else SILENT


def _words(name: str) -> str:
    return f"{name.replace('_', ' ').strip().capitalize()}."
