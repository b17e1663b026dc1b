"""Admission: who carries out an order in a campaign now, who waits with a ticket, and who need not, for all is sold.

Asked before anything is priced or claimed. It promises no unit: only the claim in the order's transaction is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from hashlib import blake2b
from uuid import UUID, uuid4

from perkhub.campaigns.errors import CampaignRefusal, CampaignSoldOut
from perkhub.campaigns.rush.doors import Answer, Ask, Word, door_of
from perkhub.campaigns.rush.errors import CampaignQueued, WaitingTicketInvalid
from perkhub.campaigns.rush.sold_out import known_sold_out, note_available, note_sold_out
from perkhub.campaigns.rush.tickets import WaitingTicket, issue_ticket, read_ticket
from perkhub.pricing import BasketLine

# So soon the first of the queue ask again; the others later by what a thousand orders a second leave before them.
SOONEST_MS, LATEST_MS, EACH_BEFORE_MS = 200, 3000, 1
ORDER_BYTES = 16

# A campaign, and the place that an order has in it while it is carried out.
Place = tuple[UUID, str]


class AdmissionState(StrEnum):
    WAITING = auto()
    YOUR_TURN = auto()
    SOLD_OUT = auto()


STATES = {
    Word.TURN: AdmissionState.YOUR_TURN,
    Word.WAIT: AdmissionState.WAITING,
    Word.GONE: AdmissionState.SOLD_OUT,
}


@dataclass(frozen=True, slots=True)
class Admission:
    """How it stands with somebody who waits; the ticket is as good as the one before, and for longer."""

    state: AdmissionState
    ticket: str
    position: int
    retry_after_ms: int


async def enter(basket: Sequence[BasketLine], person: UUID, *, key: str, ticket: str | None = None) -> list[Place]:
    """A place in each campaign that the basket chose, to be given back by `leave`; none where nobody keeps the door. A ticket
    serves one order: that with the idempotency key `key`, however often it is sent.

    Raises:
        CampaignSoldOut: as far as is known. Who waited for it has left the queue.
        CampaignQueued: others came before.
        WaitingTicketInvalid.
    """
    # Who has a ticket is known at the door, and leaves it there.
    if ticket is None and (refusal := known_sold_out(basket)) is not None:
        raise refusal
    held = None if ticket is None else _brought(ticket, person)
    places: list[Place] = []
    order = blake2b(key.encode(), digest_size=ORDER_BYTES).hexdigest()
    try:
        for campaign, lines in sorted(_chosen(basket).items()):
            since = held.since if held is not None and held.campaign_id == campaign else 0
            variants = [basket[line].variant_id for line in lines]
            ask = Ask(person, variants, place=uuid4().hex, since=since, order=order)
            answer = await door_of(campaign).ask(ask)
            if answer is None:
                continue
            if answer.word is not Word.IN:
                raise _refusal(answer, ask, campaign, line=lines[0])
            places.append((campaign, ask.place))
    except BaseException:  # whoever asked may have gone away at the second door
        leave(places)
        raise
    return places


def leave(places: Sequence[Place]) -> None:
    """The order is carried out, or refused: the next may come in."""
    for campaign, place in places:
        door_of(campaign).leave(place)


async def admission_of(ticket: str, person: UUID) -> Admission:
    """How it stands with the bearer of a ticket; asking keeps the place.

    Raises:
        WaitingTicketInvalid.
    """
    held = read_ticket(ticket, person)
    answer = await door_of(held.campaign_id).ask(Ask(person, [held.variant_id], since=held.since))
    if answer is None:
        return Admission(AdmissionState.YOUR_TURN, ticket, position=1, retry_after_ms=0)
    if answer.word is Word.TURN:
        note_available(held.campaign_id, held.variant_id)
    if answer.since:
        ticket = issue_ticket(WaitingTicket(held.campaign_id, held.variant_id, answer.since), person)
    wait = 0 if answer.word is Word.TURN else _retry_after(answer.ahead)
    return Admission(STATES[answer.word], ticket, answer.ahead + 1, wait)


def tell_sold_out(campaign: UUID, variant: UUID) -> None:
    """Nothing at all was left of it: whoever comes, in any process, hears it at once."""
    note_sold_out(campaign, variant)
    door_of(campaign).say_gone(variant)


def _chosen(basket: Sequence[BasketLine]) -> dict[UUID, list[int]]:
    """By campaign, which lines chose it."""
    found: dict[UUID, list[int]] = {}
    for place, line in enumerate(basket):
        if line.campaign is not None:
            found.setdefault(line.campaign.campaign_id, []).append(place)
    return found


def _brought(ticket: str, person: UUID) -> WaitingTicket:
    try:
        return read_ticket(ticket, person)
    except WaitingTicketInvalid as refused:
        raise refused.at("ticket") from None


def _refusal(answer: Answer, ask: Ask, campaign: UUID, *, line: int) -> CampaignRefusal:
    path = ("lines", str(line), "campaign")
    if answer.word is Word.GONE:
        if len(ask.variants) == 1:
            note_sold_out(campaign, ask.variants[0])
        return CampaignSoldOut(path=path)
    ticket = issue_ticket(WaitingTicket(campaign, ask.variants[0], answer.since), ask.person)
    wait = _retry_after(answer.ahead)
    return CampaignQueued(ticket=ticket, position=answer.ahead + 1, retry_after_ms=wait, path=path)


def _retry_after(ahead: int) -> int:
    return min(LATEST_MS, max(SOONEST_MS, ahead * EACH_BEFORE_MS))
