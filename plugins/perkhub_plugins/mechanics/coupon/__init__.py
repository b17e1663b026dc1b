"""Coupon 优惠券: whoever has a code gets something off, from a threshold on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    HANDED_OUT,
    Amount,
    Basket,
    Claim,
    Discount,
    Entry,
    HandOut,
    Mechanic,
    OnSale,
    Percent,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Scope,
    Seen,
    Stage,
    Terms,
)

perkhub_contract = "1.0"

USED = "used"


class CouponConfig(BaseModel):
    """So much off, or so many percent, from a total on."""

    off: Amount | None = Field(default=None, description="So much off, in the currency of the campaign; or `percentOff`")
    percent_off: Percent | None = Field(default=None, description="So many percent off; or `off`")
    most_off: Amount | None = Field(default=None, description="Never more than this, where it is percent")
    threshold: Amount | None = Field(default=None, description="From this total on; without one, always")
    uses_per_customer: int = Field(default=1, gt=0, le=1000, description="How many of these coupons each customer may use")
    claimable: bool = Field(
        default=False, description="Whether any customer may claim one by a click; else only who has a code gets one"
    )
    claims_per_customer: int = Field(
        default=1, gt=0, le=1000, description="How many each customer may get, by a click or by entering a code"
    )
    scope: Scope = Field(default_factory=Scope, description="What it counts for")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.off is None) == (self.percent_off is None):
            raise ValueError(
                Title(en="Say `off` or `percentOff`, one of the two.", zh="“off”与“percentOff”须填写且只能填写一项。")
            )
        return self


@dataclass(frozen=True, slots=True)
class CouponState:
    """How many this customer may still get and use."""

    uses_left: int = field(metadata={"description": "How often this customer may still use one"})
    claims_left: int = field(metadata={"description": "How many this customer may still get"})


class Coupon(Mechanic):
    """Something off, by a code."""

    key = "coupon"
    title = Title(en="Coupon", zh="优惠券")
    Config = CouponConfig
    State = CouponState
    stage = Stage.CART
    entry = Entry.CODE
    REASONS = {
        "below": Title(en="It counts from {threshold} on.", zh="满 {threshold} 元可用。"),
        "nothing": Title(en="It counts for nothing in this basket.", zh="购物车中没有可用商品。"),
    }

    def variants(self, config: CouponConfig) -> frozenset[UUID] | None:
        """Those named; with a category, or with nothing named, any may count."""
        return frozenset(config.scope.variants) if config.scope.variants and not config.scope.categories else None

    def problems(self, config: CouponConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """Less off than the threshold."""
        if config.off is not None and config.threshold is not None and config.off >= config.threshold:
            yield Problem(("off",), Title(en="Take off less than the threshold.", zh="优惠金额须小于门槛。"))
        if config.most_off is not None and config.percent_off is None:
            yield Problem(("mostOff",), Title(en="Only percentages have a most.", zh="仅折扣券可设最高优惠。"))

    def quote(self, config: CouponConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """What it takes off the lines in its scope together, or why nothing."""
        lines = config.scope.of(basket)
        whole = sum(line.total for line in lines)
        if not whole:
            return [Refuse("nothing")]
        if config.threshold is not None and whole < basket.minor(config.threshold):
            return [Refuse("below", facts={"threshold": f"{config.threshold.normalize():f}"})]
        positions = tuple(line.position for line in lines)
        return [Discount(positions, min(whole, _off(config, basket, whole)), self.title)]

    def reserve(self, config: CouponConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """One of the customer's uses. The code itself is the host's to claim."""
        return [Claim(USED, 1, ceiling=config.uses_per_customer, per_buyer=True)]

    def hand_out(self, config: CouponConfig) -> HandOut:
        """By a click where that is wished, and so many to each."""
        return HandOut(config.claimable, config.claims_per_customer)

    def state(self, config: CouponConfig, seen: Seen) -> CouponState:
        """What is left of the customer's uses and claims; a setting may be lower by now than what they have."""
        used, got = seen.mine_taken(USED), seen.mine_taken(HANDED_OUT)
        return CouponState(max(0, config.uses_per_customer - used), max(0, config.claims_per_customer - got))


def _off(config: CouponConfig, basket: Basket, whole: int) -> int:
    if config.off is not None:
        return basket.minor(config.off)
    assert config.percent_off is not None
    off = int(whole * config.percent_off / Decimal(100))
    return off if config.most_off is None else min(off, basket.minor(config.most_off))


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the coupon."""
    register(Coupon)
