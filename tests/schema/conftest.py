"""The web application inside a test: real requests through the real routes, on a database and Redis of the test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest

from perkhub_schema.app import build_app
from tests.factories import Person, Shop
from tests.fixtures.house import house, shop
from tests.fixtures.session_servers import SessionServers
from tests.schema.api import Api
from tests.schema.standing import Standing, standing_house

__all__ = ["Api", "Customers", "Staff", "api", "customer", "house", "shop", "staff", "standing"]

Customers = Callable[..., Awaitable[Person]]
Staff = Callable[..., Awaitable[Person]]


@pytest.fixture
async def api(house: None) -> AsyncIterator[Api]:
    """`await api(query, variables=None, token=None, channel="retail", language="en")`."""
    # Errors inside the application come out here, instead of as a plain 500.
    transport = httpx2.ASGITransport(app=build_app(), raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="https://shop.example.com") as http:
        yield Api(http)


@pytest.fixture
def customer(shop: Shop) -> Customers:
    """`await customer(wallet="100.00", password=…)`: signed in, with `.token` and `.party_id`."""
    return shop.customer


@pytest.fixture
def staff(shop: Shop) -> Staff:
    """`await staff(Permission.READ_ORDERS, …)`: signed in, with exactly these permissions."""
    return shop.staff


@pytest.fixture(scope="module")
async def standing(servers: SessionServers, _redis_database: str) -> AsyncIterator[Standing]:
    """One house for all tests of a module that walk it; it has no limit on how often anybody asks."""
    async with standing_house(servers, _redis_database) as found:
        yield found
