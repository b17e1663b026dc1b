"""A rule of mechanics: a plain check, which no subclass changes in silence."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from perkhub.plugin.testing.conformance.rules import MARK, Conformance


def plain_rule(check: Callable[..., None]) -> Callable[..., None]:
    """Make a rule of a check. One that the plugin deviates from, with a reason, is told as such; and no reason without need."""

    @functools.wraps(check)
    def run(self: Conformance, **given: Any) -> None:
        reason = self.deviations.get(check.__name__)
        try:
            check(self, **given)
        except (Exception, pytest.fail.Exception):
            if reason is None:
                raise
            pytest.xfail(f"deviation: {reason}")
        if reason is not None:
            pytest.fail(f"the deviation {check.__name__!r} is not needed: the plugin keeps the rule")

    setattr(run, MARK, True)
    return run
