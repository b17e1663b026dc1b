"""What an offer may be of ours, and why, on the wire."""

from uuid import UUID

import strawberry

from perkhub.suppliers import Likeness, Suggestion, offers_by_ids, suggest_variants
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.money import ExactDecimal

LikenessEnum = described(
    Likeness,
    "What speaks for a suggestion.",
    {
        Likeness.BRAND: "The brand is named in what the supplier calls it.",
        Likeness.NAME: "The names have something in common.",
        Likeness.FACE_VALUE: "The face value is the same, or one that the supplier sells.",
        Likeness.CURRENCY: "The face values have the same currency.",
        Likeness.VALIDITY: "Both are good for the same time.",
    },
    name="OfferLikeness",
)


@strawberry.type(description="One thing that speaks for a suggestion.")
class OfferSuggestionReason:
    what: LikenessEnum = strawberry.field(description="What was compared.")  # type: ignore[valid-type]
    points: int = strawberry.field(description="What it counts.")
    offered: str = strawberry.field(description="As the supplier has it.")
    ours: str = strawberry.field(description="As we have it.")


@strawberry.type(
    name="OfferSuggestion", description="A variant that an offer may be. Nothing is mapped by itself: see `offerMap`."
)
class OfferSuggestionType:
    suggestion: strawberry.Private[Suggestion]

    @strawberry.field(description="Which variant.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.suggestion.variant_id)

    @strawberry.field(
        description="How much speaks for it, 40 to 100: the sum of its reasons. What anything speaks against is left out."
    )
    def score(self) -> int:
        return self.suggestion.score

    @strawberry.field(description="Why.")
    def reasons(self) -> list[OfferSuggestionReason]:
        return [
            OfferSuggestionReason(what=one.what, points=one.points, offered=one.offered, ours=one.ours)
            for one in self.suggestion.reasons
        ]

    @strawberry.field(description="The face value to map it with, where the offer is sold by amount.")
    def face_value(self) -> ExactDecimal | None:
        return None if self.suggestion.face_value is None else ExactDecimal(self.suggestion.face_value)


async def load_suggestions(ids: list[UUID]) -> list[list[Suggestion]]:
    """Suggestions by offer, all offers of a page at once."""
    found = {offer.id: offer for offer in await offers_by_ids(ids)}
    told = dict(zip(found, await suggest_variants(list(found.values())), strict=True))
    return [told.get(key, []) for key in ids]
