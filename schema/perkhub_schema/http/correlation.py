"""The outermost layer: each request begins a trail, what broke it is told in our own log, and nothing is told further out.

Where it is asked for, an answer says how many statements it cost.
"""

from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perkhub.kit import db
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.ids import new_id
from perkhub.kit.logging import get_logger
from perkhub.kit.metrics import count_request
from perkhub.kit.settings import settings

log = get_logger(__name__)

WENT_WRONG = "Something went wrong on our side."
HEADER = b"perkhub-correlation-id"
ROUTES = frozenset(
    {"graphql", "uploads", "media", "callbacks", "auth", "oauth", ".well-known", "livez", "readyz", "metrics", "shop"}
)
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Correlation:
    """Plain ASGI: a body that streams goes through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.counting = settings().count_statements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        trail = begin_correlation(given.decode("latin-1")).encode()
        began = perf_counter()
        status, answering = 500, False
        counted: list[str] | None = [] if self.counting else None
        db.statements.set(counted)

        async def told(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                headers = [*message.get("headers", ()), (HEADER, trail)]
                if counted is not None:
                    real = [sql for sql in counted if not sql.lstrip().upper().startswith(CONTROL)]
                    headers.append((b"perkhub-statements", str(len(real)).encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, told)
        except Exception as broken:  # the server would write its traceback, with the values of a failed statement in it
            await _break_off(broken, scope, told, begun=answering)
        finally:
            count_request(_route(scope["path"]), status, seconds=perf_counter() - began)


async def _break_off(broken: Exception, scope: Scope, send: Send, *, begun: bool) -> None:
    """Log what nobody expected, and answer, unless an answer has begun: it ends where it is."""
    if isinstance(broken, ClientDisconnect):
        return
    incident = str(new_id())
    log.error("unexpected", incident=incident, route=_route(scope["path"]), exc_info=broken)
    if not begun:
        told = {"errors": [{"message": WENT_WRONG, "extensions": {"code": "INTERNAL", "incident": incident}}]}
        await JSONResponse(told, status_code=500)(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _route(path: str) -> str:
    """The first step of the path, if it is one of ours: metrics must stay a short list."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in ROUTES else "other"
