"""What buyers agree to: the texts that shops show, and that somebody agreed to one."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.campaigns import ConsentGiven, consents_of_orders
from perkhub.plugin.registry import registry


@strawberry.type(description="What a buyer of a campaign is asked to agree to. Show the text; saying yes is recorded.")
class CampaignConsent:
    about: str = strawberry.field(description='What it is about, by its mechanic\'s key for it: "of_age".')
    version: str = strawberry.field(description="Another text has another.")
    text: str = strawberry.field(description="In the request's language.")


@strawberry.type(name="ConsentGiven", description="That whoever ordered the line agreed to a text, as it stood then.")
class ConsentGivenType:
    about: str = strawberry.field(description='What it was about: "of_age".')
    version: str = strawberry.field(description="Of the text.")
    at: datetime = strawberry.field(description="When. Who it was, the order's `placedById` says.")


async def load_consents(places: list[tuple[UUID, int]]) -> list[list[ConsentGiven]]:
    """By order and line, what was agreed to."""
    found = await consents_of_orders({order for order, _ in places})
    return [found.get(place, []) for place in places]


def to_given(given: ConsentGiven) -> ConsentGivenType:
    """The consent on the wire."""
    return ConsentGivenType(about=given.about, version=given.version, at=given.at)


def consents_of(mechanic: str, language: str) -> list[CampaignConsent]:
    """What a mechanic asks for."""
    offered = registry().mechanics.get(mechanic)
    told = {} if offered is None else offered.CONSENTS
    return [
        CampaignConsent(about=about, version=one.version, text=one.text.text(language)) for about, one in sorted(told.items())
    ]
