"""A shop that brings products in by the hundred."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
