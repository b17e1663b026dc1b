"""Offers: a supplier's SKU as one of our variants, and which of them may be bought by now, the best first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import Row, Transaction
from perkhub.kit.money import UNIT_PLACES
from perkhub.plugin.supplier import InputField, Supplies
from perkhub.suppliers.accounts import Account, accounts_by_ids
from perkhub.suppliers.forms import SentInput, form_from_json, sent_from_json
from perkhub.vault import STOCKED

COLUMNS = """id, account_id, sku, name, issuer, variant_id, face_value, face_currency, face_least, face_greatest, supplies,
             form, inputs, printed_value, printed_currency, cost, currency, maximum_cost, priority, available, active, version,
             created_at, synced_at"""
BY_IDS = f"SELECT {COLUMNS} FROM supplier_offer WHERE id = ANY($1) ORDER BY id"
LIST = f"""
    SELECT {COLUMNS} FROM supplier_offer
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2::uuid IS NULL OR account_id = $2) AND ($3::uuid IS NULL OR variant_id = $3)
      AND ($4::boolean IS NULL OR (variant_id IS NOT NULL) = $4)
    ORDER BY id DESC LIMIT $5
"""
# Dearer by now than may be paid, it would only come back as an answer that is not believed.
LIVE = f"""
    SELECT {COLUMNS} FROM supplier_offer o
    WHERE o.variant_id = ANY($1) AND o.active AND o.available AND o.cost <= o.maximum_cost
    ORDER BY o.priority, o.cost, o.id
"""
# `v` has the variant: for whoever asks, in a statement of its own, whether a supplier would sell it.
SOURCED = """EXISTS (SELECT FROM supplier_offer so JOIN supplier_account sa ON sa.id = so.account_id
                     WHERE so.variant_id = {variant} AND so.active AND so.available AND so.cost <= so.maximum_cost
                       AND sa.state = 'active' AND NOT sa.retired{more})"""
# For lists that are narrowed to what can be had: in the pool, or from a supplier; `l` has the variant.
OBTAINABLE = f"({STOCKED} OR {SOURCED.format(variant='l.variant_id', more='')})"
SOURCED_VARIANTS = f"""
    SELECT v.id FROM unnest($1::uuid[]) AS v(id) WHERE {SOURCED.format(variant="v.id", more="")}
"""
# Codes that are nobody's yet: nothing of their buyer belongs into the order, neither an account nor a chosen face value.
STOCKABLE = """ AND so.supplies = 'codes' AND so.inputs = '[]'
                AND (so.face_value IS NOT NULL OR so.face_least IS NULL OR so.face_least = so.face_greatest)"""
STOCKABLE_VARIANTS = f"""
    SELECT v.id FROM unnest($1::uuid[]) AS v(id) WHERE {SOURCED.format(variant="v.id", more=STOCKABLE)}
"""
LIVE_OFFERS = f"""
    SELECT {COLUMNS} FROM supplier_offer o
    WHERE o.variant_id = ANY($1) AND o.active AND o.available AND o.cost <= o.maximum_cost
      AND EXISTS (SELECT FROM supplier_account a WHERE a.id = o.account_id AND a.state = 'active' AND NOT a.retired)
    ORDER BY o.priority, o.cost, o.id
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a supplier sells. `face_value` is of one unit where the SKU is sold by amount, `printed_value` where it is not;
    `cost` is of one unit, or, where the amount is chosen with each order, of one unit of face value."""

    id: UUID
    account_id: UUID
    sku: str
    name: str
    issuer: str
    variant_id: UUID | None
    face_value: Decimal | None
    face_currency: str | None
    face_least: Decimal | None
    face_greatest: Decimal | None
    supplies: Supplies
    form: tuple[InputField, ...]
    inputs: tuple[SentInput, ...]
    printed_value: Decimal | None
    printed_currency: str | None
    cost: Decimal
    currency: str
    maximum_cost: Decimal
    priority: int
    available: bool
    active: bool
    version: int
    created_at: datetime
    synced_at: datetime | None

    @property
    def by_amount(self) -> bool:
        """Whether the face value of one unit is chosen with each order."""
        return self.face_value is None and self.face_least is not None and self.face_least != self.face_greatest

    def sells(self, face: Decimal | None) -> bool:
        """Whether a unit of this face value may be bought by it; without a choice, whatever it is."""
        if not self.by_amount:
            return True
        assert self.face_least is not None
        assert self.face_greatest is not None
        return face is not None and self.face_least <= face <= self.face_greatest

    def most_for(self, face: Decimal | None, quantity: int) -> Decimal:
        """The most that so many units may cost."""
        each = self.maximum_cost if not self.by_amount or face is None else self.maximum_cost * face
        return (each * quantity).quantize(UNIT_PLACES)


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer that may be bought by, with its account."""

    offer: Offer
    account: Account


async def choices_for(variants: Collection[UUID]) -> dict[UUID, list[Choice]]:
    """The live offers of each of these variants, the best first; accounts that may not buy at this moment are among them, for
    they may again."""
    found = [offer_from(row) for row in await db.rows(LIVE, list(variants))]
    accounts = await accounts_by_ids(list({offer.account_id for offer in found}))
    choices: dict[UUID, list[Choice]] = {variant: [] for variant in variants}
    for offer in found:
        assert offer.variant_id is not None
        choices[offer.variant_id].append(Choice(offer, accounts[offer.account_id]))
    return choices


async def obtainable_variants(variants: Sequence[UUID]) -> set[UUID]:
    """Which of these a supplier would sell us, for whoever only looks."""
    return {row["id"] for row in await db.rows(SOURCED_VARIANTS, list(variants))}


async def sourced_variants(tx: Transaction, variants: Sequence[UUID]) -> set[UUID]:
    """Which of these a supplier would sell us."""
    return {row["id"] for row in await tx.rows(SOURCED_VARIANTS, list(variants))}


async def stockable_variants(tx: Transaction, variants: Sequence[UUID]) -> set[UUID]:
    """Of which of these a supplier would sell us codes that are nobody's yet."""
    return {row["id"] for row in await tx.rows(STOCKABLE_VARIANTS, list(variants))}


async def live_offers(variants: Sequence[UUID]) -> dict[UUID, list[Offer]]:
    """What may be bought at this moment of each of these, the best first."""
    found: dict[UUID, list[Offer]] = {variant: [] for variant in variants}
    for row in await db.rows(LIVE_OFFERS, list(variants)):
        found[row["variant_id"]].append(offer_from(row))
    return found


async def offers_by_ids(ids: Sequence[UUID]) -> list[Offer]:
    """Offers by id, those that exist."""
    return [offer_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def list_offers(
    *,
    before: UUID | None = None,
    limit: int = 20,
    account: UUID | None = None,
    variant: UUID | None = None,
    mapped: bool | None = None,
) -> list[Offer]:
    """Offers, newest first."""
    return [offer_from(row) for row in await db.rows(LIST, before, account, variant, mapped, limit)]


def offer_from(row: Row) -> Offer:
    """A row of the table as a value."""
    told = {name: row[name] for name in Offer.__slots__}
    known = {"form": form_from_json(row["form"]), "inputs": sent_from_json(row["inputs"])}
    return Offer(**{**told, "supplies": Supplies(row["supplies"]), **known})
