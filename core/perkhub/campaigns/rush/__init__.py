"""The rush: a crowd is turned away, or waits its turn, before it reaches the database. Nothing here sells or holds: with Redis
lost, slow or emptied every order goes straight to PostgreSQL, and no more is sold than there is."""

from perkhub.campaigns.rush.admission import Admission, AdmissionState, admission_of, enter, leave, tell_sold_out
from perkhub.campaigns.rush.doors import close_doors, forget_doors
from perkhub.campaigns.rush.errors import CampaignQueued, WaitingTicketInvalid
from perkhub.campaigns.rush.returned import open_after_commit
from perkhub.campaigns.rush.sold_out import forget_sold_out, is_anything_sold_out, is_sold_out, known_sold_out, note_available

__all__ = [
    "Admission",
    "AdmissionState",
    "CampaignQueued",
    "WaitingTicketInvalid",
    "admission_of",
    "close_doors",
    "enter",
    "forget_doors",
    "forget_sold_out",
    "is_anything_sold_out",
    "is_sold_out",
    "known_sold_out",
    "leave",
    "note_available",
    "open_after_commit",
    "tell_sold_out",
]
