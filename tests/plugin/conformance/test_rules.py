"""No rule is changed in silence; what a plugin cannot keep is said, must be true, and is printed."""

import subprocess
import sys
from pathlib import Path

import pytest

from perkhub.plugin.testing.conformance import RuleChanged, SupplierConformance
from perkhub.plugin.testing.conformance.rules import ensure_unchanged
from tests.house.tree import ROOT

RULE = "test_a_server_error_is_unknown"


@pytest.mark.parametrize(
    "changed",
    [
        {RULE: lambda self: None},
        {RULE: None},
        {"bench": lambda self: None},
        {"test_no_rule_is_changed_in_silence": lambda self: None},
        {"deviations": {"test_of_no_such_name": "there is none of that name"}},
        {"deviations": {RULE: "because"}},
    ],
)
def test_a_changed_rule_is_refused_when_the_class_is_made(changed: dict[str, object]):
    with pytest.raises(RuleChanged):
        type("TestAcme", (SupplierConformance,), changed)


def test_a_mixin_hides_no_rule():
    lax = type("Lax", (), {RULE: lambda self: None})
    with pytest.raises(RuleChanged, match=RULE):
        type("TestAcme", (lax, SupplierConformance), {})


def test_what_is_done_to_a_class_later_is_seen_when_it_runs():
    made = type("TestAcme", (SupplierConformance,), {})
    setattr(made, RULE, None)
    with pytest.raises(RuleChanged, match=RULE):
        ensure_unchanged(made)


@pytest.mark.parametrize("mark", [pytest.mark.skip, pytest.mark.xfail, pytest.mark.skipif(True, reason="lax")])
def test_no_mark_excuses_a_whole_class(mark: pytest.MarkDecorator):
    made = mark(type("TestAcme", (SupplierConformance,), {}))
    with pytest.raises(RuleChanged, match="marked"):
        ensure_unchanged(made)


def test_no_mark_excuses_a_rule(monkeypatch: pytest.MonkeyPatch):
    made = type("TestAcme", (SupplierConformance,), {})
    monkeypatch.setattr(getattr(SupplierConformance, RULE), "pytestmark", [pytest.mark.skip.mark], raising=False)
    with pytest.raises(RuleChanged, match="marked skip"):
        ensure_unchanged(made)


def test_more_tests_and_a_reasoned_deviation_are_fine():
    said = {"deviations": {RULE: "the vendor documents its 500 as final"}, "test_of_its_own": lambda self: None}
    ensure_unchanged(type("TestAcme", (SupplierConformance,), said))


DEVIATING = """
import pytest
from perkhub.plugin.testing.conformance import Subject, SupplierConformance
from tests.plugin.conformance.broken.doubts import TakesAServerErrorForARefusal
from tests.plugin.conformance.test_tiny import subject_of
from tests.plugin.conformance.tiny.client import Tiny

class TestDeviating(SupplierConformance):
    deviations = {"test_a_server_error_is_unknown": "the vendor documents its 500 as final"}

    @pytest.fixture
    def subject(self):
        return subject_of(TakesAServerErrorForARefusal)

class TestStale(SupplierConformance):
    deviations = {"test_a_server_error_is_unknown": "a reason that holds no longer"}

    @pytest.fixture
    def subject(self):
        return subject_of(Tiny)
"""


def test_a_deviation_is_printed_and_must_be_needed(tmp_path: Path):
    suite = tmp_path / "test_deviating.py"
    suite.write_text(DEVIATING, encoding="utf-8")
    chosen = ["-k", "server_error or no_rule_is_changed", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    command = [sys.executable, "-m", "pytest", str(suite), "-rA", "--tb=line", *chosen]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert f"TestDeviating deviates from {RULE}: the vendor documents its 500 as final" in ran.stdout
    assert f"XFAIL ::TestDeviating::{RULE} - deviation: the vendor documents its 500 as final" in ran.stdout
    assert f"FAILED ::TestStale::{RULE}" in ran.stdout
    assert f"the deviation '{RULE}' is not needed: the plugin keeps the rule" in ran.stdout
