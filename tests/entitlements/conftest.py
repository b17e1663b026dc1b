"""A shop whose buyers hold something."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
