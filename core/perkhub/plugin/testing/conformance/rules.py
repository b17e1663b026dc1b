"""What a rule is: a check that runs wherever the capabilities call for it, and that no subclass changes in silence."""

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from inspect import getattr_static, signature
from typing import Any, ClassVar, Protocol

import pytest

from perkhub.plugin.supplier import Capabilities

Condition = Callable[[Capabilities], bool]
MARK = "_perkhub_rule"
EXCUSES = {"skip", "skipif", "xfail"}  # marks of pytest's
YOURS = {"subject", "deviations"}  # what a subclass is there to say


class RuleChanged(TypeError):
    """A subclass overrides, removes or marks a rule. What cannot be kept belongs into `deviations`, with a reason."""


class HasCapabilities(Protocol):
    """What a rule must be told to know whether it applies."""

    @property
    def capabilities(self) -> Capabilities:
        """The plugin's own."""
        ...

    def offers(self, service: str) -> bool:
        """Whether the plugin has an optional service."""
        ...

    async def closing(self, check: Awaitable[None]) -> None:
        """Run a check and leave nothing open."""
        ...


def always(_: Capabilities) -> bool:
    """A rule for every supplier."""
    return True


def rule(
    when: Condition = always, *, needs: str = "", service: str | None = None
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., None]]:
    """Make a rule of an async check: `bench` is the fixture; `when` and `service` say what in a plugin calls for it.

    The check runs in a loop of its own, so that the kit needs pytest and no plugin of pytest's.
    """

    def made(check: Callable[..., Awaitable[None]]) -> Callable[..., None]:
        @functools.wraps(check)
        def run(self: "Conformance", bench: HasCapabilities, **given: Any) -> None:
            if not when(bench.capabilities):
                pytest.skip(f"the capabilities do not call for it: {needs}")
            if service is not None and not bench.offers(service):
                pytest.skip(f"the supplier does not offer it: {service}")
            reason = self.deviations.get(check.__name__)
            try:
                with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                    runner.run(bench.closing(check(self, bench, **given)))
            except (Exception, pytest.fail.Exception):
                if reason is None:
                    raise
                pytest.xfail(f"deviation: {reason}")
            if reason is not None and _is_only_case(check):
                pytest.fail(f"the deviation {check.__name__!r} is not needed: the plugin keeps the rule")

        setattr(run, MARK, True)
        return run

    return made


def _is_only_case(check: Callable[..., object]) -> bool:
    """A rule with several cases may be kept in some of them."""
    return set(signature(check).parameters) <= {"self", "bench", "caplog", "capfd"}


def rules_of(tests: type) -> dict[str, object]:
    """Every rule that a class has, inherited ones too."""
    return {name: one for name in dir(tests) if getattr(one := getattr(tests, name), MARK, False)}


class Conformance:
    """What holds the rules of a kit together. `deviations` says which rule a plugin cannot keep, and why; it is printed."""

    deviations: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        ensure_unchanged(cls)

    def test_no_rule_is_changed_in_silence(self, request: pytest.FixtureRequest) -> None:
        """The class was looked at when it was made; here again, for what was done to it since. What it excuses is printed."""
        ensure_unchanged(type(self))
        capture = request.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            for name, reason in self.deviations.items():
                sys.stdout.write(f"\n{type(self).__name__} deviates from {name}: {reason}\n")


def _marks_of(marked: object) -> list[str]:
    return [mark.name for mark in getattr(marked, "pytestmark", ())]


def kit_of(tests: type) -> type | None:
    """The kit that a class of tests is made of: the nearest of its classes that stands in this package."""
    return next((one for one in tests.__mro__ if one.__module__.startswith("perkhub.plugin.testing.")), None)


def ensure_unchanged(tests: type) -> None:
    """All that the kit has is there as the kit has it, and every deviation names a rule and says why.

    Raises:
        RuleChanged.
    """
    kit = kit_of(tests)
    if kit is None or kit is tests:
        return
    own = {name for one in kit.__mro__ if one is not object for name in vars(one) if not name.startswith("__")} - YOURS
    changed = sorted(name for name in own if getattr_static(tests, name) is not getattr_static(kit, name))
    if changed:
        raise RuleChanged(f"{tests.__name__} changes {', '.join(changed)}; say why in `deviations` instead")
    excused = {name for one in (tests, *rules_of(kit).values()) for name in _marks_of(one)} & EXCUSES
    if excused:
        raise RuleChanged(f"{tests.__name__} or a rule of it is marked {', '.join(sorted(excused))}; that would excuse it")
    deviations: Mapping[str, str] = tests.deviations  # type: ignore[attr-defined]  # a kit is a Conformance
    for name, reason in deviations.items():
        if name not in rules_of(kit):
            raise RuleChanged(f"{tests.__name__}.deviations names {name!r}, which is no rule")
        if len(str(reason).split()) < 3:
            raise RuleChanged(f"{tests.__name__}.deviations[{name!r}] must say why, in a sentence")
