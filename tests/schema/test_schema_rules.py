"""What holds for the whole schema: everything is described, everything says who may use it, mutations have one shape."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from perkhub_schema.graphql.access import DIRECTIVES, PUBLIC, Public, refuse_unguarded
from perkhub_schema.graphql.described import describe, described
from perkhub_schema.graphql.mutations import query
from perkhub_schema.schema import schema

SCHEMA = schema._schema
ROOTS = ("Query", "Mutation", "Subscription")


def ours(whole: GraphQLSchema = SCHEMA) -> list[GraphQLNamedType]:
    """Every type but GraphQL's own."""
    return [kind for kind in whole.type_map.values() if not kind.name.startswith("__") and not is_specified_scalar_type(kind)]


def parts(kind: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    """Everything in a type that can have a description, by its place."""
    yield kind.name, kind
    if isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{name}", value) for name, value in kind.values.items())
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field
            yield from ((f"{kind.name}.{name}({argument}:)", told) for argument, told in field.args.items())


def root_fields() -> list[tuple[str, Any]]:
    """Every field that an operation can begin with."""
    return [(f"{root}.{name}", field) for root in ROOTS for name, field in SCHEMA.type_map[root].fields.items()]


def silent(whole: GraphQLSchema) -> list[str]:
    """What says nothing of itself."""
    return [place for kind in ours(whole) for place, part in parts(kind) if not (part.description or "").strip()]


def test_everything_is_described():
    assert silent(SCHEMA) == []


def test_what_says_nothing_is_caught():
    class Colour(Enum):
        RED = "red"

    strawberry.enum(Colour)

    @strawberry.type
    class Lamp:
        colour: Colour

    @strawberry.type
    class Query:
        @strawberry.field
        def lamp(self, watts: int, first: int) -> Lamp:
            raise NotImplementedError

    planted = strawberry.Schema(Query)._schema
    describe(planted)
    places = {"Colour", "Colour.RED", "Lamp", "Lamp.colour", "Query.lamp", "Query.lamp(watts:)"}
    assert set(silent(planted)) == places


def test_every_directive_is_described():
    own = [directive for directive in SCHEMA.directives if not is_specified_directive(directive)]
    assert [directive.name for directive in own if not directive.description] == []


def test_an_enumeration_with_a_value_that_says_nothing_is_refused():
    class Light(Enum):
        RED = "red"
        GREEN = "green"

    with pytest.raises(KeyError):
        described(Light, "A traffic light.", {Light.RED: "Stop."})


@pytest.mark.parametrize(("place", "field"), root_fields(), ids=lambda given: given if isinstance(given, str) else "")
def test_every_root_field_says_who_may_use_it(place: str, field: Any):
    definition = field.extensions["strawberry-definition"]
    assert len([told for told in definition.directives if isinstance(told, DIRECTIVES)]) == 1, place


def test_a_field_that_does_not_say_it_stops_the_start():
    @strawberry.type
    class Query:
        @query(PUBLIC, "Said and checked.")
        async def said(self) -> int:
            return 1

    refuse_unguarded(strawberry.Schema(Query)._schema)

    @strawberry.type
    class Silent:
        @strawberry.field
        def silent(self) -> int:
            return 1

    @strawberry.type
    class Unchecked:
        @strawberry.field(directives=[Public()])
        def unchecked(self) -> int:
            return 1

    for careless in (Silent, Unchecked):
        with pytest.raises(RuntimeError, match=careless.__name__.lower()):
            refuse_unguarded(strawberry.Schema(careless)._schema)


@pytest.mark.parametrize(("name", "field"), SCHEMA.type_map["Mutation"].fields.items(), ids=lambda given: str(given)[:40])
def test_every_mutation_takes_one_input_and_answers_with_its_errors(name: str, field: Any):
    assert list(field.args) in ([], ["input"]), name
    for argument in field.args.values():
        assert isinstance(get_named_type(argument.type), GraphQLInputObjectType)
        assert get_named_type(argument.type).name.endswith("Input")
    payload = get_named_type(field.type)
    assert payload.name.endswith("Payload"), name
    errors = payload.fields["errors"].type
    assert str(errors) == "[Error!]!"
    assert isinstance(field.type, GraphQLNonNull)
    # Whatever else is in it is empty when the mutation was refused.
    others = [other.type for key, other in payload.fields.items() if key != "errors"]
    assert [str(kind) for kind in others if isinstance(kind, GraphQLNonNull) and not is_list_type(kind.of_type)] == []


def test_every_list_is_a_page_or_bounded_by_nature():
    """Connections cap what they answer with; other lists are named here, with their bound."""
    few = {
        "signInMethods",
        "categories",
        "channels",
        "plugins",
        "permissionGroups",
        "staff",
        "supplierPlugins",
    }  # of categories, 500 side by side
    lists = {name for name, field in SCHEMA.type_map["Query"].fields.items() if "[" in str(field.type)}
    assert lists - few == set()


def test_every_page_can_be_turned():
    for kind in ours():
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert {"first", "after"} <= set(field.args), f"{kind.name}.{name}"
