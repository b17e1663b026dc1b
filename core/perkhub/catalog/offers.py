"""What a channel offers at this moment: one statement for a whole basket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog.face_values import Face, range_from
from perkhub.catalog.models import RefundKind, ValidityKind
from perkhub.catalog.policies import AS_PRINTED, UNTIL_SEEN, RefundPolicy, Validity
from perkhub.catalog.sql import OFFERS
from perkhub.kit import db
from perkhub.kit.clock import now


@dataclass(frozen=True, slots=True)
class Offered:
    """A variant as one channel sells it; `unit_price` in the channel's currency, of a range at its least face value."""

    listing_id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    product_name: dict[str, str]
    variant_name: dict[str, str]
    kind: str
    face: Face
    unit_price: Decimal
    limit_per_customer: int | None
    quota_left: int | None
    minimum_validity: timedelta
    published_from: datetime
    published_until: datetime | None
    archived: bool
    validity: Validity = AS_PRINTED
    refund_policy: RefundPolicy = UNTIL_SEEN
    reference_price: Decimal | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def on_sale(self, at: datetime) -> bool:
        """Windows hold when they are read: no scheduler opens or closes a listing."""
        open_end = self.published_until is None or at < self.published_until
        return not self.archived and self.published_from <= at and open_end


@dataclass(frozen=True, slots=True)
class More:
    """What a higher domain adds to the statement of offers, so that both cost one: SQL over `o`, a row of offers, in which
    $1 is the channel and the `values` begin at $3. The `columns`, SQL by name, come back in `Offered.more`."""

    columns: Mapping[str, str]
    values: Sequence[Any] = ()
    tables: str = ""
    joins: str = ""
    where: str = "true"


async def offers(
    channel: UUID, variants: list[UUID], *, at: datetime | None = None, more: More | None = None
) -> dict[UUID, Offered]:
    """What the channel sells now (or at that moment) of these variants, by variant; what it does not sell is missing."""
    moment = at or now()
    if more is None:
        found = [_offered(row, {}) for row in await db.rows(OFFERS, channel, variants)]
    else:
        sql = _with_more(more.tables, tuple(more.columns.items()), more.joins, more.where)
        rows = await db.rows(sql, channel, variants, *more.values)
        found = [_offered(row, {name: row[name] for name in more.columns}) for row in rows]
    return {offered.variant_id: offered for offered in found if offered.on_sale(moment)}


@cache
def _with_more(tables: str, columns: tuple[tuple[str, str], ...], joins: str, where: str) -> str:
    ahead = f"{tables}, " if tables else ""
    told = ", ".join(f"{sql} AS {name}" for name, sql in columns)
    return f"WITH {ahead}o AS ({OFFERS}) SELECT o.*, {told} FROM o {joins} WHERE {where}"


def _offered(row: db.Row, more: Mapping[str, Any]) -> Offered:
    return Offered(
        listing_id=row["listing_id"],
        variant_id=row["variant_id"],
        product_id=row["product_id"],
        sku=row["sku"],
        product_name=orjson.loads(row["product_name"]),
        variant_name=orjson.loads(row["variant_name"]),
        kind=row["kind"],
        face=Face(row["face_value"], range_from(row), row["face_currency"]),
        unit_price=row["unit_price"],
        limit_per_customer=row["limit_per_customer"],
        quota_left=None if row["quota"] is None else row["quota"] - row["taken"],
        minimum_validity=timedelta(days=row["minimum_validity_days"]),
        published_from=row["published_from"],
        published_until=row["published_until"],
        archived=row["archived_at"] is not None,
        validity=Validity(ValidityKind(row["validity"]), row["validity_days"], row["valid_until"]),
        refund_policy=RefundPolicy(RefundKind(row["refund"]), row["refund_days"]),
        reference_price=row["reference_price"],
        more=more,
    )
