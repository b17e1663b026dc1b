"""Suggesting which of our variants an offer is: what speaks for each is told with its points, and nothing is ever mapped.

What speaks against it once is enough: a card of 50 is never one of 100, nor a month a season.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from uuid import UUID

from perkhub.catalog import LikelyVariant, alike, likely_variants, speaks_of
from perkhub.kit import db
from perkhub.suppliers.offers import Offer
from perkhub.suppliers.periods import period_in, period_of_days

MOST_SUGGESTED = 10
LEAST_SCORE = 40

# To whichever a SKU is mapped already, another offer of it cannot be.
MAPPED = """
    SELECT DISTINCT a.place, o.variant_id FROM unnest($1::int[], $2::uuid[], $3::text[]) AS a(place, account_id, sku)
    JOIN supplier_offer o ON o.account_id = a.account_id AND o.sku = a.sku WHERE o.variant_id IS NOT NULL
"""


class Likeness(StrEnum):
    """What speaks for a suggestion."""

    BRAND = auto()
    NAME = auto()
    FACE_VALUE = auto()
    CURRENCY = auto()
    VALIDITY = auto()


POINTS = {Likeness.BRAND: 30, Likeness.NAME: 30, Likeness.FACE_VALUE: 20, Likeness.CURRENCY: 10, Likeness.VALIDITY: 10}


@dataclass(frozen=True, slots=True)
class Reason:
    """What was compared, as each side has it, and how many points it gave."""

    what: Likeness
    points: int
    offered: str
    ours: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A variant that an offer may be; `score` is the sum of its reasons, 100 at most. `face_value` is what to map it with,
    where the offer is sold by amount."""

    variant_id: UUID
    score: int
    reasons: tuple[Reason, ...]
    face_value: Decimal | None


class _Contradicted(Exception):
    """Something speaks against it."""


async def suggest_variants(offers: Sequence[Offer]) -> list[list[Suggestion]]:
    """For each offer what it may be, the likeliest first; none for one that is mapped."""
    unmapped = [offer for offer in offers if offer.variant_id is None]
    taken = await _taken(unmapped)
    likely = await likely_variants([f"{offer.issuer} {offer.name}" for offer in unmapped])
    found: dict[UUID, list[Suggestion]] = {}
    for place, (offer, variants) in enumerate(zip(unmapped, likely, strict=True)):
        free = (one for one in variants if (place, one.id) not in taken)
        judged = (suggestion for one in free if (suggestion := judge(offer, one)) is not None)
        found[offer.id] = sorted(judged, key=lambda one: (-one.score, one.variant_id))[:MOST_SUGGESTED]
    return [found.get(offer.id, []) for offer in offers]


def judge(offer: Offer, variant: LikelyVariant) -> Suggestion | None:
    """What speaks for it, if enough does and nothing speaks against it."""
    try:
        reasons = [*_by_name(offer, variant), *_by_value(offer, variant), *_by_validity(offer, variant)]
    except _Contradicted:
        return None
    score = sum(reason.points for reason in reasons)
    face = variant.face_value if offer.by_amount else None
    return Suggestion(variant.id, score, tuple(reasons), face) if score >= LEAST_SCORE else None


def _by_name(offer: Offer, variant: LikelyVariant) -> list[Reason]:
    reasons = []
    told = f"{offer.issuer} {offer.name}"
    brand = next((name for name in variant.brands if speaks_of(told, name)), None)
    if brand is not None:
        reasons.append(Reason(Likeness.BRAND, POINTS[Likeness.BRAND], offer.issuer, brand))
    likeness, name = max(((alike(offer.name, name), name) for name in variant.names), default=(0.0, ""))
    points = round(likeness * POINTS[Likeness.NAME])
    return [*reasons, Reason(Likeness.NAME, points, offer.name, name)] if points else reasons


def _by_value(offer: Offer, variant: LikelyVariant) -> list[Reason]:
    if variant.face_range is not None:
        # Its buyer chooses the value; an offer has one.
        raise _Contradicted
    currency = offer.printed_currency or offer.face_currency
    if currency is None or variant.face_currency is None:
        return []
    if currency != variant.face_currency:
        raise _Contradicted
    reasons = [Reason(Likeness.CURRENCY, POINTS[Likeness.CURRENCY], currency, variant.face_currency)]
    least, most = (offer.printed_value,) * 2 if offer.printed_value is not None else (offer.face_least, offer.face_greatest)
    if least is None or most is None:
        return reasons
    ours = variant.face_value
    if ours is None or not least <= ours <= most:
        raise _Contradicted
    offered = _said(least, currency) if least == most else f"{_said(least, currency)} - {_said(most, currency)}"
    return [*reasons, Reason(Likeness.FACE_VALUE, POINTS[Likeness.FACE_VALUE], offered, _said(ours, currency))]


def _by_validity(offer: Offer, variant: LikelyVariant) -> list[Reason]:
    offered = period_in(offer.name)
    ours = next(filter(None, map(period_in, variant.names)), None)
    if ours is None and variant.validity_days is not None:
        ours = period_of_days(variant.validity_days)
    if offered is None or ours is None:
        return []
    if offered != ours:
        raise _Contradicted
    return [Reason(Likeness.VALIDITY, POINTS[Likeness.VALIDITY], offered, ours)]


def _said(value: Decimal, currency: str) -> str:
    return f"{value.normalize():f} {currency}"


async def _taken(offers: Sequence[Offer]) -> set[tuple[int, UUID]]:
    places = list(range(len(offers)))
    rows = await db.rows(MAPPED, places, [offer.account_id for offer in offers], [offer.sku for offer in offers])
    return {(row["place"], row["variant_id"]) for row in rows}
