"""What only one place in the house may do: reach the queue's library or pytest, ask the time. And nobody prints."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SOURCE_ROOTS, parsed, python_files, shown, texts

CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "gmtime", "localtime"},
    "timezone": {"now"},  # tortoise.timezone
}
# SQL gets times as parameters: the database's clock is not the one that tests can move.
SQL_CLOCK = re.compile(
    r"\b(now\(\)|current_timestamp|current_date|localtimestamp|(clock|statement|transaction)_timestamp\()", re.I
)
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|WHERE|VALUES)\b")


def imported(tree: ast.Module) -> set[str]:
    """The top-level packages that the module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def clock_readings(tree: ast.Module) -> list[int]:
    """The lines that ask the machine or the database for the time of day. Stopwatches (monotonic) are free."""
    lines = [line for line, text in texts(tree) if SQL.search(text) and SQL_CLOCK.search(text)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in CLOCKS.get(owner, ()):
                lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            lines.extend(node.lineno for alias in node.names if alias.name in CLOCKS["time"])
    return sorted(lines)


def prints(tree: ast.Module) -> list[int]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def owns_the_queue(path: Path) -> bool:
    return shown(path).startswith(("core/perkhub/kit/jobs.py", "core/perkhub/kit/jobs/"))


def test_only_the_jobs_know_arq():
    assert [
        shown(path) for path in python_files(*SOURCE_ROOTS) if "arq" in imported(parsed(path)) and not owns_the_queue(path)
    ] == []


def test_only_the_conformance_kit_knows_pytest():
    """A sandbox runs where no pytest is installed, and uses the faults beside the kit."""
    kits = ("core/perkhub/plugin/testing/conformance/", "core/perkhub/plugin/testing/mechanics/")
    known = {shown(path) for path in python_files(*SOURCE_ROOTS) if "pytest" in imported(parsed(path))}
    assert known
    assert [name for name in sorted(known) if not name.startswith(kits)] == []


def test_only_the_clock_knows_the_time():
    clock = ROOT / "core/perkhub/kit/clock.py"
    assert clock_readings(parsed(clock))
    others = [path for path in python_files(*SOURCE_ROOTS) if path != clock]
    assert [f"{shown(path)}:{line}" for path in others for line in clock_readings(parsed(path))] == []


def test_the_domain_does_not_print():
    assert [f"{shown(path)}:{line}" for path in python_files("core") for line in prints(parsed(path))] == []


@pytest.mark.parametrize(
    "planted",
    [
        "moment = datetime.now(UTC)",
        "moment = datetime.datetime.utcnow()",
        "clock = time.time",
        "from time import time",
        "day = date.today()",
        "DUE = 'SELECT id FROM outbox WHERE run_at <= now()'",
        "DUE = f'SELECT id FROM {table} WHERE run_at <= CURRENT_TIMESTAMP'",
    ],
)
def test_a_planted_clock_is_caught(planted: str):
    assert clock_readings(ast.parse(planted)) == [1]


@pytest.mark.parametrize(
    "free", ["start = time.monotonic()", "start = time.perf_counter()", "from perkhub.kit.clock import now\nnow()"]
)
def test_a_stopwatch_is_free(free: str):
    assert clock_readings(ast.parse(free)) == []


def test_planted_imports_and_prints_are_caught():
    assert "arq" in imported(ast.parse("def late():\n    from arq.connections import ArqRedis"))
    assert prints(ast.parse("print('hello')")) == [1]
