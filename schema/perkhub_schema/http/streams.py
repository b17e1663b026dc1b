"""Server-sent events as the clients of front ends read them: bare line feeds, and only for who would rather have a stream."""

from strawberry.http.streaming import SSETransport

JSON = ("application/json", "application/graphql-response+json")


class EventStream(SSETransport):
    """Line ends are the standard's shortest: urql looks for two line feeds between events, and would wait for ever."""

    def accepts(self, accept: str) -> bool:
        """Whether a stream is wanted; urql names it with every query, behind JSON, and then wants JSON."""
        named = [part.split(";", 1)[0].strip().lower() for part in accept.split(",")]
        wanted = next((one for one in named if one in (*JSON, "text/event-stream")), None)
        return wanted == "text/event-stream"

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """A comment, which keeps the connection from looking dead."""
        return super().encode_comment(comment).replace("\r\n", "\n")
