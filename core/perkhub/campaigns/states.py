"""The life of a campaign, as an operator decides it and as its window makes it; and that of a part in it."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class StoredState(StrEnum):
    """What an operator decided."""

    DRAFT = auto()
    PUBLISHED = auto()
    PAUSED = auto()
    ENDED = auto()


class CampaignState(StrEnum):
    """What it is at a moment: a published one follows its window, with no job to be waited for."""

    DRAFT = auto()
    SCHEDULED = auto()
    LIVE = auto()
    PAUSED = auto()
    ENDED = auto()


class PartState(StrEnum):
    """HELD by an unpaid order, TAKEN by a paid one, RELEASED when the order ended or all its units came back."""

    HELD = auto()
    TAKEN = auto()
    RELEASED = auto()


CAMPAIGN: StateMachine[StoredState] = StateMachine(
    table="campaign",
    born=frozenset({StoredState.DRAFT}),
    transitions={
        StoredState.DRAFT: {StoredState.PUBLISHED, StoredState.ENDED},
        StoredState.PUBLISHED: {StoredState.PAUSED, StoredState.ENDED},
        StoredState.PAUSED: {StoredState.PUBLISHED, StoredState.ENDED},
        StoredState.ENDED: set(),
    },
)

PART: StateMachine[PartState] = StateMachine(
    table="campaign_part",
    born=frozenset({PartState.HELD, PartState.TAKEN}),  # TAKEN: of an order that is placed and paid in one transaction
    transitions={
        PartState.HELD: {PartState.TAKEN, PartState.RELEASED},
        PartState.TAKEN: {PartState.RELEASED},
        # A genuine payment that came late, while all that it claims could still be had.
        PartState.RELEASED: {PartState.TAKEN},
    },
)
