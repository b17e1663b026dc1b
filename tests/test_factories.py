"""The factories leave what production code leaves: what they make can be bought, opened and audited."""

import pytest

from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.sealing import Unsealable
from perkhub.ledger import balances
from perkhub.vault import read_sealed, unseal_credentials
from tests.factories import Shop
from tests.fixtures.house import house, shop

__all__ = ["house", "shop"]


async def test_codes_are_really_sealed(shop: Shop):
    variant = await shop.variant(codes=3)
    sealed = await transact(lambda tx: read_sealed(tx, [code.id for code in variant.codes]))
    opened = {code.code_id: await unseal_credentials(code) for code in sealed}
    assert opened == {code.id: code.credentials for code in variant.codes}
    other = await shop.variant(codes=1)
    with pytest.raises(Unsealable):
        await unseal_credentials(type(sealed[0])(sealed[0].code_id, other.lot.id, sealed[0].data_key_id, sealed[0].sealed))


async def test_stock_ledger_and_custody_agree(shop: Shop):
    variant = await shop.variant(codes=4, cost="2.50")
    assert await db.value("SELECT available FROM stock WHERE variant_id = $1", variant.id) == 4
    assert await db.value("SELECT quantity FROM lot WHERE id = $1", variant.lot.id) == 4
    assert await db.value("SELECT count(*) FROM custody WHERE lot_id = $1 AND action = 'in'", variant.lot.id) == 4
    assert await db.value("SELECT count(*) FROM fingerprint") == 4
    booked = await db.rows("SELECT book, amount FROM ledger_entry ORDER BY book")
    assert [tuple(row) for row in booked] == [("inventory", -1000), ("payable", 1000)]


async def test_people_have_wallets(shop: Shop):
    one, two = await shop.customers(2, wallet="5.00")
    await shop.wallet(two, "1.00")
    assert [(await balances(person.party_id))[0].balance.minor for person in (one, two)] == [500, 600]
