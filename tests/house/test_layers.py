"""A domain imports only what stands before it; and a bad import, planted in a copy of the house, is caught."""

import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SOURCE_ROOTS, python_files, shown

# Low to high, as the design says it, once more: the contract in pyproject.toml is checked against this.
DESIGN = (
    "kit → plugin → accounts → channels → notices → ledger → catalog → vault → suppliers → entitlements → fulfilment → "
    "pricing → risk → membership → campaigns → payments → orders → procurement → distribution → settlement → support → "
    "automation → insight → reactions → audit"
)
ORDER = DESIGN.split(" → ")

DOMAINS = "Domains, high to low"
EDGE = "The edge stands above, plugins beside, the domain below"
PLUGIN = "A plugin meets only the public contract"
PLANTED = [
    ("core/perkhub/kit/planted.py", "import perkhub.audit", DOMAINS),
    ("core/perkhub/kit/planted.py", "def late() -> None:\n    import perkhub.audit", DOMAINS),
    ("core/perkhub/surprise/__init__.py", "", DOMAINS),
    ("core/perkhub/kit/planted.py", "import perkhub_schema", EDGE),
    ("core/perkhub/audit/planted.py", "import perkhub_plugins", EDGE),
    ("plugins/perkhub_plugins/planted.py", "import perkhub_schema", EDGE),
    ("schema/perkhub_schema/planted.py", "import perkhub_plugins", EDGE),
    ("plugins/perkhub_plugins/planted.py", "from perkhub.kit import clock", PLUGIN),
    ("plugins/perkhub_plugins/planted.py", "import perkhub.orders", PLUGIN),
]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the tree at `root`, which stands before the installed one on the path."""
    command = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(root / folder) for folder in SOURCE_ROOTS)}
    return subprocess.run([command, "--no-cache", "--no-logo"], cwd=root, env=environment, capture_output=True, text=True)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the house in which every domain of the design has at least an empty room."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in SOURCE_ROOTS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for domain in ORDER:
        plant(tmp_path, f"core/perkhub/{domain}/__init__.py", "")
    return tmp_path


def plant(root: Path, name: str, text: str) -> None:
    module = root / name
    module.parent.mkdir(exist_ok=True)
    if not module.exists():
        module.write_text(text)


def test_every_folder_of_code_is_a_package():
    """The contracts see packages only: in a folder without __init__.py anything could be imported."""
    folders = {path.parent for path in python_files(*SOURCE_ROOTS)}
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_the_contracts_hold():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_clean_copy_passes(copied: Path):
    """Else the planted imports below would prove nothing."""
    result = lint(copied)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("module", "text", "contract"), PLANTED)
def test_a_bad_import_is_caught(copied: Path, module: str, text: str, contract: str):
    plant(copied, module, text)
    result = lint(copied)
    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout


def test_every_step_of_the_order_is_held(copied: Path):
    """Each domain imports its upper neighbour: all are named, so no two have changed places in the contract."""
    for lower, higher in pairwise(ORDER):
        plant(copied, f"core/perkhub/{lower}/planted.py", f"import perkhub.{higher}\n")
    found = lint(copied).stdout
    missed = [step for step in pairwise(ORDER) if "perkhub.{} is not allowed to import perkhub.{}".format(*step) not in found]
    assert missed == []
