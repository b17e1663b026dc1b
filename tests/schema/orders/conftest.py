"""Real web servers beside the test's own process, on the same database; a payment service; a limit on looks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.installation import Web, installation
from tests.schema.ops.conftest import gateway, gateway_process
from tests.schema.standing import Standing

__all__ = ["few_reveals", "gateway", "gateway_process", "web", "web_without_redis"]

# A storefront on another host.
ELSEWHERE = "https://shop.example.com"
NOWHERE = "redis://127.0.0.1:9/0"
FEW = 3


@pytest.fixture
def few_reveals(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many looks a minute has; ask for it before `api`, which reads the environment."""
    monkeypatch.setenv("PERKHUB_REVEALS_PER_MINUTE", str(FEW))
    return FEW


@pytest.fixture(scope="module")
def web(standing: Standing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A server process."""
    yield from _serving(standing, tmp_path_factory.mktemp("web"), standing.redis_url)


@pytest.fixture(scope="module")
def web_without_redis(standing: Standing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A server process that finds no Redis."""
    yield from _serving(standing, tmp_path_factory.mktemp("web"), NOWHERE)


def _serving(standing: Standing, folder: Path, redis_url: str) -> Iterator[Web]:
    ours = {name.removeprefix("PERKHUB_").lower(): value for name, value in os.environ.items() if name.startswith("PERKHUB_")}
    settings = {**ours, "database_url": standing.database_url, "redis_url": redis_url, "environment": "production"}
    settings["allowed_origins"] = ELSEWHERE
    with installation(folder, None, settings) as made:
        yield made.serve()
