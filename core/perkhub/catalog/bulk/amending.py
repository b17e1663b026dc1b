"""Making a draft out of what is there and what is said of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from perkhub.catalog.bulk.drafts import Amended
from perkhub.catalog.products import ProductDraft
from perkhub.catalog.variants import VariantDraft
from perkhub.kit.tabular.cells import BLANKS

D = TypeVar("D", ProductDraft, VariantDraft)


def amended(draft: D, changes: Mapping[str, Any]) -> D:
    """The draft with these fields; of attributes nothing, which have to be held against their definitions first."""
    said: dict[str, Any] = {
        name: merged(getattr(draft, name), value) if isinstance(value, Amended) else value
        for name, value in changes.items()
        if name not in ("attributes", "category_ids", "kind")
    }
    return replace(draft, **said)


def merged(kept: Mapping[str, Any], said: Amended) -> dict[str, Any]:
    """The kept mapping with the entries that are said. A text that only lost the blanks around it, as it does in the cell of
    a table, is no other one."""
    found = dict(kept)
    for name, value in said.entries.items():
        was = kept.get(name)
        if value is None:
            found.pop(name, None)
        elif not (isinstance(was, str) and isinstance(value, str) and was.strip(BLANKS) == value.strip(BLANKS)):
            found[name] = value
    return found
