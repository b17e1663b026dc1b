"""PostgreSQL keeps no text with a NUL character: one is refused wherever it stands, before it reaches any statement."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Final

import orjson
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.utils.str_converters import to_camel_case

from perkhub.kit.errors import InvalidInput

AS_JSON = b"\\u0000"


class Storable(FieldExtension):
    """Guards the arguments of one root field."""

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Look, then resolve."""
        if may_hold_nul(kwargs):
            for name, given in kwargs.items():
                # A refusal's path begins inside of `input` by itself.
                refuse_nul(given, () if name == "input" else (to_camel_case(name),))
        return await next_(source, info, **kwargs)


STORABLE: Final = Storable()


def may_hold_nul(given: Any) -> bool:
    """One look at all of it: nearly nobody sends one, and a walk through each field cost more than reading the request."""
    try:
        return AS_JSON in orjson.dumps(given, default=_opened)
    except TypeError:
        return True  # what is no JSON is walked through


def _opened(given: Any) -> Any:
    if isinstance(given, strawberry.Some):
        return given.value
    return vars(given) if hasattr(given, "__dict__") and not isinstance(given, Enum) else None


def refuse_nul(given: Any, path: tuple[str, ...]) -> None:
    """Go on, or say where it stands.

    Raises:
        InvalidInput.
    """
    if isinstance(given, str):
        if "\x00" in given:
            raise InvalidInput(path=path, reason="No NUL characters.", reason_zh="不能包含空字符(NUL)。")
    elif isinstance(given, list):
        for position, one in enumerate(given):
            refuse_nul(one, (*path, str(position)))
    elif isinstance(given, strawberry.Some):
        refuse_nul(given.value, path)
    elif hasattr(given, "__dict__") and not isinstance(given, Enum):
        for name, one in vars(given).items():
            refuse_nul(one, (*path, to_camel_case(name)))
