"""Descriptions that front-end teams read: of the domain's enumerations, and of what means the same wherever it stands."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

E = TypeVar("E", bound=Enum)

ROOTS = {
    "Query": "What can be read. Each field says by a directive who may use it.",
    "Mutation": "What can be done: one `input` each, and a payload with the changed object and the `errors`.",
    "Subscription": "What clients can watch, over graphql-transport-ws or server-sent events.",
}
ARGUMENTS = {
    "id": "Its global id.",
    "slug": "Its name in addresses.",
    "code": "Its name for programs.",
    "filterable": "Only those that shops filter by; false: only those they do not.",
    "sku": "Its stock keeping unit.",
    "externalReference": "The id that your own system has for it.",
    "scopeId": "Only those for this channel, customer group, customer or organisation.",
    "number": "The number that people know it by.",
    "states": "Only those in one of these states.",
    "standings": "Only those that are worth one of these.",
    "locale": "Language and region, such as zh-CN.",
    "first": "How many, 1 to 100; 20 if left out.",
    "after": "`pageInfo.endCursor` of the page before.",
    "last": "How many from the end, 1 to 100; instead of `first`.",
    "before": "`pageInfo.startCursor` of the page after.",
    "search": "What somebody typed: Chinese, pinyin or its initials, words and their beginnings; blank is no search.",
    "sortBy": "In which order; by relevance where something is searched for, else the newest first.",
}


def described(enum: type[E], description: str, meanings: Mapping[E, str], *, name: str | None = None) -> type[E]:
    """Show an enumeration of the domain, each of its values with its meaning; none may be left out."""
    shown = strawberry.enum(enum, name=name, description=description)
    by_name = {member.name: meanings[member] for member in enum}
    for value in shown.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = by_name[value.name]
    return shown


def describe(schema: GraphQLSchema) -> None:
    """Describe the roots, and every argument that says nothing of itself: a mutation's `input` as its type does."""
    for name in ROOTS.keys() & schema.type_map.keys():
        schema.type_map[name].description = ROOTS[name]
    for name, argument in _arguments(schema):
        if argument.description is None:
            given = get_named_type(argument.type)
            argument.description = given.description if isinstance(given, GraphQLInputObjectType) else ARGUMENTS.get(name)


def _arguments(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument]]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                yield from field.args.items()
