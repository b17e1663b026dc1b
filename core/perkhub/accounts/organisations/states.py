"""The life of an organisation: asked for and decided about, or made by staff; then shut out and let in again."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine, Transitions


class OrganisationState(StrEnum):
    REQUESTED = auto()
    ACTIVE = auto()
    DECLINED = auto()
    SUSPENDED = auto()


TRANSITIONS: Transitions[OrganisationState] = {
    OrganisationState.REQUESTED: {OrganisationState.ACTIVE, OrganisationState.DECLINED},
    OrganisationState.ACTIVE: {OrganisationState.SUSPENDED},
    OrganisationState.SUSPENDED: {OrganisationState.ACTIVE},
    OrganisationState.DECLINED: set(),
}

ORGANISATION = StateMachine(
    "organisation",
    born=frozenset({OrganisationState.REQUESTED, OrganisationState.ACTIVE}),
    transitions=TRANSITIONS,
)
