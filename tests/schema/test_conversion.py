"""Inputs built by their plans are what Strawberry itself would have built."""

import dataclasses
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
import strawberry
from strawberry.types.arguments import convert_argument

from perkhub_schema.graphql.conversion import convert_by_plans


@strawberry.enum
class Colour(Enum):
    RED = "red"


@strawberry.input
class Inner:
    number: int
    note: str | None = None
    tags: list[str] | None = None


@strawberry.input
class Outer:
    inner: Inner
    many: list[Inner]
    colour: Colour
    perhaps: strawberry.Maybe[Inner]
    nullable: strawberry.Maybe[int | None]
    needed_or_null: int | None
    unset: str | None = strawberry.UNSET
    tables: list[list[Inner]] = dataclasses.field(default_factory=list)
    gaps: list[Inner | None] = dataclasses.field(default_factory=list)


@strawberry.type
class Query:
    @strawberry.field
    def ask(self, given: Outer) -> int:
        return given.inner.number


ONE = {"number": 1, "tags": ["a"]}
LEAST = {"inner": ONE, "many": [], "colour": Colour.RED, "perhaps": ONE, "nullable": None}
GIVEN = {
    "least": LEAST,
    "lists": {**LEAST, "many": [ONE, {"number": 2, "note": None}], "tables": [[ONE], []], "gaps": [None, ONE]},
    "all": {**LEAST, "nullable": 3, "neededOrNull": 4, "unset": "said"},
    "nulls": {**LEAST, "neededOrNull": None, "unset": None},
}


@pytest.fixture
def schema() -> Iterator[strawberry.Schema]:
    yield strawberry.Schema(query=Query)
    for made in (Inner, Outer):
        made.__strawberry_definition__.from_input = None  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", GIVEN)
def test_a_plan_builds_what_strawberry_builds(schema: strawberry.Schema, name: str) -> None:
    def converted() -> Any:
        return convert_argument(GIVEN[name], Outer, schema.schema_converter.scalar_registry, schema.config, path=("given",))

    by_strawberry = converted()
    convert_by_plans(schema)
    assert Outer.__strawberry_definition__.from_input is not None  # type: ignore[attr-defined]
    assert converted() == by_strawberry


def test_lists_are_copied(schema: strawberry.Schema) -> None:
    """A default belongs to the schema: whoever changes what they were given must not change it for the next."""
    convert_by_plans(schema)
    tags = ["a"]
    registry = schema.schema_converter.scalar_registry
    built: Any = convert_argument({"number": 1, "tags": tags}, Inner, registry, schema.config)
    assert built.tags == tags
    assert built.tags is not tags
