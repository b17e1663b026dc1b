"""The lines of a basket while campaigns act on them, one after another: what each costs by now, and how that came about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.kit.money import Money, total
from perkhub.plugin.mechanic import Discount, Gift, PriceEffect, Stage, UnitPrice
from perkhub.plugin.payment import Title
from perkhub.pricing import PriceSource, PriceStep, Quote, QuotedLine


@dataclass(frozen=True, slots=True)
class ActedLine:
    """A line as the campaigns before left it. `off` is what was taken off its total, in minor units."""

    position: int
    quoted: QuotedLine
    unit: Decimal
    off: int = 0
    steps: tuple[PriceStep, ...] = ()
    campaigns: tuple[UUID, ...] = ()
    taken: bool = False  # by a campaign on its own price: no second one of that kind
    closed: bool = False  # by one that stands alone

    @property
    def total(self) -> int:
        """What the whole line costs, in minor units."""
        return self.before_discounts - self.off

    @property
    def before_discounts(self) -> int:
        """Unit price times quantity, rounded once."""
        return Money.line(self.unit, self.quoted.quantity, self.quoted.total.currency).minor

    def as_quoted(self) -> QuotedLine:
        """The priced line with what campaigns made of it."""
        if not self.steps:
            return self.quoted
        amount = Money(self.total, self.quoted.total.currency)
        return replace(self.quoted, unit=self.unit, total=amount, trace=(*self.quoted.trace, *self.steps))


@dataclass
class ActedBasket:
    """All lines by position, and what comes with them for nothing."""

    lines: dict[int, ActedLine]
    currency: str
    order: list[int] = field(default_factory=list)
    gifts: tuple[tuple[Campaign, Gift], ...] = ()

    @classmethod
    def of(cls, quote: Quote) -> "ActedBasket":
        """A basket on which nothing has acted yet."""
        lines = {place: ActedLine(place, line, line.unit) for place, line in enumerate(quote.lines)}
        return cls(lines, quote.total.currency, list(lines))

    def quote(self) -> Quote:
        """The basket as it is priced by now."""
        quoted = tuple(self.lines[place].as_quoted() for place in self.order)
        return Quote(quoted, total((line.total for line in quoted), self.currency))

    def acted(self, campaign: Campaign, effects: Iterable[PriceEffect]) -> "ActedBasket":
        """A basket with these effects; this one stays as it is."""
        made = ActedBasket(dict(self.lines), self.currency, self.order, self.gifts)
        for effect in effects:
            if isinstance(effect, UnitPrice):
                made._set_unit(campaign, effect)
            elif isinstance(effect, Discount):
                made._take_off(campaign, effect)
            elif isinstance(effect, Gift):
                made.gifts = (*made.gifts, (campaign, effect))
        return made

    def marked(self, campaign: Campaign, positions: Iterable[int], stage: Stage) -> "ActedBasket":
        """A basket whose lines say that they take part."""
        made = ActedBasket(dict(self.lines), self.currency, self.order, self.gifts)
        for place in positions:
            line = made.lines[place]
            made.lines[place] = replace(
                line,
                campaigns=(*line.campaigns, campaign.id),
                taken=line.taken or stage is Stage.LINE,
                closed=line.closed or campaign.exclusive,
            )
        return made

    def cost(self, positions: Iterable[int]) -> int:
        """What these lines cost together."""
        return sum(self.lines[place].total for place in positions)

    def _set_unit(self, campaign: Campaign, effect: UnitPrice) -> None:
        line = self.lines[effect.line]
        step = campaign_step(campaign, effect.label, effect.unit - line.unit)
        changed = replace(line, unit=effect.unit, steps=(*line.steps, step))
        # What was taken off before is never more than the line costs by now.
        self.lines[effect.line] = replace(changed, off=min(changed.off, changed.before_discounts))

    def _take_off(self, campaign: Campaign, effect: Discount) -> None:
        costs = [self.lines[place].total for place in effect.lines]
        for place, share in zip(effect.lines, shares(effect.amount, costs), strict=True):
            if share:
                line = self.lines[place]
                step = replace(campaign_step(campaign, effect.label, Decimal(0)), on_total=-share)
                self.lines[place] = replace(line, off=line.off + share, steps=(*line.steps, step))


def shares(amount: int, costs: Sequence[int]) -> list[int]:
    """The amount in proportion to the costs, to the last minor unit, and none above its cost. What rounding leaves goes to
    those whose share was cut the most, the first of equals before the others."""
    whole = sum(costs)
    amount = min(amount, whole)
    if not amount:
        return [0] * len(costs)
    found = [amount * cost // whole for cost in costs]
    cut = sorted(range(len(costs)), key=lambda place: (-(amount * costs[place] % whole), place))
    for place in cut[: amount - sum(found)]:
        found[place] += 1
    return found


def campaign_step(campaign: Campaign, label: Title, effect: Decimal) -> PriceStep:
    """A step of a price that a campaign made."""
    return PriceStep(PriceSource.CAMPAIGN, label.en, effect, {"en": label.en, "zh": label.zh}, campaign.id)
