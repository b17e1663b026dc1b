"""Mechanics that are wrong on purpose: each breaks one rule of the kit, and no other."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

from perkhub.plugin import Title
from perkhub.plugin.mechanic import (
    Basket,
    Claim,
    Consent,
    Discount,
    Draw,
    Mechanic,
    OnSale,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    TakeBargain,
    Terms,
    UnitPrice,
    Wait,
)

MONTH = UUID(int=1)
LABEL = Title(en="Less", zh="优惠")


@dataclass(frozen=True, slots=True)
class LessState:
    """What is left."""

    left: int


class LessConfig(BaseModel):
    """Some units of one variant for a yuan."""

    variant: UUID = Field(description="What is sold")
    quantity: int = Field(default=5, gt=0, description="How many")


class Less(Mechanic):
    """In order: one yuan a unit, five units."""

    key = "less"
    title = Title(en="Less", zh="优惠")
    Config = LessConfig
    State = LessState
    REASONS = {"other": Title(en="Not this one, but {variant}.", zh="仅限 {variant}。")}

    def problems(self, config: LessConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        if config.variant not in on_sale:
            yield Problem(("variant",), Title(en="List it first.", zh="请先上架。"))

    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        return [
            UnitPrice(line.position, Decimal(1), LABEL)
            if line.variant == config.variant
            else Refuse("other", line.position, {"variant": str(config.variant)})
            for line in basket.lines
        ]

    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [Claim("sold", line.quantity, ceiling=config.quantity, line=line.position) for line in basket.lines]

    def state(self, config: LessConfig, seen: Seen) -> LessState:
        return LessState(config.quantity - seen.taken("sold"))


BROKEN: dict[str, type[Less]] = {}
T = TypeVar("T", bound=type[Less])


def breaks(rule: str) -> Callable[[T], T]:
    """Note which rule a mechanic breaks; one a rule."""

    def note(mechanic: T) -> T:
        assert rule not in BROKEN
        BROKEN[rule] = mechanic
        return mechanic

    return note


@breaks("test_the_registration_is_in_order")
class HasNoKey(Less):
    key = "Less!"


@breaks("test_settings_come_back_as_they_were_stored")
class StoresSomethingElse(Less):
    class Config(LessConfig):
        quantity: Annotated[int, PlainSerializer(lambda number: number + 1)] = Field(default=5, description="How many")


@breaks("test_every_setting_says_what_it_is")
class SaysNothing(Less):
    class Config(LessConfig):
        quantity: int = 5


@breaks("test_frozen_settings_are_settings")
class FreezesAir(Less):
    FROZEN = frozenset({"odds"})


@breaks("test_good_settings_may_be_published")
class LikesNothing(Less):
    def problems(self, config: LessConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        yield Problem(("quantity",), Title(en="No.", zh="不行。"))


@breaks("test_problems_name_a_setting")
class ComplainsInGeneral(Less):
    def problems(self, config: LessConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        for problem in super().problems(config, terms, on_sale):
            yield replace(problem, path=("settings",))


@breaks("test_who_takes_part_is_not_refused")
class SellsNothing(Less):
    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        return [Refuse("other", line.position, {"variant": "none"}) for line in basket.lines]


@breaks("test_effects_are_of_the_contract")
class NamesALineThatIsNotThere(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [*super().reserve(config, basket, seen), Claim("sold", 1, ceiling=config.quantity, line=99)]


@breaks("test_prices_only_fall_and_never_below_nothing")
class MakesItDearer(Less):
    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        effects = super().quote(config, basket, seen)
        return [replace(one, unit=Decimal(99)) if isinstance(one, UnitPrice) else one for one in effects]


@breaks("test_labels_are_in_both_languages")
class SpeaksOneLanguage(Less):
    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        effects = super().quote(config, basket, seen)
        return [replace(one, label=Title(en="Less", zh="")) if isinstance(one, UnitPrice) else one for one in effects]


@breaks("test_refusals_are_explained")
class RefusesWithoutAReason(Less):
    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        effects = super().quote(config, basket, seen)
        return [replace(one, facts={}) if isinstance(one, Refuse) else one for one in effects]


@breaks("test_claims_can_be_counted")
class ClaimsNothing(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [replace(one, amount=0) if isinstance(one, Claim) else one for one in super().reserve(config, basket, seen)]


@breaks("test_a_ceiling_does_not_follow_the_claim")
class AlwaysHasRoom(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        claims = super().reserve(config, basket, seen)
        return [replace(one, ceiling=one.amount) if isinstance(one, Claim) else one for one in claims]


@breaks("test_asking_twice_says_the_same")
class GetsCheaperEachTime(Less):
    asked = 0

    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        GetsCheaperEachTime.asked += seen.taken("sold") > 0
        off = Discount(basket.positions(), 1 + GetsCheaperEachTime.asked % 2, LABEL) if seen.taken("sold") else None
        return [*super().quote(config, basket, seen), *([off] if off else [])]


@breaks("test_it_needs_no_clock_no_chance_and_no_network")
class DrawsItself(Less):
    def quote(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        random.random()
        return super().quote(config, basket, seen)


@breaks("test_its_state_is_plain")
class TellsAnything(Less):
    def state(self, config: LessConfig, seen: Seen) -> Any:
        return {"left": config.quantity}


@breaks("test_odds_can_be_drawn_by")
class DrawsWithoutOdds(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [*super().reserve(config, basket, seen), *(Draw(line.position) for line in basket.lines)]


@breaks("test_bargains_can_be_cut")
class TakesNoBargain(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [*super().reserve(config, basket, seen), *(TakeBargain(line.position) for line in basket.lines)]


@breaks("test_what_waits_waits_for_a_circle")
class WaitsForNothing(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        return [*super().reserve(config, basket, seen), *(Wait(line.position) for line in basket.lines)]


@breaks("test_what_is_agreed_to_has_a_text")
class AgreesToNothing(Less):
    def reserve(self, config: LessConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        agreed = (Consent(line.position, "anything") for line in basket.lines)
        return [*super().reserve(config, basket, seen), *agreed]


@breaks("test_older_settings_are_upgraded")
class ForgetsItsPast(Less):
    config_version = 2


def subject_config() -> dict[str, Any]:
    """Settings of all of them."""
    return {"variant": MONTH, "quantity": 5}
