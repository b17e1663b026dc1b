"""A real PostgreSQL and a real Redis of our own, where no others are configured. Knows nothing of what they hold."""

from perkhub.kit.embedded.errors import EmbeddedServersRefused, NoBinary, ServerFailed
from perkhub.kit.embedded.postgres import PostgresServer
from perkhub.kit.embedded.redis import RedisServer
from perkhub.kit.embedded.servers import Servers, embedded_servers, revive_servers, running_servers

__all__ = [
    "EmbeddedServersRefused",
    "NoBinary",
    "PostgresServer",
    "RedisServer",
    "ServerFailed",
    "Servers",
    "embedded_servers",
    "revive_servers",
    "running_servers",
]
