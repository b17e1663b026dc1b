"""A viewer's price as SQL, for statements that filter and sort by it.

The catalog stands below and must not know of price lists: whoever assembles its statement at the edge makes a
`ViewerPrice` and passes it in. For example, with a function that adds a value to a statement and tells its "$n":

    price = await viewer_price(channel, viewer, at=now())
    statement = f"… FROM listing l … WHERE {price.sql(parameter)} <= {parameter(most)} ORDER BY {price.sql(parameter)}, l.id"

Where no list applies, the expression is the listing's column itself, so that an index on it serves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.channels import HOLDERS, Channel, Viewer
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.pricing.rule import APPLIES, PRECEDENCE, SAYS, scopes_of

APPLICABLE = f"""
    SELECT pl.id FROM price_list pl
    WHERE {APPLIES.format(channel="$1", scopes=f"({HOLDERS.format(known='$2', party='$5', at='$4')})", currency="$3", at="$4")}
    ORDER BY {PRECEDENCE}
"""


@dataclass(frozen=True, slots=True)
class ViewerPrice:
    """What one unit costs somebody: the lists that apply, by their precedence."""

    lists: tuple[UUID, ...] = ()

    def sql(self, parameter: Callable[[object], str], *, listing: str = "l") -> str:
        """An expression over a listing's `variant_id` and `unit_price`; `parameter` takes a value and tells its "$n"."""
        base = f"{listing}.unit_price"
        if not self.lists:
            return base
        return f"""coalesce((SELECT {SAYS.format(base=base)}
            FROM unnest({parameter(list(self.lists))}::uuid[]) WITH ORDINALITY AS ls(id, place)
                 JOIN price_list_price r ON r.list_id = ls.id AND r.variant_id = {listing}.variant_id AND r.minimum_quantity = 1
            ORDER BY ls.place LIMIT 1), {base})"""


async def viewer_price(channel: Channel, viewer: Viewer, *, at: datetime | None = None) -> ViewerPrice:
    """What this viewer pays in the channel at this moment, or now."""
    values = (scopes_of(channel, viewer), channel.currency, at or now(), viewer.party_of_groups)
    found = await db.rows(APPLICABLE, channel.id, *values)
    return ViewerPrice(tuple(row["id"] for row in found))
