"""Campaigns that draw: boxes in a shop, and draws without the campaign around them."""

import io
from typing import Any
from uuid import UUID

from perkhub.campaigns import Campaign
from perkhub.campaigns.draws import Boxes, DrawHead, DrawnUnit, commit_odds, draw_units, export_draws
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.plugin.mechanic import Guarantee, Odds, Prize
from perkhub.pricing import Chosen
from tests.campaigns.making import a_draft, published
from tests.factories import Shop

MONTH, SEASON, YEAR = UUID(int=1), UUID(int=2), UUID(int=3)


def odds(*, rare: int | None = 50, secret: int | None = 2, after: int | None = 9) -> Odds:
    """Nine in ten are months; seasons and years are few, and promised after some draws without one."""
    prizes = (Prize("month", MONTH, 890), Prize("season", SEASON, 100, rare), Prize("year", YEAR, 10, secret))
    return Odds(prizes, "month", None if after is None else Guarantee(after, frozenset({"season", "year"})))


async def committed(told: Odds | None = None) -> UUID:
    """A campaign that may be drawn from."""
    campaign = new_id()
    await transact(lambda tx: commit_odds(tx, campaign, told or odds()))
    return campaign


async def draw(campaign: UUID, party: UUID, units: int = 1, *, client_seed: str = "luck") -> list[DrawnUnit]:
    """Draw for a line of an order, in a transaction of its own."""
    order, boxes = new_id(), [Boxes(new_id(), units, client_seed)]
    return await transact(lambda tx: draw_units(tx, campaign, party, boxes, order=order))


async def exported(campaign: UUID) -> tuple[list[bytes], DrawHead]:
    """The campaign's log, as lines."""
    out = io.BytesIO()
    head = await export_draws(campaign, out)
    return out.getvalue().splitlines(keepends=True), head


def grown(campaign: Campaign) -> Chosen:
    """What a buyer of age says to a box."""
    return Chosen(campaign.id, {"client_seed": "luck", "of_age": True})


async def a_box(shop: Shop, *, months: int = 60, seasons: int = 3, boxes: int = 40, **changed: Any) -> tuple[Any, ...]:
    """A box with months and a few seasons in it: the box, both prizes, and the campaign."""
    box = await shop.variant(codes=0, price="20.00")
    month, season = await shop.variant(codes=months), await shop.variant(codes=seasons)
    config = {
        "variant": box.id,
        "price": "12.00",
        "prizes": [
            {"key": "month", "variant": month.id, "odds": "80"},
            {"key": "season", "variant": season.id, "odds": "20", "quantity": seasons},
        ],
        "exhausted": "month",
        "guaranteed": ["season"],
        "guarantee_after": 5,
        "quantity": boxes,
        **changed,
    }
    return box, month, season, await published(a_draft(box, "blind_box", config))
