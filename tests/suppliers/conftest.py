"""A house without any supplier but those that a test scripts."""

from tests.fixtures.house import house, shop
from tests.fulfilment.conftest import clock_set_back, sourcing

__all__ = ["clock_set_back", "house", "shop", "sourcing"]
