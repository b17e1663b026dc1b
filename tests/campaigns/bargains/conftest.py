"""A shop with enough connections that parallel cuts are parallel in the database too."""

from tests.campaigns.circles.conftest import house, shop, wide_pool

__all__ = ["house", "shop", "wide_pool"]
