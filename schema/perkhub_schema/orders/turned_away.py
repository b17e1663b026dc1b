"""Who comes too late in a rush is answered here, before any of it is executed and without a statement of their own.

In a crowd nothing differs from one request to the next but its key and its bearer. The first one that is refused from memory
is answered the long way; its answer is kept under all else that was said, and is everybody's as long as nothing is left. Who
asks, whether they may, and whether they repeat a request, is looked at as ever; in doubt the long way decides.
"""

from dataclasses import dataclass
from typing import NamedTuple

import orjson
from graphql import FieldNode, OperationType, VariableNode
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perkhub.campaigns import CampaignSoldOut, is_anything_sold_out, is_sold_out
from perkhub.kit.errors import AccessError, DomainError
from perkhub.kit.idempotency import KEY_LENGTH, was_used
from perkhub.pricing import BasketLine
from perkhub_schema.endpoint import CONTEXT, bearer_token, new_context, wants_one_answer
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.limits import operations_of
from perkhub_schema.graphql.prepared import prepared_operation
from perkhub_schema.orders.place import OPERATION, count_refusal
from perkhub_schema.reads.answers import JSON, PRIVATE
from perkhub_schema.reads.front import whole_body

MOST_KEPT = 1000
LONGEST_DEVICE_KEY = 200


class _Rest(NamedTuple):
    """All that an answer hangs on, but for who asks."""

    channel: str
    language: str
    said: bytes


@dataclass(frozen=True, slots=True)
class _Asked:
    rest: _Rest
    query: str
    variable: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class _Kept:
    body: bytes
    cost: int
    basket: list[BasketLine]
    refusal: CampaignSoldOut


class TurnedAway:
    """Plain ASGI, around the GraphQL endpoint."""

    def __init__(self, graphql: ASGIApp) -> None:
        self.graphql = graphql
        self._kept: dict[_Rest, _Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_anything_sold_out() or scope["type"] != "http" or scope["method"] != "POST":
            await self.graphql(scope, receive, send)
            return
        body, receive = await whole_body(receive)
        context = new_context(Request(scope), Response())
        asked = _asked(context, body)
        if asked is None:
            await self.graphql(scope, receive, send)
            return
        kept = self._kept.get(asked.rest)
        if kept is None:
            await self._keep(asked, scope, receive, send)
        elif await _is_too_late(context, asked, kept):
            count_refusal(kept.basket, kept.refusal)
            headers = [JSON, PRIVATE, (b"content-length", b"%d" % len(kept.body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": kept.body})
        else:
            await self.graphql(scope, receive, send)

    async def _keep(self, asked: _Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the long way, and keep what came of it if it was that all is gone, and nothing else."""
        parts: list[bytes] = []

        async def told(message: Message) -> None:
            parts.append(message.get("body", b""))
            await send(message)

        await self.graphql(scope, receive, told)
        context: Context | None = scope.get(CONTEXT)
        if context is None or context.too_late is None or not _only_places(asked):
            return
        body = b"".join(parts)
        answer = orjson.loads(body)
        if answer.keys() == {"data", "extensions"}:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[asked.rest] = _Kept(body, answer["extensions"]["cost"], *context.too_late)


async def _is_too_late(context: Context, asked: _Asked, kept: _Kept) -> bool:
    """Whether the long way would answer the same."""
    if not is_sold_out(kept.basket):
        return False
    context.token = bearer_token(context.header("authorization"))
    await context.recognise()
    if context.refused is not None:
        return False
    try:
        _ = context.buyer
        await context.channel()
        await context.pay(kept.cost)
    except (AccessError, DomainError):
        return False
    return not await was_used(context.identity.actor, OPERATION, asked.idempotency_key)


def _asked(context: Context, body: bytes) -> _Asked | None:
    """The request taken apart; None where it is not one of a crowd."""
    plain = context.header("content-type") == "application/json" and not context.header("content-encoding")
    if not plain or context.organisation is not None or not wants_one_answer(context.header("accept")):
        return None
    try:
        told = orjson.loads(body)
        [(variable, given)] = told["variables"].items()
        key, device = given.pop("idempotencyKey"), given.pop("deviceKey", None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not _is_named(key, KEY_LENGTH) or not key.strip() or not (device is None or _is_named(device, LONGEST_DEVICE_KEY)):
        return None
    if not isinstance(told.get("query"), str) or given.get("ticket") is not None:
        return None
    rest = _Rest(context.channel_key, context.language, orjson.dumps(told))
    return _Asked(rest, told["query"], variable, key)


def _is_named(told: object, longest: int) -> bool:
    return isinstance(told, str) and len(told) <= longest and told.isprintable()


def _only_places(asked: _Asked) -> bool:
    """Whether the operation is one `orderPlace` with the variable for its input: what was left out stands nowhere else."""
    operation = prepared_operation(asked.query)
    match [] if operation is None else operations_of(operation.document):
        case [node] if node.operation is OperationType.MUTATION:
            fields = node.selection_set.selections
        case _:
            return False
    if len(fields) != 1 or not isinstance(fields[0], FieldNode) or fields[0].name.value != OPERATION:
        return False
    given = [argument.value for argument in fields[0].arguments or ()]
    return len(given) == 1 and isinstance(given[0], VariableNode) and given[0].name.value == asked.variable
