"""The GraphQL endpoint: makes each request's context, speaks JSON by orjson, and lets subscriptions in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.streaming import HTTPStreamTransport
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from perkhub.accounts import ANONYMOUS
from perkhub.kit.errors import TooFast
from perkhub.kit.origins import origin_of
from perkhub.kit.settings import Environment, settings
from perkhub_schema.graphql.context import DEFAULT_CHANNEL, Context
from perkhub_schema.graphql.prepared import prepared_operation, validated
from perkhub_schema.http.bodies import BodyRefused, limited
from perkhub_schema.http.graphiql import graphiql_page
from perkhub_schema.http.streams import EventStream
from perkhub_schema.reads.answers import shared_headers
from perkhub_schema.reads.front import matches
from perkhub_schema.reads.operations import OperationRefused, operation_text
from perkhub_schema.reads.reading import SCOPE
from perkhub_schema.schema import schema
from perkhub_schema.sockets import MOST_OPERATIONS, Frames

SSE = "graphql-sse"
CONTEXT = "perkhub.context"


class Endpoint(GraphQL[Context, None]):
    """One endpoint for queries, mutations and subscriptions."""

    websocket_adapter_class = Frames
    stream_transport_classes_by_protocol: Mapping[str, type[HTTPStreamTransport]] = {SSE: EventStream}

    def __init__(self) -> None:
        using = settings()
        development = using.environment is Environment.DEVELOPMENT
        public = origin_of(using.public_url)
        super().__init__(
            schema,
            graphql_ide="graphiql" if development else None,
            allow_queries_via_get=True,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, SSE),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=MOST_OPERATIONS,
            # Browsers ask no leave for a websocket, and bring their cookies. Behind a proxy the Host header may be another.
            allowed_origins=[*using.allowed_origins, *([public] if public else [])],
        )

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Who asks, and whether anything may be answered at all."""
        context = new_context(request, response)
        request.scope[CONTEXT] = context
        context.reading = request.scope.get(SCOPE) or context.reading
        context.token = bearer_token(request.headers.get("authorization"))
        await context.recognise()
        if isinstance(context.refused, TooFast) and isinstance(response, Response):
            response.status_code = 429
            response.headers["Retry-After"] = str(context.refused.data["retry_after"])
        return context

    async def on_ws_connect(self, context: Context) -> Any:
        """A browser cannot set headers on a websocket: they may come in `connectionParams`, `authorization` and
        `organisation`."""
        given = context.connection_params if isinstance(context.connection_params, dict) else {}
        token = bearer_token(str(given.get("authorization") or ""))
        if token is not None:
            context.token = token
        if given.get("organisation"):
            context.organisation = str(given["organisation"])
        return await super().on_ws_connect(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one connection; what cannot be read is refused as JSON, like everything else."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            body = limited(scope, receive, most=settings().request_kilobytes * 1024)
            response = await self.run(Request(scope, body))
        except BodyRefused as refused:
            response = _unreadable(refused.status, refused.reason)
        except HTTPException as refused:
            response = _unreadable(refused.status_code, refused.reason)
        except OperationRefused as refused:
            response = _refused(str(refused), refused.code, status=refused.status)
        if not isinstance(response, StreamingResponse):
            await self._label(response, scope)
        await response(scope, receive, send)

    async def _label(self, response: Response, scope: Scope) -> None:
        """Remember the answer where that is allowed, and say who else may."""
        context: Context | None = scope.get(CONTEXT)
        if context is not None and response.status_code == 200 and not _is_personal(context, response):
            reading = context.reading
            reading.agrees(context.channel_key, context.language)
            reading.kept = answer = await reading.answer(bytes(response.body), context.known_channel)
            if answer is not None and scope["method"] == "GET":
                for name, value in shared_headers(answer)[1:]:
                    response.headers[name.decode()] = value.decode()
                if matches(context.header("if-none-match").encode("latin-1"), answer.etag):
                    response.status_code, response.body = 304, b""
                    del response.headers["content-length"]
                return
        response.headers.setdefault("cache-control", "private, no-store")

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData | list[GraphQLRequestData]:
        """What the request asks for."""
        plain = (
            request.method == "POST"
            and request.content_type == "application/json"
            and wants_one_answer(request.headers.get("accept"))
        )
        asked: GraphQLRequestData | list[GraphQLRequestData] = (
            _request_data(self.parse_json(await request.get_body())) if plain else await super().parse_http_body(request)
        )
        if not isinstance(asked, list) and not isinstance(asked.operation_name, str | None):
            raise HTTPException(400, "The `operationName` must be a string or null, if provided.")
        return asked

    async def execute_operation(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Run the operation, by its text or by its hash."""
        asked, context = kwargs["request_data"], kwargs["context"]
        if not isinstance(asked, list):
            keep = request.method == "POST" and context.refused is None
            asked.query = await self._named(asked, who=context.who, keep=keep)
        return await super().execute_operation(request, *args, **kwargs)

    async def _named(self, asked: GraphQLRequestData, *, who: str, keep: bool) -> str | None:
        """The operation's text; what is no valid operation is not kept under its hash."""
        if keep and asked.query and asked.extensions and "persistedQuery" in asked.extensions:
            operation = prepared_operation(asked.query)
            keep = operation is not None and not validated(operation, schema._schema)
        return await operation_text(asked.query, asked.extensions, who=who, keep=keep)

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Not for an operation that is named by its hash."""
        return (
            request.method == "GET" and "extensions" not in request.query_params and super().should_render_graphql_ide(request)
        )

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Note whether anything failed: only what is wholly right is remembered."""
        if result.errors:
            request.scope[CONTEXT].reading.failed = True
        return await super().process_result(request, result)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, in development."""
        return HTMLResponse(graphiql_page(self.graphql_ide_html))

    def encode_json(self, data: object) -> bytes:
        """A response's body."""
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        """A request's body: an object, or a list, which is refused elsewhere."""
        if len(data) > settings().request_kilobytes * 1024:
            raise orjson.JSONDecodeError("too large", "", 0)  # a websocket's message; bodies are counted while they come in
        parsed = orjson.loads(data)
        if not isinstance(parsed, dict | list):
            raise orjson.JSONDecodeError("neither an object nor a list", "", 0)
        return parsed


def new_context(request: Request | WebSocket, response: Response | WebSocket) -> Context:
    """A context before anyone is known."""
    headers = request.headers
    return Context(
        request=request,
        response=response,
        identity=ANONYMOUS,
        language="zh" if headers.get("accept-language", "").lower().startswith("zh") else "en",
        channel_key=headers.get("perkhub-channel", DEFAULT_CHANNEL),
        organisation=headers.get("perkhub-organisation"),
        source_address=request.client.host if request.client is not None else "unknown",
    )


def bearer_token(header: str | None) -> str | None:
    """The token of an Authorization header, or None."""
    kind, _, token = (header or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def wants_one_answer(accepted: str | None) -> bool:
    """Whether the Accept header asks for no stream."""
    accepted = accepted or ""
    return "stream" not in accepted and "multipart" not in accepted


def _request_data(told: Any) -> GraphQLRequestData:
    """What nearly every client sends; Strawberry takes the headers apart first, by the rules of e-mail."""
    if not isinstance(told, dict):
        raise HTTPException(400, "Batching is not enabled")
    for name, kind, what in (("query", str, "a string"), ("variables", dict, "an object"), ("extensions", dict, "an object")):
        if not isinstance(told.get(name), kind | None):
            raise HTTPException(400, f"The GraphQL operation's `{name}` must be {what} or null, if provided.")
    return GraphQLRequestData(
        query=told.get("query"),
        variables=told.get("variables"),
        operation_name=told.get("operationName"),
        extensions=told.get("extensions"),
        protocol="http",
    )


def _is_personal(context: Context, response: Response) -> bool:
    """Whether somebody was, or might have been, known; an answer that sets a cookie is for one browser."""
    return context.token is not None or context.refused is not None or "set-cookie" in response.headers


def _refused(message: str, code: str, *, status: int) -> Response:
    told = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return Response(orjson.dumps(told), status_code=status, media_type="application/json")


def _unreadable(status: int, reason: str) -> Response:
    return _refused(reason, "BAD_REQUEST", status=status)
