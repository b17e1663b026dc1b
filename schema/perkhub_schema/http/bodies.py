"""Bodies of requests, counted while they come in: nobody fills the memory of the server with one request."""

from starlette.types import Message, Receive, Scope


class BodyRefused(Exception):
    """The body was not read to its end; the status says why."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


def limited(scope: Scope, receive: Receive, *, most: int) -> Receive:
    """The same body, refused once it is larger than `most` bytes; or at once, if it says so itself or is packed.

    Raises:
        BodyRefused: from here, or from the receiving.
    """
    headers = dict(scope["headers"])
    # What is packed small may be large; nobody needs it for so little.
    if headers.get(b"content-encoding", b"identity").lower() not in (b"identity", b""):
        raise BodyRefused(415, "Send the body as it is, without a Content-Encoding.")
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared[:20]) > most:
        raise too_large(most)
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise too_large(most)
        return message

    return counted


def too_large(most: int) -> BodyRefused:
    """More than `most` bytes."""
    return BodyRefused(413, f"The body is too large: at most {most} bytes.")
