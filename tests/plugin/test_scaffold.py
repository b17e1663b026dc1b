"""What `perkhub plugin new` writes is installed outside the repository, is seen by Perkhub, and passes as it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from perkhub.plugin.scaffold import CannotScaffold, new_plugin, words_for
from tests.plugin.outside import Workshop, workshop

TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A workshop in which a package of each kind was made and installed."""
    made = workshop(tmp_path_factory.mktemp("outside"))
    for command in (
        "perkhub plugin new supplier acme_cards",
        "cd perkhub-acme-cards && pip install -e '.[test]'",
        "perkhub plugin new mechanic lucky_wheel",
        "cd perkhub-lucky-wheel && pip install -e '.[test]'",
    ):
        ran = made.run(command)
        assert ran.returncode == 0, ran.stderr
    return made


@pytest.fixture(params=["perkhub-acme-cards", "perkhub-lucky-wheel"])
def package(outside: Workshop, request: pytest.FixtureRequest) -> Path:
    return outside.folder / str(request.param)


def test_its_tests_pass_at_once(outside: Workshop, package: Path):
    ran = outside.run("pytest -q", folder=package)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert " passed" in ran.stdout
    assert "failed" not in ran.stdout


def test_perkhub_sees_it_with_kind_key_version_contract_and_origin(outside: Workshop):
    lines = outside.run("perkhub plugins").stdout.splitlines()
    [row] = [line for line in lines if "acme_cards" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["supplier", "acme_cards", "0.1.0", "1.0", "perkhub-acme-cards: perkhub_acme_cards"]
    [row] = [line for line in lines if "lucky_wheel" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")][:2] == ["mechanic", "lucky_wheel"]
    [wallet] = [line for line in lines if "wallet" in line]
    assert "payment" in wallet
    assert "perkhub: perkhub_plugins.payments.wallet" in wallet


def test_it_is_clean_by_our_own_tools(package: Path):
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]):
        ran = subprocess.run([TOOLS / command[0], *command[1:]], cwd=package, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_nothing_of_the_template_is_left(package: Path):
    names = [str(path.relative_to(package)) for path in package.rglob("*")]
    assert [name for name in names if name.endswith(".in") or "PACKAGE" in name or "KEY" in name] == []
    texts = [path.read_text(encoding="utf-8") for path in package.rglob("*") if path.suffix in (".py", ".md", ".toml")]
    assert [text for text in texts if re.search(r"\$[a-z]", text)] == []


@pytest.mark.parametrize("key", ["", "A", "a", "9lives", "acme-cards", "acme cards", "../etc", "class", "é" * 3, "x" * 60])
def test_a_key_that_is_none_writes_nothing(tmp_path: Path, key: str):
    with pytest.raises(CannotScaffold):
        new_plugin("supplier", key, into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path):
    (tmp_path / "perkhub-acme").mkdir()
    (tmp_path / "perkhub-acme" / "mine.txt").write_text("mine")
    with pytest.raises(CannotScaffold, match="not empty"):
        new_plugin("supplier", "acme", into=tmp_path)
    assert [path.name for path in (tmp_path / "perkhub-acme").iterdir()] == ["mine.txt"]


def test_another_kind_is_refused_naming_those_there_are(tmp_path: Path):
    with pytest.raises(CannotScaffold, match="supplier"):
        new_plugin("teleporter", "acme", into=tmp_path)


def test_the_command_says_why_it_writes_nothing(outside: Workshop):
    ran = outside.run("perkhub plugin new supplier Acme")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'Acme' is no key" in ran.stderr
    ran = outside.run("perkhub plugin new supplier acme_cards")
    assert ran.returncode == 2
    assert "not empty" in ran.stderr


@pytest.mark.parametrize(
    ("key", "name", "title"), [("acme", "Acme", "Acme"), ("acme_cards", "AcmeCards", "Acme Cards"), ("a1_", "A1", "A1")]
)
def test_a_key_becomes_names(key: str, name: str, title: str):
    words = words_for(key)
    assert (words["name"], words["title"], words["package"]) == (name, title, f"perkhub_{key}")
