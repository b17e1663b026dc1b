"""A plugin of pytest's for the run within a test: which rules each class failed, as JSON.

Of the rule that a plugin breaks every case is run. Of the others one case, and unless `--every-rule` is given only each tenth
rule, another tenth for each plugin: all of them take minutes.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.plugin.conformance.broken import BROKEN

TENTH = 10
failed: dict[str, set[str]] = defaultdict(set)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--verdicts", required=True)
    parser.addoption("--every-rule", action="store_true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what is to be run."""
    own = {f"Test{plugin.__name__}": rule for rule, plugin in BROKEN.items()}
    turn = {name: number for number, name in enumerate(own)}
    others = {rule: number for number, rule in enumerate(BROKEN)}
    seen: set[tuple[str, str]] = set()
    kept = []
    for item in items:
        tests, rule = item.parent.name if item.parent else "", getattr(item, "originalname", item.name)
        due = config.getoption("--every-rule") or (turn[tests] + others.get(rule, 0)) % TENTH == 0
        if own[tests] == rule or (due and (tests, rule) not in seen):
            kept.append(item)
        seen.add((tests, rule))
    items[:] = kept


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _, tests, rule = report.nodeid.split("::")
        failed[tests].add(rule.split("[")[0])


def pytest_sessionfinish(session: pytest.Session) -> None:
    told = {tests: sorted(rules) for tests, rules in failed.items()}
    Path(session.config.getoption("--verdicts")).write_text(json.dumps(told), encoding="utf-8")
