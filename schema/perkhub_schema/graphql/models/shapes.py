"""Each kind of value that a model may hold: what it is as an input, what it is shown as, and how one becomes the other."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import GenericAlias
from typing import Any, NamedTuple
from uuid import UUID

import strawberry
from pydantic import SecretBytes, SecretStr
from pydantic_core import to_jsonable_python
from strawberry.scalars import JSON

from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.money import ExactDecimal, MoneyType, unit_price


class Around(NamedTuple):
    """What a value is shown in: one request, and the currency of its prices."""

    info: Info
    currency: str


class Shape(ABC):
    """A kind of value. `given` is its GraphQL input, `shown` its GraphQL output."""

    given: Any
    shown: Any
    secret = False

    @abstractmethod
    def plain(self, value: Any, *path: str) -> Any:
        """An input as JSON that the model reads.

        Raises:
            InvalidInput: it is no id of the kind that is meant; `path` says where it stands.
        """

    @abstractmethod
    async def wire(self, value: Any, around: Around) -> Any:
        """The model's value as it is shown."""


class Plain(Shape):
    """What is the same in a model and on the wire."""

    def __init__(self, kind: type) -> None:
        self.given = self.shown = kind

    def plain(self, value: Any, *path: str) -> Any:
        """Moments as text."""
        return value.isoformat() if isinstance(value, date | datetime) else value

    async def wire(self, value: Any, around: Around) -> Any:
        """As it is."""
        return value


class Secret(Plain):
    """A text that is taken, and never shown."""

    secret = True

    def __init__(self) -> None:
        super().__init__(str)

    async def wire(self, value: Any, around: Around) -> Any:
        """Nothing of it."""
        return "••••"


class Number(Shape):
    """An exact decimal that is no money."""

    given: Any = ExactDecimal
    shown: Any = ExactDecimal

    def plain(self, value: Any, *path: str) -> Any:
        """As text: a float would lose digits."""
        return str(value)

    async def wire(self, value: Any, around: Around) -> Any:
        """The exact number; of a float, the shortest that means it."""
        return ExactDecimal(value if isinstance(value, Decimal) else Decimal(str(value)))


class Price(Number):
    """An exact decimal that is a price."""

    shown: Any = MoneyType

    async def wire(self, value: Any, around: Around) -> Any:
        """With its currency."""
        return unit_price(value, around.currency)


class Span(Plain):
    """A length of time, in whole seconds."""

    def __init__(self) -> None:
        super().__init__(int)

    async def wire(self, value: Any, around: Around) -> Any:
        """Its seconds."""
        return int(value.total_seconds())


@dataclass(frozen=True)
class Reference(Shape):
    """The UUID of a thing of ours: a global id; what it names, where `load` finds it."""

    kind: Kind
    shown: Any = strawberry.ID
    load: Callable[[Info, UUID], Awaitable[Any]] | None = None
    given: Any = strawberry.ID

    def plain(self, value: Any, *path: str) -> Any:
        """The UUID."""
        return str(local_id(self.kind, value, *path))

    async def wire(self, value: Any, around: Around) -> Any:
        """The thing, or its global id."""
        return global_id(self.kind, value) if self.load is None else await self.load(around.info, value)


class Anything(Plain):
    """What GraphQL has no type for."""

    def __init__(self) -> None:
        super().__init__(JSON)

    async def wire(self, value: Any, around: Around) -> Any:
        """Models and whatever else as JSON."""
        return to_jsonable_python(value)


class OneOf(Shape):
    """A choice among values: an enumeration of ours, so that the plugin's own stays as it is."""

    def __init__(self, shown: type[Enum], values: Mapping[str, Any]) -> None:
        self.given = self.shown = shown
        self._values = values

    def plain(self, value: Any, *path: str) -> Any:
        """What the plugin's own has for a value."""
        told = self._values[value.name]
        return told.value if isinstance(told, Enum) else told

    async def wire(self, value: Any, around: Around) -> Any:
        """Ours of the same name."""
        return next(self.shown[name] for name, one in self._values.items() if one == value)


class Many(Shape):
    """A list, or whatever else holds several of one kind. Sets are shown in an order that stays."""

    def __init__(self, one: Shape) -> None:
        self.one, self.secret = one, one.secret
        self.given, self.shown = GenericAlias(list, (one.given,)), GenericAlias(list, (one.shown,))

    def plain(self, value: Any, *path: str) -> Any:
        """Each."""
        return [self.one.plain(one, *path, str(position)) for position, one in enumerate(value)]

    async def wire(self, value: Any, around: Around) -> Any:
        """Each."""
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [await self.one.wire(one, around) for one in ordered]


class Perhaps(Shape):
    """What may be null."""

    def __init__(self, one: Shape) -> None:
        self.one, self.secret = one, one.secret
        self.given, self.shown = one.given | None, one.shown | None

    def plain(self, value: Any, *path: str) -> Any:
        """Null stays."""
        return None if value is None else self.one.plain(value, *path)

    async def wire(self, value: Any, around: Around) -> Any:
        """Null stays."""
        return None if value is None else await self.one.wire(value, around)


# What stands for itself, whatever the field says.
SIMPLE: Mapping[Any, Shape] = {
    str: Plain(str),
    int: Plain(int),
    bool: Plain(bool),
    datetime: Plain(datetime),
    date: Plain(date),
    timedelta: Span(),
    float: Number(),
    SecretStr: Secret(),
    SecretBytes: Secret(),
}
