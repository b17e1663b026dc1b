"""A provider and a browser for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.accounts.oidc_provider import Provider, oidc_provider
from tests.fixtures.house import house, shop
from tests.schema.sign_in.browser import Browser

__all__ = ["house", "shop"]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider() as running:
        yield running


@pytest.fixture
async def browser(house: None, provider: Provider) -> AsyncIterator[Browser]:
    async with Browser(provider) as opened:
        yield opened
