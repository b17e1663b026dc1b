"""Every error has a code of its own and both texts, and every raise hands over what its texts need."""

import ast
import inspect
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any, get_type_hints
from uuid import UUID

import pytest

from perkhub.kit.errors import LANGUAGES, AccessError, DomainError, every_error
from perkhub.kit.money import Money
from tests.house.tree import PACKAGES, SOURCE_ROOTS, every_module, parsed, python_files, shown

every_module(*PACKAGES)
ROOTS = (DomainError, AccessError)
# Tests may make errors of their own; those need neither texts nor codes.
ERRORS = [error for root in ROOTS for error in every_error(root) if error.__module__.startswith("perkhub")]
SPOKEN = [error for error in ERRORS if "__init__" in vars(error)]
HANDED = {error.__name__: error for error in ERRORS if error not in SPOKEN}
SAMPLES: dict[Any, Any] = {
    str: "x",
    str | None: "x",
    int: 1,
    Decimal: Decimal(1),
    UUID: UUID(int=1),
    Money: Money(100, "CNY"),
    date: date(2026, 1, 1),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
}


def holes(error: type[Any], language: str) -> set[str]:
    """The names that a text waits for; `{left.amount}` waits for `left`."""
    fields = (field for _, field, _, _ in Formatter().parse(getattr(error, language)) if field is not None)
    return {re.split(r"[.\[]", field)[0] for field in fields}


def all_classes(root: type[Any]) -> list[type[Any]]:
    return [found for child in root.__subclasses__() for found in (child, *all_classes(child))]


def test_each_error_has_a_code_of_its_own():
    codes = [error.code for error in ERRORS]
    assert sorted(set(codes)) == sorted(codes)
    assert [code for code in codes if not re.fullmatch(r"[A-Z][A-Z0-9_]+", code)] == []


def test_only_branches_of_the_tree_lack_a_code():
    """What is raised has a code; what only gathers others needs none."""
    own = [found for root in ROOTS for found in all_classes(root) if found.__module__.startswith("perkhub")]
    parents = {parent for error in own for parent in error.__bases__}
    assert [error.__name__ for error in own if error not in parents and "code" not in vars(error)] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_both_texts_are_there(error: type[Any]):
    assert all(getattr(error, language, "").strip() for language in LANGUAGES)
    # The Chinese text is Chinese, unless it is all holes.
    words = "".join(text for text, *_ in Formatter().parse(error.zh)).strip()
    assert not words or re.search(r"[\u4e00-\u9fff]", words)
    # No hole without a name: `{}` and `{0}` have nothing to be filled with.
    assert all(hole.isidentifier() for language in LANGUAGES for hole in holes(error, language))


@pytest.mark.parametrize("error", SPOKEN, ids=lambda error: error.__name__)
def test_an_error_with_its_own_arguments_fills_its_texts(error: type[Any]):
    hints = get_type_hints(error.__init__)
    wanted = [p for p in inspect.signature(error).parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    arguments = {p.name: SAMPLES[hints[p.name]] for p in wanted if p.name != "path" and hints[p.name] in SAMPLES}
    unknown = [p.name for p in wanted if p.name not in arguments and p.name != "path"]
    assert unknown == [], f"give tests/house/test_errors.py a sample for {unknown}"
    path = {"path": ("input",)} if "path" in hints else {}
    told = error(**arguments, **path)
    assert [language for language in LANGUAGES if not told.message(language).strip()] == []


def raises(tree: ast.Module) -> list[tuple[int, str, set[str]]]:
    """Each place that makes one of the errors that take any data: its line, the error, the data it hands over."""
    made = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            keywords = {keyword.arg for keyword in node.keywords}
            if name in HANDED and None not in keywords:
                made.append((node.lineno, name, {keyword for keyword in keywords if keyword}))
    return made


def test_every_raise_hands_over_what_the_texts_need():
    short = [
        f"{shown(path)}:{line} {name} lacks {sorted(missing)}"
        for path in python_files(*SOURCE_ROOTS)
        for line, name, given in raises(parsed(path))
        if (missing := (holes(HANDED[name], "en") | holes(HANDED[name], "zh")) - given)
    ]
    assert short == []
