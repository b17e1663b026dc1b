"""What every test of accounts needs: opened keys, a token secret, Redis for the limits, and people to try things on."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from perkhub.accounts import tokens
from perkhub.accounts.federation.discovery import remote_endpoints
from perkhub.accounts.federation.issuers import forget_issuers
from perkhub.accounts.federation.keys import remote_keys
from perkhub.accounts.federation.providers import forget_providers
from perkhub.accounts.federation.recognise import forget_host_users
from perkhub.accounts.machines.recognise import forget_machine_clients
from perkhub.kit import key_encryption
from perkhub.kit.keys import KeyRing, LocalKeys, set_keyring
from perkhub.kit.rates import forget_rates
from perkhub.kit.redis import close_redis, set_redis
from perkhub.kit.settings import settings
from tests.accounts.people import Person, a_customer


@pytest.fixture
async def accounts(database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A database, Redis and keys of this test's own."""
    monkeypatch.setenv("PERKHUB_TOKEN_SECRET", "a secret of the tests, long enough to sign")
    _forget_what_a_process_keeps()
    set_redis(redis_url)
    ring = KeyRing(LocalKeys({"tests": b"k" * 32}))
    await ring.open()
    set_keyring(ring)
    yield
    set_keyring(None)
    await close_redis()
    monkeypatch.undo()
    _forget_what_a_process_keeps()


@pytest.fixture
def customer(accounts: None) -> Callable[..., Awaitable[Person]]:
    """Make a customer: `await customer(password=…)`."""
    return a_customer


def _forget_what_a_process_keeps() -> None:
    settings.cache_clear()
    key_encryption._token_secret.cache_clear()
    tokens.signing_key.cache_clear()
    tokens._verified.clear()
    tokens.forget_rights()
    forget_machine_clients()
    forget_issuers()
    forget_providers()
    remote_endpoints.forget()
    forget_host_users()
    remote_keys.forget()
    forget_rates()
