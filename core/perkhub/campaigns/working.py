"""A mechanic at work with a campaign's settings: the one place where a plugin is called. Nothing it does gets further than
here, but for what the contract allows."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from perkhub.campaigns.checked import COUNTER, MOST_EFFECTS, bargain_fault, fault_of, fault_of_places, odds_fault
from perkhub.campaigns.errors import CampaignInvalid, MechanicBroken
from perkhub.kit.logging import get_logger
from perkhub.plugin.mechanic import (
    BargainRules,
    Basket,
    Ceiling,
    Claim,
    Consent,
    Discount,
    Draw,
    Gift,
    HandOut,
    JoinCircle,
    Mechanic,
    Odds,
    OnSale,
    OpenCircle,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    Stage,
    TakeBargain,
    Terms,
    UnitPrice,
    Wait,
)
from perkhub.plugin.registry import registry
from perkhub.plugin.unfit import unfit

log = get_logger(__name__)

T = TypeVar("T")

ON_PRICES = (UnitPrice, Discount, Gift, Refuse)
ON_SCARCE = (Claim, OpenCircle, JoinCircle, TakeBargain, Wait, Draw, Consent, Refuse)
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Working:
    """A mechanic, and settings that it understands. Every method raises MechanicBroken where the plugin is at fault."""

    mechanic: Mechanic
    config: BaseModel

    @property
    def key(self) -> str:
        """The mechanic's key."""
        return self.mechanic.key

    @property
    def stage(self) -> Stage:
        """When it acts on a price."""
        return self.mechanic.stage

    def stored(self) -> dict[str, Any]:
        """The settings as they are stored."""
        found: dict[str, Any] = self._ask("Config", lambda: self.config.model_dump(mode="json"))
        return found

    def variants(self) -> frozenset[UUID] | None:
        """Which variants it concerns; None is every one."""
        found = self._ask("variants", self.mechanic.variants, self.config)
        if found is not None and not (isinstance(found, frozenset) and all(isinstance(one, UUID) for one in found)):
            raise self._broken("variants", f"returned {type(found).__name__}, not a frozenset of UUIDs or None")
        return found

    def ceilings(self) -> dict[str, Ceiling]:
        """How far each shared counter may go that has an end."""
        found = self._ask("ceilings", self.mechanic.ceilings, self.config)
        if not isinstance(found, Mapping):
            raise self._broken("ceilings", f"returned {type(found).__name__}, not a mapping")
        for name, ceiling in found.items():
            if not isinstance(name, str) or not COUNTER.fullmatch(name) or not isinstance(ceiling, Ceiling):
                raise self._broken("ceilings", f"{name!r}: {ceiling!r} is no counter with a Ceiling")
        return dict(found)

    def odds(self) -> Odds | None:
        """What its draws are made by; None where it draws nothing."""
        found = self._ask("odds", self.mechanic.odds, self.config)
        if found is not None and (fault := odds_fault(found)) is not None:
            raise self._broken("odds", fault)
        return found

    def bargain(self) -> BargainRules | None:
        """How its bargains go; None where nobody opens any."""
        found = self._ask("bargain", self.mechanic.bargain, self.config)
        if found is not None and (fault := bargain_fault(found)) is not None:
            raise self._broken("bargain", fault)
        return found

    def problems(self, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> list[Problem]:
        """Why it must not be published."""
        found = self._list("problems", MOST_PROBLEMS, self.mechanic.problems, self.config, terms, on_sale)
        for one in found:
            if not isinstance(one, Problem):
                raise self._broken("problems", f"{type(one).__name__} is no Problem")
        return found

    def quote(self, basket: Basket, seen: Seen) -> list[PriceEffect]:
        """What it makes of the prices."""
        return self._effects("quote", self.mechanic.quote, basket, seen, ON_PRICES)

    def reserve(self, basket: Basket, seen: Seen) -> list[ReserveEffect]:
        """What taking part claims."""
        found = self._effects("reserve", self.mechanic.reserve, basket, seen, ON_SCARCE)
        fault = fault_of_places(found)
        taken = [one for one in found if isinstance(one, TakeBargain)]
        if taken and (seen.bargain is None or len(taken) > 1):
            fault = f"{len(taken)} bargains taken, of the one that is seen, or none"
        if fault is not None:
            raise self._broken("reserve", fault)
        return found

    def hand_out(self) -> HandOut:
        """How its coupons come to customers."""
        found = self._ask("hand_out", self.mechanic.hand_out, self.config)
        if not isinstance(found, HandOut):
            raise self._broken("hand_out", f"returned {type(found).__name__}, not a HandOut")
        if found.per_customer is not None and found.per_customer < 1:
            raise self._broken("hand_out", f"{found.per_customer!r} for each customer")
        return found

    def state(self, seen: Seen) -> Any:
        """What shops are shown."""
        found = self._ask("state", self.mechanic.state, self.config, seen)
        if not isinstance(found, self.mechanic.State):
            raise self._broken("state", f"returned {type(found).__name__}, not its State")
        return found

    def choice(self, said: object, *path: str) -> BaseModel:
        """What a buyer says to it, as its own model.

        Raises:
            CampaignInvalid: it is not what the model asks for; with the path.
        """
        model = self.mechanic.Choice
        if isinstance(said, model):
            return said
        return parsed(model, said, *path)

    def _effects(
        self, method: str, ask: Callable[..., Any], basket: Basket, seen: Seen, allowed: tuple[type, ...]
    ) -> list[Any]:
        found = self._list(method, MOST_EFFECTS, ask, self.config, basket, seen)
        lines: Collection[int] = {line.position for line in basket.lines}
        for effect in found:
            fault = fault_of(effect, self.mechanic, lines, allowed)
            if fault is not None:
                raise self._broken(method, fault)
        return found

    def _list(self, method: str, most: int, ask: Callable[..., Iterable[Any]], *told: Any) -> list[Any]:
        """An endless generator is a fault like any other."""
        found: list[Any] = []

        def gather() -> None:
            for one in ask(*told):
                if len(found) == most:
                    raise ValueError(f"more than {most} results")
                found.append(one)

        self._ask(method, gather)
        return found

    def _ask(self, method: str, ask: Callable[..., T], *told: Any) -> T:
        try:
            return ask(*told)
        except Exception as fault:  # whatever a plugin raises
            raise self._broken(method, repr(fault), cause=fault) from fault

    def _broken(self, method: str, fault: str, *, cause: Exception | None = None) -> MechanicBroken:
        return broken(self.key, method, fault, cause=cause)


def broken(mechanic: str, method: str, fault: str, *, cause: Exception | None = None) -> MechanicBroken:
    """The fault as an exception, once it is logged by the plugin's name."""
    log.error("a mechanic does not keep its contract", mechanic=mechanic, method=method, fault=fault, exc_info=cause)
    return MechanicBroken(mechanic, method, fault)


def mechanic_of(key: str) -> Mechanic | None:
    """The mechanic with this key; None where no plugin offers it any more."""
    offered = registry().mechanics.get(key)
    return None if offered is None else _made(offered)


_mechanics: dict[type[Mechanic], Mechanic] = {}


def _made(offered: type[Mechanic]) -> Mechanic:
    found = _mechanics.get(offered)
    if found is None:
        try:
            found = _mechanics[offered] = offered()
        except Exception as fault:  # whatever a plugin raises
            raise broken(offered.key, "__init__", repr(fault), cause=fault) from fault
    return found


def at_work(key: str, config: Mapping[str, Any], version: int) -> Working | None:
    """The mechanic with settings as they were stored, upgraded where an older plugin stored them; None where it is gone.

    Raises:
        MechanicBroken.
    """
    mechanic = mechanic_of(key)
    if mechanic is None:
        return None
    stored = dict(config)
    try:
        if version != mechanic.config_version:
            stored = mechanic.upgrade(stored, version)
        return Working(mechanic, mechanic.Config.model_validate(stored))
    except Exception as fault:  # whatever a plugin raises
        raise broken(key, "upgrade", repr(fault), cause=fault) from fault


def parsed(model: type[BaseModel], said: object, *path: str) -> BaseModel:
    """What somebody said, by a plugin's model.

    Raises:
        CampaignInvalid: with the path of the first field at fault.
        MechanicBroken: its validators raise what they may not.
    """
    try:
        return model.model_validate(said.model_dump() if isinstance(said, BaseModel) else said)
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False)[0]
        where, why = (*path, *(camel(str(step)) for step in first["loc"])), unfit(first)
        raise CampaignInvalid(path=where, reason=why.en, reason_zh=why.zh) from None
    except Exception as fault:  # whatever a plugin's validators raise
        raise broken(model.__qualname__, "validate", repr(fault), cause=fault) from fault


def camel(name: str) -> str:
    """A field as clients write it."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
