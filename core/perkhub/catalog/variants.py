"""The buyable forms of a product: added, changed and archived."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

import orjson

from perkhub.catalog.attribute_values import checked_values
from perkhub.catalog.errors import AlreadyNamed
from perkhub.catalog.face_values import Face, FaceRange, range_from, refuse_odd_face, refuse_other_base
from perkhub.catalog.naming import LONGEST_NAME, as_values, locked, names_kept_apart, odd_notes
from perkhub.catalog.search.index import product_changed
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import DomainError, InvalidInput, NotFound, faults_told
from perkhub.kit.ids import new_id
from perkhub.kit.texts import refuse_odd_texts

THING = ("variant", "规格", "variantId")
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
LAST_POSITION = 1_000_000
FACE_RANGE = ("face_least", "face_most", "face_step")

INSERT = """
    INSERT INTO variant (id, product_id, sku, name, face_value, face_least, face_most, face_step, face_currency, attributes,
                         external_reference, metadata, private_metadata, position, version, created_at)
    SELECT $1, p.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
           coalesce($14, (SELECT max(position) + 1 FROM variant o WHERE o.product_id = p.id), 0), 1, $15
    FROM product p WHERE p.id = $2
    ON CONFLICT DO NOTHING RETURNING id
"""
PRODUCT_EXISTS = "SELECT true FROM product WHERE id = $1"
SKU_TAKEN = "SELECT true FROM variant WHERE sku = $1"
READ = """
    SELECT product_id, sku, name, face_value, face_least, face_most, face_step, face_currency, attributes,
           external_reference, metadata, private_metadata, position, version
    FROM variant WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE variant SET sku = $2, name = $3, face_value = $4, face_least = $5, face_most = $6, face_step = $7,
                       face_currency = $8, attributes = $9, external_reference = $10, metadata = $11,
                       private_metadata = $12, position = $13, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE variant SET archived_at = coalesce(archived_at, $2), version = version + 1 WHERE id = $1"


@dataclass(frozen=True)
class VariantDraft:
    """What an operator says of a new variant; without a position it comes last."""

    sku: str
    name: dict[str, str]
    face_value: Decimal | None = None
    face_range: FaceRange | None = None
    face_currency: str | None = None
    position: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    external_reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)


class VariantChanges(TypedDict, total=False):
    """What an operator changes of a variant; what is missing stays."""

    sku: str
    name: dict[str, str]
    face_value: Decimal | None
    face_range: FaceRange | None
    face_currency: str | None
    position: int
    attributes: Mapping[str, Any]
    external_reference: str | None
    metadata: dict[str, str]
    private_metadata: dict[str, str]


async def create_variant(tx: Transaction, product: UUID, draft: VariantDraft) -> UUID:
    """Add a buyable form to a product.

    Raises:
        InvalidInput, CurrencyMismatch, NotFound, AlreadyNamed.
    """
    _refuse_odd(draft)
    draft = replace(draft, attributes=await checked_values(tx, draft.attributes))
    made: UUID | None = await tx.value(INSERT, new_id(), product, *as_values(variant_record(draft)), now())
    if made is None:
        if await tx.value(PRODUCT_EXISTS, product) is None:
            raise NotFound("product", "商品", path=("productId",))
        raise AlreadyNamed("sku" if await tx.value(SKU_TAKEN, draft.sku) else "externalReference")
    tx.note_change("variant", made, after={"product": product, **vars(draft)})
    product_changed(tx, product)
    return made


async def update_variant(tx: Transaction, variant: UUID, changes: VariantChanges, *, expected_version: int) -> None:
    """Change a variant, archived or not.

    Raises:
        NotFound, VersionMoved, InvalidInput, CurrencyMismatch, AlreadyNamed.
    """
    row = await locked(tx, READ, variant, expected_version=expected_version, thing=THING)
    before = variant_from(row)
    changed = replace(before, **changes)
    _refuse_odd(changed)
    refuse_other_base(face_of(before), face_of(changed))
    if "attributes" in changes:
        changed = replace(changed, attributes=await checked_values(tx, changes["attributes"]))
    with names_kept_apart(sku="sku", external_reference="externalReference"):
        await tx.execute(CHANGE, variant, *as_values(variant_record(changed)))
    tx.note_change("variant", variant, before=before, after=changed)
    product_changed(tx, row["product_id"])


async def archive_variant(tx: Transaction, variant: UUID, *, expected_version: int) -> None:
    """Take a variant off every channel, for good; whoever bought it keeps it.

    Raises:
        NotFound, VersionMoved.
    """
    row = await locked(tx, READ, variant, expected_version=expected_version, thing=THING)
    await tx.execute(ARCHIVE, variant, now())
    tx.note_change("variant", variant, before={"archived": False}, after={"archived": True})
    product_changed(tx, row["product_id"])


def variant_record(draft: VariantDraft) -> dict[str, Any]:
    """By the names of the columns, in the order in which the statements take them."""
    ranged = draft.face_range
    ends = (None, None, None) if ranged is None else (ranged.least, ranged.most, ranged.step)
    return {
        "sku": draft.sku,
        "name": draft.name,
        "face_value": draft.face_value,
        **dict(zip(FACE_RANGE, ends, strict=True)),
        "face_currency": draft.face_currency,
        "attributes": draft.attributes,
        "external_reference": draft.external_reference,
        "metadata": draft.metadata,
        "private_metadata": draft.private_metadata,
        "position": draft.position,
    }


def variant_from(row: Row) -> VariantDraft:
    """A row as what an operator said."""
    return VariantDraft(
        sku=row["sku"],
        face_value=row["face_value"],
        face_range=range_from(row),
        face_currency=row["face_currency"],
        position=row["position"],
        external_reference=row["external_reference"],
        **{name: orjson.loads(row[name]) for name in ("name", "attributes", "metadata", "private_metadata")},
    )


def face_of(draft: VariantDraft) -> Face:
    """What is printed on it, or what its buyers choose."""
    return Face(draft.face_value, draft.face_range, draft.face_currency)


def _refuse_odd(draft: VariantDraft) -> None:
    for _, refusal in variant_faults(draft):
        raise refusal


def variant_faults(draft: VariantDraft) -> Iterator[tuple[str, DomainError]]:
    """What of a draft cannot be by itself: the field, and why."""
    yield from faults_told(
        ("sku", lambda: _refuse_odd_sku(draft.sku)),
        ("name", lambda: refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)),
        ("face_value", lambda: refuse_odd_face(face_of(draft))),
        ("position", lambda: _refuse_odd_position(draft.position)),
    )
    yield from odd_notes(draft)


def _refuse_odd_sku(sku: str) -> None:
    if not SKU.fullmatch(sku):
        reason_zh = "须为 1 至 60 个 A-Z、a-z、0-9、“.”、“_”或“-”。"
        raise InvalidInput(path=("sku",), reason="Use up to 60 of A-Z, a-z, 0-9, '.', '_' and '-'.", reason_zh=reason_zh)


def _refuse_odd_position(position: int | None) -> None:
    if position is not None and not 0 <= position <= LAST_POSITION:
        reason, reason_zh = f"Between 0 and {LAST_POSITION}.", f"须在 0 至 {LAST_POSITION} 之间。"
        raise InvalidInput(path=("position",), reason=reason, reason_zh=reason_zh)
