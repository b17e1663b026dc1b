"""Watching a group, or somebody's bargain: again whenever somebody joins, pays or helps, and when it is full or over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar
from uuid import UUID

import strawberry

from perkhub.campaigns.bargains import Bargain
from perkhub.campaigns.circles import Circle
from perkhub.kit.clock import now
from perkhub.kit.errors import NotFound
from perkhub_schema.campaigns.bargains import BargainType, find_bargain, to_bargain
from perkhub_schema.campaigns.circles import CircleType, find_circle, to_circle
from perkhub_schema.graphql.access import Public
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.watching import BARGAIN, CIRCLE, LOOK_AGAIN_SECONDS, changes

PAUSE_SECONDS = 1.0


class Closing(Protocol):
    """What is over at a moment of its own."""

    @property
    def closes_at(self) -> datetime: ...


Thing = TypeVar("Thing", bound=Closing)


async def watch(
    context: Context, kind: str, id: UUID, find: Callable[[], Awaitable[Thing]], view: Callable[[Thing], object]
) -> AsyncIterator[Thing]:
    """The thing now, and again whenever how it stands has changed."""
    async with changes(kind, id, viewer=context.who) as changed:
        seen: object = None
        while True:
            await context.recognise_again()
            context.forget_loaded()
            found = await find()
            stands = view(found)
            if stands != seen:
                seen = stands
                yield found
            looked_at = monotonic()
            await changed(max(0.0, (found.closes_at - now()).total_seconds()) or LOOK_AGAIN_SECONDS)
            # Whoever wakes us a hundred times a second is heard once.
            await asyncio.sleep(max(0.0, looked_at + PAUSE_SECONDS - monotonic()))


async def watch_circle(info: Info, circle_id: strawberry.ID) -> AsyncIterator[CircleType]:
    """The circle now, and again whenever its members, its places or its state have changed."""
    context = info.context
    if context.refused is not None:
        raise context.refused
    circle = local_id(Kind.CIRCLE, circle_id, "id")

    async def find() -> Circle:
        found = await find_circle(context, circle)
        if found is None:
            raise NotFound("group", "团", path=("id",))
        return found

    await find()
    async for found in watch(context, CIRCLE, circle, find, lambda one: (one.state, one.taken, one.paid)):
        yield to_circle(found)


async def watch_bargain(info: Info, bargain_id: strawberry.ID) -> AsyncIterator[BargainType]:
    """The bargain now, and again whenever its cuts or its state have changed."""
    context = info.context
    if context.refused is not None:
        raise context.refused
    bargain = local_id(Kind.BARGAIN, bargain_id, "id")

    async def find() -> Bargain:
        found = await find_bargain(context, bargain)
        if found is None:
            raise NotFound("bargain", "砍价", path=("id",))
        return found

    await find()
    async for found in watch(context, BARGAIN, bargain, find, lambda one: (one.state, one.cuts)):
        yield to_bargain(found)


@strawberry.type
class CircleSubscriptions:
    @strawberry.subscription(
        description="A group now, and again whenever its members, its places or its state have changed; at most once a second.",
        # Which groups somebody may watch is looked at in `find_circle`.
        directives=[Public()],
    )
    async def circle_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[CircleType]:
        async for circle in watch_circle(info, id):
            yield circle


@strawberry.type
class BargainSubscriptions:
    @strawberry.subscription(
        description="Somebody's bargain now, and again whenever its price or its state has changed; at most once a second.",
        # Which bargains somebody may watch is looked at in `find_bargain`.
        directives=[Public()],
    )
    async def bargain_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[BargainType]:
        async for bargain in watch_bargain(info, id):
            yield bargain
