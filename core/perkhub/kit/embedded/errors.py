"""Why embedded servers cannot be used. Told to the person who starts the process, never to a caller of the API.

EmbeddedServersRefused
├── NoBinary            no wheel with this server for this platform
└── ServerFailed        it did not come up, or its folder is not ours
"""


class EmbeddedServersRefused(Exception):
    """The embedded servers cannot run here."""


class NoBinary(EmbeddedServersRefused):
    """This platform has no wheel that brings the server."""

    def __init__(self, server: str, *, variable: str) -> None:
        self.server, self.variable = server, variable
        super().__init__(
            f"There is no embedded {server} for this platform: the package that brings it has no wheel here. "
            f"Set {variable} to a {server} server of your own."
        )


class ServerFailed(EmbeddedServersRefused):
    """A server did not come up; `detail` is the end of its log or the reason."""

    def __init__(self, server: str, detail: str) -> None:
        self.server = server
        super().__init__(f"The embedded {server} did not start: {detail}")
