"""Domain errors on the wire: one interface, one table. An error that carries data has a type that carries it too."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any, cast

import strawberry

from perkhub.accounts import CodeWrong, InvitationSentTooOften, TooManyCodes
from perkhub.campaigns import (
    CampaignInvalid,
    CampaignLimitReached,
    CampaignNotOpen,
    CampaignQueued,
    CampaignRefused,
    CampaignSoldOut,
)
from perkhub.campaigns.bargains import CutsSpent
from perkhub.campaigns.coupons import CouponExpired
from perkhub.catalog import BuyerInputInvalid, LimitReached, VersionMoved
from perkhub.domains import error_modules
from perkhub.kit.errors import DomainError, InvalidInput, every_error
from perkhub.kit.idempotency import IdempotencyKeyReused
from perkhub.ledger import InsufficientFunds
from perkhub.orders import HoldLimitReached, RefundWindowClosed
from perkhub.pricing import PriceMoved
from perkhub.vault import OutOfStock
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.money import Currency, ExactDecimal, MoneyType

# All of them, whoever imported what before this module: an error that nobody had imported would be in no enumeration.
for _module in (*error_modules(), "perkhub.kit.idempotency"):
    import_module(_module)
OURS = [error for error in every_error() if error.__module__.startswith("perkhub")]
ErrorCode = cast("type[Enum]", Enum("ErrorCode", {error.code: error.code for error in OURS}))
described(
    ErrorCode,
    "Why an input was refused. New codes may come; treat an unknown one by its message.",
    {
        **{ErrorCode[error.code]: error.en for error in OURS},
        # Named here so that its module is read before the table is made, whoever else reads it when.
        ErrorCode[IdempotencyKeyReused.code]: IdempotencyKeyReused.en,
        ErrorCode[InvalidInput.code]: "A value is not acceptable; the message says what would be.",
    },
)


@strawberry.interface(name="Error", description="A refusal that the caller can mend by other input. Nothing was changed.")
class ErrorInterface:
    code: ErrorCode = strawberry.field(description="For programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="For people, in the request's language.")
    path: list[str] | None = strawberry.field(description='Where in the arguments: ["input", "lines", "0", "quantity"].')


@strawberry.type(description="A refusal that needs no data besides its message.")
class PlainError(ErrorInterface):
    pass


@strawberry.type(name="OutOfStock", description="Fewer can be sold than were asked for.")
class OutOfStockError(ErrorInterface):
    available: int | None = strawberry.field(description="How many could be bought now, where it may be told.")


@strawberry.type(name="LimitReached", description="This customer's limit on a listing, counted across orders.")
class LimitReachedError(ErrorInterface):
    limit: int = strawberry.field(description="Units one customer may take in all.")
    remaining: int = strawberry.field(description="Units this customer may still take.")
    resets_at: datetime | None = strawberry.field(description="When the count starts again; null when it never does.")


@strawberry.type(name="BuyerInputInvalid", description="What the product asks of its buyer is missing, or cannot be.")
class BuyerInputInvalidError(ErrorInterface):
    key: str | None = strawberry.field(description="Of which input; null where the product asks for nothing of that name.")


@strawberry.type(name="PriceMoved", description="The total is not what the buyer saw.")
class PriceMovedError(ErrorInterface):
    total: MoneyType = strawberry.field(description="The total now.")


@strawberry.type(name="InsufficientFunds", description="The wallet holds too little.")
class InsufficientFundsError(ErrorInterface):
    shortfall: MoneyType = strawberry.field(description="How much is missing.")


@strawberry.type(name="VersionMoved", description="Somebody changed the object since it was read.")
class VersionMovedError(ErrorInterface):
    version: int = strawberry.field(description="Its version now.")


@strawberry.type(name="HoldLimitReached", description="Too many unpaid orders.")
class HoldLimitReachedError(ErrorInterface):
    limit: int = strawberry.field(description="Unpaid orders allowed at once.")


@strawberry.type(name="RefundWindowClosed", description="The days for asking for a refund are over.")
class RefundWindowClosedError(ErrorInterface):
    until: datetime = strawberry.field(description="The last moment at which it could be asked for.")


@strawberry.type(name="CodeWrong", description="The one-time code is not the one that was sent.")
class CodeWrongError(ErrorInterface):
    attempts_left: int = strawberry.field(description="Guesses left before the code is void.")


@strawberry.type(name="TooManyCodes", description="Too many one-time codes were asked for.")
class TooManyCodesError(ErrorInterface):
    retry_after: int = strawberry.field(description="Seconds until the next one may be asked for.")


@strawberry.type(name="InvitationSentTooOften", description="Too many invitations were sent to one contact.")
class InvitationSentTooOftenError(ErrorInterface):
    retry_after: int = strawberry.field(description="Seconds until one may be sent again.")


@strawberry.type(name="CampaignInvalid", description="A setting of a campaign that cannot be, or that stands against a law.")
class CampaignInvalidError(ErrorInterface):
    rule: str | None = strawberry.field(description="The law, where it is one.")


@strawberry.type(name="CampaignNotOpen", description="The campaign has not begun.")
class CampaignNotOpenError(ErrorInterface):
    starts_at: datetime = strawberry.field(description="When it does.")


@strawberry.type(name="CampaignSoldOut", description="Fewer are left in the campaign than were asked for.")
class CampaignSoldOutError(ErrorInterface):
    available: int | None = strawberry.field(description="How many; what others hold and do not pay comes back.")


@strawberry.type(name="CutsSpent", description="This helper's cuts of today in the campaign are made.")
class CutsSpentError(ErrorInterface):
    limit: int = strawberry.field(description="Cuts for each helper in a day.")


@strawberry.type(name="CampaignLimitReached", description="This customer's share in the campaign is used up.")
class CampaignLimitReachedError(ErrorInterface):
    limit: int = strawberry.field(description="The most for each customer, over all orders, unpaid ones included.")


@strawberry.type(
    name="CampaignQueued",
    description="Many buy in the campaign at once, and others came before: the customer's place in its queue, one whatever the "
    "number of their tabs and devices. Repeat the request with the ticket after `retryAfterMs`, or follow it by `admission`. "
    "Whoever is not heard of for 6 seconds loses the place to the next.",
)
class CampaignQueuedError(ErrorInterface):
    ticket: str = strawberry.field(description="Keeps the place; for this customer alone. Each answer has a fresh one.")
    position: int = strawberry.field(description="1 is the next.")
    retry_after_ms: int = strawberry.field(description="Milliseconds after which to ask again.")


@strawberry.type(name="CampaignRefused", description="The campaign's own rule says no; the message says why.")
class CampaignRefusedError(ErrorInterface):
    reason: str = strawberry.field(description='For programs, as the mechanic calls it: "other_variant".')


@strawberry.type(name="CouponExpired", description="The coupon's campaign is over.")
class CouponExpiredError(ErrorInterface):
    ended_at: datetime = strawberry.field(description="Since when.")


def _money(amount: str, currency: str) -> MoneyType:
    return MoneyType(amount=ExactDecimal(Decimal(amount)), currency=Currency(currency))


# Which type carries an error's data, and which of its data. Whatever is not named here is a PlainError.
TABLE: dict[type[DomainError], tuple[type[ErrorInterface], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    OutOfStock: (OutOfStockError, lambda data: {"available": data.get("available")}),
    LimitReached: (
        LimitReachedError,
        lambda data: {"limit": data["limit"], "remaining": data["remaining"], "resets_at": None},
    ),
    BuyerInputInvalid: (BuyerInputInvalidError, lambda data: {"key": data["key"]}),
    PriceMoved: (PriceMovedError, lambda data: {"total": _money(data["total"], data["currency"])}),
    InsufficientFunds: (InsufficientFundsError, lambda data: {"shortfall": _money(data["shortfall"], data["currency"])}),
    VersionMoved: (VersionMovedError, lambda data: {"version": data["version"]}),
    HoldLimitReached: (HoldLimitReachedError, lambda data: {"limit": data["limit"]}),
    RefundWindowClosed: (RefundWindowClosedError, lambda data: {"until": datetime.fromisoformat(data["until"])}),
    CodeWrong: (CodeWrongError, lambda data: {"attempts_left": data["attempts_left"]}),
    InvitationSentTooOften: (InvitationSentTooOftenError, lambda data: {"retry_after": data["retry_after"]}),
    TooManyCodes: (TooManyCodesError, lambda data: {"retry_after": data["retry_after"]}),
    CampaignInvalid: (CampaignInvalidError, lambda data: {"rule": data["rule"]}),
    CampaignNotOpen: (CampaignNotOpenError, lambda data: {"starts_at": datetime.fromisoformat(data["starts_at"])}),
    CampaignSoldOut: (CampaignSoldOutError, lambda data: {"available": data["available"]}),
    CampaignLimitReached: (CampaignLimitReachedError, lambda data: {"limit": data["limit"]}),
    CutsSpent: (CutsSpentError, lambda data: {"limit": data["limit"]}),
    CouponExpired: (CouponExpiredError, lambda data: {"ended_at": datetime.fromisoformat(data["ended_at"])}),
    CampaignQueued: (
        CampaignQueuedError,
        lambda data: {"ticket": data["ticket"], "position": data["position"], "retry_after_ms": data["retry_after_ms"]},
    ),
    CampaignRefused: (CampaignRefusedError, lambda data: {"reason": data["reason"]}),
}

ERROR_TYPES: list[type[ErrorInterface]] = [PlainError, *(kind for kind, _ in TABLE.values())]


def to_error(error: DomainError, language: str) -> ErrorInterface:
    """The refusal as its GraphQL type, told in the caller's language; its path begins at the `input` argument."""
    path = ["input", *error.path] if error.path else None
    told: dict[str, Any] = {"code": ErrorCode(error.code), "message": error.message(language), "path": path}
    if type(error) not in TABLE:
        return PlainError(**told)
    kind, data = TABLE[type(error)]
    return kind(**told, **data(error.data))
