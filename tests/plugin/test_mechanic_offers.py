"""A mechanic that is not in order is refused at start, by the name of its fault."""

from typing import Any

import pytest

from perkhub.plugin import Title
from perkhub.plugin.mechanic import Mechanic
from perkhub.plugin.offers import mechanic_faults
from tests.plugin.mechanics import Wheel


def changed(**attributes: Any) -> type[Mechanic]:
    return type("Changed", (Wheel,), attributes)


async def quote(_self: Mechanic, config: Any, basket: Any, seen: Any) -> list[Any]:
    return []


def test_a_mechanic_in_order_has_no_fault():
    assert list(mechanic_faults(Wheel)) == []


@pytest.mark.parametrize(
    ("offered", "fault"),
    [
        (Wheel(), "the class, not an instance"),
        (changed(key="Wheel"), "`key`"),
        (changed(title="Wheel"), "`title`"),
        (changed(Config=dict), "`Config`"),
        (changed(Choice=None), "`Choice`"),
        (changed(State=int), "`State`"),
        (changed(stage="line"), "`stage`"),
        (changed(config_version=0), "`config_version`"),
        (changed(REASONS={"closed": Title(en="Closed", zh="")}), "REASONS['closed']"),
        (changed(quote=quote), "method `quote` must not be async"),
        (changed(state=lambda self: None), "method `state` must take"),
    ],
    ids=["instance", "key", "title", "config", "choice", "state", "stage", "version", "reasons", "async", "parameters"],
)
def test_each_fault_is_named(offered: object, fault: str):
    faults = list(mechanic_faults(offered))
    assert len(faults) == 1
    assert fault in faults[0]


def test_what_is_missing_is_named():
    missing = type("Missing", (Mechanic,), {name: getattr(Wheel, name) for name in ("key", "title", "Config", "State")})
    assert list(mechanic_faults(missing)) == ["method `quote` is missing", "method `state` is missing"]
