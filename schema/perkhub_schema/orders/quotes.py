"""A priced basket on the wire, with what campaigns made of it and why."""

import strawberry

from perkhub.campaigns import Offer, Reason
from perkhub.kit.money import Money
from perkhub.pricing import QuotedLine
from perkhub_schema.campaigns.types import CampaignType, to_campaign
from perkhub_schema.catalog.face_values import FaceValue, to_face_value
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface, to_error
from perkhub_schema.graphql.money import MoneyType, to_money, unit_price
from perkhub_schema.pricing.types import PriceStepType, to_steps


@strawberry.type(description="That a campaign took part in a basket, or why it did not.")
class CampaignReason:
    campaign: CampaignType = strawberry.field(description="Which.")
    applies: bool = strawberry.field(description="Whether it took part.")
    lines: list[int] = strawberry.field(description="On which lines of the input, from 0.")
    discount: MoneyType = strawberry.field(description="What it took off.")
    refusal: ErrorInterface | None = strawberry.field(description="Why it did not; null where it did.")


@strawberry.type(name="QuoteLine", description="A priced line.")
class QuoteLineType:
    line: strawberry.Private[QuotedLine]
    quantity: int = strawberry.field(description="How many.")
    unit: MoneyType = strawberry.field(description="Unit price.")
    total: MoneyType = strawberry.field(
        description="Unit price times quantity, rounded once, less what campaigns take off lines as a whole."
    )

    @strawberry.field(description="What.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.line.offered.variant_id)

    @strawberry.field(description="Of each unit; the value that was chosen, where there is a choice.")
    def face_value(self) -> FaceValue | None:
        return to_face_value(self.line.face_value, self.line.offered.face.currency)

    @strawberry.field(description="How the price came about.")
    def trace(self) -> list[PriceStepType]:
        return to_steps(self.line.trace, self.line.total.currency)


@strawberry.type(name="Quote", description="A priced basket; it holds nothing.")
class QuoteType:
    lines: list[QuoteLineType] = strawberry.field(description="In the order of the input.")
    total: MoneyType = strawberry.field(description="Give it as `expectedTotal` when placing the order.")
    reasons: list[CampaignReason] = strawberry.field(
        description="Which campaigns took part and which did not, and why, in the order in which they acted; often empty."
    )


@strawberry.type(description="A quote, or why there is none.")
class QuotePayload:
    quote: QuoteType | None = strawberry.field(default=None, description="The priced basket.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why not; empty if it is.")


def to_quote(offered: Offer, language: str) -> QuoteType:
    """The priced basket on the wire."""
    currency = offered.quote.total.currency
    lines = [
        QuoteLineType(line=line, quantity=line.quantity, unit=unit_price(line.unit, currency), total=to_money(line.total))
        for line in offered.quote.lines
    ]
    reasons = [_reason(one, currency, language) for one in offered.reasons]
    return QuoteType(lines=lines, total=to_money(offered.quote.total), reasons=reasons)


def _reason(reason: Reason, currency: str, language: str) -> CampaignReason:
    return CampaignReason(
        campaign=to_campaign(reason.campaign),
        applies=reason.refusal is None,
        lines=list(reason.lines),
        discount=to_money(Money(reason.discount, currency)),
        refusal=None if reason.refusal is None else to_error(reason.refusal, language),
    )
