"""The one rule of what a unit costs a viewer. Lists, filters, sorting, quotes and orders all price by the SQL in this file.

A price list applies to a viewer where its scope is the channel, the viewer's party, an organisation or a group of theirs;
where it is for this channel, or for every one of its currency; in its window, both ends looked at when it is asked; and
while it is not archived.

Of the lists that say something of a variant for a quantity, exactly one prices it, and none is added to another:
1. the highest `priority`;
2. the more specific scope: a party's before a group's, a group's before a channel's;
3. the list that was made last;
4. the lowest id.
Within the list it is the row with the largest `minimum_quantity` that the quantity reaches. Where no list says anything, the
listing's own price stands. A list without a row for a single unit leaves a single unit to the next list.

Of a variant whose buyers choose the face value, every price is that of its least value: lists, filters and sorting show it.
In a quote or order the unit price grows with the value, which is the last step of its trace; see `catalog.face_values`.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from perkhub.channels import Channel, Viewer

# `pl` is the list.
PRECEDENCE = """pl.priority DESC, CASE pl.scope_kind WHEN 'party' THEN 3 WHEN 'group' THEN 2 ELSE 1 END DESC,
                pl.created_at DESC, pl.id"""
FOR_VIEWER = """pl.scope_id = ANY({scopes}) AND (pl.channel_id IS NULL OR pl.channel_id = {channel})
                AND pl.currency = {currency} AND pl.archived_at IS NULL"""
APPLIES = FOR_VIEWER + " AND pl.starts_at <= {at} AND (pl.ends_at IS NULL OR pl.ends_at > {at})"
# `r` is a list's row; {base} the listing's own price. Rounded to the six places of a unit price, half up.
SAYS = "coalesce(r.unit_price, round({base} * (100 - r.percent_off) * 0.01, 6))"


def scopes_of(channel: Channel, viewer: Viewer) -> list[UUID]:
    """Every scope that a price list for this viewer can have here."""
    return [channel.id, *viewer.known_holders()]


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What one list says of a variant, from so many units on."""

    list_id: UUID
    name: dict[str, str]
    minimum_quantity: int
    unit: Decimal


def price_for(said: tuple[ListPrice, ...], quantity: int) -> ListPrice | None:
    """Who prices so many units. `said` comes by the lists' precedence, and in each list by falling quantity."""
    return next((one for one in said if one.minimum_quantity <= quantity), None)
