"""What a product promises, on the wire: how long it is good for, and when its money comes back."""

from datetime import date

import strawberry

from perkhub.catalog import RefundKind, RefundPolicy, Validity, ValidityKind
from perkhub_schema.graphql.described import described

described(
    ValidityKind,
    "What decides how long a benefit is good for.",
    {
        ValidityKind.AS_PRINTED: "As its code says: see `entitlement.expiresAt`.",
        ValidityKind.FROM_DELIVERY: "Through the day that comes `days` after its delivery, in the channel's zone; "
        "or as its code says, if that is sooner.",
        ValidityKind.UNTIL: "Through the day `until`, in the channel's zone; or as its code says, if that is sooner. It is not "
        "sold after that day.",
    },
)
described(
    RefundKind,
    "When a buyer may have the money back. A code that was seen comes back only by staff's leave, whatever is said here.",
    {
        RefundKind.UNSEEN: "As long as the code was not seen.",
        RefundKind.WITHIN_DAYS: "Through the day that comes `days` after the payment, in the channel's zone, as long as the "
        "code was not seen.",
        RefundKind.NEVER: "Not at all.",
    },
)


@strawberry.type(name="Validity", description="How long a benefit is good for.")
class ValidityType:
    kind: ValidityKind = strawberry.field(description="What decides.")
    days: int | None = strawberry.field(description="With FROM_DELIVERY.")
    until: date | None = strawberry.field(description="With UNTIL: the last day it can be used.")


def to_validity(validity: Validity) -> ValidityType:
    """It on the wire."""
    return ValidityType(kind=validity.kind, days=validity.days, until=validity.until)


@strawberry.input(description="How long a benefit is good for.")
class ValidityInput:
    kind: ValidityKind = strawberry.field(description="What decides.")
    days: int | None = strawberry.field(default=None, description="With FROM_DELIVERY, and only then: 1 to 3650.")
    until: date | None = strawberry.field(default=None, description="With UNTIL, and only then: the last day it can be used.")

    def to_validity(self) -> Validity:
        """The domain's."""
        return Validity(self.kind, self.days, self.until)


@strawberry.type(name="RefundPolicy", description="When a buyer may have the money back.")
class RefundPolicyType:
    kind: RefundKind = strawberry.field(description="What decides.")
    days: int | None = strawberry.field(description="With WITHIN_DAYS: counted from the payment.")


def to_refund_policy(policy: RefundPolicy) -> RefundPolicyType:
    """It on the wire."""
    return RefundPolicyType(kind=policy.kind, days=policy.days)


@strawberry.input(description="When a buyer may have the money back.")
class RefundPolicyInput:
    kind: RefundKind = strawberry.field(description="What decides.")
    days: int | None = strawberry.field(default=None, description="With WITHIN_DAYS, and only then: 1 to 3650.")

    def to_policy(self) -> RefundPolicy:
        """The domain's."""
        return RefundPolicy(self.kind, self.days)
