"""A mechanic in order, for tests of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from perkhub.plugin import Register, Title, hookimpl
from perkhub.plugin.mechanic import Basket, Mechanic, PriceEffect, Seen


@dataclass(frozen=True, slots=True)
class WheelState:
    """How often it was turned."""

    turns: int


class Wheel(Mechanic):
    """Turns, and changes no price."""

    key = "lucky_wheel"
    title = Title(en="Lucky wheel", zh="幸运转盘")
    State = WheelState
    REASONS = {"closed": Title(en="It does not turn.", zh="转盘未开放。")}

    class Config(BaseModel):
        """How often it turns."""

        turns: int = Field(gt=0, description="Turns in all")

    def quote(self, config: Config, basket: Basket, seen: Seen) -> Sequence[PriceEffect]:
        """Nothing becomes cheaper."""
        return ()

    def state(self, config: Config, seen: Seen) -> WheelState:
        """What was turned."""
        return WheelState(seen.taken("turns"))


def mechanics_hook(*offered: type[Mechanic]) -> Any:
    """A hook that offers these."""

    @hookimpl
    def register_mechanics(register: Register[type[Mechanic]]) -> None:
        for each in offered:
            register(each)

    return register_mechanics
