"""What is committed holds no address to download from, and no path of somebody's machine."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, house_files, shown

LOCKS = {"requirements.lock", "package-lock.json", "uv.lock", "yarn.lock", "pnpm-lock.yaml"}
ADDRESS = re.compile(r"https?://")
# npm notes who asks for donations; nothing is fetched from there.
FUNDING = re.compile(r'^\s*"(url|funding)": "https://')
# Folders of a machine, at the start of a path; inside a longer path such a name is none of them.
MACHINE = re.compile(r"(?<![\w.:/~$})-])/(?:work|root|home|Users)/(?=\w)")
REGISTRY = re.compile(r"files\.pythonhosted|pypi\.org/simple|registry\.npm|index-url|find-links")


def readable(path: Path) -> str | None:
    """The file's text, or None where it is binary."""
    content = path.read_bytes()
    if b"\0" in content[:8192]:
        return None
    return content.decode("utf-8", errors="replace")


def found(pattern: re.Pattern[str], path: Path) -> Iterator[str]:
    for number, line in enumerate((readable(path) or "").splitlines(), start=1):
        if pattern.search(line):
            yield f"{shown(path)}:{number}: {line.strip()[:120]}"


def test_locks_hold_no_addresses():
    locks = [path for path in house_files() if path.name in LOCKS]
    assert ROOT / "requirements.lock" in locks
    assert [place for path in locks for place in found(ADDRESS, path) if not FUNDING.match(place.split(": ", 1)[1])] == []


def test_no_path_of_a_machine():
    assert [place for path in house_files() for place in found(MACHINE, path)] == []


def test_no_registry_but_in_this_test():
    others = [path for path in house_files() if path != Path(__file__)]
    assert [place for path in others for place in found(REGISTRY, path)] == []


def test_everything_asked_for_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=~! ;]", line)[0].lower().replace("_", "-") for line in asked}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.M))
    assert names - locked == set(), "run: make lock"
    assert len(re.findall(r"^[^\s#].*==", lock, re.M)) <= lock.count(" \\\n    --hash="), "each with its hashes"


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_a_planted_path_is_caught(folder: str):
    planted = f"/{folder}/somebody/file"
    assert MACHINE.search(f'DATA = "{planted}"')
    assert MACHINE.search(planted)
    assert not MACHINE.search(f"see ..{planted} or https://example.org{planted}")
