"""What a plugin returned, looked at before anything is done with it: a wrong type or number is the plugin's fault, by name."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from string import Formatter
from typing import Any
from uuid import UUID

from perkhub.kit.money import LARGEST_MINOR, UNIT_PLACES
from perkhub.plugin.mechanic import (
    BargainRules,
    Claim,
    Consent,
    Discount,
    Draw,
    Gift,
    JoinCircle,
    Mechanic,
    Odds,
    OpenCircle,
    Refuse,
    TakeBargain,
    UnitPrice,
    Wait,
)
from perkhub.plugin.payment import Title
from perkhub.pricing import MOST_UNITS

COUNTER = re.compile(r"[a-z][a-z0-9_.:-]{0,59}")
LARGEST_UNIT = Decimal(10) ** 12
MOST_EFFECTS = 500
CLIENT_SEED = re.compile(r"[\x21-\x7e]{0,64}")
PRIZE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_SEATS = 10_000
MOST_HELPERS = 1000
LONGEST_VERSION = 40
LONGEST_CIRCLE = timedelta(days=90)

Fault = str | None


def fault_of(effect: object, mechanic: Mechanic, lines: Collection[int], allowed: tuple[type, ...]) -> Fault:
    """Why the host cannot apply this effect to a basket with these lines; None where it can."""
    if not isinstance(effect, allowed):
        return f"{type(effect).__name__} is none of {', '.join(one.__name__ for one in allowed)}"
    look = FAULTS.get(type(effect))
    return None if look is None else look(effect, mechanic, lines)


def _unit_price(effect: UnitPrice, _: Mechanic, lines: Collection[int]) -> Fault:
    if effect.line not in lines:
        return f"there is no line {effect.line!r}"
    unit = effect.unit
    if not isinstance(unit, Decimal) or not unit.is_finite() or not 0 <= unit <= LARGEST_UNIT:
        return f"{unit!r} is no unit price"
    if unit != unit.quantize(UNIT_PLACES):
        return f"{unit!r} has more than six places"
    return _label(effect.label)


def _discount(effect: Discount, _: Mechanic, lines: Collection[int]) -> Fault:
    if not isinstance(effect.lines, tuple) or not effect.lines or not set(effect.lines) <= set(lines):
        return f"there are no lines {effect.lines!r}"
    if len(set(effect.lines)) < len(effect.lines):
        return "a line is named twice"
    if not _is_count(effect.amount, least=0):
        return f"{effect.amount!r} is no amount of minor units"
    return _label(effect.label)


def _claim(effect: Claim, _: Mechanic, lines: Collection[int]) -> Fault:
    if not isinstance(effect.counter, str) or not COUNTER.fullmatch(effect.counter):
        return f"{effect.counter!r} is no name of a counter"
    if not _is_count(effect.amount, least=1):
        return f"{effect.amount!r} is nothing to be claimed"
    if effect.ceiling is not None and not _is_count(effect.ceiling, least=0):
        return f"{effect.ceiling!r} is no ceiling"
    if effect.line is not None and effect.line not in lines:
        return f"there is no line {effect.line!r}"
    if not isinstance(effect.per_buyer, bool) or not isinstance(effect.kept, bool):
        return "`per_buyer` and `kept` are true or false"
    return None


def _refuse(effect: Refuse, mechanic: Mechanic, lines: Collection[int]) -> Fault:
    text = mechanic.REASONS.get(effect.reason) if isinstance(effect.reason, str) else None
    if text is None:
        return f"{effect.reason!r} is not among its REASONS"
    if effect.line is not None and effect.line not in lines:
        return f"there is no line {effect.line!r}"
    if not isinstance(effect.facts, Mapping):
        return "`facts` is no mapping"
    try:
        filled(text, effect.facts)
    except (KeyError, IndexError, ValueError, AttributeError) as lacking:
        return f"the text of {effect.reason!r} cannot be filled from its facts ({lacking!r})"
    return None


def _gift(effect: Gift, _: Mechanic, __: Collection[int]) -> Fault:
    if not isinstance(effect.variant, UUID):
        return f"{effect.variant!r} is no variant"
    if not _is_count(effect.quantity, least=1) or effect.quantity > MOST_UNITS:
        return f"{effect.quantity!r} is no number of gifts"
    return _label(effect.label)


def _draw(effect: Draw, _: Mechanic, lines: Collection[int]) -> Fault:
    if effect.line not in lines:
        return f"there is no line {effect.line!r}"
    if not isinstance(effect.client_seed, str) or not CLIENT_SEED.fullmatch(effect.client_seed):
        return "a client seed is at most 64 printable ASCII characters"
    return None


def _consent(effect: Consent, mechanic: Mechanic, lines: Collection[int]) -> Fault:
    if effect.line not in lines:
        return f"there is no line {effect.line!r}"
    said = mechanic.CONSENTS.get(effect.about) if isinstance(effect.about, str) else None
    if said is None or not COUNTER.fullmatch(effect.about):
        return f"{effect.about!r} is not among its CONSENTS"
    return None if 0 < len(said.version) <= LONGEST_VERSION else f"the version of {effect.about!r} is none"


def odds_fault(odds: object) -> Fault:
    """Why nothing can be drawn by these odds."""
    if not isinstance(odds, Odds) or not odds.prizes:
        return f"{type(odds).__name__} is no Odds with prizes"
    keys = {prize.key: prize for prize in odds.prizes}
    if len(keys) < len(odds.prizes) or not all(isinstance(key, str) and PRIZE.fullmatch(key) for key in keys):
        return "each prize has a key of its own, of small letters, digits and underscores"
    if not all(_is_count(prize.weight, least=1) for prize in odds.prizes):
        return "a prize's weight is a positive number"
    if not all(prize.quantity is None or _is_count(prize.quantity, least=1) for prize in odds.prizes):
        return "a prize's quantity is a positive number, or None"
    if odds.exhausted not in keys or keys[odds.exhausted].quantity is not None:
        return f"{odds.exhausted!r} is no prize without an end"
    promised = odds.guarantee
    if promised is not None and (not promised.prizes or not promised.prizes <= keys.keys() or promised.after < 1):
        return "a guarantee names prizes, and comes after some draws"
    return None


def _open_circle(effect: OpenCircle, _: Mechanic, lines: Collection[int]) -> Fault:
    if effect.line not in lines:
        return f"there is no line {effect.line!r}"
    if not _is_count(effect.seats, least=2) or effect.seats > MOST_SEATS:
        return f"a circle of {effect.seats!r} is none"
    if not isinstance(effect.lasts, timedelta) or not timedelta() < effect.lasts <= LONGEST_CIRCLE:
        return f"{effect.lasts!r} is no time for a circle"
    return None


def _join_circle(effect: JoinCircle, _: Mechanic, lines: Collection[int]) -> Fault:
    if effect.line not in lines:
        return f"there is no line {effect.line!r}"
    return None if isinstance(effect.circle, UUID) else f"{effect.circle!r} is no circle"


def _on_a_line(effect: Wait | TakeBargain, _: Mechanic, lines: Collection[int]) -> Fault:
    return None if effect.line in lines else f"there is no line {effect.line!r}"


def fault_of_places(effects: Sequence[object]) -> Fault:
    """Who waits has one place to wait in, and who has a place waits: what lapses could not be refunded otherwise."""
    places = sorted(one.line for one in effects if isinstance(one, OpenCircle | JoinCircle))
    waits = sorted(one.line for one in effects if isinstance(one, Wait))
    return None if places == waits and len(set(places)) == len(places) else f"lines {waits} wait, and {places} have a place"


def bargain_fault(rules: object) -> Fault:
    """Why nobody can bargain by these rules."""
    if not isinstance(rules, BargainRules) or not isinstance(rules.variant, UUID):
        return f"{type(rules).__name__} is no BargainRules of a variant"
    if not isinstance(rules.floor, Decimal) or not rules.floor.is_finite() or not 0 <= rules.floor <= LARGEST_UNIT:
        return f"{rules.floor!r} is no unit price"
    if not _is_count(rules.helpers, least=1) or rules.helpers > MOST_HELPERS:
        return f"{rules.helpers!r} is no number of helpers"
    if not isinstance(rules.lasts, timedelta) or not timedelta() < rules.lasts <= LONGEST_CIRCLE:
        return f"{rules.lasts!r} is no time for a bargain"
    if not isinstance(rules.spread, Decimal) or not 0 <= rules.spread <= 100:
        return f"{rules.spread!r} is no part of a hundred"
    if rules.cuts_per_day is not None and not _is_count(rules.cuts_per_day, least=1):
        return f"{rules.cuts_per_day!r} is no number of cuts"
    return None


FAULTS: dict[type, Callable[[Any, Mechanic, Collection[int]], Fault]] = {
    UnitPrice: _unit_price,
    Discount: _discount,
    Claim: _claim,
    Consent: _consent,
    Draw: _draw,
    Gift: _gift,
    OpenCircle: _open_circle,
    JoinCircle: _join_circle,
    TakeBargain: _on_a_line,
    Wait: _on_a_line,
    Refuse: _refuse,
}


def filled(text: Title, facts: Mapping[str, Any]) -> Title:
    """The text with what it waits for."""
    fill = Formatter().vformat
    return Title(en=fill(text.en, (), facts), zh=fill(text.zh, (), facts))


def _label(label: object) -> Fault:
    return None if isinstance(label, Title) and label.en and label.zh else "its label is no Title"


def _is_count(number: object, *, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= LARGEST_MINOR
