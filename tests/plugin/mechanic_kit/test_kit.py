"""Each rule of the mechanics' kit has a mechanic that breaks it, is caught by that rule, and by no other."""

import inspect
from contextlib import ExitStack

import pytest

from perkhub.plugin.testing.conformance.rules import RuleChanged, rules_of
from perkhub.plugin.testing.mechanics import MechanicConformance, MechanicSubject
from tests.plugin.mechanic_kit.broken import BROKEN, MONTH, Less, subject_config

RULES = sorted(rules_of(MechanicConformance))


def subject_of(mechanic: type[Less]) -> MechanicSubject:
    return MechanicSubject(mechanic, subject_config(), {MONTH: 1})


def broken_rules(mechanic: type[Less]) -> list[str]:
    found = []
    for name in RULES:
        check = getattr(MechanicConformance(), name)
        with ExitStack() as stack:
            given = {"subject": subject_of(mechanic)}
            if "monkeypatch" in inspect.signature(check).parameters:
                given["monkeypatch"] = stack.enter_context(pytest.MonkeyPatch.context())
            try:
                check(**given)
            except Exception:
                found.append(name)
    return found


def test_one_that_is_in_order_breaks_none():
    assert broken_rules(Less) == []


def test_every_rule_has_its_broken_mechanic():
    assert sorted(BROKEN) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_mechanic_is_caught_by_its_rule_and_no_other(rule: str):
    assert broken_rules(BROKEN[rule]) == [rule]


def test_no_rule_is_overridden_in_silence():
    with pytest.raises(RuleChanged, match="test_claims_can_be_counted"):
        type("TestMine", (MechanicConformance,), {"test_claims_can_be_counted": lambda self: None})


def test_a_deviation_says_why_and_is_needed():
    with pytest.raises(RuleChanged, match="must say why"):
        type("TestMine", (MechanicConformance,), {"deviations": {"test_claims_can_be_counted": "no"}})
    needless = type("TestMine", (MechanicConformance,), {"deviations": {"test_claims_can_be_counted": "it counts by itself"}})
    with pytest.raises(pytest.fail.Exception, match="not needed"):
        needless().test_claims_can_be_counted(subject=subject_of(Less))
