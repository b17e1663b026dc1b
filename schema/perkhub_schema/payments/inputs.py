"""What customers say when they top up, and operators when they decide about odd payments."""

import strawberry

from perkhub.payments import ReviewDecision
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.money import MoneyInput
from perkhub_schema.orders.inputs import GatewayInput

described(
    ReviewDecision,
    "What becomes of money that did not fit.",
    {
        ReviewDecision.GIVE_BACK: "It goes back the way it came.",
        ReviewDecision.INTO_WALLET: "It goes into the payer's wallet.",
    },
)


@strawberry.input(description="Money for one's own wallet.")
class WalletTopUpInput:
    idempotency_key: str = strawberry.field(description="New for each top-up, the same for each repetition of the request.")
    amount: MoneyInput = strawberry.field(description="How much; in a currency that the payment service takes.")
    gateway: GatewayInput = strawberry.field(description="Which payment service.")


@strawberry.input(description="A decision about a payment in review.")
class PaymentReviewSettleInput:
    idempotency_key: str = strawberry.field(description="New for each decision, the same for each repetition of the request.")
    payment_id: strawberry.ID = strawberry.field(description="One of `paymentsInReview`.")
    decision: ReviewDecision = strawberry.field(description="What becomes of the money that really came.")
