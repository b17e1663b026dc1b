"""A shop with wallets in it."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
