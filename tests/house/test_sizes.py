"""File and function sizes stay in sight: a long file asks for a split by use case, a long function for a name."""

import ast
from statistics import median

from tests.house.tree import parsed, python_files, shown

FILES = python_files("core", "schema", "plugins", "tests")
LONGEST_FILE = 400
LONGEST_MEDIAN = 150
LONGEST_FUNCTION = 60


def largest(sizes: dict[str, int]) -> str:
    ranked = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    return "the largest:\n" + "\n".join(f"{lines:5d}  {name}" for name, lines in ranked)


def file_sizes() -> dict[str, int]:
    sizes = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    return {name: lines for name, lines in sizes.items() if lines}


def test_files_are_short():
    sizes = file_sizes()
    assert max(sizes.values()) <= LONGEST_FILE, largest(sizes)


def test_the_median_file_is_short():
    sizes = file_sizes()
    assert median(sizes.values()) <= LONGEST_MEDIAN, largest(sizes)


def test_functions_are_short():
    sizes = {
        f"{shown(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert max(sizes.values()) <= LONGEST_FUNCTION, largest(sizes)
