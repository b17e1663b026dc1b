"""Top-ups of wallets."""

import strawberry

from perkhub.payments import TopUp, TopUpState
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, to_money
from perkhub_schema.graphql.nodes import Node

described(
    TopUpState,
    "Whether the money is in the wallet.",
    {TopUpState.PENDING: "Not yet: it was not paid, or not yet told to us.", TopUpState.DONE: "It is."},
)


@strawberry.type(name="TopUp", description="Money on its way into a wallet.")
class TopUpType(Node):
    state: TopUpState = strawberry.field(description="Whether it has arrived.")
    amount: MoneyType = strawberry.field(description="How much was asked for.")


def to_top_up(top_up: TopUp) -> TopUpType:
    """The top-up on the wire."""
    return TopUpType(id=global_id(Kind.TOP_UP, top_up.id), state=top_up.state, amount=to_money(top_up.amount))
