"""The house as files, syntax trees and modules, for the tests that read it."""

import ast
import importlib
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = ("core", "schema", "plugins")
PACKAGES = ("perkhub", "perkhub_schema", "perkhub_plugins")
MIGRATIONS = "core/perkhub/migrations"


def shown(path: Path) -> str:
    """The path as the house says it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def house_files() -> tuple[Path, ...]:
    """Every file that is or would be committed; without git, every file that .gitignore lets through."""
    if (ROOT / ".git").exists():
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        # A name twice is a merge in progress, a name without a file a deletion that is not staged yet.
        return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file())
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line and line[0] != "#"]
    return tuple(_walk(ROOT, [*ignored, ".git"]))


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from _walk(path, ignored)
        elif path.is_file():
            yield path


def python_files(*folders: str) -> list[Path]:
    """The Python files below these top-level folders, migrations left out: those are generated and never edited."""
    wanted = tuple(f"{folder}/" for folder in folders)
    names = {path: shown(path) for path in house_files() if path.suffix == ".py"}
    return [path for path, name in names.items() if name.startswith(wanted) and not name.startswith(MIGRATIONS)]


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def every_module(*packages: str) -> tuple[ModuleType, ...]:
    """Import every module of the packages by its file, migrations and `python -m` entries left out."""
    names = [_module_name(path) for path in python_files(*SOURCE_ROOTS) if path.stem != "__main__"]
    return tuple(importlib.import_module(name) for name in names if name.split(".")[0] in packages)


def _module_name(path: Path) -> str:
    steps = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


def docstrings(tree: ast.Module) -> set[int]:
    """The identities of the constants that are documentation, to tell them from text the program uses."""
    bodies = (
        node.body
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {
        id(body[0].value)
        for body in bodies
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    }


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every piece of text the program uses, with its line; a formatted text with its holes shown as `{}`."""
    skipped = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            skipped.update(id(part) for part in node.values)
            yield node.lineno, "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value
