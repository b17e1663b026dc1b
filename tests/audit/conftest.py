"""A shop after a busy day."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
