"""Where payment gateways and suppliers call back. The body is read to a limit, handed to the domain, and kept nowhere here."""

import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from perkhub.fulfilment import receive_supplier_callback
from perkhub.kit.errors import NotFound, TooFast
from perkhub.kit.logging import get_logger
from perkhub.kit.rates import take
from perkhub.payments import receive_callback
from perkhub.plugin.payment import CallbackForged
from perkhub.plugin.supplier import CallbackForged as SupplierCallbackForged

log = get_logger(__name__)

LARGEST_BODY = 64 * 1024
PER_MINUTE = 6000
# Longer than a gateway's key can be: the two are never taken for each other.
SUPPLIER = re.compile(r"sup_(?P<account>[0-9a-f]{32})")


async def callback(request: Request) -> Response:
    """Answer in the caller's own words; a forged message gets a plain no."""
    name = request.path_params["method"]
    source = request.client.host if request.client is not None else "unknown"
    supplier = SUPPLIER.fullmatch(name)
    if supplier is None and request.method != "POST":
        return PlainTextResponse("use POST", status_code=405, headers={"Allow": "POST"})
    try:
        await take(f"callbacks:{source}", limit=PER_MINUTE, seconds=60)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if supplier is not None:
            return await _from_supplier(request, UUID(hex=supplier["account"]), body)
        acknowledged = await receive_callback(name, dict(request.headers), body)
    except TooFast as fast:
        return PlainTextResponse("slow down", status_code=429, headers={"Retry-After": str(fast.data["retry_after"])})
    except NotFound:
        return PlainTextResponse("nobody calls here", status_code=404)
    except (CallbackForged, SupplierCallbackForged) as forged:
        log.warning("callback_forged", method=name, reason=forged.reason)
        return PlainTextResponse("forged", status_code=400)
    return Response(acknowledged.body, status_code=acknowledged.status, media_type=acknowledged.content_type)


async def _from_supplier(request: Request, account: UUID, body: bytes) -> Response:
    """Some suppliers put their fields into the query; a name that comes twice there is taken once, and fits no signature."""
    answer = await receive_supplier_callback(account, dict(request.headers), dict(request.query_params), body)
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type)


async def _body(request: Request) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST_BODY:
            return None
        pieces.append(piece)
    return b"".join(pieces)
