"""The storefront asks for what is there: each of its operations fits the schema, whether or not anybody can build it here."""

import json
import re

import pytest
from graphql import GraphQLError, OperationDefinitionNode, concat_ast, parse, validate

from perkhub_schema.schema import schema
from tests.house.tree import ROOT, house_files, shown

FOLDER = ROOT / "storefront-demo"
WRITTEN = [path for path in house_files() if path.suffix == ".graphql" and path.is_relative_to(FOLDER)]
TOGETHER = concat_ast([parse(path.read_text(encoding="utf-8")) for path in WRITTEN])


def faults() -> list[GraphQLError]:
    return validate(schema._schema, TOGETHER)


def test_every_operation_fits_the_schema():
    assert len(WRITTEN) > 2, [shown(path) for path in WRITTEN]
    assert [fault.message for fault in faults()] == []


def test_operations_have_names_of_their_own():
    """Typed documents, metrics and persisted operations go by them."""
    names = [one.name and one.name.value for one in TOGETHER.definitions if isinstance(one, OperationDefinitionNode)]
    assert None not in names
    assert sorted(set(names)) == sorted(names)


def test_it_keeps_nothing_in_the_browser_but_the_language():
    sources = [path for path in house_files() if path.is_relative_to(FOLDER / "src")]
    stores = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie")
    keeping = {shown(path) for path in sources if stores.search(path.read_text(encoding="utf-8"))}
    assert keeping == {"storefront-demo/src/words/language.ts"}


@pytest.mark.parametrize("file", ["package-lock.json"])
def test_its_lock_names_no_place_to_fetch_from(file: str):
    packages = json.loads((FOLDER / file).read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and not package.get("link") and "integrity" not in package] == []
