"""Whatever happens at once in whatever order: no deadlock, nothing lost, nothing twice, and the audit is content."""

import pytest

from perkhub.kit import db
from tests.concurrency.competitor import apart
from tests.concurrency.traffic import WALLET, Traffic
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import configured_gateway

# Whether units, money and codes are all accounted for, by other ways than the audit's.
CODES = "SELECT count(*) FROM code"
SPENT = "SELECT coalesce(sum(total - refunded), 0)::bigint FROM orders WHERE paid_at IS NOT NULL"
CAME_BY_GATEWAY = "SELECT coalesce(sum(received), 0)::bigint FROM payment WHERE method <> 'wallet' AND received IS NOT NULL"
GOES_BY_GATEWAY = "SELECT coalesce(sum(amount), 0)::bigint FROM refund WHERE state = 'pending'"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
SEEN_AGAIN = """
    SELECT count(*) FROM custody seen JOIN custody sold ON sold.code_id = seen.code_id AND sold.id > seen.id
    WHERE seen.action = 'revealed' AND sold.action = 'sold'
"""


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch, wide_pool: None) -> None:
    configured_gateway(monkeypatch)


@pytest.fixture
def unforgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock is retried in the house; here it ends the test."""
    monkeypatch.setattr(db, "CONFLICTS", ())


async def accounted_for(traffic: Traffic) -> None:
    assert await db.value(CODES) == traffic.stocked
    wallets = await desk.book("party")
    spent, came, goes = [await db.value(sql) for sql in (SPENT, CAME_BY_GATEWAY, GOES_BY_GATEWAY)]
    assert wallets == WALLET * len(traffic.people) + came - goes - spent
    assert await db.value(SEEN_AGAIN) == 0
    await desk.assert_clean()


@pytest.mark.parametrize("seed", range(3))
async def test_a_random_day(shop: Shop, unforgiving: None, seed: int):
    traffic = await Traffic.opened(shop, seed)
    await traffic.run(actors=16, turns=25)
    happened = {name for name in traffic.done if ":" not in name}
    assert len(happened) >= 8, traffic.done
    await accounted_for(traffic)


async def test_a_crowd_never_deadlocks(shop: Shop, unforgiving: None):
    """Thirty-two at once on two variants: baskets in both orders, refunds, cancels, recalls, new lots."""
    traffic = await Traffic.opened(shop, 77, people=12, variants=2, codes=120)
    await traffic.run(actors=32, turns=18)
    assert await apart(db.value(DEADLOCKS)) == 0
    await accounted_for(traffic)
