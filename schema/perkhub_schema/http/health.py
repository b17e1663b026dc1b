"""Alive: the process answers. Ready: its database answers. Metrics: for Prometheus."""

import asyncio
from collections.abc import Awaitable
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from perkhub.kit import db
from perkhub.kit.metrics import CONTENT_TYPE, refresh, render
from perkhub.kit.redis import redis_client
from perkhub.kit.settings import Environment, settings

PATIENCE_SECONDS = 2.0


async def live(_: Request) -> Response:
    """The process is up; nothing else is asked."""
    return JSONResponse({"status": "alive"})


async def ready(_: Request) -> Response:
    """Requests can be served. Without Redis they can: that is told, and is no failure."""
    database = await _answers(db.value("SELECT 1"))
    client = redis_client()
    redis = client is not None and await _answers(client.ping())
    status = {"status": "ready" if database else "not ready", "database": database, "redis": redis}
    return JSONResponse(status, status_code=200 if database else 503)


async def metrics(request: Request) -> Response:
    """The exposition format, for whoever has the token: it tells exact stock and turnover."""
    if not _may_look(request):
        return PlainTextResponse("not found", status_code=404)
    await refresh()
    return Response(render(), media_type=CONTENT_TYPE)


def _may_look(request: Request) -> bool:
    using = settings()
    if using.metrics_token is None:
        return using.environment is Environment.DEVELOPMENT
    expected = f"Bearer {using.metrics_token.get_secret_value()}"
    return compare_digest(request.headers.get("authorization", "").encode(), expected.encode())


async def _answers(question: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(question, PATIENCE_SECONDS)
    except Exception:  # whatever is wrong, the answer is no
        return False
    return True
