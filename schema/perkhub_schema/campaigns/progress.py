"""Watching a group: again whenever somebody joins, leaves or pays, and when it is full or over."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from uuid import UUID

import strawberry

from perkhub.campaigns.circles import Circle, CircleState
from perkhub.kit.clock import now
from perkhub.kit.errors import NotFound
from perkhub_schema.campaigns.circles import CircleType, find_circle, to_circle
from perkhub_schema.graphql.access import Public
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.watching import CIRCLE, LOOK_AGAIN_SECONDS, changes

PAUSE_SECONDS = 1.0


async def watch(info: Info, circle_id: strawberry.ID) -> AsyncIterator[CircleType]:
    """The circle now, and again whenever how it stands has changed."""
    context = info.context
    if context.refused is not None:
        raise context.refused
    circle = local_id(Kind.CIRCLE, circle_id, "id")
    await _found(context, circle)
    async with changes(CIRCLE, circle, viewer=context.who) as changed:
        seen: tuple[CircleState, int, int] | None = None
        while True:
            await context.recognise_again()
            context.forget_loaded()
            found = await _found(context, circle)
            view = (found.state, found.taken, found.paid)
            if view != seen:
                seen = view
                yield to_circle(found)
            looked_at = monotonic()
            await changed(max(0.0, (found.closes_at - now()).total_seconds()) or LOOK_AGAIN_SECONDS)
            # Whoever wakes us a hundred times a second is heard once.
            await asyncio.sleep(max(0.0, looked_at + PAUSE_SECONDS - monotonic()))


async def _found(context: Context, circle: UUID) -> Circle:
    found = await find_circle(context, circle)
    if found is None:
        raise NotFound("group", "团", path=("id",))
    return found


@strawberry.type
class CircleSubscriptions:
    @strawberry.subscription(
        description="A group now, and again whenever its members, its places or its state have changed; at most once a second.",
        # Which groups somebody may watch is looked at in `find_circle`.
        directives=[Public()],
    )
    async def circle_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[CircleType]:
        async for circle in watch(info, id):
            yield circle
