"""How long a code must still be valid to be sold, by variant; also the shortest way to ask whether a variant exists."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from perkhub.kit import db

VALIDITIES = """
    SELECT v.id, p.minimum_validity_days FROM variant v JOIN product p ON p.id = v.product_id WHERE v.id = ANY($1)
"""


async def minimum_validities(variants: Collection[UUID]) -> dict[UUID, timedelta]:
    """By variant; those that do not exist are missing."""
    found = await db.rows(VALIDITIES, list(variants))
    return {row["id"]: timedelta(days=row["minimum_validity_days"]) for row in found}
