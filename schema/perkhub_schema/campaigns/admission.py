"""How it stands with somebody who waits in the queue of a campaign."""

from typing import Annotated

import strawberry

from perkhub.campaigns import AdmissionState, admission_of
from perkhub_schema.graphql.access import CUSTOMER
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.mutations import query

described(
    AdmissionState,
    "What one who waits may do.",
    {
        AdmissionState.WAITING: "Others are before them.",
        AdmissionState.YOUR_TURN: "Place the order now; the place is kept for 6 seconds.",
        AdmissionState.SOLD_OUT: "Everything is held or sold. Ask on to keep the place, for what is held and not paid comes "
        "back; an order would give it up.",
    },
)


@strawberry.type(description="A place in the queue of a campaign; asking for it keeps it.")
class Admission:
    state: AdmissionState | None = strawberry.field(default=None, description="Whether to wait on.")
    position: int | None = strawberry.field(default=None, description="1 is the next.")
    retry_after_ms: int | None = strawberry.field(default=None, description="Milliseconds after which to ask again; 0 is now.")
    ticket: str | None = strawberry.field(default=None, description="A fresh one for the same place; use it from now on.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why there is none; empty if there is.")


@strawberry.type
class AdmissionQueries:
    @query(CUSTOMER, "The customer's place in the queue for which they were given this ticket by `orderPlace`.")
    async def admission(
        self, info: Info, ticket: Annotated[str, strawberry.argument(description="The latest one.")]
    ) -> Admission:
        found = await admission_of(ticket, info.context.buyer)
        return Admission(state=found.state, position=found.position, retry_after_ms=found.retry_after_ms, ticket=found.ticket)
