"""Opening a bargain: what each helper will take off is drawn here, once. Claims no stock; buying does."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from perkhub.campaigns.bargains.amounts import drawn_cuts, spread_of
from perkhub.campaigns.bargains.errors import BargainHopeless, BargainTwice
from perkhub.campaigns.bargains.read import Bargain, bargain_by_id
from perkhub.campaigns.bargains.sql import LET_GO, OPEN
from perkhub.campaigns.bargains.states import BARGAIN, BargainState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.money import exponent
from perkhub.plugin.mechanic import BargainRules


async def open_bargain(
    tx: Transaction,
    rules: BargainRules,
    *,
    campaign: UUID,
    channel: UUID,
    party: UUID,
    currency: str,
    price: Decimal,
    ends_at: datetime,
) -> Bargain:
    """Begin one from this price of a unit down to the floor; it closes with its campaign (`ends_at`) at the latest.

    Cuts are whole minor units: where the way down is none, it begins by the part of one lower.

    Raises:
        BargainHopeless, BargainTwice.
    """
    whole = int((price - rules.floor).scaleb(exponent(currency)).to_integral_value(ROUND_FLOOR))
    if whole < rules.helpers:
        raise BargainHopeless
    starts_from = rules.floor + Decimal(whole).scaleb(-exponent(currency))
    spread = spread_of(whole, rules.helpers, rules.spread)
    amounts, at, id = drawn_cuts(whole, rules.helpers, spread), now(), new_id()
    who = (
        id,
        campaign,
        channel,
        party,
        rules.variant,
        currency,
        starts_from,
        rules.helpers,
        spread.least,
        spread.most,
        amounts,
    )
    born = str(BARGAIN.birth(BargainState.OPEN))
    values = (*who, rules.cuts_per_day, born, at, min(at + rules.lasts, ends_at))
    if await tx.value(OPEN, *values) is None:
        let_go = await tx.value(LET_GO, campaign, party, at)
        if let_go is None or await tx.value(OPEN, *values) is None:
            raise BargainTwice
    made = await bargain_by_id(id, tx=tx)
    assert made is not None
    return made
