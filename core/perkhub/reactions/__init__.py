"""The one place where events and jobs are wired to handlers across domains, and where readers learn what has changed."""

from perkhub.reactions.changes import EVERYTHING, Change, Changes, ChangesUnknown, reader_changes
from perkhub.reactions.erase import erase_person
from perkhub.reactions.export import export_person
from perkhub.reactions.wiring import register_reactions

__all__ = [
    "EVERYTHING",
    "Change",
    "Changes",
    "ChangesUnknown",
    "erase_person",
    "export_person",
    "reader_changes",
    "register_reactions",
]
