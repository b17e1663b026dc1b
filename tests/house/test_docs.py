"""Each room says what it is for: a sentence at the top of every module, a page in every top-level folder."""

import ast

import pytest

from tests.house.tree import ROOT, SOURCE_ROOTS, parsed, python_files, shown

FOLDERS = (*SOURCE_ROOTS, "storefront-demo", "tests")
LONGEST_PAGE = 120


def has_a_sentence(tree: ast.Module) -> bool:
    said = ast.get_docstring(tree) or ""
    return len(said.split()) > 1 and said.split("\n\n")[0].rstrip().endswith((".", ":", "?", "!", "。"))


def test_every_public_module_opens_with_a_sentence():
    public = [path for path in python_files(*SOURCE_ROOTS) if path.name == "__init__.py" or not path.name.startswith("_")]
    # An empty __init__.py only marks a folder; in the domain it is a room's door and says what the room owns.
    spoken = [path for path in public if shown(path).startswith("core/") or path.read_text(encoding="utf-8").strip()]
    assert [shown(path) for path in spoken if not has_a_sentence(parsed(path))] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_top_level_folder_has_its_page(folder: str):
    page = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert page.startswith("# ")
    assert 5 < len(page.splitlines()) < LONGEST_PAGE


@pytest.mark.parametrize("planted", ["", "import os", '"""Orders"""', '"""Helpers for orders and more"""'])
def test_a_mute_module_is_caught(planted: str):
    assert not has_a_sentence(ast.parse(planted))
