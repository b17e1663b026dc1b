"""Models of plugins in GraphQL: every kind of field that one may have, in and out, without a plugin knowing of GraphQL."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
import strawberry
from graphql import print_type
from pydantic import BaseModel, Field

from perkhub.accounts import ANONYMOUS, Identity, IdentityKind, Permission
from perkhub.kit.errors import InvalidInput, NotAllowed, NotSignedIn
from perkhub.plugin.mechanic import Percent
from perkhub_schema.graphql.described import describe
from perkhub_schema.graphql.global_ids import Kind
from perkhub_schema.graphql.models import Forms, Reference
from perkhub_schema.graphql.models.declared import declared_in
from perkhub_schema.graphql.models.forms import Shown
from perkhub_schema.graphql.money import configured_scalars
from tests.schema.test_schema_rules import silent

VARIANT, CATEGORY = UUID(int=1), UUID(int=2)


class Colour(Enum):
    """What it shines in."""

    RED = 1
    DARK_BLUE = 2


class Weekday(StrEnum):
    """When it turns."""

    MONDAY = "mon"
    SUNDAY = "sun"

    @property
    def meaning(self) -> str:
        return f"Every {self.name.capitalize()}."


class Prize(BaseModel):
    """What may come out."""

    variant: UUID = Field(description="What is drawn")
    weight: Annotated[int, Field(gt=0)] = Field(description="How likely")
    worth: Decimal | None = Field(default=None, description="What it costs in a shop")
    cost: Decimal = Field(default=Decimal(0), description="What it costs us", json_schema_extra={"hidden": True})


class Tree(BaseModel):
    """A model within itself."""

    branches: list["Tree"] = Field(default=[], description="Smaller ones")


class Wheel(BaseModel):
    """A wheel with everything on it."""

    price: Decimal = Field(gt=0, description="Price of a turn")
    share: Decimal = Field(default=Decimal("0.5"), description="Of those who win", json_schema_extra={"of": "number"})
    prizes: list[Prize] = Field(min_length=1, description="The odds table")
    colour: Colour = Field(default=Colour.RED, description="Its colour")
    days: set[Weekday] = Field(default=set(), description="Its days")
    pace: Literal["slow", "very fast"] = Field(default="slow", description="Its pace")
    lasts: timedelta = Field(default=timedelta(hours=1), description="Seconds that it turns")
    opens: datetime | None = Field(default=None, description="Its first turn")
    categories: tuple[UUID, ...] = Field(default=(), description="Where it stands", json_schema_extra={"of": "category"})
    odds: dict[str, int] = Field(default={}, description="Whatever else")
    tree: Tree = Field(default=Tree(), description="A tree")
    limit: int | None = Field(default=3, description="Turns for each")
    ratio: float = Field(default=1.5, description="A ratio", json_schema_extra={"of": "number"})
    undescribed: bool = False
    margin: Decimal = Field(default=Decimal(0), description="What is earned", json_schema_extra={"hidden": True})


@dataclass(frozen=True)
class WheelState:
    """How it stands."""

    left: int
    price: Decimal = field(default=Decimal(1), metadata={"description": "What the next turn costs"})


def forms() -> Forms:
    return Forms(
        "wheel",
        references={"variant": Reference(Kind.VARIANT), "category": Reference(Kind.CATEGORY)},
        hidden_for=Permission.READ_CODES,
    )


def built() -> tuple[Forms, Any, Any]:
    """The forms, a schema that takes and shows a wheel, and what it was last given."""
    made, given = forms(), SimpleNamespace(last=None)
    taken = made.input(Wheel, "WheelInput", "A wheel.", first={"campaign_id": (strawberry.ID, "Which.")})
    config, state = SimpleNamespace(shown=None), WheelState(left=4)
    own = made.fields(Wheel, lambda *_: Shown(config.shown, "CNY"))
    live = made.fields(WheelState, lambda *_: Shown(state, "CNY"), taken=own, optional=True)
    shown = strawberry.type(type("Wheel", (), {**own, **live}), description="A wheel.")

    def turn(self: Any, input: Any) -> Any:
        given.last = made.plain(Wheel, input, "input", "wheel")
        config.shown = Wheel.model_validate(given.last)
        return shown()

    turn.__annotations__ = {"input": taken, "return": shown}
    query = strawberry.type(type("Query", (), {"turn": strawberry.field(resolver=turn, description="Turn it.")}))
    return made, strawberry.Schema(query, config=configured_scalars()), given


FORMS, SCHEMA, GIVEN = built()


async def asked(selection: str, permissions: frozenset[Permission] = frozenset(), **more: Any) -> Any:
    """What is shown of a wheel of which only what is needed was said, and `more`."""
    wheel = {
        "campaignId": "cmp_1",
        "price": "0.050000",
        "prizes": [{"variant": f"var_{VARIANT.hex}", "weight": 3}],
        **more,
    }
    context = SimpleNamespace(identity=Identity(IdentityKind.STAFF, permissions=permissions) if permissions else ANONYMOUS)
    question = f"query ($wheel: WheelInput!) {{ turn(input: $wheel) {{ {selection} }} }}"
    answer = await SCHEMA.execute(question, {"wheel": wheel}, context)
    if answer.errors:
        raise answer.errors[0].original_error or answer.errors[0]
    return answer.data["turn"]


def test_everything_is_described():
    describe(SCHEMA._schema)
    assert [place for place in silent(SCHEMA._schema) if place != "Query"] == []


def test_the_types_read_as_if_somebody_had_written_them():
    assert print_type(SCHEMA._schema.type_map["WheelPrizeInput"]).splitlines() == [
        '"""What may come out."""',
        "input WheelPrizeInput {",
        '  """What is drawn."""',
        "  variant: ID!",
        "",
        '  """How likely."""',
        "  weight: Int!",
        "",
        '  """What it costs in a shop."""',
        "  worth: Decimal",
        "",
        '  """What it costs us; 0 if left out."""',
        "  cost: Decimal",
        "}",
    ]
    kinds = {name: str(field.type) for name, field in SCHEMA._schema.type_map["Wheel"].fields.items()}
    assert kinds == {
        "price": "Money!",
        "share": "Decimal!",
        "prizes": "[WheelPrize!]!",
        "colour": "WheelColour!",
        "days": "[WheelWeekday!]!",
        "pace": "WheelPace!",
        "lasts": "Int!",
        "opens": "DateTime",
        "categories": "[ID!]!",
        "odds": "JSON!",
        "tree": "WheelTree!",
        "limit": "Int",
        "ratio": "Decimal!",
        "undescribed": "Boolean!",
        "margin": "Money",
        "left": "Int",
        "wheelPrice": "Money",
    }
    days = SCHEMA._schema.type_map["WheelWeekday"].values
    assert {name: value.description for name, value in days.items()} == {"MONDAY": "Every Monday.", "SUNDAY": "Every Sunday."}


async def test_what_is_left_out_gets_the_models_default():
    shown = await asked("price { amount currency } share colour pace lasts limit ratio left wheelPrice { amount }")
    assert GIVEN.last == {"price": "0.050000", "prizes": [{"variant": str(VARIANT), "weight": 3}]}
    assert shown == {
        "price": {"amount": "0.05", "currency": "CNY"},
        "share": "0.5",
        "colour": "RED",
        "pace": "SLOW",
        "lasts": 3600,
        "limit": 3,
        "ratio": "1.5",
        "left": 4,
        "wheelPrice": {"amount": "1.00"},
    }


async def test_whatever_is_said_comes_back():
    said = {
        "share": "0.125",
        "colour": "DARK_BLUE",
        "days": ["SUNDAY", "MONDAY"],
        "pace": "VALUE_1",
        "lasts": 90,
        "opens": "2027-01-31T23:59:59+08:00",
        "categories": [f"cat_{CATEGORY.hex}"],
        "odds": {"anything": 1},
        "tree": {"branches": [{"branches": []}]},
        "limit": None,
        "ratio": "2.5",
        "undescribed": True,
    }
    shown = await asked("share colour days pace lasts opens categories odds tree { branches } limit ratio undescribed", **said)
    # Null is said, and is not the default.
    assert GIVEN.last["limit"] is None
    assert GIVEN.last["days"] == ["sun", "mon"]
    assert shown == {**said, "days": ["MONDAY", "SUNDAY"], "opens": datetime(2027, 1, 31, 15, 59, 59, tzinfo=UTC).isoformat()}


async def test_models_within_models_are_shown_with_their_own_fields():
    prize = {"variant": f"var_{VARIANT.hex}", "weight": 1, "worth": "9.90"}
    shown = await asked("prizes { variant weight worth { amount currency } }", prizes=[prize])
    assert shown["prizes"] == [{**prize, "worth": {"amount": "9.90", "currency": "CNY"}}]


@pytest.mark.parametrize("place", ["margin { amount }", "prizes { cost { amount } }"])
async def test_what_is_hidden_is_for_those_who_may_see_it(place: str):
    with pytest.raises(NotSignedIn):
        await asked(place)
    with pytest.raises(NotAllowed):
        await asked(place, frozenset({Permission.READ_ORDERS}))
    assert await asked(place, frozenset({Permission.READ_CODES}))


async def test_an_id_of_another_kind_is_refused_where_it_stands():
    with pytest.raises(InvalidInput) as refused:
        await asked("lasts", prizes=[{"variant": f"cat_{CATEGORY.hex}", "weight": 1}])
    assert refused.value.path == ("input", "wheel", "prizes", "0", "variant")


def test_a_plugins_own_classes_stay_as_they_are():
    """Another plugin, or the same one twice, may show them too."""
    assert not [kind for kind in (Wheel, Prize, Colour, WheelState) if hasattr(kind, "__strawberry_definition__")]
    assert list(built()[1]._schema.type_map) == list(SCHEMA._schema.type_map)


class Reduction(BaseModel):
    """What is taken off."""

    percent: Percent | None = Field(default=None, description="So many percent")


def test_what_a_type_says_of_itself_holds_where_it_may_be_left_out():
    [declared] = declared_in(Reduction)
    assert declared.of == "number"
