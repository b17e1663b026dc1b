"""A shop that is asked over HTTP, and what tells an answer that was remembered from one that was read."""

from tests.fixtures.house import house, shop
from tests.schema.conftest import api, customer, staff

__all__ = ["api", "customer", "house", "shop", "staff"]
