"""The built-in suppliers keep every rule of the kit that third parties run."""

from decimal import Decimal

import pytest

from perkhub.plugin.supplier import Cost, FaceValue
from perkhub.plugin.testing.conformance import ByAmount, Subject, SupplierConformance, TopUp
from perkhub_plugins.suppliers.fulu.client import Fulu
from perkhub_plugins.suppliers.reloadly.client import Reloadly


class TestFulu(SupplierConformance):
    @pytest.fixture
    def subject(self) -> Subject:
        return Subject(
            Fulu,
            sandbox="fulu",
            sku="card:10000587",
            refused_sku="card:1",
            top_up=TopUp("direct:10000585", {"charge_account": "13800000001"}, target="13800000001"),
            switches={"wrong_item": "wrong_product", "malformed_code": "malformed_card"},
        )


class TestFuluForPhones(SupplierConformance):
    """The same account, where top-ups are credit for phones."""

    @pytest.fixture
    def subject(self) -> Subject:
        return Subject(
            Fulu,
            sandbox="fulu",
            sku="card:10000587",
            refused_sku="card:1",
            top_up=TopUp("mobile:50", {"charge_phone": "13800138000"}, target="13800138000"),
            switches={"wrong_item": "wrong_product", "malformed_code": "malformed_card"},
        )


class TestReloadly(SupplierConformance):
    @pytest.fixture
    def subject(self) -> Subject:
        return Subject(
            Reloadly,
            sandbox="reloadly",
            sku="120:25",
            refused_sku="123:10",
            by_amount=ByAmount("122", FaceValue(Decimal(120), "CNY"), FaceValue(Decimal("55.5"), "CNY")),
            maximum_cost=Cost(Decimal(1000), "USD"),
            switches={"wrong_item": "wrong_product"},
        )
