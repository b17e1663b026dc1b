"""Files to fetch: an export for whoever asked for it, as long as it is there; and the empty template of products."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from perkhub.accounts import Identity, Permission, ensure_permission, identify
from perkhub.campaigns.coupons import CouponExport, read_coupon_export
from perkhub.catalog import ProductExport, free_columns, read_product_export, template
from perkhub.kit.errors import AccessError, InvalidInput, NotSignedIn
from perkhub.kit.uploads import find_upload, open_upload
from perkhub_schema.endpoint import bearer_token
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.http.uploads import refusal

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
GONE = {
    "en": "There is no such file of yours, or its day is over. Ask for a new export.",
    "zh": "没有该文件,或该文件已过期,请重新导出。",
}


Read: TypeAlias = Callable[..., Awaitable[ProductExport | CouponExport | None]]
# By the kind of its id, who may have it and how it is found.
EXPORTS: dict[str, tuple[Kind, Permission, Read]] = {
    kind: (kind, permission, read)
    for kind, permission, read in (
        (Kind.PRODUCT_EXPORT, Permission.MANAGE_CATALOG, read_product_export),
        (Kind.COUPON_EXPORT, Permission.MANAGE_CAMPAIGNS, read_coupon_export),
    )
}


async def export(request: Request) -> Response:
    """The file of an export. Somebody else's, one that is gone and one that never was are told alike."""
    language = _language(request)
    given = request.path_params["id"]
    kind, permission, read = EXPORTS.get(given.partition("_")[0], EXPORTS[Kind.PRODUCT_EXPORT])
    try:
        identity = await _operator(request, permission)
        key = local_id(kind, given, "id")
    except AccessError as refused:
        return refusal(refused.code, refused.message(language), status=401 if isinstance(refused, NotSignedIn) else 403)
    except InvalidInput:
        return refusal("NOT_FOUND", GONE[language], status=404)
    found = await read(key, actor=identity.actor)
    if found is None or found.file_id is None or not found.fetchable:
        return refusal("NOT_FOUND", GONE[language], status=404)
    size = (await find_upload(found.file_id, actor=identity.actor)).size
    headers = {**_attached(found.filename), "Content-Length": str(size)}
    media_type = TYPES[found.filename.rpartition(".")[2]]
    return StreamingResponse(open_upload(found.file_id, identity.actor), media_type=media_type, headers=headers)


async def products_template(request: Request) -> Response:
    """A workbook with every column of the house, in the request's language, and a second sheet that explains them."""
    language = _language(request)
    try:
        await _operator(request, Permission.MANAGE_CATALOG)
    except AccessError as refused:
        return refusal(refused.code, refused.message(language), status=401 if isinstance(refused, NotSignedIn) else 403)
    content = template(language, attributes=await free_columns())
    return Response(content, media_type=TYPES["xlsx"], headers=_attached("products.xlsx"))


async def _operator(request: Request, permission: Permission) -> Identity:
    source = request.client.host if request.client is not None else None
    identity = await identify(bearer_token(request.headers.get("authorization")), source=source)
    ensure_permission(identity, permission)
    return identity


def _attached(filename: str) -> dict[str, str]:
    return {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"}


def _language(request: Request) -> str:
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
