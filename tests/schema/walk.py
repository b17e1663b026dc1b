"""Walks the schema as a client reads it in the SDL: every root field with its rule, an operation that calls it, and inputs.

python -m tests.schema.walk > tests/schema/access.txt
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from graphql import (
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLType,
    build_schema,
    get_named_type,
    is_required_input_field,
)
from graphql.language import EnumValueNode

from perkhub_schema.printed import printed_schema

ROOTS = ("Query", "Mutation", "Subscription")
RULES = ("public", "customer", "staff", "signedIn", "requires", "requiresInChannel")
# What a scalar is, by its name or its type, where nothing says more. Ids are never made up: `inputs` gives them.
SAMPLES: dict[str, Any] = {
    "returnUrl": "https://shop.example.com/back",
    "channel": "retail",
    "key": "some.key",
    "most": "9.00",
    "variant": f"var_{1:032x}",
    "nth": 2,
    "size": 2,
    "String": "some text",
    "Int": 1,
    "Boolean": True,
    "Decimal": "1.00",
    "Currency": "CNY",
    "DateTime": "2099-01-31T00:00:00+08:00",
    "Date": "2099-01-31",
}

# Interfaces whose fields are the very same in each of their types.
SHARED = ("Campaign",)
NEEDED = re.compile(r"\b[Nn]eeds? ([A-Z]+(?:_[A-Z]+)+)")

Path = tuple[str | int, ...]


@cache
def sdl() -> Any:
    """The schema out of its text, as any client has it."""
    return build_schema(printed_schema())


@dataclass(frozen=True)
class RootField:
    """A field that an operation can begin with."""

    root: str
    name: str

    def __str__(self) -> str:
        return f"{self.root}.{self.name}"

    @property
    def field(self) -> GraphQLField:
        kind: GraphQLObjectType = sdl().type_map[self.root]
        field: GraphQLField = kind.fields[self.name]
        return field

    @property
    def rule(self) -> str:
        """What its directive says: "public", "requires MANAGE_STAFF"; nothing where there is none, or more than one."""
        node = cast("FieldDefinitionNode", self.field.ast_node)
        said = [directive for directive in node.directives or () if directive.name.value in RULES]
        if len(said) != 1:
            return ""
        values = [cast("EnumValueNode", argument.value).value for argument in said[0].arguments or ()]
        return " ".join([said[0].name.value, *values])

    @property
    def permission(self) -> str | None:
        """The one that it requires."""
        name, _, permission = self.rule.partition(" ")
        return permission if name in ("requires", "requiresInChannel") else None

    @property
    def by_channel(self) -> bool:
        """Whether the permission may be one that is limited to channels."""
        return self.rule.startswith("requiresInChannel ")

    @property
    def input_type(self) -> GraphQLInputObjectType | None:
        """What a mutation takes."""
        given = self.field.args.get("input")
        return None if given is None else cast("GraphQLInputObjectType", get_named_type(given.type))

    def takes(self, name: str) -> bool:
        """Whether it has an argument of this name, or its input a field."""
        return name in (self.field.args if self.input_type is None else self.input_type.fields)

    def operation(self) -> str:
        """Every argument as a variable of its own name; of the answer, what its first objects say of themselves."""
        told = ", ".join(f"${name}: {argument.type}" for name, argument in self.field.args.items())
        passed = ", ".join(f"{name}: ${name}" for name in self.field.args)
        return (
            f"{self.root.lower()} {f'({told})' if told else ''} {{ {self.name}{f'({passed})' if passed else ''} "
            f"{selection(self.field.type)} }}"
        )

    def operation_with(self, given: Any) -> str:
        """The same with its input written into the document."""
        assert self.input_type is not None
        return f"{self.root.lower()} {{ {self.name}(input: {literal(self.input_type, given)}) {selection(self.field.type)} }}"


def root_fields(*roots: str) -> list[RootField]:
    """Every field of these roots, or of all."""
    return [RootField(root, name) for root in roots or ROOTS for name in sorted(sdl().type_map[root].fields)]


def access_table() -> str:
    """Every field with its rule, one a line."""
    return "".join(f"{field} {field.rule}\n" for field in root_fields())


@cache
def guarded_fields() -> dict[str, str]:
    """Fields of objects that need a permission of their own, as their descriptions say: "Variant.stock" and the like."""
    found = {}
    for kind in sdl().type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind.name not in ROOTS:
            for name, field in kind.fields.items():
                if needed := NEEDED.search(field.description or ""):
                    holder = next((one.name for one in kind.interfaces if one.name in SHARED and name in one.fields), kind.name)
                    found[f"{holder}.{name}"] = needed[1]
    return found


def selection(kind: GraphQLType, *, objects: bool = True) -> str:
    """The leaves of a type, and those of the objects right below it that need no page and no permission of their own."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return "" if isinstance(named, GraphQLScalarType | GraphQLEnumType) else "{ __typename }"
    if "pageInfo" in named.fields:
        return f"{{ nodes {selection(named.fields['nodes'].type, objects=False)} }}"
    chosen = ["__typename"]
    for name, field in named.fields.items():
        if name == "errors":
            chosen.append("errors { code message path }")
        elif f"{named.name}.{name}" in guarded_fields():
            continue
        elif isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType):
            chosen.append(name)
        elif objects and named.name.endswith("Payload"):
            chosen.append(f"{name} {selection(field.type, objects=False)}")
    return f"{{ {' '.join(chosen)} }}"


