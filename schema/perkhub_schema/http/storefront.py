"""The built storefront under /shop: its files from memory, and its page for every address that is no file.

Only what was there at the start is served, by its exact name; so no address leads out of the folder.
"""

import gzip
import mimetypes
import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from perkhub.kit.origins import origin_of
from perkhub.kit.settings import settings

HOME = "/shop/"
PAGE = "index.html"
# Its build puts a hash of the content into the names of what lies here.
HASHED = "assets/"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
# The build leaves it where the page and the component library read the nonce of the page's own styles.
NONCE_PLACE = b"NONCE_OF_THIS_PAGE"
PACKED_TYPES = ("text/", "application/json", "application/javascript", "image/svg")
LEAST_PACKED = 1024
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: https: {pictures}; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class Served:
    """One file, as it is and packed."""

    content: bytes
    packed: bytes | None
    media_type: str
    tag: str
    caching: str

    def answer(self, request: Request) -> Response:
        """The file, or that the browser's own copy is still good."""
        headers = {**FILE_HEADERS, "Cache-Control": self.caching, "ETag": self.tag}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, media_type=self.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Response(self.content, media_type=self.media_type, headers=headers)


class Storefront:
    """A built single-page shop."""

    def __init__(self, folder: Path) -> None:
        self.page = (folder / PAGE).read_bytes()
        # Where our own pictures are said to be, whatever host name the page was opened by.
        self.pictures = origin_of(settings().media_url or settings().public_url) or ""
        files = (path for path in folder.rglob("*") if path.is_file() and path.name != PAGE)
        self.files = {path.relative_to(folder).as_posix(): path for path in files}
        self.file = cache(lambda name: _served(self.files[name], folder))  # packed when first asked for

    async def __call__(self, request: Request) -> Response:
        """The file of this name; for the shop's own addresses its page, which knows what to show there."""
        name = request.path_params.get("name", "")
        if name in self.files:
            return self.file(name).answer(request)
        if name.startswith(HASHED) or "." in name.rsplit("/", 1)[-1]:
            return PlainTextResponse("not found", status_code=404)
        nonce = secrets.token_urlsafe(18)
        headers = {**FILE_HEADERS, **PAGE_HEADERS, "Cache-Control": "no-store"}
        headers["Content-Security-Policy"] = POLICY.format(nonce=nonce, pictures=self.pictures)
        return Response(self.page.replace(NONCE_PLACE, nonce.encode()), media_type="text/html", headers=headers)


def storefront_routes(folder: Path) -> list[BaseRoute]:
    """The shop's routes; none where none was built."""
    if not is_built(folder):
        return []
    shop = Storefront(folder)
    return [Route("/", _to_the_shop), Route(HOME.rstrip("/"), _to_the_shop), Route(f"{HOME}{{name:path}}", shop.__call__)]


def is_built(folder: Path) -> bool:
    """Whether there is a shop to serve."""
    return (folder / PAGE).is_file()


async def _to_the_shop(_: Request) -> Response:
    return RedirectResponse(HOME)


def _served(path: Path, folder: Path) -> Served:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    worth_it = media_type.startswith(PACKED_TYPES) and len(content) >= LEAST_PACKED
    hashed = path.relative_to(folder).as_posix().startswith(HASHED)
    return Served(
        content,
        gzip.compress(content, mtime=0) if worth_it else None,
        media_type,
        f'"{sha256(content).hexdigest()[:24]}"',
        FOR_EVER if hashed else ASK_AGAIN,
    )
