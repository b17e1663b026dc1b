"""Putting the rows of a sheet together again: a product of its rows, a variant of some of them, a listing of one.

A product's own cells stand in one of its rows, or in all; said twice, they say the same. Rows without a key of their own
belong to the product above.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from perkhub.catalog.sheets.columns import Layout, Of
from perkhub.kit.tabular.table import FAULT_TEXTS, CellProblem, TableChunk, column_letters

MOST_ROWS = 2_000  # of one product


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell cannot be taken, and where it is."""

    row: int
    column: str
    reason: str
    reason_zh: str


@dataclass
class Cells:
    """What is said of one thing in its rows: the cell of each column by its position, and the row where it stands."""

    row: int
    said: dict[int, tuple[str, int]] = field(default_factory=dict)

    def take(self, row: int, cells: Sequence[str], positions: Sequence[int]) -> list[int]:
        """Take what a row says; the columns in which it says otherwise than those before."""
        other = []
        for position in positions:
            cell = cells[position]
            if not cell:
                continue
            known = self.said.setdefault(position, (cell, row))
            if known[0] != cell:
                other.append(position)
        return other

    def cell(self, position: int) -> str:
        """Empty where nothing was said."""
        return self.said.get(position, ("", 0))[0]

    def row_of(self, position: int) -> int:
        """Where that was said, or the thing's first row."""
        return self.said.get(position, ("", self.row))[1]


@dataclass
class VariantGroup(Cells):
    """A variant's cells, and those of its listings."""

    listings: list[Cells] = field(default_factory=list)


@dataclass
class ProductGroup(Cells):
    """A product's cells, its variants, and what was wrong with cells of any of them, by row and position."""

    variants: list[VariantGroup] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    faulty: set[tuple[int, int]] = field(default_factory=set)
    last_row: int = 0
    rows: int = 0


class Grouping:
    """Takes rows in their order and gives products away as soon as they are whole."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._at = {of: layout.positions(of) for of in Of}
        self._names = {column.position: column.header for column in layout.columns}
        self._product_keys = self._keys("external_reference", "slug")
        self._variant_keys = self._keys("variant_external_reference", "sku")
        self._present: ProductGroup | None = None

    def _keys(self, *keys: str) -> tuple[int, ...]:
        return tuple(self._layout.by_key[key].position for key in keys if key in self._layout.by_key)

    async def products(self, chunks: AsyncIterator[TableChunk], *, begin_after: int) -> AsyncIterator[ProductGroup]:
        """Every product of the table's rows below that one."""
        async for chunk in chunks:
            problems: dict[int, list[CellProblem]] = {}
            for problem in chunk.problems:
                problems.setdefault(problem.row, []).append(problem)
            for number, cells in chunk.numbered():
                if number > begin_after:
                    whole = self._add(number, cells, problems.get(number, ()))
                    if whole is not None:
                        yield whole
        if self._present is not None:
            yield self._present

    def _add(self, number: int, cells: Sequence[str], problems: Sequence[CellProblem]) -> ProductGroup | None:
        whole = None
        present = self._present
        if present is None or not self._same(present, cells, self._product_keys):
            whole, present = present, ProductGroup(number)
            self._present = present
        present.last_row = number
        present.rows += 1
        if present.rows > MOST_ROWS:
            if present.rows == MOST_ROWS + 1:
                reason_zh = f"一个商品最多 {MOST_ROWS} 行。"
                self._note(present, number, self._product_keys[0], f"At most {MOST_ROWS} rows of one product.", reason_zh)
            return whole
        self._note_problems(present, number, cells, problems)
        self._take(present, present, number, cells, Of.PRODUCT)
        self._add_variant(present, number, cells)
        return whole

    def _add_variant(self, product: ProductGroup, number: int, cells: Sequence[str]) -> None:
        of_variant = any(cells[position] for position in self._at[Of.VARIANT])
        of_listing = any(cells[position] for position in self._at[Of.LISTING])
        if not of_variant and not of_listing:
            return
        variant = next(
            (one for one in reversed(product.variants) if self._same(one, cells, self._variant_keys)),
            None,
        )
        if variant is None:
            variant = VariantGroup(number)
            product.variants.append(variant)
        self._take(product, variant, number, cells, Of.VARIANT)
        if of_listing:
            listing = Cells(number)
            listing.take(number, cells, self._at[Of.LISTING])
            variant.listings.append(listing)

    def _same(self, one: Cells, cells: Sequence[str], keys: Sequence[int]) -> bool:
        """Whether no key of the row is another than those that are known."""
        said = [(cells[position], one.cell(position)) for position in keys if cells[position]]
        if not said:
            return True
        return any(new == known for new, known in said) and all(known in ("", new) for new, known in said)

    def _take(self, product: ProductGroup, one: Cells, number: int, cells: Sequence[str], of: Of) -> None:
        for position in one.take(number, cells, self._at[of]):
            first = one.row_of(position)
            self._note(product, number, position, f"Row {first} says otherwise.", f"与第 {first} 行不一致。")

    def _note_problems(self, product: ProductGroup, number: int, cells: Sequence[str], problems: Sequence[CellProblem]) -> None:
        for problem in problems:
            english, chinese = FAULT_TEXTS[problem.fault]
            self._note(product, number, problem.column, f"It is {english}.", f"{chinese}。")
        for position in self._layout.unnamed:
            if cells[position]:
                self._note(product, number, position, "It has no name in row 1.", "第 1 行没有列名。")

    def _note(self, product: ProductGroup, row: int, position: int, reason: str, reason_zh: str) -> None:
        column = self._names.get(position) or column_letters(position)
        product.faults.append(CellFault(row, column, reason, reason_zh))
        product.faulty.add((row, position))
