"""The life of a row of the outbox: it waits, runs, and ends done or as a dead letter."""

from perkhub.kit.outbox import OutboxState
from perkhub.kit.states import StateMachine, Transitions

TRANSITIONS: Transitions[OutboxState] = {
    OutboxState.READY: {OutboxState.RUNNING},
    OutboxState.RUNNING: {
        OutboxState.DONE,
        OutboxState.READY,  # it failed or postponed itself, or its worker died: it waits for its next run
        OutboxState.DEAD,  # its attempts are used up
    },
    OutboxState.DEAD: {OutboxState.READY},  # an operator tries it again
    OutboxState.DONE: set(),
}

# An event that nobody waits for is born done.
OUTBOX = StateMachine("outbox", born=frozenset({OutboxState.READY, OutboxState.DONE}), transitions=TRANSITIONS)
