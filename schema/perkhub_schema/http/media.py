"""Pictures in and out: POST /media takes one, GET /media/{hash}.{ext} gives one, unchanged for ever."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from perkhub.accounts import Permission, ensure_permission, identify
from perkhub.catalog.media import blob_by_hash, blob_is_there, image_views, receive_image
from perkhub.kit.errors import AccessError, DomainError, NotSignedIn, TooFast
from perkhub.kit.images.errors import ImageTooLarge
from perkhub.kit.images.form import MEGABYTES
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub_schema.endpoint import bearer_token
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.http.uploads import FORMS, RAW_BODY, refusal
from perkhub_schema.media.types import EXTENSIONS, address_of, to_rendition

NAME = re.compile(r"([0-9a-f]{64})\.(webp|jpg|png)")
TYPES = {extension: f"image/{form}" for form, extension in EXTENSIONS.items()}
FOR_EVER = "public, max-age=31536000, immutable"
# Whatever a browser might think it is: it is shown, runs nothing, and may stand on any page.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
}


async def receive(request: Request) -> Response:
    """The file is the raw body. What it is called tells nothing: its bytes do."""
    language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    try:
        source = request.client.host if request.client is not None else None
        identity = await identify(bearer_token(request.headers.get("authorization")), source=source)
        ensure_permission(identity, Permission.MANAGE_CATALOG)
        if request.headers.get("content-type", "").lower().startswith(FORMS):
            return refusal("FORM_NOT_ACCEPTED", RAW_BODY[language], status=415)
        _refuse_declared(request.headers.get("content-length", ""))
        # What is drawn takes a core for seconds; what was refused until here took nothing.
        await take(f"pictures:{identity.actor}", limit=settings().pictures_per_minute, seconds=60)
        image = await receive_image(request.stream(), actor=identity.actor)
    except TooFast as fast:
        answer = refusal(fast.code, fast.message(language), status=429)
        answer.headers["Retry-After"] = str(fast.data["retry_after"])
        return answer
    except AccessError as refused:
        return refusal(refused.code, refused.message(language), status=401 if isinstance(refused, NotSignedIn) else 403)
    except DomainError as refused:
        return refusal(refused.code, refused.message(language), status=413 if isinstance(refused, ImageTooLarge) else 400)
    view = (await image_views([image]))[image]
    told = {
        "imageId": global_id(Kind.IMAGE, image),
        "url": address_of(view.largest),
        "width": view.largest.width,
        "height": view.largest.height,
        "renditions": [vars(to_rendition(form)) for form in view.forms],
    }
    return JSONResponse(told, status_code=201)


def _refuse_declared(length: str) -> None:
    """Whoever says beforehand that it is too much need not send it."""
    if length.isascii() and length.isdigit() and int(length[:20]) > MEGABYTES << 20:
        raise ImageTooLarge(megabytes=MEGABYTES)


async def serve(request: Request) -> Response:
    """The bytes under this hash, if they are what the ending says."""
    named = NAME.fullmatch(request.path_params["name"])
    if named is None:
        return _not_there()
    hash, content_type, tag = named[1], TYPES[named[2]], f'"{named[1]}"'
    kept = {**HEADERS, "Cache-Control": FOR_EVER, "ETag": tag}
    if tag in request.headers.get("if-none-match", "") and await blob_is_there(hash):
        return Response(status_code=304, headers=kept)
    blob = await blob_by_hash(hash)
    if blob is None or blob.content_type != content_type:
        return _not_there()
    return Response(blob.content, media_type=content_type, headers=kept)


def _not_there() -> Response:
    return Response(status_code=404, headers={**HEADERS, "Cache-Control": "no-store"})
