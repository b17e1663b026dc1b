"""Which products are meant by what was typed: those that have all of it, and if hardly any has, those that nearly do."""

from dataclasses import dataclass
from math import sqrt
from uuid import UUID
from zlib import crc32

from perkhub.catalog.search.grams import asked_keys, counted_keys, mistaken_keys
from perkhub.catalog.search.shares import Shares, known_shares
from perkhub.catalog.search.text import LONGEST, Part, line, parts
from perkhub.kit import db
from perkhub.kit.errors import InvalidInput

# A word that as many products have is no mistake.
FEW = 5
MOST_NEAR = 200
COMMON = 0.05  # the share of products from which on a key is no help to the index
# A walk through the products in their order reads about page/share of them; the index reads share * products. A row of the
# walk costs twice as much. They meet at share = sqrt(2 * page / products).
WALKED_PAGE = 20

EXACT, PREFIX, ALL = 10_003, 10_002, 10_001  # below them: how many of the keys a mistyped search shares with a product
SEPARATOR = "\x1f"

HARDLY_ANY = f"""
    SELECT count(*) < {FEW} FROM (SELECT FROM product_search WHERE keys @> $1 AND (keys @> $2) IS TRUE LIMIT {FEW}) few
"""
# Each mistake by itself is one look into the index; the nearer ones of what it finds are kept.
NEAR = f"""
    WITH found AS (
        SELECT product_id FROM product_search WHERE keys @> $1
        UNION SELECT one.product_id FROM unnest($2::text[]) AS mistake(keys) CROSS JOIN LATERAL (
            SELECT s.product_id FROM product_search s WHERE s.keys @> string_to_array(mistake.keys, E'\\x1f')
            ORDER BY s.product_id DESC LIMIT {MOST_NEAR}
        ) AS one
    )
    SELECT s.product_id, CASE
        WHEN s.keys @> $1 THEN CASE WHEN strpos(s.lines, $4) > 0 THEN {EXACT} WHEN strpos(s.lines, $5) > 0 THEN {PREFIX}
                                    ELSE {ALL} END
        ELSE (SELECT count(*) FROM unnest($3::text[]) AS k WHERE k = ANY(s.keys)) END::int AS rank
    FROM found JOIN product_search s ON s.product_id = found.product_id
    ORDER BY rank DESC, s.product_id DESC LIMIT {MOST_NEAR}
"""


@dataclass(frozen=True)
class Search:
    """What was typed, in normal form. `share` is that of the products that have it, where it is common; else nothing."""

    line: str
    parts: list[Part]
    keys: list[str]
    share: float = 0.0
    rare: tuple[str, ...] = ()
    often_first: bool = False  # whether many names begin as it does

    @property
    def first(self) -> str:
        """The key of the names that begin as it does."""
        return f"<{self.line[:2]}"

    @property
    def sought(self) -> list[str]:
        """The keys that the index is asked for: of those that are common it would have to read long lists in vain."""
        return list(self.rare) or self.keys

    @property
    def whole(self) -> str:
        """What `lines` of a product holds that is called exactly so."""
        return f"\n{self.line}\n"

    @property
    def beginning(self) -> str:
        """What `lines` of a product holds whose name begins so."""
        return f"\n{self.line}"

    @property
    def mark(self) -> str:
        """Stands for the words in cursors."""
        return f"{crc32(self.line.encode()):x}"


async def read_search(typed: str | None) -> Search | None:
    """What somebody typed; blank is no search.

    Raises:
        InvalidInput: it is too long.
    """
    if typed is None or not typed.strip():
        return None
    if len(typed) > LONGEST:
        reason, reason_zh = f"At most {LONGEST} characters.", f"最多 {LONGEST} 个字符。"
        raise InvalidInput(path=("search",), reason=reason, reason_zh=reason_zh)
    plain = line(typed)
    asked, shares = parts(plain), await known_shares()
    keys = asked_keys(asked)
    rare = tuple(key for key in keys if shares.of([key]) < COMMON)
    share, first = _share(shares, asked), shares.of([f"<{plain[:2]}"])
    return Search(plain, asked, keys, share, rare if len(rare) < len(keys) else (), first >= COMMON)


def _share(shares: Shares, asked: list[Part]) -> float:
    """Keys of one word go together, words come as they come: the least of each, and their product."""
    share = 1.0
    for part in asked:
        share *= shares.of(asked_keys([part]))
    return share if asked and share >= sqrt(2 * WALKED_PAGE / max(shares.products, 1.0)) else 0.0


async def near_products(search: Search) -> dict[UUID, int] | None:
    """The rank of each product that was meant, where hardly any has all that was typed: else None, and all of it must hold.

    Looked up in the whole house: what any channel sells, or sold, is no mistake.
    """
    if search.share or not search.keys or not await db.value(HARDLY_ANY, search.sought, search.keys):
        return None
    mistakes = [SEPARATOR.join(keys) for keys in mistaken_keys(search.parts)]
    rows = await db.rows(NEAR, search.keys, mistakes, counted_keys(search.parts), search.whole, search.beginning)
    return {row["product_id"]: row["rank"] for row in rows}
