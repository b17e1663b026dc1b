"""Reading the cells of a product as what is to become of it. What a column does not say stays; a cell that cannot be read
is told, and stays unsaid."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog.attributes import AttributeDraft
from perkhub.catalog.bulk.drafts import Amended, ListingUpsert, ProductUpsert, Unreadable, VariantUpsert
from perkhub.catalog.listings import ListingDraft, Reference
from perkhub.catalog.models import BenefitKind, RefundKind, ValidityKind
from perkhub.catalog.policies import RefundPolicy, Validity
from perkhub.catalog.sheets.columns import Found, Layout
from perkhub.catalog.sheets.groups import CellFault, Cells, ProductGroup, VariantGroup
from perkhub.catalog.sheets.guard import unguarded
from perkhub.catalog.sheets.lists import split
from perkhub.catalog.sheets.values import (
    CellRefused,
    attribute_value,
    choice,
    day,
    moment,
    number,
    plain,
    whole,
)
from perkhub.channels import Channel

LANGUAGES = ("zh", "en")
CELL = "cell"  # begins the path of what is told of a cell itself
NO_PRICE = Decimal("NaN")  # refused like any price that cannot be, unless the listing has one


@dataclass(frozen=True)
class Named:
    """What cells name: brands and categories by slug, attributes by code, and the channels in which listings may be set."""

    brands: Mapping[str, UUID] = field(default_factory=dict)
    categories: Mapping[str, UUID] = field(default_factory=dict)
    attributes: Mapping[str, AttributeDraft] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    channel: str | None = None  # of rows that name none


@dataclass
class Entry:
    """A product of a sheet: what is to become of it, and the cells from which that was read."""

    group: ProductGroup
    upsert: ProductUpsert
    variants: list[VariantGroup]
    listings: list[list[Cells]]


class Reading:
    """Reads the cells of one product."""

    def __init__(self, group: ProductGroup, layout: Layout, named: Named) -> None:
        self._group = group
        self._layout = layout
        self._named = named

    def entry(self) -> Entry:
        """The whole product."""
        changes = self._product()
        version = self._read(self._group, "version", whole)
        variants: list[VariantUpsert] = []
        sources: list[list[Cells]] = []
        for one in self._group.variants:
            listings = [(listing, found) for listing in one.listings if (found := self._listing(listing)) is not None]
            expected = self._read(one, "variant_version", whole)
            variants.append(VariantUpsert(self._variant(one), tuple(found for _, found in listings), expected))
            sources.append([listing for listing, _ in listings])
        faults = tuple(Unreadable((CELL, str(one.row), one.column), one.reason, one.reason_zh) for one in self._group.faults)
        upsert = ProductUpsert(changes, tuple(variants), version, faults)
        return Entry(self._group, upsert, self._group.variants, sources)

    # --- products ---

    def _product(self) -> dict[str, Any]:
        one = self._group
        changes = self._keys(one, external_reference="external_reference", slug="slug")
        kind = self._read(one, "kind", lambda cell: choice(BenefitKind, cell))
        if kind is not None:
            changes["kind"] = kind
        for name in ("name", "description", "how_to_use"):
            changes |= self._texts(one, name, name)
        changes |= self._notes(one, "")
        self._put(changes, one, "brand", "brand_id", self._brand, empty=None)
        self._put(changes, one, "categories", "category_ids", self._categories, empty=())
        self._put(changes, one, "tags", "tags", lambda cell: split(unguarded(cell)), empty=())
        self._put(changes, one, "minimum_validity_days", "minimum_validity_days", whole, empty=0)
        if self._told(one, "validity", "validity_days", "valid_until"):
            self._put_if_read(changes, "validity", one, self._validity)
        if self._told(one, "refund", "refund_days"):
            self._put_if_read(changes, "refund_policy", one, self._refund)
        return changes

    def _validity(self, one: Cells) -> Validity:
        days, until = self._read(one, "validity_days", whole), self._read(one, "valid_until", day)
        said = ValidityKind.FROM_DELIVERY if days is not None else ValidityKind.UNTIL if until else ValidityKind.AS_PRINTED
        return Validity(self._read(one, "validity", lambda cell: choice(ValidityKind, cell)) or said, days, until)

    def _refund(self, one: Cells) -> RefundPolicy:
        days = self._read(one, "refund_days", whole)
        said = RefundKind.UNSEEN if days is None else RefundKind.WITHIN_DAYS
        return RefundPolicy(self._read(one, "refund", lambda cell: choice(RefundKind, cell)) or said, days)

    def _brand(self, cell: str) -> UUID:
        found = self._named.brands.get(plain(cell))
        if found is None:
            raise CellRefused("There is no brand of this slug.", "没有该标识的品牌。")
        return found

    def _categories(self, cell: str) -> tuple[UUID, ...]:
        found = [self._named.categories.get(slug) for slug in split(plain(cell))]
        if None in found:
            raise CellRefused("There is no category of one of these slugs.", "其中有不存在的分类标识。")
        return tuple(one for one in found if one is not None)

    # --- variants and listings ---

    def _variant(self, one: Cells) -> dict[str, Any]:
        changes = self._keys(one, external_reference="variant_external_reference", sku="sku")
        changes |= self._texts(one, "variant_name", "name")
        changes |= self._notes(one, "variant_")
        self._put(changes, one, "face_value", "face_value", number, empty=None)
        self._put(changes, one, "face_currency", "face_currency", lambda cell: plain(cell).upper(), empty=None)
        position = self._read(one, "position", whole)
        return changes if position is None else {**changes, "position": position}

    def _listing(self, one: Cells) -> ListingUpsert | None:
        key = self._cell(one, "channel")
        channel = self._named.channels.get(plain(key) or self._named.channel or "")
        if channel is None:
            self._fault(one, "channel", "Not a channel in which you set prices.", "渠道不存在,或您无权设置其价格。")
            return None
        zone = channel.zone
        readers: dict[str, tuple[str, Callable[[str], Any]]] = {
            "unit_price": ("price", number),
            "published_from": ("published_from", lambda cell: moment(cell, zone)),
            "published_until": ("published_until", lambda cell: moment(cell, zone, end=True)),
            "quota": ("quota", whole),
            "limit_per_customer": ("limit_per_customer", whole),
        }
        said: dict[str, Any] = {}
        unsaid = set()
        for name, (column, read) in readers.items():
            before = len(self._group.faults)
            said[name] = self._read(one, column, read)
            needed = name == "unit_price" and said[name] is None
            if not self._has(column) or self._faulty(one, column) or len(self._group.faults) > before or needed:
                unsaid.add(name)
        reference, kept = self._reference(one)
        if kept:
            unsaid.add("reference")
        version = self._read(one, "listing_version", whole)
        if said["unit_price"] is None:
            said["unit_price"] = NO_PRICE
        draft = ListingDraft(**said, reference=reference)
        return ListingUpsert(channel.id, draft, version, frozenset(unsaid))

    def _reference(self, one: Cells) -> tuple[Reference | None, bool]:
        """What is struck through, and whether nothing is said of it."""
        if not self._has("reference_price", "reference_reason"):
            return None, True
        before = len(self._group.faults)
        price, reason = self._read(one, "reference_price", number), unguarded(self._cell(one, "reference_reason"))
        if len(self._group.faults) > before or self._faulty(one, "reference_price"):
            return None, True
        return (None if price is None else Reference(price, reason)), False

    # --- all of them ---

    def _keys(self, one: Cells, **keys: str) -> dict[str, Any]:
        """What things are found by is never taken away by an empty cell."""
        # Another system's id is that of its letters; a word of ours is narrow.
        said = {
            name: (unguarded if name == "external_reference" else plain)(self._cell(one, key)) for name, key in keys.items()
        }
        return {name: value for name, value in said.items() if value}

    def _texts(self, one: Cells, column: str, name: str) -> dict[str, Any]:
        said: dict[str, str | None] = {}
        for language in LANGUAGES:
            key = f"{column}_{language}"
            if self._has(key) and not self._faulty(one, key):
                said[language] = unguarded(self._cell(one, key)) or None
        return {name: Amended(said)} if said else {}

    def _notes(self, one: Cells, of: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in ("attributes", "metadata", "private_metadata"):
            key = f"{of}{'attribute' if name == 'attributes' else name}"
            said = {column.name or "": value for column in self._layout.free(key) for value in self._free(one, column)}
            if said:
                found[name] = Amended(said)
        return found

    def _free(self, one: Cells, column: Found) -> Iterator[Any]:
        """The value of a column under a name of the house's own; none where its cell cannot be read."""
        cell = one.cell(column.position)
        if not cell:
            if not self._is_faulty(column.position):
                yield None
        elif not column.key.endswith("attribute"):
            yield unguarded(cell)
        else:
            try:
                yield attribute_value(self._named.attributes.get(column.name or ""), cell)
            except CellRefused as refused:
                self._note(one, column, refused)

    def _put(
        self, changes: dict[str, Any], one: Cells, column: str, name: str, read: Callable[[str], Any], *, empty: Any
    ) -> None:
        if not self._has(column) or self._faulty(one, column):
            return
        if not self._cell(one, column):
            changes[name] = empty
        else:
            self._put_if_read(changes, name, one, lambda one: self._read(one, column, read))

    def _put_if_read(self, changes: dict[str, Any], name: str, one: Cells, read: Callable[[Cells], Any]) -> None:
        before = len(self._group.faults)
        value = read(one)
        if len(self._group.faults) == before:
            changes[name] = value

    def _read(self, one: Cells, column: str, read: Callable[[str], Any]) -> Any:
        """The value of a cell; None where it is empty, is not there, or cannot be read."""
        cell = self._cell(one, column)
        if not cell:
            return None
        try:
            return read(cell)
        except CellRefused as refused:
            self._note(one, self._layout.by_key[column], refused)
            return None

    def _cell(self, one: Cells, column: str) -> str:
        found = self._layout.by_key.get(column)
        return "" if found is None else one.cell(found.position)

    def _has(self, *columns: str) -> bool:
        return any(column in self._layout.by_key for column in columns)

    def _told(self, one: Cells, *columns: str) -> bool:
        return self._has(*columns) and not any(self._faulty(one, column) for column in columns)

    def _faulty(self, one: Cells, column: str) -> bool:
        return not self._cell(one, column) and self._has(column) and self._is_faulty(self._layout.by_key[column].position)

    def _is_faulty(self, position: int) -> bool:
        return any(place == position for _, place in self._group.faulty)

    def _note(self, one: Cells, column: Found, refused: CellRefused) -> None:
        fault = CellFault(one.row_of(column.position), column.header, refused.reason, refused.reason_zh)
        self._group.faults.append(fault)

    def _fault(self, one: Cells, column: str, reason: str, reason_zh: str) -> None:
        found = self._layout.by_key.get(column)
        header, row = (column, one.row) if found is None else (found.header, one.row_of(found.position))
        self._group.faults.append(CellFault(row, header, reason, reason_zh))
