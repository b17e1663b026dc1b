"""How common a key is, as PostgreSQL's own statistics tell: what half of all products have is looked for in another way."""

import time
from dataclasses import dataclass

from perkhub.kit import db

REMEMBERED_SECONDS = 60.0

READ = """
    SELECT s.most_common_elems::text::text[] AS keys, s.most_common_elem_freqs AS shares, c.reltuples AS products
    FROM pg_class c LEFT JOIN pg_stats s ON s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname
                                            AND s.attname = 'keys'
    WHERE c.oid = 'product_search'::regclass
"""


@dataclass(frozen=True)
class Shares:
    """The share of all products that have a key, for keys that are common; about how many products there are."""

    by_key: dict[str, float]
    products: float

    def of(self, keys: list[str]) -> float:
        """The share of the products that have all of these, at most; nothing for what is not common."""
        return min((self.by_key.get(key, 0.0) for key in keys), default=0.0)


class _Memory:
    shares: Shares | None = None
    until = 0.0


async def known_shares() -> Shares:
    """As of the last minute."""
    if _Memory.shares is None or time.monotonic() >= _Memory.until:
        row = await db.row(READ)
        assert row is not None
        # The frequencies end with their own least, greatest and null share.
        _Memory.shares = Shares(dict(zip(row["keys"] or (), row["shares"] or (), strict=False)), max(row["products"], 0.0))
        _Memory.until = time.monotonic() + REMEMBERED_SECONDS
    return _Memory.shares


def forget_shares() -> None:
    """Between tests, and after the index was made anew."""
    _Memory.shares = None
