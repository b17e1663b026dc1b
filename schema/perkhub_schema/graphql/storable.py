"""PostgreSQL keeps no text with a NUL character: one is refused wherever it stands, before it reaches any statement."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Final

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.utils.str_converters import to_camel_case

from perkhub.kit.errors import InvalidInput


class Storable(FieldExtension):
    """Guards the arguments of one root field."""

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Look, then resolve."""
        for name, given in kwargs.items():
            # A refusal's path begins inside of `input` by itself.
            refuse_nul(given, () if name == "input" else (to_camel_case(name),))
        return await next_(source, info, **kwargs)


STORABLE: Final = Storable()


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
