"""One distribution with three packages: the wheel holds them whole, with their types, plugins and command."""

import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.tree import PACKAGES, ROOT, SOURCE_ROOTS, house_files, shown


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built by the locked backend: no isolation, so no network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_packages_is_in_it(names: set[str]):
    rooted = {f"{root}/{package}/" for root, package in zip(SOURCE_ROOTS, PACKAGES, strict=True)}
    own = {shown(path).split("/", 1)[1] for path in house_files() if any(shown(path).startswith(root) for root in rooted)}
    assert own - names == set()


def test_nothing_else_is_in_it(names: set[str]):
    tops = {name.split("/", 1)[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_types_are_offered(names: set[str]):
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_licence_is_in_it(names: set[str]):
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_command_and_the_built_in_plugins_are_registered(wheel: Path, names: set[str]):
    (listed,) = [name for name in names if name.endswith("/entry_points.txt")]
    entries = ConfigParser(delimiters=("=",))
    entries.optionxform = str  # type: ignore[assignment, method-assign]
    with ZipFile(wheel) as archive:
        entries.read_string(archive.read(listed).decode())
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][
        "perkhub.plugins"
    ]
    assert dict(entries["console_scripts"]) == {"perkhub": "perkhub_schema.cli:app"}
    assert dict(entries["perkhub.plugins"]) == declared
    assert declared, "the built-in plugins come in through the door that others use"
