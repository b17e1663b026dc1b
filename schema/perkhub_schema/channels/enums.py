"""For whom channels are, and who may enter them, as clients read it."""

from perkhub.channels import AccessPolicy, Audience
from perkhub_schema.graphql.described import described

AudienceEnum = described(
    Audience,
    "Whom a channel is made for.",
    {
        Audience.RETAIL: "People who buy for themselves.",
        Audience.BUSINESS: "Organisations that buy for their people.",
        Audience.PARTNER: "Resellers.",
    },
)
AccessPolicyEnum = described(
    AccessPolicy,
    "Who may enter a channel. Whoever may not is told that there is no such channel.",
    {
        AccessPolicy.PUBLIC: "Anyone, signed in or not.",
        AccessPolicy.MEMBERS: "Signed-in customers, or those of its member groups.",
        AccessPolicy.CONTRACT: "Customers, organisations and customer groups with a grant.",
    },
)
