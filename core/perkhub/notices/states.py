"""The life of a notice. What it said is nowhere: it may have held a code."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine, Transitions


class NoticeState(StrEnum):
    QUEUED = auto()
    SENT = auto()
    FAILED = auto()


TRANSITIONS: Transitions[NoticeState] = {
    NoticeState.QUEUED: {NoticeState.SENT, NoticeState.FAILED},
    NoticeState.SENT: set(),
    NoticeState.FAILED: set(),
}

NOTICES = StateMachine("notice", born=frozenset({NoticeState.QUEUED}), transitions=TRANSITIONS)
