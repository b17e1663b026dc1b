"""The kit against plugins that are in order, in the three ways of ordering: else what it says of broken ones proves nothing."""

from decimal import Decimal

import pytest

from perkhub.plugin.supplier import FaceValue
from perkhub.plugin.testing.conformance import ByAmount, Subject, SupplierConformance, TopUp
from tests.plugin.conformance.tiny.client import Tiny, TinyRejecting, TinyReserving

SANDBOX = "tests.plugin.conformance.tiny.sandbox:tiny"


def subject_of(supplier: type[Tiny]) -> Subject:
    return Subject(
        supplier,
        sandbox=SANDBOX,
        sku="GIFT-10",
        refused_sku="GIFT-0",
        other_sku="GIFT-20",
        top_up=TopUp("TOP-10", {"account": "13800000001"}, target="13800000001"),
        by_amount=ByAmount("RANGE", FaceValue(Decimal(50), "CNY"), FaceValue(Decimal(120), "CNY")),
    )


class TestTiny(SupplierConformance):
    @pytest.fixture
    def subject(self) -> Subject:
        return subject_of(Tiny)


class TestTinyRejecting(SupplierConformance):
    @pytest.fixture
    def subject(self) -> Subject:
        return subject_of(TinyRejecting)


class TestTinyReserving(SupplierConformance):
    @pytest.fixture
    def subject(self) -> Subject:
        return subject_of(TinyReserving)
