"""Blind box 盲盒: one price, and a benefit that the draw decides, by odds that everybody can read before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import (
    Basket,
    Ceiling,
    Claim,
    Consent,
    ConsentText,
    Draw,
    Guarantee,
    Mechanic,
    Odds,
    OnSale,
    PriceEffect,
    Prize,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    Terms,
    UnitPrice,
)
from perkhub_plugins.mechanics.blind_box.rules import problems_of
from perkhub_plugins.mechanics.blind_box.settings import BlindBoxChoice, BlindBoxConfig, weight_of

perkhub_contract = "1.0"

SOLD = "sold"
DRAWN = "drawn"
OF_AGE = "of_age"
LABEL = Title(en="Blind box", zh="盲盒")


@dataclass(frozen=True, slots=True)
class BlindBoxState:
    """What is left, before anybody claims it."""

    left: int = field(metadata={"description": "Boxes that nobody holds", "of": "stock"})
    draws_left: int = field(metadata={"description": "Boxes that this customer may still take"})


class BlindBox(Mechanic):
    """A benefit by chance, with frozen odds, a guarantee, and draws that everybody can check."""

    key = "blind_box"
    title = Title(en="Blind box", zh="盲盒")
    Config = BlindBoxConfig
    Choice = BlindBoxChoice
    State = BlindBoxState
    FROZEN = frozenset({"variant", "price", "prizes", "exhausted", "guarantee_after", "guaranteed"})
    REASONS = {
        "other_variant": Title(en="This is not a blind box of this campaign.", zh="该商品不属于本次盲盒活动。"),
        "consent": Title(
            en="Blind boxes are for adults, or from 8 years on with a guardian's consent: confirm `ofAge`.",
            zh="盲盒仅限成年人购买;8 周岁以上未成年人须经监护人同意,请先确认 ofAge。",
        ),
    }

    CONSENTS = {
        # SAMR 2023-39: nobody under 8; from 8 on with a guardian's consent.
        OF_AGE: ConsentText(
            version="2026-11",
            text=Title(
                en="I am 18 or older; or I am 8 or older and my guardian consents to this purchase. Nobody under 8 may buy.",
                zh="我已年满 18 周岁;或已满 8 周岁,且监护人同意本次购买。未满 8 周岁不得购买。",
            ),
        )
    }

    def variants(self, config: BlindBoxConfig) -> frozenset[UUID]:
        """The box."""
        return frozenset({config.variant})

    def ceilings(self, config: BlindBoxConfig) -> Mapping[str, Ceiling]:
        """The boxes."""
        return {SOLD: Ceiling(config.quantity, ("quantity",))}

    def odds(self, config: BlindBoxConfig) -> Odds:
        """Percentages as whole weights."""
        prizes = tuple(Prize(one.key, one.variant, weight_of(one.odds), one.quantity) for one in config.prizes)
        guarantee = None
        if config.guarantee_after is not None:
            guarantee = Guarantee(config.guarantee_after, frozenset(config.guaranteed))
        return Odds(prizes, config.exhausted, guarantee)

    def problems(self, config: BlindBoxConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
        """What the odds, the stock and the law say."""
        return problems_of(config, terms, on_sale)

    def quote(self, config: BlindBoxConfig, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """One price, whatever is in it."""
        effects: list[PriceEffect] = []
        for line in basket.lines:
            if line.variant != config.variant:
                effects.append(Refuse("other_variant", line.position))
            elif config.ask_age and not (isinstance(line.choice, BlindBoxChoice) and line.choice.of_age):
                effects.append(Refuse("consent", line.position))
            else:
                effects.append(UnitPrice(line.position, config.price, LABEL))
        return effects

    def reserve(self, config: BlindBoxConfig, basket: Basket, seen: Seen) -> Sequence[ReserveEffect]:
        """A box of those that are left, one draw each; what was drawn is drawn, so that a refund gives no draw back."""
        effects: list[ReserveEffect] = []
        for line in basket.lines:
            at, wanted = line.position, line.quantity
            effects.append(Claim(DRAWN, wanted, ceiling=config.draws_per_customer, line=at, per_buyer=True))
            effects.append(Claim(SOLD, wanted, ceiling=config.quantity, line=at))
            said = line.choice.client_seed if isinstance(line.choice, BlindBoxChoice) else ""
            effects.append(Draw(at, said))
            if config.ask_age:
                effects.append(Consent(at, OF_AGE))
        return effects

    def state(self, config: BlindBoxConfig, seen: Seen) -> BlindBoxState:
        """What is left of the boxes, and of this customer's draws."""
        left = config.quantity - seen.taken(SOLD)
        return BlindBoxState(left=left, draws_left=min(left, config.draws_per_customer - seen.mine_taken(DRAWN)))


@hookimpl
def register_mechanics(register: Register[type[Mechanic]]) -> None:
    """Offer the blind box."""
    register(BlindBox)
