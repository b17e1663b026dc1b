"""Saying which of our variants a supplier's SKU is: by hand, checked against what the supplier says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog import minimum_validities
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.money import UNIT_PLACES, exponent
from perkhub.kit.texts import refuse_odd_text
from perkhub.suppliers.errors import OfferNotMappable
from perkhub.suppliers.offers import COLUMNS, Offer, offer_from

SUBJECT = "supplier_offer"
LARGEST_COST = Decimal(10) ** 9
LONGEST_SKU, LONGEST_NAME, LONGEST_ISSUER = 120, 200, 80

INSERT = f"""
    INSERT INTO supplier_offer ({COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $18)
"""
LOCK = f"SELECT {COLUMNS} FROM supplier_offer WHERE id = $1 FOR NO KEY UPDATE"
MAPPED = """
    SELECT id FROM supplier_offer WHERE account_id = $1 AND sku = $2 AND variant_id = $3 AND id <> $4
"""
CHANGE = """
    UPDATE supplier_offer SET variant_id = $2, maximum_cost = $3, priority = $4, issuer = $5, active = $6, version = version + 1
    WHERE id = $1
"""


@dataclass(frozen=True)
class OfferTerms:
    """How a mapped offer is bought by. `maximum_cost` of one unit; what is left out stays, or is the cost itself."""

    maximum_cost: Decimal | None = None
    priority: int | None = None
    issuer: str | None = None
    active: bool = True


async def add_offer(tx: Transaction, account: UUID, *, sku: str, name: str, cost: Decimal, currency: str, issuer: str) -> UUID:
    """An offer that the supplier's catalog does not tell, or that has none.

    Raises:
        InvalidInput.
    """
    for text, path, longest in ((sku, "sku", LONGEST_SKU), (name, "name", LONGEST_NAME), (issuer, "issuer", LONGEST_ISSUER)):
        refuse_odd_text(text, path, longest=longest)
        if not text.strip():
            raise InvalidInput(path=(path,), reason="Say something.", reason_zh="不能为空。")
    refuse_odd_cost(cost, "cost")
    exponent(currency)
    offer = new_offer(account, sku=sku, name=name, issuer=issuer, cost=cost, currency=currency)
    await insert_offer(tx, offer)
    tx.note_change(SUBJECT, offer.id, after={"sku": sku, "cost": cost, "currency": currency})
    return offer.id


async def map_offer(
    tx: Transaction,
    offer: UUID,
    variant: UUID | None,
    *,
    expected_version: int,
    face_value: Decimal | None = None,
    terms: OfferTerms = OfferTerms(),
) -> UUID:
    """Buy the variant by this offer from now on; without a variant, buy nothing by it any more. Tells the offer that is
    mapped: of a SKU that is sold by amount, each face value becomes an offer of its own.

    Raises:
        NotFound, VersionMoved, InvalidInput, OfferNotMappable.
    """
    row = await tx.row(LOCK, offer)
    if row is None:
        raise NotFound("offer", "供货项", path=("offerId",))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    known = offer_from(row)
    if variant is not None and variant not in await minimum_validities([variant]):
        raise NotFound("variant", "规格", path=("variantId",))
    if variant is not None and is_ranged(known):
        return await _map_face(tx, known, variant, face_value, terms)
    if face_value is not None and face_value != known.face_value:
        raise OfferNotMappable("This SKU is not sold by amount.", "该 SKU 为固定面值,不能指定面值。", path=("faceValue",))
    await _change(tx, known, variant, terms)
    return known.id


def is_ranged(offer: Offer) -> bool:
    """Whether it is sold by amount, and no amount was chosen."""
    return offer.face_value is None and offer.face_least is not None and offer.face_least != offer.face_greatest


async def _map_face(tx: Transaction, ranged: Offer, variant: UUID, face: Decimal | None, terms: OfferTerms) -> UUID:
    least, greatest = ranged.face_least, ranged.face_greatest
    assert least is not None
    assert greatest is not None
    if face is None or not least <= face <= greatest or face != face.quantize(UNIT_PLACES):
        raise OfferNotMappable(
            f"Say which face value, between {least.normalize():f} and {greatest.normalize():f}.",
            f"请指定面值,范围 {least.normalize():f} 至 {greatest.normalize():f}。",
            path=("faceValue",),
        )
    cost = (ranged.cost * face).quantize(UNIT_PLACES)
    more = {"face_value": face, "face_currency": ranged.face_currency, "face_least": face, "face_greatest": face}
    made = new_offer(
        ranged.account_id,
        sku=ranged.sku,
        name=ranged.name,
        issuer=ranged.issuer,
        cost=cost,
        currency=ranged.currency,
        **more,
    )
    await insert_offer(tx, made)
    await _change(tx, made, variant, terms)
    return made.id


async def _change(tx: Transaction, offer: Offer, variant: UUID | None, terms: OfferTerms) -> None:
    if variant is not None and await tx.value(MAPPED, offer.account_id, offer.sku, variant, offer.id) is not None:
        raise OfferNotMappable(
            "Another offer of this SKU is mapped to the variant already.",
            "该 SKU 已映射到此规格。",
            path=("variantId",),
        )
    maximum = offer.maximum_cost if terms.maximum_cost is None else terms.maximum_cost
    refuse_odd_cost(maximum, "maximumCost")
    priority = offer.priority if terms.priority is None else terms.priority
    if not 0 <= priority <= 10_000:
        raise InvalidInput(path=("priority",), reason="Between 0 and 10000.", reason_zh="须在 0 到 10000 之间。")
    issuer = offer.issuer if terms.issuer is None else terms.issuer.strip()
    refuse_odd_text(issuer, "issuer", longest=LONGEST_ISSUER)
    if not issuer:
        raise InvalidInput(path=("issuer",), reason="Say something.", reason_zh="不能为空。")
    active = variant is not None and terms.active
    await tx.execute(CHANGE, offer.id, variant, maximum, priority, issuer, active)
    before = {"variant_id": offer.variant_id, "maximum_cost": offer.maximum_cost, "active": offer.active}
    tx.note_change(SUBJECT, offer.id, before=before, after={"variant_id": variant, "maximum_cost": maximum, "active": active})


def refuse_odd_cost(cost: Decimal, *path: str) -> None:
    """Go on with an amount that a unit can cost.

    Raises:
        InvalidInput.
    """
    if not cost.is_finite() or not 0 <= cost <= LARGEST_COST or cost != cost.quantize(UNIT_PLACES):
        reason = "At least 0, with at most six decimal places."
        raise InvalidInput(path=path, reason=reason, reason_zh="不得小于 0,最多六位小数。")


def new_offer(account: UUID, *, sku: str, name: str, issuer: str, cost: Decimal, currency: str, **more: Any) -> Offer:
    """An offer that is not written yet, and not mapped."""
    told: Mapping[str, Any] = {
        "id": new_id(),
        "account_id": account,
        "sku": sku,
        "name": name,
        "issuer": issuer,
        "variant_id": None,
        "face_value": None,
        "face_currency": None,
        "face_least": None,
        "face_greatest": None,
        "cost": cost,
        "currency": currency,
        "maximum_cost": cost,
        "priority": 100,
        "available": True,
        "active": False,
        "version": 1,
        "created_at": now(),
        "synced_at": None,
    }
    return Offer(**{**told, **more})


async def insert_offer(tx: Transaction, offer: Offer) -> None:
    """Write it."""
    values = [getattr(offer, name.strip()) for name in COLUMNS.split(",") if name.strip() != "version"]
    await tx.execute(INSERT, *values)
