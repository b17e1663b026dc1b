"""Each rule of the kit has a plugin that breaks it, is caught by that rule, and by no other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perkhub.plugin.testing.conformance import SupplierConformance
from perkhub.plugin.testing.conformance.rules import rules_of
from tests.house.tree import ROOT
from tests.plugin.conformance.suite import BROKEN

SUITE = "tests/plugin/conformance/suite.py"


def verdicts(folder: Path, *options: str) -> dict[str, list[str]]:
    """Which rules each broken plugin failed. In a process of its own: a run of pytest leaves traces."""
    told = folder / "verdicts.json"
    command = [sys.executable, "-m", "pytest", SUITE, "-q", "--show-capture=no", "--tb=line"]
    plugin = ["-p", "tests.plugin.conformance.verdicts", "--verdicts", str(told), *options]
    ran = subprocess.run([*command, *plugin], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout[-3000:] + ran.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(told.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def caught(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return verdicts(tmp_path_factory.mktemp("verdicts"))


def test_every_rule_has_its_broken_plugin():
    assert set(BROKEN) == set(rules_of(SupplierConformance))


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_plugin_is_caught_by_its_rule(caught: dict[str, list[str]], rule: str):
    assert caught[f"Test{BROKEN[rule].__name__}"] == [rule]


@pytest.mark.soak
def test_and_by_no_other_rule_at_all(tmp_path: Path):
    """All rules over all broken plugins; the test above puts each to a tenth of the others."""
    found = verdicts(tmp_path, "--every-rule")
    assert found == {f"Test{plugin.__name__}": [rule] for rule, plugin in BROKEN.items()}
