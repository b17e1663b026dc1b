"""What clients say when they quote, place, pay and refund."""

from enum import Enum
from typing import Any

import strawberry
from strawberry.types.unset import UNSET

from perkhub.catalog import GivenInput
from perkhub.kit.errors import InvalidInput
from perkhub.pricing import BasketLine
from perkhub_schema.campaigns.mechanics import CampaignChoiceInput, said_choice
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import NEVER_KEPT, TOLD
from perkhub_schema.graphql.money import ExactDecimal, MoneyInput

MOST_CODES = 10
LONGEST_CODE = 40
COUPON_CODES = (
    f"Codes of coupons (优惠码), at most {MOST_CODES}; each counts once. Those that are not the buyer's own yet count among "
    "the twenty that may be tried in a quarter of an hour: `couponBind` makes one theirs."
)


@strawberry.input(description="What a buyer says to one of the `product.buyerInputs`.")
class BuyerInputValueInput:
    key: str = strawberry.field(description="Of which input; each once.")
    value: str = strawberry.field(
        description="Up to 500 characters; it is kept sealed, and shown masked. What is blank was not said.",
        metadata=NEVER_KEPT,
    )


@strawberry.input(description="So many of a variant.")
class LineInput:
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    quantity: int = strawberry.field(default=1, description="How many, 1 to 1000.")
    unit_face_value: ExactDecimal | None = strawberry.field(
        default=None, description="Of each unit, where the variant has a `faceRange`: one of its values, and needed."
    )
    buyer_inputs: list[BuyerInputValueInput] | None = strawberry.field(
        default=None,
        description="What the product asks for, for all units of the line. An order needs all that is required; a quote "
        "checks what is given. Send it by POST alone: addresses end up in logs.",
    )
    campaign: CampaignChoiceInput | None = strawberry.field(
        default=None, description="The campaign that the line takes part in, where it is one that buyers choose: `flashSale` …"
    )


@strawberry.input(description="Pay from the customer's own wallet.")
class WalletInput:
    confirm: bool = strawberry.field(default=True, description="Leave it true: an input type needs a field.")


@strawberry.input(description="Pay through a payment service.")
class GatewayInput:
    name: str = strawberry.field(description="One of `shop.paymentMethods`.")
    return_url: str = strawberry.field(
        description="Where the customer's browser comes back to; https, or http on localhost. "
        "`{id}` in it becomes the id of the order or top-up."
    )


@strawberry.input(one_of=True, description="How to pay: exactly one.")
class PayInput:
    wallet: strawberry.Maybe[WalletInput] = strawberry.field(description="From the wallet, at once.")
    gateway: strawberry.Maybe[GatewayInput] = strawberry.field(description="Through a payment service.")


@strawberry.input(description="A basket to be priced.")
class QuoteInput:
    lines: list[LineInput] = strawberry.field(description="At most 50, each variant once.")
    coupon_codes: list[str] | None = strawberry.field(default=None, description=COUPON_CODES, metadata=NEVER_KEPT)


@strawberry.input(description="An order; with `pay`, also its payment.")
class OrderPlaceInput:
    idempotency_key: str = strawberry.field(description="New for each order, the same for each repetition of the request.")
    lines: list[LineInput] = strawberry.field(description="At most 50, each variant once.")
    coupon_codes: list[str] | None = strawberry.field(default=None, description=COUPON_CODES, metadata=NEVER_KEPT)
    pay: PayInput | None = strawberry.field(default=None, description="Leave out to place now and pay later.")
    expected_total: MoneyInput | None = strawberry.field(default=None, description="Refuse if the total is another.")
    reveal: bool = strawberry.field(default=False, description="Return the credentials at once; logged like entitlementReveal.")
    all_or_nothing: bool = strawberry.field(default=False, description="Deliver all units or refund all.")
    wait_seconds: int = strawberry.field(
        default=0, description="Wait so long, 0 to 5 seconds, for what a supplier is still to deliver, before answering."
    )
    device_key: str | None = strawberry.field(
        default=None, description="Whatever tells this device from others; caps unpaid orders. Only its hash is kept."
    )
    ticket: str | None = strawberry.field(
        default=None,
        description="The latest waiting ticket, of a `CampaignQueued` refusal or of `admission`: repeat the request with it, "
        "all else unchanged. It serves this one order, and its repetition under the same `idempotencyKey`.",
        metadata=NEVER_KEPT,
    )


