"""Every broken plugin under the kit. Run by `test_broken.py` in a process of its own; most of it must fail."""

import pytest

from perkhub.plugin.testing.conformance import Subject, SupplierConformance
from tests.plugin.conformance.broken import BROKEN, doubts, orders, telling
from tests.plugin.conformance.test_tiny import subject_of
from tests.plugin.conformance.tiny.client import Tiny

ROOMS = (doubts, orders, telling)  # importing them fills BROKEN


def made_of(plugin: type[Tiny]) -> type[SupplierConformance]:
    """A class of tests, as an integrator would write it."""

    @pytest.fixture
    def subject(_: object) -> Subject:
        return subject_of(plugin)

    return type(f"Test{plugin.__name__}", (SupplierConformance,), {"subject": subject})


globals().update({f"Test{plugin.__name__}": made_of(plugin) for plugin in BROKEN.values()})
