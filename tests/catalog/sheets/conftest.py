"""A shop whose operators work with sheets."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
