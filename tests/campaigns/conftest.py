"""A shop with campaigns, with enough connections that parallel orders are parallel in the database too."""

import pytest

from tests.fixtures.house import house, shop
from tests.fixtures.keys import opened_keys

__all__ = ["house", "opened_keys", "shop", "wide_pool"]


@pytest.fixture(autouse=True)
def wide_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it."""
    monkeypatch.setenv("PERKHUB_DATABASE_POOL", "40")
