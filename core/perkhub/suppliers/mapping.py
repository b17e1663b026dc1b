"""Saying which of our variants a supplier's SKU is: by hand, checked against what the supplier says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog import BenefitKind, Goods, goods_of
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.money import UNIT_PLACES, exponent
from perkhub.kit.texts import refuse_odd_text
from perkhub.plugin.supplier import Supplies
from perkhub.suppliers.errors import OfferNotMappable
from perkhub.suppliers.forms import SentInput, as_json, checked_sent
from perkhub.suppliers.offers import COLUMNS, Offer, offer_from

SUBJECT = "supplier_offer"
LARGEST_COST = Decimal(10) ** 9
LONGEST_SKU, LONGEST_NAME, LONGEST_ISSUER = 120, 200, 80

INSERT = f"""
    INSERT INTO supplier_offer ({COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, 1, $22, $23)
"""
LOCK = f"SELECT {COLUMNS} FROM supplier_offer WHERE id = $1 FOR NO KEY UPDATE"
MAPPED = """
    SELECT id FROM supplier_offer WHERE account_id = $1 AND sku = $2 AND variant_id = $3 AND id <> $4
"""
CHANGE = """
    UPDATE supplier_offer SET variant_id = $2, maximum_cost = $3, priority = $4, issuer = $5, active = $6, inputs = $7,
           version = version + 1
    WHERE id = $1
"""


@dataclass(frozen=True)
class OfferTerms:
    """How a mapped offer is bought by. `maximum_cost` of one unit (of one unit of face value, where the buyer chooses that);
    `inputs` say what of the buyer's fills the supplier's form. What is left out stays, or is the cost itself."""

    maximum_cost: Decimal | None = None
    priority: int | None = None
    issuer: str | None = None
    inputs: tuple[SentInput, ...] | None = None
    active: bool = True


async def add_offer(
    tx: Transaction,
    account: UUID,
    *,
    sku: str,
    name: str,
    cost: Decimal,
    currency: str,
    issuer: str,
    supplies: Supplies = Supplies.CODES,
) -> UUID:
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
    offer = new_offer(account, sku=sku, name=name, issuer=issuer, cost=cost, currency=currency, supplies=supplies)
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
    mapped: of a SKU that is sold by amount, each face value becomes an offer of its own, and so does the whole range for a
    variant whose buyers choose.

    Raises:
        NotFound, VersionMoved, InvalidInput, OfferNotMappable.
    """
    row = await tx.row(LOCK, offer)
    if row is None:
        raise NotFound("offer", "供货项", path=("offerId",))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    known = offer_from(row)
    if variant is None:
        await _change(tx, known, None, terms, ())
        return known.id
    goods = await goods_of(tx, variant)
    if goods is None:
        raise NotFound("variant", "规格", path=("variantId",))
    _refuse_other_kind(known, goods)
    sent = checked_sent(known.form, known.inputs if terms.inputs is None else terms.inputs, goods.asked)
    if goods.face.range is not None:
        _refuse_other_range(known, goods, face_value)
        # The SKU as it was read stays, to be mapped to others as well.
        mapped = known if known.variant_id is not None else await _copied(tx, known)
        await _change(tx, mapped, variant, terms, sent)
        return mapped.id
    if known.by_amount:
        return await _map_face(tx, known, variant, face_value, terms, sent)
    if face_value is not None and face_value != known.face_value:
        raise OfferNotMappable("This SKU is not sold by amount.", "该 SKU 为固定面值,不能指定面值。", path=("faceValue",))
    await _change(tx, known, variant, terms, sent)
    return known.id


def _refuse_other_kind(offer: Offer, goods: Goods) -> None:
    """A code is no top-up: what buyers were told that they get is what is bought."""
    if (offer.supplies is Supplies.TOP_UPS) != (goods.kind is BenefitKind.TOP_UP):
        raise OfferNotMappable(
            "Top-ups are for products of the kind TOP_UP, and codes for all others.",
            "直充供货项只能映射到直充类商品,卡密供货项只能映射到其他类型商品。",
            path=("variantId",),
        )


def _refuse_other_range(offer: Offer, goods: Goods, face_value: Decimal | None) -> None:
    """Buyers choose the face value of the variant: the SKU must leave it to us, in the same currency, for some of them."""
    chosen = goods.face.range
    assert chosen is not None
    if face_value is not None or not offer.by_amount or offer.face_currency != goods.face.currency:
        raise OfferNotMappable(
            f"Buyers choose the face value in {goods.face.currency}: it needs a SKU that is sold by amount, and no face value.",
            f"该规格由买家选择面值({goods.face.currency}),须映射到按金额销售的 SKU,且不能指定面值。",
            path=("variantId",),
        )
    assert offer.face_least is not None
    assert offer.face_greatest is not None
    if chosen.most < offer.face_least or offer.face_greatest < chosen.least:
        least, greatest = f"{offer.face_least.normalize():f}", f"{offer.face_greatest.normalize():f}"
        raise OfferNotMappable(
            f"It is sold between {least} and {greatest} alone.",
            f"该 SKU 面值范围为 {least} 至 {greatest}。",
            path=("variantId",),
        )


async def _copied(tx: Transaction, known: Offer) -> Offer:
    made = replace(known, id=new_id(), version=1, created_at=now())
    await insert_offer(tx, made)
    return made


async def _map_face(
    tx: Transaction, ranged: Offer, variant: UUID, face: Decimal | None, terms: OfferTerms, sent: tuple[SentInput, ...]
) -> UUID:
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
        supplies=ranged.supplies,
        form=ranged.form,
        **more,
    )
    await insert_offer(tx, made)
    await _change(tx, made, variant, terms, sent)
    return made.id


async def _change(tx: Transaction, offer: Offer, variant: UUID | None, terms: OfferTerms, sent: tuple[SentInput, ...]) -> None:
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
    await tx.execute(CHANGE, offer.id, variant, maximum, priority, issuer, active, as_json(sent))
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
        "supplies": Supplies.CODES,
        "form": (),
        "inputs": (),
        "printed_value": None,
        "printed_currency": None,
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
    kept = {"supplies": str(offer.supplies), "form": as_json(offer.form), "inputs": as_json(offer.inputs)}
    names = [name.strip() for name in COLUMNS.split(",") if name.strip() != "version"]
    await tx.execute(INSERT, *(kept.get(name, getattr(offer, name)) for name in names))
