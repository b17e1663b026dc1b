"""Who looks at a shop, as far as access and prices hang on it. Made at the edge for each request; domains only read it."""

from dataclasses import dataclass
from enum import StrEnum, auto
from uuid import UUID

from perkhub.accounts import GROUPS_OF_PARTY


class ScopeKind(StrEnum):
    """What a price list or a grant can be for."""

    PARTY = auto()
    GROUP = auto()
    CHANNEL = auto()


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom something is: a customer or an organisation, a customer group, or everybody in a channel.

    `party_kind` says which kind of party is meant, where that is known.
    """

    kind: ScopeKind
    id: UUID
    party_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks: nobody known, or a party with the groups it is in and the organisations it belongs to.

    Groups that nobody has looked up yet (None) are looked up by the statement that needs them, which costs none of its own.
    `everywhere` is for staff who set channels up: they look into open ones whatever the policy, at the public prices.
    """

    party_id: UUID | None = None
    groups: frozenset[UUID] | None = None
    organisations: frozenset[UUID] = frozenset()
    everywhere: bool = False

    def known_holders(self) -> list[UUID]:
        """Every known id that a grant or a price list for this viewer can name; of groups that were not looked up, none.

        Whoever decides by these alone asks `with_groups` first. Ids of different kinds never meet: UUIDv7.
        """
        own = () if self.party_id is None else (self.party_id,)
        return sorted({*own, *(self.groups or ()), *self.organisations})

    @property
    def party_of_groups(self) -> UUID | None:
        """Whose groups the statement has to look up; nobody's where they are known."""
        return self.party_id if self.groups is None else None


ANYONE = Viewer()

# The holders of a viewer as an array: {known} are `known_holders()`, {party} is `party_of_groups`, {at} the moment.
HOLDERS = "({known}::uuid[] || ARRAY(" + GROUPS_OF_PARTY.format(party="{party}::uuid", at="{at}") + "))"
