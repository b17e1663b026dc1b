"""A shop with enough connections that parallel joins are parallel in the database too."""

import pytest

from tests.fixtures.house import house, shop

__all__ = ["house", "shop", "wide_pool"]


@pytest.fixture(autouse=True)
def wide_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it."""
    monkeypatch.setenv("PERKHUB_DATABASE_POOL", "40")