def made(kind: GraphQLType, given: Any = None) -> Any:
    """The smallest value that fits the type; `given` says parts of it, as deep as it likes."""
    if isinstance(kind, GraphQLNonNull):
        return made(kind.of_type, given)
    if isinstance(kind, GraphQLList):
        return [made(kind.of_type, one) for one in (given if given is not None else [None])]
    if isinstance(kind, GraphQLInputObjectType):
        return _made_object(kind, given or {})
    if given is not None:
        return given
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if str(kind) not in SAMPLES:
        raise LookupError(f"nothing says which {kind} is meant: tests/schema/inputs.py must give it")
    return SAMPLES[str(kind)]


def _made_object(kind: GraphQLInputObjectType, given: dict[str, Any]) -> dict[str, Any]:
    wanted = [name for name, field in kind.fields.items() if name in given or is_required_input_field(field)]
    if kind.is_one_of and not given:
        wanted = [next(iter(kind.fields))]
    assert set(given) <= set(wanted), f"{kind} has no {set(given) - set(wanted)}"
    return {name: made(kind.fields[name].type, given.get(name, SAMPLES.get(name))) for name in wanted}


@dataclass(frozen=True)
class Place:
    """A place in an input: where, of which type, and whether it may be left out."""

    path: Path
    kind: GraphQLType
    required: bool = True

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


def places(
    kind: GraphQLType, path: Path = (), *, required: bool = True, inside: frozenset[str] = frozenset()
) -> Iterator[Place]:
    """Every place of an input type, lists and objects included; of a list its first entry, of a type in itself no more."""
    if path:
        yield Place(path, kind, required)
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList):
        yield from places(bare.of_type, (*path, 0), inside=inside)
    elif isinstance(bare, GraphQLInputObjectType) and bare.name not in inside:
        within = inside | {bare.name}
        for name, field in bare.fields.items():
            yield from places(field.type, (*path, name), required=is_required_input_field(field), inside=within)


def put(kind: GraphQLType, given: Any, path: Path, value: Any) -> Any:
    """A copy of the input with this value in that place; what leads there is made where it is missing."""
    return _put(kind, deepcopy(given), path, value)


def at(given: Any, path: Path) -> Any:
    """What stands in that place; nothing where the input does not go so far."""
    for step in path:
        if isinstance(given, list):
            given = given[0] if given else None
        else:
            given = given.get(step) if isinstance(given, dict) else None
    return given


def left_out(kind: GraphQLType, given: Any, path: Path) -> Any:
    """A copy of the input without that place, but with all that leads there."""
    copied = put(kind, given, path, None)
    del at(copied, path[:-1])[path[-1]]
    return copied


def _put(kind: GraphQLType, given: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    step, rest = path[0], path[1:]
    if isinstance(bare, GraphQLList):
        entries = list(given or ())
        entries[:1] = [_put(bare.of_type, entries[0] if entries else None, rest, value)]
        return entries
    assert isinstance(bare, GraphQLInputObjectType)
    assert isinstance(step, str)
    known = _known(bare) if given is None else given
    if bare.is_one_of:
        known = {name: one for name, one in known.items() if name == step}
    return {**known, step: _put(bare.fields[step].type, known.get(step), rest, value)}


def _known(kind: GraphQLInputObjectType) -> dict[str, Any]:
    """What can be made of an object without being told anything."""
    return {
        name: made(field.type, SAMPLES.get(name))
        for name, field in kind.fields.items()
        if is_required_input_field(field) and str(get_named_type(field.type)) != "ID"
    }


def literal(kind: GraphQLType, value: Any) -> str:
    """The value as it is written into a document, whether it fits the type or not."""
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(value, list):
        inside = bare.of_type if isinstance(bare, GraphQLList) else bare
        return f"[{', '.join(literal(inside, one) for one in value)}]"
    if isinstance(value, dict):
        fields = bare.fields if isinstance(bare, GraphQLInputObjectType) else {}
        parts = (f"{name}: {literal(fields[name].type if name in fields else bare, one)}" for name, one in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(bare, GraphQLEnumType) and isinstance(value, str) and value.isidentifier():
        return value
    return json.dumps(value)


if __name__ == "__main__":
    print(access_table(), end="")
