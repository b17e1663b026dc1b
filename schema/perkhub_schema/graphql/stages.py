"""The stages of an operation with the hooks of our extensions around them.

Strawberry looks for every hook, wraps it and stacks it afresh, four times for each request. Ours are found once, and where
a stage has a single one it needs no stack.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from functools import cache
from inspect import isasyncgenfunction, isgeneratorfunction
from types import TracebackType
from typing import Any, cast

from strawberry.extensions import SchemaExtension
from strawberry.extensions.context import (
    ExecutingContextManager,
    OperationContextManager,
    ParsingContextManager,
    ValidationContextManager,
)
from strawberry.extensions.runner import SchemaExtensionsRunner

Hook = Callable[[SchemaExtension], AbstractContextManager[None] | AbstractAsyncContextManager[None]]


class Stages(SchemaExtensionsRunner):
    """Strawberry's runner, for extensions of which no two speak at the same stage."""

    def operation(self) -> OperationContextManager:
        """Around everything."""
        return cast("OperationContextManager", self._alone("on_operation") or super().operation())

    def parsing(self) -> ParsingContextManager:
        """Around the parsing."""
        return cast("ParsingContextManager", self._alone("on_parse") or super().parsing())

    def validation(self) -> ValidationContextManager:
        """Around the validation."""
        return cast("ValidationContextManager", self._alone("on_validate") or super().validation())

    def executing(self) -> ExecutingContextManager:
        """Around the execution."""
        return cast("ExecutingContextManager", self._alone("on_execute") or super().executing())

    def _alone(self, name: str) -> "AbstractAsyncContextManager[None] | _Awaited | None":
        found = [
            (extension, hook)
            for extension in self.extensions
            if (hook := _hook(cast("Any", type(extension)), name)) is not None
        ]
        if len(found) != 1:
            return None
        [(extension, hook)] = found
        around = hook(extension)
        return _Awaited(around) if isinstance(around, AbstractContextManager) else around


class _Awaited:
    """A plain context manager where an awaited one is wanted."""

    __slots__ = ("around",)

    def __init__(self, around: AbstractContextManager[None]) -> None:
        self.around = around

    async def __aenter__(self) -> None:
        self.around.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.around.__exit__(kind, error, trace)


@cache
def _hook(extension: Any, name: str) -> Hook | None:
    written: Any = getattr(extension, name)
    if written is getattr(SchemaExtension, name):
        return None
    if isasyncgenfunction(written):
        return asynccontextmanager(written)
    if not isgeneratorfunction(written):
        raise TypeError(f"{extension.__name__}.{name} must yield once")
    return contextmanager(written)
