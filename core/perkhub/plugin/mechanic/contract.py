"""The mechanic contract: what a campaign means. Pure synchronous functions from facts to effects; the host does the rest.

The host keeps the record (name, state, window, channels, audience, budget, priority, stacking), stores the settings, reads
the counters, applies the effects in the order's transaction, releases what an order that ends had claimed, and tells shops.
A mechanic therefore neither oversells nor holds a lock, and needs no table, no clock and no network.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from perkhub.plugin.mechanic.effects import BargainRules, Odds, PriceEffect, ReserveEffect
from perkhub.plugin.mechanic.facts import Basket, OnSale, Seen, Terms
from perkhub.plugin.payment import Title


class Stage(StrEnum):
    """When it acts on a price.

    LINE    on a line's own unit price, before all others; a line takes part in one at most (flash sale, group buy, box)
    CART    on what the lines cost by then, one campaign after another by priority (full reduction, coupon, gift)
    """

    LINE = auto()
    CART = auto()


class Entry(StrEnum):
    """How a buyer comes to take part.

    CHOSEN      a line of the order names the campaign, with the mechanic's own choice: `campaign: {groupBuy: {…}}`
    AUTOMATIC   whoever's basket meets its conditions
    CODE        by a coupon code of the campaign
    """

    CHOSEN = auto()
    AUTOMATIC = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a campaign cannot be published: which setting (a path into `Config`), and the way out in both languages.
    `rule` names the law it comes from, where it is one."""

    path: tuple[str, ...]
    text: Title
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How far a shared counter may go, and which setting says so (a path into `Config`)."""

    most: int
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What a buyer is asked to agree to. Another text is another `version`; records name it."""

    version: str
    text: Title


@dataclass(frozen=True, slots=True)
class HandOut:
    """How the coupons of a campaign come to customers, before any order.

    `by_click`: whoever wants one takes one that is left; else only who has a code keeps it. `per_customer`: how many each may
    get in either way; None is as many as they like."""

    by_click: bool = False
    per_customer: int | None = None


# The host's counter of what a customer was handed out, as `Seen.mine_taken` has it. No mechanic claims by this name.
HANDED_OUT = "+handed_out"


class NoChoice(BaseModel):
    """Nothing to say but that one takes part."""


class Mechanic(ABC):
    """What one kind of campaign means.

    `key` is lower-case letters, digits and underscores, and never changes: stored campaigns name it. `Config` is a pydantic
    model; its fields and their descriptions become the mechanic's GraphQL input and the campaign's own GraphQL type (a field
    that shops must not see has `json_schema_extra={"hidden": True}`), so that no GraphQL stands in a plugin. `Choice` is what
    a buyer says where `entry` is CHOSEN, and becomes an input in the same way. `State` is a frozen dataclass of plain fields
    that shops are shown live; what it says of a field stands in `field(metadata={"description": …})`.

    A field says by `"of"`, in the same places as "hidden" and "description", what no type can: a UUID is a variant, unless it
    is `"of": "product"`, "category", "brand", "collection", "customer_group", "channel", "campaign" or "circle"; a decimal is
    a price in the currency of the campaign, unless it is `"of": "number"`; an integer of a State that is `"of": "stock"` is
    shown coarsely: many, few, or how many below ten.

    A value that does not fit a field is refused in words of the house, in both languages. A validator of the plugin's own
    raises `ValueError(Title(en=…, zh=…))`; a plain text is said in every language as it is.

    `REASONS` are the texts of all refusals, by reason; `{name}` is filled from the refusal's facts. `CONSENTS` are those that a
    buyer agrees to, by what they are about; shops show them, and the effect `Consent` records that they were agreed to.
    """

    key: ClassVar[str]
    title: ClassVar[Title]
    Config: ClassVar[type[BaseModel]]
    Choice: ClassVar[type[BaseModel]] = NoChoice
    State: ClassVar[type[Any]]
    stage: ClassVar[Stage] = Stage.LINE
    entry: ClassVar[Entry] = Entry.CHOSEN
    config_version: ClassVar[int] = 1
    REASONS: ClassVar[Mapping[str, Title]] = {}
    CONSENTS: ClassVar[Mapping[str, ConsentText]] = {}
    FROZEN: ClassVar[frozenset[str]] = frozenset()  # fields of Config that never change once the campaign was live

    def variants(self, config: Any) -> frozenset[UUID] | None:
        """Which variants it sells, or touches the prices of; None is every one."""
        return None

    def ceilings(self, config: Any) -> Mapping[str, Ceiling]:
        """How far its shared counters may go, as `reserve` claims them. Settings are never changed to less than is claimed
        already; and where there is one for all, who comes when nothing is left is turned away cheaply."""
        return {}

    def problems(self, config: Any, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """Why it must not be published as it is: prices above the list, odds that do not sum, what the law of a region says.

        `on_sale` has what `variants` and the prizes of `odds` name."""
        yield from ()

    def odds(self, config: Any) -> Odds | None:
        """What its draws are made by; None where it draws nothing. The host commits itself to them when it is published."""
        return None

    def bargain(self, config: Any) -> BargainRules | None:
        """How its bargains go; None where nobody opens any. Those that are open keep the rules they were opened by."""
        return None

    def hand_out(self, config: Any) -> HandOut:
        """How its coupons come to customers, where `entry` is CODE. The host counts them."""
        return HandOut()

    @abstractmethod
    def quote(self, config: Any, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """What it makes of the prices. Nothing is claimed by asking; where it does not apply, no effects."""

    def reserve(self, config: Any, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """What taking part claims. Asked with the very basket and the very counts that `quote` was asked with, so that both say
        the same; whether it is still so, the claim finds out."""
        return ()

    @abstractmethod
    def state(self, config: Any, seen: Seen) -> Any:
        """What shops are shown: an instance of `State`."""

    def upgrade(self, config: dict[str, Any], version: int) -> dict[str, Any]:
        """Settings that an older version of this plugin stored, as this one would have. Called only where versions differ."""
        return config
