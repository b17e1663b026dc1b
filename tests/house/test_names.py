"""A test has one name in every process: by it a parallel run shares the tests out among its workers, or stops.

Names made of fresh keys, of the time or of a set's order differ from process to process.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PLANTED = """
import pytest
from uuid import uuid4

@pytest.mark.parametrize("name", {"one", "two", "three", "four", "five", "six", "seven"})
def test_in_the_order_of_a_set(name): ...

@pytest.mark.parametrize("key", [str(uuid4())])
def test_of_a_fresh_key(key): ...

@pytest.mark.parametrize("name", ["one", "two"])
def test_in_order(name): ...
"""
# Two seeds under which no two of these sets have one order.
SEEDS = ("1", "2")


def collected_twice(folder: Path, *options: str) -> tuple[list[str], list[str]]:
    """The names in their order, as two processes collect them, side by side."""
    listing = [sys.executable, "-m", "pytest", str(folder), "--collect-only", "-q", "-m", "", *options]
    running = [
        subprocess.Popen(
            listing,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for seed in SEEDS
    ]
    one, other = (process.communicate()[0] for process in running)
    assert [process.returncode for process in running] == [0, 0], one[-2000:] + other[-2000:]
    return names_in(one), names_in(other)


def names_in(listed: str) -> list[str]:
    return [line for line in listed.splitlines() if "::" in line]


def different(one: list[str], other: list[str]) -> list[str]:
    """What stands at one place under two names; by functions, for one set can have hundreds."""
    moved = {name.partition("[")[0] for pair in zip(one, other, strict=False) for name in pair if pair[0] != pair[1]}
    return sorted(moved | {name.partition("[")[0] for name in {*one} ^ {*other}})


def test_a_name_that_moves_is_seen(tmp_path):
    (tmp_path / "test_planted.py").write_text(PLANTED)
    one, other = collected_twice(tmp_path, "--rootdir", str(tmp_path), "-c", str(ROOT / "pyproject.toml"))
    assert len(one) == len(other) == 10
    assert [name.partition("::")[2] for name in different(one, other)] == ["test_in_the_order_of_a_set", "test_of_a_fresh_key"]


@pytest.mark.soak
def test_every_test_has_one_name():
    one, other = collected_twice(ROOT / "tests")
    assert len(one) > 1000
    assert different(one, other) == []
