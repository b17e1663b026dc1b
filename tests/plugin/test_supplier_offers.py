"""What a supplier promises in its capabilities, its methods must keep: a plugin that does not is refused at start."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from perkhub.plugin.offers import supplier_faults
from perkhub.plugin.supplier import (
    CallbackHint,
    Delivery,
    Idempotency,
    OrderQuery,
    Rate,
    SuppliedCode,
    Supplier,
    offers,
)
from tests.plugin.suppliers import CAPABILITIES, Acme


class Plain(BaseModel):
    api_key: str


async def fetch_codes(_self: Supplier, query: OrderQuery) -> list[SuppliedCode]:
    return []


def verify_callback(_self: Supplier, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
    return CallbackHint(nonce="0" * 16)


def changed(**attributes: Any) -> type[Supplier]:
    return type("Changed", (Acme,), attributes)


def promising(**capabilities: Any) -> type[Supplier]:
    return changed(capabilities=replace(CAPABILITIES, **capabilities))


def test_a_supplier_in_order_has_no_fault():
    assert list(supplier_faults(Acme)) == []
    several = changed(
        fetch_codes=fetch_codes,
        verify_callback=verify_callback,
        capabilities=replace(CAPABILITIES, delivery=Delivery.SECOND_CALL, callbacks=True),
    )
    assert list(supplier_faults(several)) == []


@pytest.mark.parametrize(
    ("offered", "fault"),
    [
        (Acme.__new__(Acme), "the class, not an instance"),
        (changed(key="Acme!"), "`key`"),
        (changed(title="Acme"), "`title`"),
        (changed(Settings=Plain), "must be a SecretStr"),
        (changed(capabilities=None), "`capabilities` must be"),
        (promising(supplies=frozenset()), "what can be bought"),
        (promising(two_phase=True), "`confirm`"),
        (promising(delivery=Delivery.SECOND_CALL), "`fetch_codes`"),
        (changed(fetch_codes=fetch_codes), "`fetch_codes`"),
        (promising(callbacks=True), "`verify_callback`"),
        (promising(delivery=Delivery.CALLBACK), "needs `callbacks`"),
        (promising(idempotency=Idempotency.REPLAY), "replay_window"),
        (promising(replay_window=timedelta(days=1)), "replay_window"),
        (promising(max_quantity=0), "at least 1"),
        (promising(max_rate=Rate(0, 1)), "`max_rate`"),
        (changed(test_connection=Supplier.test_connection), "`test_connection` or `balance`"),
        (changed(place=lambda self, request: None), "`place` must be async"),
    ],
)
def test_each_fault_is_named(offered: object, fault: str):
    assert any(fault in told for told in supplier_faults(offered))


def test_what_is_not_overridden_is_not_offered():
    assert not offers(Acme, "catalog")
    assert offers(changed(fetch_codes=fetch_codes), "fetch_codes")
