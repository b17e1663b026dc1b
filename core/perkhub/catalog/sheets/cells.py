"""Products as rows of a sheet: the first row of a thing has all of its cells, the others only what it is found by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from perkhub.catalog.models import RefundKind, ValidityKind
from perkhub.catalog.sheets.guard import guarded
from perkhub.catalog.sheets.lists import joined
from perkhub.catalog.views import ListingView, ProductView, VariantView
from perkhub.channels import Channel

Cell: TypeAlias = str | int | Decimal
Place: TypeAlias = tuple[str, str | None]  # a column's key, and the name of a free one
Row: TypeAlias = dict[Place, Cell]


@dataclass(frozen=True)
class Page:
    """Some products with all that a sheet says of them."""

    products: Sequence[ProductView]
    variants: Mapping[UUID, Sequence[VariantView]] = field(default_factory=dict)
    listings: Mapping[UUID, Sequence[ListingView]] = field(default_factory=dict)
    brands: Mapping[UUID, str] = field(default_factory=dict)
    categories: Mapping[UUID, Sequence[str]] = field(default_factory=dict)
    channels: Mapping[UUID, Channel] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Every row, in the order of the products."""
        for product in self.products:
            found = _found(product.external_reference, "external_reference", product.slug, "slug")
            said = {**found, **self._of_product(product)}
            for row in self._below(product):
                yield {**said, **row}
                said = found

    def _below(self, product: ProductView) -> Iterator[Row]:
        variants = self.variants.get(product.id, ())
        for variant in variants:
            found = _found(variant.external_reference, "variant_external_reference", variant.sku, "sku")
            said = {**found, **_of_variant(variant)}
            for listing in [_of_listing(one, self.channels[one.channel_id]) for one in self.listings.get(variant.id, ())] or [
                {}
            ]:
                yield {**said, **listing}
                said = found
        if not variants:
            yield {}

    def _of_product(self, one: ProductView) -> Row:
        validity, refund = one.validity, one.refund_policy
        row: dict[Place, Cell | None] = {
            ("kind", None): one.kind.upper(),
            ("brand", None): None if one.brand_id is None else self.brands[one.brand_id],
            ("categories", None): joined(self.categories.get(one.id, ())),
            ("tags", None): guarded(joined(one.tags)),
            ("minimum_validity_days", None): one.minimum_validity_days,
            ("validity", None): ValidityKind(validity.kind).name,
            ("validity_days", None): validity.days,
            ("valid_until", None): None if validity.until is None else validity.until.isoformat(),
            ("refund", None): RefundKind(refund.kind).name,
            ("refund_days", None): refund.days,
            **_texts("name", one.name),
            **_texts("description", one.description),
            **_texts("how_to_use", one.how_to_use),
            **_notes("", one),
        }
        return _said(row)


def _of_variant(one: VariantView) -> Row:
    return _said(
        {
            **_texts("variant_name", one.name),
            ("face_value", None): one.face_value,
            ("face_currency", None): one.face_currency,
            ("position", None): one.position,
            **_notes("variant_", one),
        }
    )


def _of_listing(one: ListingView, channel: Channel) -> Row:
    zone = ZoneInfo(channel.zone)
    until = one.published_until
    return _said(
        {
            ("channel", None): channel.key,
            ("price", None): one.unit_price,
            ("published_from", None): one.published_from.astimezone(zone).isoformat(sep=" "),
            ("published_until", None): None if until is None else until.astimezone(zone).isoformat(sep=" "),
            ("quota", None): one.quota,
            ("limit_per_customer", None): one.limit_per_customer,
            ("reference_price", None): one.reference_price,
            ("reference_reason", None): None if one.reference_reason is None else guarded(one.reference_reason),
        }
    )


def _found(reference: str | None, by_reference: str, name: str, by_name: str) -> Row:
    said: Row = {(by_name, None): name}
    return said if reference is None else {(by_reference, None): guarded(reference), **said}


def _texts(name: str, texts: Mapping[str, str]) -> dict[Place, Cell | None]:
    return {(f"{name}_{language}", None): guarded(text) for language, text in texts.items()}


def _notes(of: str, one: ProductView | VariantView) -> dict[Place, Cell | None]:
    return {
        **{(f"{of}attribute", code): _attribute(value) for code, value in one.attributes.items()},
        **{(f"{of}metadata", key): guarded(value) for key, value in one.metadata.items()},
        **{(f"{of}private_metadata", key): guarded(value) for key, value in one.private_metadata.items()},
    }


def _attribute(kept: Any) -> Cell:
    if isinstance(kept, bool):
        return "TRUE" if kept else "FALSE"
    if isinstance(kept, list):
        return joined(kept)
    return guarded(kept) if isinstance(kept, str) else Decimal(str(kept))


def _said(row: Mapping[Place, Cell | None]) -> Row:
    return {place: cell for place, cell in row.items() if cell is not None and cell != ""}
