"""Holding each row against what is there: what it names, whether it can be, and what would become of it. Writes nothing.

All rules are those of the single mutations. Where faults are ignored, what is faulty stays as it was; what is new and lacks
what it cannot be without is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from perkhub.catalog.attribute_values import kept_values, refuse_too_many
from perkhub.catalog.bulk.amending import amended, merged
from perkhub.catalog.bulk.drafts import Amended, ListingUpsert, ProductUpsert, VariantUpsert
from perkhub.catalog.bulk.known import Known, Named
from perkhub.catalog.bulk.planned import PlannedProduct, PlannedVariant
from perkhub.catalog.categories import refuse_odd_shelves
from perkhub.catalog.errors import AlreadyNamed, VersionMoved
from perkhub.catalog.face_values import refuse_other_base
from perkhub.catalog.listing_rows import ListingWrite, mended_listing, was
from perkhub.catalog.listings import values_of
from perkhub.catalog.models import BenefitKind
from perkhub.catalog.products import ProductDraft, product_faults, product_from
from perkhub.catalog.variants import VariantDraft, face_of, variant_faults, variant_from
from perkhub.kit.bulk import BulkRow, ErrorPolicy
from perkhub.kit.db import Row
from perkhub.kit.errors import DomainError, InvalidInput, NotFound, faults_told
from perkhub.kit.ids import new_id

D = TypeVar("D", ProductDraft, VariantDraft)
FACE = ("face_value", "face_range", "face_currency")
LISTING_VALUES = (
    "unit_price", "published_from", "published_until", "quota", "limit_per_customer", "reference_price", "reference_reason",
)  # fmt: skip


class Planning:
    """Plans row after row; each sees what those before it have named."""

    def __init__(self, known: Known, named: Named, *, policy: ErrorPolicy, at: datetime) -> None:
        self._known = known
        self._named = named
        self._policy = policy
        self._at = at

    def plan(self, row: BulkRow[ProductUpsert]) -> PlannedProduct | None:
        """What would become of the row; None where it is left out. The row knows its faults afterwards."""
        asked = row.asked
        kept = self._product_of(asked.changes)
        if self._came_before(asked.changes, kept):
            reason = "This product came before; let all of it stand together."
            row.refuse(InvalidInput(path=("slug",), reason=reason, reason_zh="该商品已在前面出现,请将其所有内容放在一起。"))
            return None
        for unread in asked.faults:
            self._fault(row, unread.refusal())
        self._refuse_version(row, kept, asked.expected_version)
        planned = self._planned_product(row, kept)
        for place, variant in enumerate(asked.variants):
            found = self._variant(row, variant, planned, "variants", str(place))
            if found is not None:
                planned.variants.append(found)
        if row.left_out:
            return None
        self._remember(planned)
        return planned

    # --- products ---

    def _came_before(self, changes: Mapping[str, Any], kept: Row | None) -> bool:
        if kept is not None:
            return kept["id"] in self._named.products
        slug, reference = changes.get("slug"), changes.get("external_reference")
        return slug in self._named.slugs or reference in self._named.references

    def _product_of(self, changes: Mapping[str, Any]) -> Row | None:
        """By its reference; else by its slug, unless that is the slug of a product of another reference."""
        reference, slug = changes.get("external_reference"), changes.get("slug")
        if reference and reference in self._known.by_reference:
            return self._known.by_reference[reference]
        found = self._known.by_slug.get(slug) if slug else None
        other = found is not None and reference and found["external_reference"] not in (None, reference)
        return None if other else found

    def _planned_product(self, row: BulkRow[ProductUpsert], kept: Row | None) -> PlannedProduct:
        changes = row.asked.changes
        before = None if kept is None else product_from(kept)
        start = before or ProductDraft("", {}, BenefitKind(changes.get("kind", BenefitKind.CODE)))
        if changes.get("kind", start.kind) != start.kind:
            reason, reason_zh = "The kind of a product stays for ever.", "商品类型不能修改。"
            self._fault(row, InvalidInput(path=("kind",), reason=reason, reason_zh=reason_zh))
        after = amended(start, changes)
        after = self._with_attributes(row, after, changes.get("attributes"))
        if after != before:
            after = self._mended(row, after, before, list(product_faults(after)))
            after = self._product_named(row, after, before)
            after = self._with_brand(row, after, before)
        planned = PlannedProduct(new_id() if kept is None else kept["id"], before, after)
        planned.shelves = self._shelves(row, planned, changes.get("category_ids"))
        return planned

    def _product_named(self, row: BulkRow[ProductUpsert], after: ProductDraft, before: ProductDraft | None) -> ProductDraft:
        faults: list[tuple[str, DomainError]] = []
        if (before is None or after.slug != before.slug) and (
            after.slug in self._known.by_slug or after.slug in self._named.slugs
        ):
            faults.append(("slug", AlreadyNamed("slug")))
        reference = after.external_reference
        if (before is None or reference != before.external_reference) and (
            reference in self._known.by_reference or reference in self._named.references
        ):
            faults.append(("external_reference", AlreadyNamed("externalReference")))
        return self._mended(row, after, before, faults)

    def _with_brand(self, row: BulkRow[ProductUpsert], after: ProductDraft, before: ProductDraft | None) -> ProductDraft:
        had = None if before is None else before.brand_id
        if after.brand_id in (None, had) or after.brand_id in self._known.brands:
            return after
        self._fault(row, NotFound("brand", "品牌", path=("brandId",)))
        return replace(after, brand_id=had)

    def _shelves(
        self, row: BulkRow[ProductUpsert], planned: PlannedProduct, said: tuple[UUID, ...] | None
    ) -> tuple[UUID, ...] | None:
        if said is None or tuple(said) == self._known.shelves.get(planned.id, ()):
            return None
        try:
            refuse_odd_shelves(said)
        except InvalidInput as refusal:
            self._fault(row, refusal)
            return None
        lost = [place for place, category in enumerate(said) if category not in self._known.categories]
        for place in lost:
            self._fault(row, NotFound("category", "分类", path=("categoryIds", str(place))))
        return None if lost else tuple(said)

    # --- variants ---

    def _variant(
        self, row: BulkRow[ProductUpsert], asked: VariantUpsert, product: PlannedProduct, *path: str
    ) -> PlannedVariant | None:
        told = len(row.refusals)
        kept = self._variant_of(asked.changes)
        if kept is not None and kept["product_id"] != product.id:
            kept = None  # its SKU or reference is taken, which is told below
        if kept is not None and kept["id"] in self._named.variants:
            reason, reason_zh = "This variant came before.", "该规格已在前面出现。"
            self._fault(row, InvalidInput(path=("sku",), reason=reason, reason_zh=reason_zh), *path)
            return None
        self._refuse_version(row, kept, asked.expected_version, *path)
        before = None if kept is None else variant_from(kept)
        after = amended(before or VariantDraft("", {}), asked.changes)
        after = self._with_attributes(row, after, asked.changes.get("attributes"), *path)
        if after != before:
            faults = [*variant_faults(after), *self._other_base(after, before), *self._taken_names(after, before)]
            after = self._mended(row, after, before, faults, *path)
        if kept is None and len(row.refusals) > told and not (after.sku and any(after.name.values())):
            return None
        if after.position is None:
            self._known.last_position[product.id] += 1
            after = replace(after, position=self._known.last_position[product.id])
        planned = PlannedVariant(new_id() if kept is None else kept["id"], before, after)
        for place, listing in enumerate(asked.listings):
            write = self._listing(row, listing, planned, *path, "listings", str(place))
            if write is not None:
                planned.listings.append(write)
        self._name_variant(planned)
        return planned

    def _variant_of(self, changes: Mapping[str, Any]) -> Row | None:
        reference, sku = changes.get("external_reference"), changes.get("sku")
        if reference and reference in self._known.by_variant_reference:
            return self._known.by_variant_reference[reference]
        found = self._known.by_sku.get(sku) if sku else None
        other = found is not None and reference and found["external_reference"] not in (None, reference)
        return None if other else found

    def _other_base(self, after: VariantDraft, before: VariantDraft | None) -> Iterator[tuple[str, DomainError]]:
        if before is None:
            return iter(())
        faces = face_of(before), face_of(after)
        return faults_told(("face_value", lambda: refuse_other_base(*faces)))

    def _taken_names(self, after: VariantDraft, before: VariantDraft | None) -> list[tuple[str, DomainError]]:
        faults: list[tuple[str, DomainError]] = []
        known, named, reference = self._known, self._named, after.external_reference
        if (before is None or after.sku != before.sku) and (after.sku in known.by_sku or after.sku in named.skus):
            faults.append(("sku", AlreadyNamed("sku")))
        if (before is None or reference != before.external_reference) and (
            reference in known.by_variant_reference or reference in named.variant_references
        ):
            faults.append(("external_reference", AlreadyNamed("externalReference")))
        return faults

    # --- listings ---

    def _listing(
        self, row: BulkRow[ProductUpsert], asked: ListingUpsert, variant: PlannedVariant, *path: str
    ) -> ListingWrite | None:
        if any(one.channel_id == asked.channel_id for one in variant.listings):
            reason, reason_zh = "This channel came before.", "该渠道已在前面出现。"
            self._fault(row, InvalidInput(path=("channel",), reason=reason, reason_zh=reason_zh), *path)
            return None
        kept = self._known.listings.get((asked.channel_id, variant.id))
        self._refuse_version(row, kept, asked.expected_version, *path)
        said = asked.listing if kept is None else replace(asked.listing, **{name: was(kept, name) for name in asked.unsaid})
        draft, start, faults = mended_listing(said, kept, self._at)
        for _, refusal in faults:
            self._fault(row, refusal, *path)
        if kept is None and any(name == "unit_price" for name, _ in faults):
            return None
        if kept is not None and values_of(draft, start) == tuple(kept[name] for name in LISTING_VALUES):
            return None
        return ListingWrite(asked.channel_id, variant.id, draft, start, kept)

    # --- all of them ---

    def _with_attributes(self, row: BulkRow[ProductUpsert], draft: D, said: Any, *path: str) -> D:
        if said is None:
            return draft
        had = draft.attributes
        given = said.entries if isinstance(said, Amended) else said
        kept, faults = kept_values(self._known.attributes, {code: one for code, one in given.items() if one is not None})
        for _, refusal in faults:
            self._fault(row, refusal, *path)
        if isinstance(said, Amended):
            gone: dict[str, Any] = {code: None for code, one in given.items() if one is None}
            found = merged(had, Amended({**kept, **gone}))
        else:
            found = {**kept, **{code: had[code] for code, _ in faults if code in had}}
        try:
            refuse_too_many(found)
        except InvalidInput as refusal:
            self._fault(row, refusal, *path)
            return draft
        return replace(draft, attributes=found)

    def _mended(
        self, row: BulkRow[ProductUpsert], after: D, before: D | None, faults: list[tuple[str, DomainError]], *path: str
    ) -> D:
        """The draft with what is faulty of it as it was, or as if it had not been said."""
        back: dict[str, Any] = {}
        for name, refusal in faults:
            self._fault(row, refusal, *path)
            for field_name in FACE if name == "face_value" else (name,):
                back[field_name] = _unsaid(type(after), field_name) if before is None else getattr(before, field_name)
            if before is None and name in ("slug", "name") and not path:
                row.left_out = True
        return replace(after, **back) if back else after

    def _refuse_version(self, row: BulkRow[ProductUpsert], kept: Row | None, expected: int | None, *path: str) -> None:
        if expected is None:
            return
        if kept is None:
            reason, reason_zh = "There is no such thing yet; leave it out.", "该对象尚不存在,请勿填写。"
            row.refuse(InvalidInput(path=(*path, "expectedVersion"), reason=reason, reason_zh=reason_zh))
        elif expected != kept["version"]:
            moved = VersionMoved(version=kept["version"])
            moved.at(*path)
            row.refuse(moved)

    def _fault(self, row: BulkRow[ProductUpsert], refusal: DomainError, *path: str) -> None:
        """Tell it of the row, unless something else was told of the same place before."""
        place = ("rows", str(row.place), *path, *refusal.path)
        if all(one.path != place for one in row.refusals):
            refusal.at(*path)
            row.fault(refusal, self._policy)

    def _remember(self, planned: PlannedProduct) -> None:
        self._named.products.add(planned.id)
        self._named.slugs.add(planned.after.slug)
        if planned.after.external_reference:
            self._named.references.add(planned.after.external_reference)

    def _name_variant(self, planned: PlannedVariant) -> None:
        self._named.variants.add(planned.id)
        self._named.skus.add(planned.after.sku)
        if planned.after.external_reference:
            self._named.variant_references.add(planned.after.external_reference)


def _unsaid(draft: type[ProductDraft] | type[VariantDraft], field_name: str) -> Any:
    """What a field of a new thing is where nobody says anything; of what must be said, nothing."""
    if field_name in ("slug", "sku"):
        return ""
    if field_name == "name":
        return {}
    [found] = [one for one in fields(draft) if one.name == field_name]
    return found.default_factory() if callable(found.default_factory) else found.default
