"""A shop that lists something."""

from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]
