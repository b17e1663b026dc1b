"""The places that a basket's parts in campaigns take."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.circles.places import join_circle, open_circle
from perkhub.campaigns.errors import CampaignRefusal
from perkhub.campaigns.parts import Part
from perkhub.kit.db import Transaction
from perkhub.plugin.mechanic import JoinCircle, OpenCircle


async def take_places(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID, paid: bool = False) -> None:
    """Take what these parts want; `paid` ones are members at once.

    Raises:
        CircleFull, CircleOver, CircleUnknown, CircleTwice: with the path where the campaign was asked for.
    """
    for part, place in [(one, place) for one in parts for place in one.places]:
        try:
            await _take(tx, part, place, order, party, paid=paid)
        except CampaignRefusal as refusal:
            refusal.path = part.path
            raise


async def _take(tx: Transaction, part: Part, place: OpenCircle | JoinCircle, order: UUID, party: UUID, *, paid: bool) -> None:
    campaign = part.campaign
    if isinstance(place, JoinCircle):
        await join_circle(tx, campaign.id, party, circle=place.circle, order=order, line=place.line, paid=paid)
        return
    await open_circle(
        tx,
        campaign.id,
        party,
        order=order,
        line=place.line,
        seats=place.seats,
        lasts=place.lasts,
        ends_at=campaign.ends_at,
        paid=paid,
    )
