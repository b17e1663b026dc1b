"""What the command line does to the house stands in the activity log, as its deed."""

from base64 import b64encode
from collections.abc import AsyncIterator

import pytest

from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.activity import Asked, Deed, changes_of, list_activity
from perkhub.kit.errors import DomainError
from perkhub.kit.keys import set_keyring
from perkhub.kit.settings import settings
from perkhub.plugin.registry import set_registry
from perkhub_schema import runtime
from perkhub_schema.cli.admin import _create
from perkhub_schema.cli.keys import _rotate

EMAIL, PASSWORD = "root@example.com", "correct horse battery"
OLD, NEW = (f"{name}:{b64encode(name[:1].encode() * 32).decode()}" for name in ("old", "new"))


@pytest.fixture(autouse=True)
async def server(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """What the commands find in their environment."""
    monkeypatch.setenv("PERKHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PERKHUB_REDIS_URL", redis_url)
    monkeypatch.setenv("PERKHUB_TOKEN_SECRET", "a secret of the tests, long enough to sign")
    monkeypatch.setenv("PERKHUB_KEY_ENCRYPTION_KEYS", OLD)
    monkeypatch.setattr(runtime, "configure_logging", lambda _: None)  # this process has its own
    settings.cache_clear()
    yield database_url
    monkeypatch.undo()
    settings.cache_clear()
    set_registry(None)
    set_keyring(None)


async def deeds(url: str) -> list[tuple[Deed, int]]:
    """The log, with the number of changes of each."""
    await db.connect(url, models=model_modules())
    try:
        found = await list_activity(Asked())
        changes = await changes_of([deed.id for deed in found])
        return [(deed, len(changes[deed.id])) for deed in found]
    finally:
        await db.disconnect()


async def test_the_first_administrator(server: str):
    await _create(EMAIL, PASSWORD, force=False)
    with pytest.raises(DomainError):
        await _create("other@example.com", PASSWORD, force=False)
    [(deed, changes)] = await deeds(server)
    assert (deed.actor, deed.operation, changes) == ("command line", "admin create", 1)


async def test_new_keys(server: str, monkeypatch: pytest.MonkeyPatch):
    await _rotate()  # makes the house's keys, and finds nothing to do
    assert await deeds(server) == []
    monkeypatch.setenv("PERKHUB_KEY_ENCRYPTION_KEYS", f"{NEW},{OLD}")
    settings.cache_clear()
    await _rotate()
    [(deed, _)] = await deeds(server)
    assert (deed.actor, deed.operation) == ("command line", "vault rotate")
