"""The commands that run the web server and bring the database up to it."""

import asyncio

from granian import Granian
from granian.constants import Interfaces, Loops

from perkhub.domains import model_modules
from perkhub.kit.embedded import Servers, embedded_servers
from perkhub.kit.jobs import despite_restarts
from perkhub.kit.logging import configure_logging
from perkhub.kit.migrations import migrate as migrate_database
from perkhub.kit.settings import Settings, settings

FACTORY = "perkhub_schema.app:build_app"


def serve() -> None:
    """Run the web server; migrates the database first. With nothing configured, PostgreSQL and Redis start as well."""
    using = settings()
    configure_logging(using)
    with embedded_servers(using) as servers:
        _migrate(servers)
        serve_web(using)


def serve_web(using: Settings) -> None:
    """Run granian as Perkhub runs it, until it is told to stop."""
    server = Granian(
        FACTORY,
        address=using.host,
        port=using.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=using.web_processes,
        loop=Loops.uvloop,
        # One dead worker would otherwise stop the whole server.
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        backlog=2048,
    )
    server.serve()


def _migrate(servers: Servers) -> None:
    asyncio.run(despite_restarts(lambda: migrate_database(servers.database_url, model_modules())))


def migrate() -> None:
    """Bring the database's tables up to this version."""
    using = settings()
    configure_logging(using)
    with embedded_servers(using) as servers:
        _migrate(servers)
