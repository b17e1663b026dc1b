"""The kit has no shop; some of it needs a key."""

from tests.fixtures.keys import opened_keys

__all__ = ["opened_keys"]
