"""Plugins that are wrong on purpose: each breaks one rule of the kit, and no other."""

from collections.abc import Callable
from typing import TypeVar

from tests.plugin.conformance.tiny.client import Tiny

BROKEN: dict[str, type[Tiny]] = {}

T = TypeVar("T", bound=type[Tiny])


def breaks(rule: str) -> Callable[[T], T]:
    """Note which rule a plugin breaks; one plugin a rule."""

    def note(plugin: T) -> T:
        assert rule not in BROKEN, f"{BROKEN[rule].__name__} breaks {rule} already"
        BROKEN[rule] = plugin
        return plugin

    return note
