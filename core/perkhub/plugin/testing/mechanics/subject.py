"""What a mechanic's author says to the kit: which mechanic, with which settings, and who takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.plugin.mechanic import Basket, Line, Mechanic, OnSale, Seen, Terms

BUYER = UUID(int=7)
STRANGE = UUID(int=0xABCDEF)  # a variant that no subject names


@dataclass(frozen=True)
class MechanicSubject:
    """A mechanic under test.

    `config` are settings that may be published, and `bought` what takes part under them: variant and quantity, at `unit`.
    `seen` is what a buyer needs to have done before (an open bargain); nothing, for most.
    `older` are settings as earlier versions of the plugin stored them, by version.
    """

    mechanic: type[Mechanic]
    config: Mapping[str, Any]
    bought: Mapping[UUID, int]
    unit: Decimal = Decimal(15)
    choice: Mapping[str, Any] | None = None
    on_sale: Mapping[UUID, OnSale] = field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    seen: Seen = field(default_factory=Seen)
    older: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def settings(self) -> Any:
        """The settings, checked."""
        return self.mechanic.Config.model_validate(dict(self.config))

    def shelf(self) -> Mapping[UUID, OnSale]:
        """What is said to be on sale: what is bought at its price, unless the subject says otherwise."""
        return {**{variant: OnSale(variant, self.unit) for variant in self.bought}, **self.on_sale}

    def terms(self) -> Terms:
        """A campaign of a week, from now."""
        return Terms(UUID(int=9), "CNY", now(), now() + timedelta(days=7), self.regions, "Asia/Shanghai")

    def basket(
        self,
        bought: Mapping[UUID, int] | None = None,
        *,
        times: int = 1,
        buyer: UUID | None = BUYER,
        chosen: bool = True,
        at: datetime | None = None,
    ) -> Basket:
        """What takes part, so many times over; or anything else."""
        given = self.bought if bought is None else bought
        choice = self.mechanic.Choice.model_validate(dict(self.choice or {})) if chosen else None
        lines = tuple(
            Line(
                position=position,
                variant=variant,
                product=UUID(int=variant.int ^ 1),
                categories=frozenset(),
                quantity=quantity * times,
                list_unit=self.unit,
                unit=self.unit,
                total=int(self.unit * quantity * times * 100),
                choice=choice,
            )
            for position, (variant, quantity) in enumerate(given.items())
        )
        return Basket(lines, "CNY", at or now(), buyer=buyer, code="CODE")

    def odd_baskets(self) -> Sequence[Basket]:
        """What a mechanic may be asked about, whatever it was made for."""
        return [
            self.basket(),
            self.basket(times=1000),
            self.basket(buyer=None),
            self.basket(chosen=False),
            self.basket({}),
            self.basket({STRANGE: 1}),
            self.basket({STRANGE: 3, **self.bought}),
        ]
