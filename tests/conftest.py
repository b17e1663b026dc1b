"""Fixtures for every test: real servers, one database of its own per test, an emptied Redis."""

import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from perkhub.domains import model_modules
from perkhub.kit import db
from tests.fixtures.once import do_once
from tests.fixtures.session_servers import SessionServers, claimed_redis_database, flush, fresh_database, session_servers

# Tests start hundreds of processes: each would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
do_once()


@pytest.fixture(scope="session")
def servers(testrun_uid: str) -> Iterator[SessionServers]:
    """PostgreSQL with a migrated template database, and Redis, shared by all workers of this run."""
    with session_servers(testrun_uid) as running:
        yield running


@pytest.fixture
async def database_url(servers: SessionServers) -> AsyncIterator[str]:
    """A migrated database for this test alone, not connected to: for tests that start server processes."""
    async with fresh_database(servers) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A migrated database for this test alone, which this process is connected to; its URL."""
    await db.connect(database_url, models=model_modules(), application="perkhub tests")
    yield database_url
    await db.disconnect()


@pytest.fixture(scope="session")
def _redis_database(servers: SessionServers, testrun_uid: str) -> Iterator[str]:
    with claimed_redis_database(servers, testrun_uid) as url:
        yield url


@pytest.fixture
def redis_url(_redis_database: str) -> str:
    """An empty Redis database for this test; its URL."""
    flush(_redis_database)
    return _redis_database
