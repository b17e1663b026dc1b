"""What every test of the vault needs: a database, opened keys, and somebody who makes variants and lots."""

from collections.abc import AsyncIterator

import pytest

from perkhub.channels.read import forget_channels
from perkhub.kit.keys import set_keyring
from perkhub.vault import register_vault_jobs
from tests.factories import Shop
from tests.vault.desk import open_keys


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    """A shop on a database of this test's own."""
    forget_channels()
    register_vault_jobs()
    await open_keys()
    yield Shop()
    set_keyring(None)
    forget_channels()
