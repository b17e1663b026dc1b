"""A server as production runs it, a few things in it, and a token for each kind of caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.processes import Installation, Web, installation, new_folder, production, real_servers

# One address asks very often here; what keeps one client from flooding a shop is tested elsewhere.
SETTINGS = {"requests_per_minute": "10000000", "access_token_seconds": "3600", "reveals_per_minute": "100000"}


@dataclass(frozen=True)
class Standing:
    """The server, and who may be asked for."""

    perkhub: Installation
    web: Web
    tokens: dict[str, str | None]
    made: dict[str, Any]
    database_url: str

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return self.web.child.log.read_text(errors="replace")


@contextmanager
def standing_server() -> Iterator[Standing]:
    """Production's settings: no introspection, no GraphiQL, masked errors."""
    with (
        new_folder() as folder,
        real_servers(folder) as servers,
        installation(folder, servers, production(**SETTINGS)) as perkhub,
    ):
        perkhub.migrate()
        made = perkhub.run_python("tests.fuzz.furnish", None)
        yield Standing(perkhub, perkhub.serve(), {"anonymous": None, **made["tokens"]}, made, servers.database_url)
