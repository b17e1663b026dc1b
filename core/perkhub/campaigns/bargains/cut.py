"""Helping in a bargain: one cut for each helper, and so many a day. Exact whoever helps at the same moment."""

from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.bargains.errors import BargainDown, BargainOver, CutOwn, CutsSpent, CutTwice
from perkhub.campaigns.bargains.read import Bargain, bargain_by_id
from perkhub.campaigns.bargains.sql import CUT
from perkhub.campaigns.bargains.states import BargainState
from perkhub.campaigns.bargains.tell import tell_after_commit
from perkhub.campaigns.campaign import Period
from perkhub.campaigns.errors import CampaignOver, CampaignPaused, CampaignRefusal
from perkhub.campaigns.read import campaign_by_id
from perkhub.campaigns.states import CampaignState
from perkhub.channels import known_channel
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Cut:
    """What a helper took off, in minor units, as the so-and-so-manieth; and the bargain with it."""

    bargain: Bargain
    place: int
    amount: int


async def cut_bargain(tx: Transaction, bargain: UUID, party: UUID) -> Cut:
    """Let this party help. The days of their cap are those of the channel that the bargain was opened in.

    Raises:
        NotFound, CutOwn, CutTwice, CutsSpent, BargainDown, BargainOver, CampaignOver, CampaignPaused.
    """
    known = await bargain_by_id(bargain, tx=tx)
    if known is None:
        raise NotFound("bargain", "砍价", path=("bargainId",))
    if known.party_id == party:
        raise CutOwn
    await _refuse_unless_live(tx, known)
    day = Period.DAY.begins(now(), (await known_channel(known.channel_id)).zone)
    cap = known.cuts_per_day
    took = await tx.row(CUT, new_id(), bargain, party, known.campaign_id, day, cap, now())
    assert took is not None
    if took["place"] is None:
        raise await _why_not(tx, bargain, party, cap, in_day=took["in_day"])
    tell_after_commit(tx, bargain)
    present = await bargain_by_id(bargain, tx=tx)
    assert present is not None
    return Cut(present, took["place"], took["amount"])


async def _refuse_unless_live(tx: Transaction, bargain: Bargain) -> None:
    state = (await campaign_by_id(bargain.campaign_id, tx=tx)).state_at(now())
    if state is CampaignState.PAUSED:
        raise CampaignPaused
    if state is not CampaignState.LIVE:
        raise CampaignOver


async def _why_not(tx: Transaction, bargain: UUID, party: UUID, cap: int | None, *, in_day: bool) -> CampaignRefusal:
    helped = "SELECT EXISTS (SELECT FROM bargain_cut WHERE bargain_id = $1 AND party_id = $2)"
    if await tx.value(helped, bargain, party):
        return CutTwice()
    if not in_day:
        return CutsSpent(limit=cap or 0)
    present = await bargain_by_id(bargain, tx=tx)
    assert present is not None
    return BargainDown() if present.state is BargainState.OPEN else BargainOver()
