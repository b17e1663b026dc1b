"""Which variants a text of somebody else's may be about: found by what it has in common with the names and brands of ours.

Only tells what there is to compare; how much it counts is for the caller to say.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import orjson

from perkhub.catalog.face_values import FaceRange, range_from
from perkhub.catalog.search.grams import counted_keys
from perkhub.catalog.search.shares import known_shares
from perkhub.catalog.search.text import line, normal, parts
from perkhub.kit import db
from perkhub.kit.db import Row

# Of a long text the rarest keys tell most. A key that most products have brings only the latest of them.
MOST_KEYS = 12
MOST_OF_A_KEY = 100
MOST_PRODUCTS = 20
MOST_VARIANTS = 2000

PRODUCTS = f"""
    WITH asked AS (SELECT * FROM unnest($1::int[], $2::text[]) AS a(text, key)),
    found AS (
        SELECT k.key, one.product_id FROM (SELECT DISTINCT key FROM asked) AS k CROSS JOIN LATERAL (
            SELECT s.product_id FROM product_search s WHERE s.keys @> ARRAY[k.key]
            ORDER BY s.product_id DESC LIMIT {MOST_OF_A_KEY}
        ) AS one
    ), ranked AS (
        SELECT a.text, f.product_id, row_number() OVER (PARTITION BY a.text ORDER BY count(*) DESC, f.product_id DESC) AS place
        FROM asked a JOIN found f ON f.key = a.key GROUP BY a.text, f.product_id
    )
    SELECT text, product_id FROM ranked WHERE place <= {MOST_PRODUCTS}
"""
VARIANTS = f"""
    SELECT v.id, v.product_id, v.name, p.name AS product, b.name AS brand, v.face_value, v.face_least, v.face_most, v.face_step,
           v.face_currency, p.validity_days
    FROM variant v JOIN product p ON p.id = v.product_id LEFT JOIN brand b ON b.id = p.brand_id
    WHERE v.product_id = ANY($1) AND v.archived_at IS NULL AND p.archived_at IS NULL
    ORDER BY v.id LIMIT {MOST_VARIANTS}
"""


@dataclass(frozen=True, slots=True)
class LikelyVariant:
    """A variant with what can be compared of it. `names` are of the product and the variant together, in each language."""

    id: UUID
    names: tuple[str, ...]
    brands: tuple[str, ...]
    face_value: Decimal | None
    face_range: FaceRange | None
    face_currency: str | None
    validity_days: int | None


async def likely_variants(texts: Sequence[str]) -> list[list[LikelyVariant]]:
    """For each text the variants of the products that have most in common with it, in no order."""
    asked = [(place, key) for place, text in enumerate(texts) for key in await _telling_keys(text)]
    rows = await db.rows(PRODUCTS, [place for place, _ in asked], [key for _, key in asked]) if asked else []
    products = {row["product_id"] for row in rows}
    variants: dict[UUID, list[LikelyVariant]] = defaultdict(list)
    for row in await db.rows(VARIANTS, list(products)) if products else []:
        variants[row["product_id"]].append(_likely(row))
    found: list[list[LikelyVariant]] = [[] for _ in texts]
    for row in rows:
        found[row["text"]] += variants[row["product_id"]]
    return found


def alike(one: str, other: str) -> float:
    """How much of two names is the same, 0 to 1, in whatever order; by what the search compares."""
    left, right = set(counted_keys(parts(line(one)))), set(counted_keys(parts(line(other))))
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def speaks_of(text: str, name: str) -> bool:
    """Whether a name stands in a text, however either is written."""
    plain = normal(name)
    return bool(plain) and (plain in normal(text) if len(parts(plain)) > 1 or not plain.isascii() else _word(plain, text))


def _word(plain: str, text: str) -> bool:
    return any(part.text == plain for part in parts(normal(text)))


async def _telling_keys(text: str) -> list[str]:
    shares = await known_shares()
    keys = counted_keys(parts(line(text)))
    return sorted(keys, key=lambda key: (shares.of([key]), -len(key)))[:MOST_KEYS]


def _likely(row: Row) -> LikelyVariant:
    product, variant = _texts(row["product"]), _texts(row["name"])
    languages = dict.fromkeys((*product, *variant))
    both = (" ".join(filter(None, (product.get(one), variant.get(one)))) for one in languages)
    return LikelyVariant(
        id=row["id"],
        names=tuple(dict.fromkeys(both)),
        brands=tuple(dict.fromkeys(_texts(row["brand"]).values())),
        face_value=row["face_value"],
        face_range=range_from(row),
        face_currency=row["face_currency"],
        validity_days=row["validity_days"],
    )


def _texts(stored: str | None) -> Mapping[str, str]:
    found: Mapping[str, str] = orjson.loads(stored or "{}")
    return found
