"""The web application: GraphQL, uploads, pictures, gateway callbacks, health, metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from perkhub.kit.settings import settings
from perkhub_schema.endpoint import Endpoint
from perkhub_schema.http import oauth, sign_in
from perkhub_schema.http.callbacks import callback
from perkhub_schema.http.correlation import Correlation
from perkhub_schema.http.health import live, metrics, ready
from perkhub_schema.http.media import receive, serve
from perkhub_schema.http.sheets import export, products_template
from perkhub_schema.http.storefront import storefront_routes
from perkhub_schema.http.uploads import upload
from perkhub_schema.orders.turned_away import TurnedAway
from perkhub_schema.reads.front import Remembered
from perkhub_schema.runtime import rest_collector, running

PATH = "/graphql"
# What a front end on another origin may send beyond what browsers always may, and what it may read of an answer.
SENT_HEADERS = (
    "authorization", "if-none-match", "perkhub-channel", "perkhub-cookies", "perkhub-correlation-id", "perkhub-filename",
    "perkhub-organisation",
)  # fmt: skip
READ_HEADERS = ("content-disposition", "etag", "perkhub-correlation-id", "retry-after")


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Everything up before the first request, down after the last."""
    async with running(application="perkhub web"):
        rest_collector()
        yield


class Front:
    """Hands GraphQL requests straight to their endpoint, and all others to the router and its layers."""

    def __init__(self, graphql: ASGIApp, others: ASGIApp) -> None:
        self.graphql = graphql
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = scope["type"] == "http" and scope["path"] == PATH and scope["method"] in ("GET", "POST")
        await (self.graphql if direct else self.others)(scope, receive, send)


def build_app() -> ASGIApp:
    """The application, with its own lifespan; granian's factory."""
    endpoint = Endpoint()
    others = Starlette(
        routes=[
            Route(PATH, endpoint, methods=["GET", "POST"]),
            WebSocketRoute(PATH, endpoint),
            Route("/uploads", upload, methods=["POST"]),
            Route("/media", receive, methods=["POST"]),
            Route("/media/{name}", serve, methods=["GET"]),
            Route("/exports/{id}", export),
            Route("/templates/products.xlsx", products_template),
            Route("/callbacks/{method}", callback, methods=["GET", "POST"]),
            Route("/auth/{provider}/start", sign_in.start),
            Route("/auth/{provider}/callback", sign_in.callback),
            Route("/oauth/token", oauth.token, methods=["POST"]),
            Route("/oauth/revoke", oauth.revoke, methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", oauth.metadata),
            Route("/livez", live),
            Route("/readyz", ready),
            Route("/metrics", metrics),
            *storefront_routes(settings().storefront_folder),
        ],
        lifespan=lifespan,
    )
    return Correlation(_open_to_storefronts(Front(Remembered(TurnedAway(endpoint)), others)))


def _open_to_storefronts(app: ASGIApp) -> ASGIApp:
    """Tell browsers which other origins may call: with cookies, so only those that the operator named."""
    allowed = settings().allowed_origins
    if not allowed:
        return app
    return CORSMiddleware(
        app,
        allow_origins=sorted(allowed),
        allow_methods=("GET", "POST"),
        allow_headers=SENT_HEADERS,
        expose_headers=READ_HEADERS,
        allow_credentials=True,
        max_age=7200,
    )
