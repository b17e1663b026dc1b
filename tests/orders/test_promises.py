"""What was promised when an order was placed: until when its money comes back, and how long its benefits are good."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perkhub.catalog import ProductChanges, RefundKind, RefundPolicy, Validity, ValidityKind, update_product
from perkhub.entitlements import EntitlementAlreadySeen, EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.orders import NothingToRefund, OrderState, RefundNotOffered, RefundWindowClosed, lines_of
from perkhub.pricing import BenefitOver
from perkhub.vault import OutOfStock, expire_codes
from tests.factories import Shop, StockedVariant
from tests.orders import desk

NEVER = RefundPolicy(RefundKind.NEVER)
A_WEEK = RefundPolicy(RefundKind.WITHIN_DAYS, 7)
HONOLULU, SHANGHAI = "Pacific/Honolulu", "Asia/Shanghai"


def until(day: datetime) -> Validity:
    return Validity(ValidityKind.UNTIL, until=day.date())


def for_days(days: int) -> Validity:
    return Validity(ValidityKind.FROM_DELIVERY, days=days)


def day_ends(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(hour=23, minute=59, second=59, microsecond=0).astimezone(UTC)


async def promise(variant: StockedVariant, changes: ProductChanges) -> None:
    """Change what the product says, as an operator does."""
    version: int = await db.value("SELECT version FROM product WHERE id = $1", variant.product_id)
    await transact(lambda tx: update_product(tx, variant.product_id, changes, expected_version=version))


async def test_what_was_sold_without_refunds_stays_sold(shop: Shop):
    variant = await shop.variant(codes=2, refund_policy=NEVER)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    unit = (await desk.units_of(order))[0].id
    async with desk.nothing_changes():
        for units in (None, [unit]):
            with pytest.raises(RefundNotOffered) as refused:
                await desk.refund(buyer, order, units)
            assert refused.value.path == (("orderId",) if units is None else ("entitlementIds",))
            with pytest.raises(RefundNotOffered):
                await desk.refund_as_staff(order, units, even_if_seen=True)
    await desk.assert_clean()


async def test_an_operator_overrules_the_policy_and_says_why(shop: Shop):
    variant = await shop.variant(codes=2, refund_policy=NEVER)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    seen, unseen = await desk.units_of(order)
    await desk.show(buyer, seen.id)
    async with desk.nothing_changes():
        for reason in ("", " \n"):
            with pytest.raises(InvalidInput) as refused:
                await desk.refund_as_staff(order, against_policy=True, reason=reason)
            assert refused.value.path == ("reason",)
        with pytest.raises(EntitlementAlreadySeen):
            await desk.refund_as_staff(order, [seen.id, unseen.id], against_policy=True)
    refunded = await desk.refund_as_staff(order, against_policy=True)
    assert (refunded.state, refunded.refunded.minor) == (OrderState.PARTLY_REFUNDED, 1990)
    refunded = await desk.refund_as_staff(order, against_policy=True, even_if_seen=True)
    assert (refunded.state, await desk.wallet_of(buyer)) == (OrderState.REFUNDED, 10000)
    await desk.assert_clean()


@pytest.mark.parametrize("zone", [HONOLULU, SHANGHAI])
async def test_the_days_for_asking_end_with_the_last_one_where_it_was_sold(shop: Shop, zone: str):
    channel = await shop.channel(f"in-{zone[:4].lower()}", zone=zone)
    variant = await shop.variant(codes=2, refund_policy=A_WEEK, channel=channel)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2))
    first, second = await desk.units_of(order)
    assert order.paid_at is not None
    ends = day_ends(order.paid_at.astimezone(ZoneInfo(zone)) + timedelta(days=7), zone)
    with travel(ends - now() - timedelta(minutes=1)):
        await desk.refund(buyer, order, [first.id])
    with travel(ends - now()):
        async with desk.nothing_changes():
            with pytest.raises(RefundWindowClosed) as refused:
                await desk.refund(buyer, order, [second.id])
            assert refused.value.data["until"] == ends.isoformat()
            with pytest.raises(RefundWindowClosed):
                await desk.refund(buyer, order)
        await desk.refund_as_staff(order, against_policy=True)
    await desk.assert_clean()


async def test_the_days_for_asking_begin_with_the_payment(shop: Shop):
    """An order that was placed before midnight and paid after it: its days are counted from the second day."""
    variant = await shop.variant(codes=1, refund_policy=RefundPolicy(RefundKind.WITHIN_DAYS, 1))
    buyer = await shop.customer(wallet="100.00")
    evening = day_ends(now(), SHANGHAI) - timedelta(minutes=1)
    with travel(evening - now()):
        placed = await desk.place(buyer, variant)
    with travel(evening - now() + timedelta(minutes=2)):
        order = await desk.pay(buyer, placed)
    with travel(evening - now() + timedelta(days=1, hours=20)):
        assert (await desk.refund(buyer, order)).state is OrderState.REFUNDED
    await desk.assert_clean()


async def test_a_promise_holds_as_it_was_when_the_order_was_placed(shop: Shop):
    kind, strict = await shop.variant(codes=1), await shop.variant(codes=1, refund_policy=NEVER, validity=for_days(3))
    buyer = await shop.customer(wallet="100.00")
    before, refused = await desk.place(buyer, kind), await desk.place(buyer, strict)
    await promise(kind, {"refund_policy": NEVER, "validity": for_days(1)})
    await promise(strict, {"refund_policy": RefundPolicy(), "validity": for_days(30)})
    await desk.pay(buyer, before)
    await desk.pay(buyer, refused)
    (lasting,), (short,) = await desk.units_of(before), await desk.units_of(refused)
    assert lasting.expires_at is None
    assert short.expires_at == day_ends(now() + timedelta(days=3), SHANGHAI)
    with pytest.raises(RefundNotOffered):
        await desk.refund(buyer, refused)
    assert (await desk.refund(buyer, before)).state is OrderState.REFUNDED
    [line] = await lines_of([refused])
    assert (line.refund_policy, line.validity) == (NEVER, for_days(3))
    await desk.assert_clean()


async def test_of_several_lines_each_has_its_own_policy(shop: Shop):
    gone, kept = await shop.variant(codes=1), await shop.variant(codes=1, refund_policy=NEVER)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, gone, kept)
    units = [unit.id for unit in await desk.units_of(order)]
    async with desk.nothing_changes():
        with pytest.raises(RefundNotOffered):
            await desk.refund(buyer, order, units)
    refunded = await desk.refund(buyer, order)
    assert (refunded.state, refunded.refunded.minor) == (OrderState.PARTLY_REFUNDED, 1990)
    async with desk.nothing_changes():
        with pytest.raises(RefundNotOffered):
            await desk.refund(buyer, order)
    await desk.assert_clean()


@pytest.mark.parametrize("zone", [HONOLULU, SHANGHAI])
async def test_a_benefit_ends_by_the_calendar_where_it_was_sold(shop: Shop, zone: str):
    channel = await shop.channel(f"in-{zone[:4].lower()}", zone=zone)
    buyer = await shop.customer(wallet="100.00")
    today = now().astimezone(ZoneInfo(zone))
    lasting = await shop.variant(codes=1, validity=for_days(30), channel=channel)
    dated = await shop.variant(codes=1, validity=until(today), channel=channel)
    as_printed = await shop.variant(codes=1, channel=channel)
    ends = [(await desk.units_of(await desk.buy(buyer, one)))[0].expires_at for one in (lasting, dated, as_printed)]
    assert ends == [day_ends(today + timedelta(days=30), zone), day_ends(today, zone), None]


async def test_a_code_that_ends_sooner_ends_the_benefit(shop: Shop):
    soon = now() + timedelta(days=2)
    variant = await shop.variant(codes=1, expires_at=soon, validity=for_days(30))
    buyer = await shop.customer(wallet="100.00")
    (unit,) = await desk.units_of(await desk.buy(buyer, variant))
    assert unit.expires_at == soon


async def test_what_is_over_is_neither_quoted_nor_sold(shop: Shop):
    variant = await shop.variant(codes=2, validity=until(now() - timedelta(days=2)))
    buyer = await shop.customer(wallet="100.00")
    async with desk.nothing_changes():
        for attempt in (desk.buy, desk.place):
            with pytest.raises(BenefitOver) as refused:
                await attempt(buyer, variant)
            assert refused.value.path == ("lines", "0", "variantId")


async def test_what_was_over_before_it_was_paid_is_given_back(shop: Shop):
    today = now().astimezone(ZoneInfo(SHANGHAI))
    variant = await shop.variant(codes=2, validity=until(today))
    other = await shop.variant(codes=1)
    buyer = await shop.customer(wallet="100.00")
    night = day_ends(now(), SHANGHAI) - timedelta(minutes=1)
    with travel(night - now()):
        part = await desk.place(buyer, variant, other)
        whole = await desk.place(buyer, variant, all_or_nothing=True)
    with travel(night - now() + timedelta(minutes=2)):
        paid = await desk.pay(buyer, part)
        assert {unit.state for unit in await desk.units_of(part)} == {EntitlementState.FAILED, EntitlementState.ISSUED}
        assert (paid.state, await desk.wallet_of(buyer)) == (OrderState.PARTLY_REFUNDED, 10000 - 1990)
        with pytest.raises(OutOfStock):
            await desk.pay(buyer, whole)
        await desk.cancel(buyer, whole)
    assert await desk.stock_of(variant) == (2, 0)
    await desk.assert_clean()


async def test_what_has_expired_is_refunded_only_on_an_operators_word(shop: Shop):
    """An unseen code whose own time is not over goes back on sale; one that is over is taken out of stock after that."""
    soon = now() + timedelta(days=2)
    short, dated = await shop.variant(codes=1, validity=for_days(2)), await shop.variant(codes=1, expires_at=soon)
    buyer = await shop.customer(wallet="100.00")
    orders = [await desk.buy(buyer, short), await desk.buy(buyer, dated)]
    with travel(timedelta(days=4)):
        for order in orders:
            (unit,) = await desk.units_of(order)
            async with desk.nothing_changes():
                for units in (None, [unit.id]):
                    with pytest.raises(NothingToRefund):
                        await desk.refund(buyer, order, units)
                    with pytest.raises(NothingToRefund):
                        await desk.refund_as_staff(order, units, even_if_seen=True)
            assert (await desk.refund_as_staff(order, against_policy=True)).state is OrderState.REFUNDED
        assert await desk.wallet_of(buyer) == 10000
        await expire_codes()
        assert [await desk.stock_of(one) for one in (short, dated)] == [(1, 0), (0, 0)]
        await desk.assert_clean()
