"""How inputs are made: anew for each who asks, put together out of parts. A room with many fields keeps its own."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, TypeAlias

from tests.factories import Person

Given: TypeAlias = dict[str, Any]
Making: TypeAlias = Callable[[Person], Awaitable[Given]]

_numbers = count(1)


def a_name(of: str) -> str:
    """That nothing had before."""
    return f"{of}-{next(_numbers)}"


def also(making: Making, **more: Any) -> Making:
    """The same, and something that needs no making; what is callable is called for each anew."""

    async def both(by: Person) -> Given:
        return {**await making(by), **{name: one() if callable(one) else one for name, one in more.items()}}

    return both


async def nothing(_: Person) -> Given:
    return {}


def as_id(making: Making) -> Making:
    """The id alone, as queries take it."""

    async def renamed(by: Person) -> Given:
        return {"id": next(iter((await making(by)).values()))}

    return renamed
