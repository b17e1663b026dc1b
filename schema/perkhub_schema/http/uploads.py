"""Where files come in: streamed, sealed while they stream, answered with an id for a mutation to use."""

from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from perkhub.accounts import Permission, ensure_permission, identify
from perkhub.kit.errors import AccessError, DomainError, NotSignedIn
from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import FileTooLarge
from perkhub.kit.uploads import receive_upload
from perkhub_schema.endpoint import bearer_token
from perkhub_schema.graphql.global_ids import Kind, global_id

# Whoever parses a form keeps its files on a disk meanwhile, in clear.
FORMS = ("multipart/", "application/x-www-form-urlencoded")
RAW_BODY = {
    "en": "Send the file itself as the body, not a form; its name in the Perkhub-Filename header, percent-encoded.",
    "zh": "请直接以文件内容作为请求体(不要使用表单),文件名放在 Perkhub-Filename 请求头中(百分号编码)。",
}


async def upload(request: Request) -> Response:
    """The file is the raw body; its name stands in the Perkhub-Filename header, percent-encoded."""
    language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    try:
        source = request.client.host if request.client is not None else None
        identity = await identify(bearer_token(request.headers.get("authorization")), source=source)
        # Whatever it is for: sheets of products and of codes come in by the same door.
        if not identity.may(Permission.MANAGE_CATALOG):
            ensure_permission(identity, Permission.IMPORT_CODES)
        if request.headers.get("content-type", "").lower().startswith(FORMS):
            return refusal("FORM_NOT_ACCEPTED", RAW_BODY[language], status=415)
        name = unquote(request.headers.get("perkhub-filename", "upload"))
        limit = settings().upload_megabytes * 1024 * 1024
        received = await receive_upload(name, request.stream(), actor=identity.actor, limit_bytes=limit)
    except AccessError as refused:
        status = 401 if isinstance(refused, NotSignedIn) else 403
        return refusal(refused.code, refused.message(language), status=status)
    except DomainError as refused:
        return refusal(refused.code, refused.message(language), status=413 if isinstance(refused, FileTooLarge) else 400)
    return JSONResponse({"uploadId": global_id(Kind.UPLOAD, received)}, status_code=201)


def refusal(code: str, message: str, *, status: int) -> Response:
    """Why a file was not taken, in the shape of GraphQL's errors."""
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status_code=status)
