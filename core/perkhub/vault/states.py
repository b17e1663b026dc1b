"""The lives of a code, a lot and an import."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class CodeState(StrEnum):
    AVAILABLE = auto()
    SOLD = auto()
    FROZEN = auto()  # recalled before it was sold
    EXPIRED = auto()  # too little validity left to be sold
    BURNT = auto()  # refunded after it was seen: never sold again


CODE: StateMachine[CodeState] = StateMachine(
    table="code",
    # SOLD: bought from a supplier for somebody who waits. FROZEN: it came too late for anybody, or of no use.
    born=frozenset({CodeState.AVAILABLE, CodeState.SOLD, CodeState.FROZEN}),
    transitions={
        CodeState.AVAILABLE: {CodeState.SOLD, CodeState.FROZEN, CodeState.EXPIRED},
        CodeState.SOLD: {CodeState.AVAILABLE, CodeState.FROZEN, CodeState.BURNT},
        CodeState.FROZEN: set(),
        CodeState.EXPIRED: set(),
        CodeState.BURNT: set(),
    },
)


class LotState(StrEnum):
    OPEN = auto()
    RECALLED = auto()


LOT: StateMachine[LotState] = StateMachine(
    table="lot",
    born=frozenset({LotState.OPEN}),
    transitions={LotState.OPEN: {LotState.RECALLED}, LotState.RECALLED: set()},
)


class ImportState(StrEnum):
    QUEUED = auto()
    CHECKING = auto()
    STOCKING = auto()
    CHECKED = auto()  # a dry run's end
    DONE = auto()
    FAILED = auto()


IMPORT: StateMachine[ImportState] = StateMachine(
    table="code_import",
    born=frozenset({ImportState.QUEUED}),
    transitions={
        ImportState.QUEUED: {ImportState.CHECKING, ImportState.FAILED},
        ImportState.CHECKING: {ImportState.STOCKING, ImportState.CHECKED, ImportState.FAILED},
        ImportState.STOCKING: {ImportState.DONE, ImportState.FAILED},
        ImportState.CHECKED: set(),
        ImportState.DONE: set(),
        ImportState.FAILED: set(),
    },
)
