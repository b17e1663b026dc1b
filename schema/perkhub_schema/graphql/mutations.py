"""Mutations: guarded, told by domain functions, and refused in the payload's `errors`."""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import strawberry
from strawberry.extensions import FieldExtension

from perkhub.kit.acting import Acting, act
from perkhub.kit.errors import DomainError
from perkhub_schema.graphql.access import Access
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.errors import to_error
from perkhub_schema.graphql.kept import kept_input
from perkhub_schema.graphql.storable import STORABLE


class Refusals(FieldExtension):
    """Turns a domain error into the payload's `errors`; the payload's other fields then have their defaults."""

    def __init__(self, payload: type) -> None:
        self.payload = payload

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Resolve, or answer with the refusal."""
        try:
            return await next_(source, info, **kwargs)
        except DomainError as refusal:
            return self.payload(errors=[to_error(refusal, info.context.language)])


class Afresh(FieldExtension):
    """Lets nothing be told from memory that an earlier mutation of the same request has read."""

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Forget, then resolve."""
        await info.context.begin_mutation()
        return await next_(source, info, **kwargs)


AFRESH = Afresh()


class Logged(FieldExtension):
    """Lets the caller act in their name: what the resolver commits stands in the activity log."""

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Say who acts, then resolve."""
        context: Context = info.context
        acting = Acting(context.identity.actor, info.field_name, context.origin, lambda: kept_input(kwargs.get("input")))
        with act(acting):
            return await next_(source, info, **kwargs)


LOGGED = Logged()


def mutation(access: Access, description: str) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A mutation field: `access` first, then the resolver, its domain errors told in the payload."""

    def wrap(resolver: Callable[..., Awaitable[Any]]) -> Any:
        payload = get_type_hints(resolver)["return"]
        # The last extension is the outermost: nobody learns from a refusal what they may not ask.
        logged = [LOGGED] if access.of_operators else []
        extensions = [STORABLE, *logged, Refusals(payload), access, AFRESH]
        return strawberry.mutation(resolver=resolver, description=description, extensions=extensions)

    return wrap


def query(access: Access, description: str) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A query field behind `access`; one that answers with a payload tells its refusals there."""

    def wrap(resolver: Callable[..., Awaitable[Any]]) -> Any:
        answer = get_type_hints(resolver)["return"]
        refusals = [Refusals(answer)] if hasattr(answer, "errors") or "errors" in getattr(answer, "__annotations__", {}) else []
        return strawberry.field(resolver=resolver, description=description, extensions=[STORABLE, *refusals, access])

    return wrap
