"""Waiting tickets: since when somebody waits for a campaign, signed, good for them alone, and for one order. The queue itself
is in Redis, which also knows what a ticket has served; a ticket brings its place back where Redis has lost it."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.rush.errors import WaitingTicketInvalid
from perkhub.kit.clock import now
from perkhub.kit.keys import HouseKey, keyring

# Who does not ask again for so long has gone, and the next one has their place.
PATIENCE_SECONDS = 6

ID, NUMBER, SEAL = 16, 8, 16
LENGTH = 2 * (ID + NUMBER) + SEAL


@dataclass(frozen=True, slots=True)
class WaitingTicket:
    """That its bearer waits for a variant in a campaign `since` so many microseconds after 1970, by the clock of Redis."""

    campaign_id: UUID
    variant_id: UUID
    since: int


def issue_ticket(ticket: WaitingTicket, person: UUID) -> str:
    """The ticket as its bearer keeps it; good until they have not been seen for too long."""
    until = int(now().timestamp()) + PATIENCE_SECONDS
    told = ticket.campaign_id.bytes + ticket.variant_id.bytes + ticket.since.to_bytes(NUMBER) + until.to_bytes(NUMBER)
    return urlsafe_b64encode(told + _seal(told, person)).decode()


def read_ticket(text: str, person: UUID) -> WaitingTicket:
    """The ticket again. One that is past its time has no `since`: its place went to the next.

    Raises:
        WaitingTicketInvalid.
    """
    try:
        given = urlsafe_b64decode(text.encode("ascii"))
    except (NotBase64, ValueError):
        raise WaitingTicketInvalid from None
    told, seal = given[:-SEAL], given[-SEAL:]
    if len(given) != LENGTH or not hmac.compare_digest(seal, _seal(told, person)):
        raise WaitingTicketInvalid
    campaign, variant = UUID(bytes=told[:ID]), UUID(bytes=told[ID : 2 * ID])
    since, until = (int.from_bytes(told[at : at + NUMBER]) for at in (2 * ID, 2 * ID + NUMBER))
    return WaitingTicket(campaign, variant, since if now().timestamp() <= until else 0)


def _seal(told: bytes, person: UUID) -> bytes:
    return hmac.digest(keyring().house_key(HouseKey.TICKET), told + person.bytes, "sha256")[:SEAL]
