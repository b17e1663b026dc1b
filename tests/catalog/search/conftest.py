"""Products to be found, in a channel of their own."""

import pytest

from perkhub.catalog.search.shares import forget_shares
from tests.catalog.search.shelf import Shelf
from tests.factories import Shop
from tests.fixtures.house import house, shop

__all__ = ["house", "shelf", "shop"]


@pytest.fixture
async def shelf(shop: Shop) -> Shelf:
    """`await shelf.put("爱奇艺会员")`, then `await shelf.names("爱奇艺")`."""
    forget_shares()
    return Shelf(await shop.channel())