@strawberry.input(description="The payment of a placed order.")
class OrderPayInput:
    idempotency_key: str = strawberry.field(description="New for each attempt to pay, the same for its repetitions.")
    order_id: strawberry.ID = strawberry.field(description="Which order.")
    pay: PayInput = strawberry.field(description="How.")


@strawberry.input(description="Giving up an unpaid order.")
class OrderCancelInput:
    order_id: strawberry.ID = strawberry.field(description="Which order.")


@strawberry.input(description="Refund of benefits whose codes were not seen, as their refund policy says.")
class RefundRequestInput:
    idempotency_key: str = strawberry.field(description="New for each refund, the same for its repetitions.")
    order_id: strawberry.ID = strawberry.field(description="Which order.")
    entitlement_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Which units; all if left out.")
    reason: str = strawberry.field(default="", description="For the shop; at most 500 characters.", metadata=TOLD)


@strawberry.input(description="Refund by staff, of seen codes as well.")
class OrderRefundInput(RefundRequestInput):
    even_if_seen: bool = strawberry.field(default=False, description="Refund seen codes too; they are burnt, at our loss.")
    against_policy: bool = strawberry.field(
        default=False,
        description="Refund also what its refund policy refuses, and what has expired; then `reason` must say why.",
    )


@strawberry.input(description="Which benefit to show.")
class EntitlementRevealInput:
    entitlement_id: strawberry.ID = strawberry.field(description="One of `me.entitlements`.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Not needed: each look is its own row of the log, and shows the same code."
    )


def to_basket(lines: list[LineInput]) -> list[BasketLine]:
    """The domain's basket; a bad id names its line."""
    return [
        BasketLine(
            local_id(Kind.VARIANT, line.variant_id, "lines", str(position), "variantId"),
            line.quantity,
            tuple(GivenInput(one.key, one.value) for one in line.buyer_inputs or ()),
            line.unit_face_value,
            None if line.campaign is None else said_choice(line.campaign, "lines", str(position), "campaign"),
        )
        for position, line in enumerate(lines)
    ]


def to_codes(given: list[str] | None) -> list[str]:
    """Coupon codes as they were typed, but for blanks around them.

    Raises:
        InvalidInput: more of them, or longer ones, than there can be.
    """
    codes = [code.strip() for code in given or ()]
    if len(codes) > MOST_CODES:
        reason, reason_zh = f"At most {MOST_CODES} codes.", f"最多 {MOST_CODES} 个优惠码。"
        raise InvalidInput(path=("couponCodes",), reason=reason, reason_zh=reason_zh)
    for place, code in enumerate(codes):
        if not 0 < len(code) <= LONGEST_CODE:
            reason, reason_zh = f"1 to {LONGEST_CODE} characters.", f"须为 1 至 {LONGEST_CODE} 个字符。"
            raise InvalidInput(path=("couponCodes", str(place)), reason=reason, reason_zh=reason_zh)
    return list(dict.fromkeys(codes))


def fingerprint(given: Any) -> Any:
    """The input as plain data, for telling a repetition from another request: its key and its place in a queue say nothing."""
    return {name: _plain(value) for name, value in vars(given).items() if name not in ("idempotency_key", "ticket")}


def _plain(value: Any) -> Any:
    if value is UNSET:
        return None
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, strawberry.Some):
        return _plain(value.value)
    return {name: _plain(one) for name, one in vars(value).items()} if hasattr(value, "__dict__") else value
