"""Why something of a sheet was not taken: by row and column as a spreadsheet shows them, for people in both languages."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import orjson

from perkhub.catalog.bulk.drafts import Amended, ProductUpsert, VariantUpsert
from perkhub.catalog.sheets.columns import BY_KEY, Layout
from perkhub.catalog.sheets.entries import CELL, LANGUAGES, Entry
from perkhub.catalog.sheets.groups import Cells
from perkhub.kit.errors import DomainError

KEPT = 1_000
# What a field is called in a sheet, where that is not its own name.
CALLED = {
    "brand_id": "brand", "category_ids": "categories", "validity_until": "valid_until", "refund_policy": "refund",
    "refund_policy_days": "refund_days", "expected_version": "version", "face_value_amount": "face_value",
    "face_value_currency": "face_currency", "unit_price": "price",
}  # fmt: skip

# What a thing is found by, for what is wrong with the whole of it.
FINDING = {
    "": ("slug", "external_reference"),
    "variant_": ("sku", "variant_external_reference"),
    "listing_": ("channel",),
}


@dataclass(frozen=True, slots=True)
class SheetRefusal:
    """One reason. `row` is what a person sees in a spreadsheet, `column` what stands in row 1."""

    row: int
    column: str
    code: str
    en: str
    zh: str

    def message(self, language: str) -> str:
        """For a person."""
        return self.zh if language == "zh" else self.en


class Tally:
    """How many reasons there are, and the first of them, one for each cell."""

    def __init__(self) -> None:
        self.count = 0
        self.refusals: list[SheetRefusal] = []

    def add(self, refusals: Iterable[SheetRefusal]) -> None:
        """Count further ones; they are kept while there is room."""
        said: set[tuple[int, str]] = set()
        for refusal in refusals:
            if (refusal.row, refusal.column) not in said:
                said.add((refusal.row, refusal.column))
                self.count += 1
                if len(self.refusals) < KEPT:
                    self.refusals.append(refusal)

    def as_json(self, *, kept: int = 0) -> str:
        """As they are kept beside those that were kept before."""
        return orjson.dumps([asdict(one) for one in self.refusals[: max(0, KEPT - kept)]]).decode()


def refusals_of(entry: Entry, refusals: Sequence[DomainError], layout: Layout) -> list[SheetRefusal]:
    """What was refused of a product, in the order of its rows."""
    found = []
    for refusal in refusals:
        row, column = _place(entry, refusal.path[2:], layout)
        found.append(SheetRefusal(row, column, refusal.code, refusal.message("en"), refusal.message("zh")))
    return sorted(found, key=lambda one: one.row)


def _place(entry: Entry, path: tuple[str, ...], layout: Layout) -> tuple[int, str]:
    """The row and the column that a path means; its first two steps, which name the product, are gone."""
    if path[:1] == (CELL,):
        return int(path[1]), path[2]
    cells: Cells = entry.group
    said: ProductUpsert | VariantUpsert = entry.upsert
    of = ""
    if path[:1] == ("variants",):
        variant, path, of = int(path[1]), path[2:], "variant_"
        cells, said = entry.variants[variant], entry.upsert.variants[variant]
        if path[:1] == ("listings",):
            cells, path, of = entry.listings[variant][int(path[1])], path[2:], "listing_"
    if path[:1] == ("attributes",) and len(path) > 1:
        return _place_of_attribute(cells, said, path, f"{of}attribute", layout)
    for key in _keys(path, of):
        if key in layout.by_key:
            column = layout.by_key[key]
            return cells.row_of(column.position), column.header
    return cells.row, path[0] if path else ""


def _place_of_attribute(
    cells: Cells, said: ProductUpsert | VariantUpsert, path: tuple[str, ...], key: str, layout: Layout
) -> tuple[int, str]:
    attributes = said.changes["attributes"]
    assert isinstance(attributes, Amended)
    code = [code for code, value in attributes.entries.items() if value is not None][int(path[1])]
    column = next(column for column in layout.free(key) if column.name == code)
    return cells.row_of(column.position), column.header


def _keys(path: tuple[str, ...], of: str) -> list[str]:
    """The columns that may hold the field, the likeliest first."""
    steps = [_snake(step) for step in path if not step.isdigit()]
    named = ["_".join(steps[:length]) for length in range(len(steps), 0, -1)]
    called = [CALLED.get(name, name) for name in named]
    tried = [f"{of}{name}" for name in called] + called if of else called
    spoken = [f"{name}_{language}" for name in tried for language in LANGUAGES]
    finding = (
        ["sku", "variant_external_reference"] if of == "variant_" else ["channel"] if of else ["slug", "external_reference"]
    )
    return [key for key in (*tried, *spoken, *finding) if key in BY_KEY]


def _snake(step: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in step)
