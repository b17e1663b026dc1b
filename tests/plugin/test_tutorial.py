"""`plugins/TUTORIAL.md` does what it says: each block is run, each change made, each text found, in its order."""

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from perkhub.plugin.testing.conformance import SupplierConformance
from perkhub.plugin.testing.conformance.rules import rules_of
from tests.house.tree import ROOT
from tests.plugin.outside import Workshop, workshop

PAGE = ROOT / "plugins" / "TUTORIAL.md"
BLOCK = re.compile(r"^```(\w+)( fails)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, bool, str]]:
    """Every block of the page: its language, whether it is to fail, its text."""
    for language, fails, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        yield language, bool(fails), text


def change(folder: Path, text: str) -> None:
    """A block of changes: the file in its first line, then pieces that stand there once each."""
    first, _, rest = text.partition("\n")
    path = folder / first.removeprefix("# ")
    changed = path.read_text(encoding="utf-8")
    for piece in rest.split("@@\n"):
        lines = piece.splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        assert changed.count(before) == 1, f"{first} has {changed.count(before)} places like\n{before}"
        changed = changed.replace(before, after)
    path.write_text(changed, encoding="utf-8")


def paste(outside: Workshop, folder: Path, text: str, *, fails: bool) -> tuple[Path, CompletedProcess[str]]:
    """What is typed; and where one then is."""
    ran = outside.run(f"{text}\npwd > {outside.folder}/where", folder=folder)
    assert (ran.returncode != 0) == fails, ran.stdout[-4000:] + ran.stderr[-2000:]
    return folder if fails else Path((outside.folder / "where").read_text().strip()), ran


def test_the_tutorial_works_as_it_is_written(tmp_path: Path):
    outside, said = workshop(tmp_path), ""
    folder = tmp_path
    for language, fails, text in blocks():
        if language == "sh":
            folder, ran = paste(outside, folder, text, fails=fails)
            said = ran.stdout
        elif language == "diff":
            change(folder, text)
        elif language == "text":
            assert [line for line in text.splitlines() if line not in said] == []
        else:
            assert language == "python"
            ensure_names_rules(text)


def ensure_names_rules(text: str) -> None:
    """An example of a deviation names a rule that there is."""
    assert set(re.findall(r'"(test_\w+)"', text)) <= set(rules_of(SupplierConformance))


def test_a_change_that_does_not_fit_is_seen(tmp_path: Path):
    (tmp_path / "one.py").write_text("a = 1\n")
    with pytest.raises(AssertionError, match="0 places"):
        change(tmp_path, "# one.py\n-b = 1\n+b = 2\n")
