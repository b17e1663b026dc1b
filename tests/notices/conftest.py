"""Accounts with people and keys, and notifiers that keep what they were given."""

from collections.abc import Iterator

import pytest

from perkhub.notices import notifiers
from perkhub.plugin.registry import set_registry
from tests.accounts.conftest import accounts

__all__ = ["accounts"]


@pytest.fixture(autouse=True)
def _no_notifiers_left_over() -> Iterator[None]:
    yield
    set_registry(None)
    notifiers._configured = None
