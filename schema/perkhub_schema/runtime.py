"""Starting and stopping a process of Perkhub, web, worker or command: servers, database, keys, Redis, plugins, handlers."""

import gc
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from perkhub.campaigns import close_doors, close_tallies, close_telling
from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.embedded import Servers, embedded_servers
from perkhub.kit.jobs import connect_queue, despite_restarts, disconnect_queue
from perkhub.kit.key_encryption import local_keys
from perkhub.kit.keys import KeyRing, set_keyring
from perkhub.kit.logging import configure_logging
from perkhub.kit.redis import close_redis, set_redis
from perkhub.kit.settings import Settings, settings
from perkhub.notices import close_notifiers
from perkhub.payments import close_gateways
from perkhub.plugin.registry import load_plugins, registry, set_registry
from perkhub.reactions import reader_changes, register_reactions
from perkhub.suppliers import close_suppliers, retire_accounts


@asynccontextmanager
async def connected(servers: Servers, using: Settings, *, application: str, queue: bool = True) -> AsyncIterator[None]:
    """Everything that needs a running database; the servers are running already."""
    async with AsyncExitStack() as stack:
        set_registry(load_plugins())
        register_reactions()
        # A process may be started in the very moment in which PostgreSQL restarts.
        await despite_restarts(lambda: _connect_database(servers, using, application))
        stack.push_async_callback(db.disconnect)
        reader_changes().follow(servers.database_url)
        stack.push_async_callback(reader_changes().close)
        ring = KeyRing(local_keys(using))
        await despite_restarts(ring.open)
        set_keyring(ring)
        set_redis(servers.redis_url)
        stack.push_async_callback(close_redis)
        if queue:
            # Whoever serves says which suppliers it can talk to; a command that only looks does not.
            await retire_accounts(registry().suppliers)
            connect_queue()
            stack.push_async_callback(disconnect_queue)
        stack.push_async_callback(close_doors)
        stack.push_async_callback(close_telling)
        stack.push_async_callback(close_tallies)
        stack.push_async_callback(close_gateways)
        stack.push_async_callback(close_suppliers)
        stack.push_async_callback(close_notifiers)
        yield


async def _connect_database(servers: Servers, using: Settings, application: str) -> None:
    await db.connect(
        servers.database_url,
        models=model_modules(),
        pool=using.database_pool,
        application=application,
        counting=using.count_statements,
    )


def rest_collector() -> None:
    """For a process that serves: what stands now stays. The schema and the modules need not be looked through again with
    every full collection, which stops the loop for a tenth of a second; requests and jobs leave few cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@asynccontextmanager
async def running(*, application: str, queue: bool = True) -> AsyncIterator[Servers]:
    """A whole process: logging, servers (ours or the configured ones), and all that needs them."""
    using = settings()
    configure_logging(using)
    # A core dump would put codes and keys on a disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with embedded_servers(using) as servers:
        async with connected(servers, using, application=application, queue=queue):
            yield servers
