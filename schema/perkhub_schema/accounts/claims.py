"""How the claims of others are read, on the wire."""

import strawberry

from perkhub.accounts import ClaimMapping
from perkhub_schema.graphql.kept import KEPT

DOTS = "With dots one looks into objects: realm_access.roles."


@strawberry.input(description=f"The names of the claims that tell who somebody is; null where none does. {DOTS}")
class ClaimMappingInput:
    email: str | None = strawberry.field(default="email", description="Their e-mail address.", metadata=KEPT)
    email_verified: str | None = strawberry.field(
        default="email_verified",
        description="Whether the address was proved; without it no address is believed.",
        metadata=KEPT,
    )
    name: str | None = strawberry.field(default="name", description="Their name; only staff are given one.", metadata=KEPT)
    locale: str | None = strawberry.field(default="locale", description="The language of their messages.", metadata=KEPT)
    groups: str | None = strawberry.field(
        default=None,
        description="Their groups: a list, or one text with commas or spaces. Customers are put into the customer groups "
        "that have these as `externalReference`.",
        metadata=KEPT,
    )

    def to_mapping(self) -> ClaimMapping:
        """The domain's mapping; what is empty says nothing."""
        return ClaimMapping(
            self.email or None, self.email_verified or None, self.name or None, self.locale or None, self.groups or None
        )


@strawberry.type(name="ClaimMapping", description=f"The names of the claims that tell who somebody is. {DOTS}")
class ClaimMappingType:
    email: str | None = strawberry.field(description="Their e-mail address.")
    email_verified: str | None = strawberry.field(description="Whether the address was proved.")
    name: str | None = strawberry.field(description="Their name.")
    locale: str | None = strawberry.field(description="The language of their messages.")
    groups: str | None = strawberry.field(description="Their groups.")


def to_claim_mapping(mapping: ClaimMapping) -> ClaimMappingType:
    """The mapping on the wire."""
    return ClaimMappingType(**vars(mapping))
