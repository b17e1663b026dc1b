"""A database in which everything has happened at least once, and every counter counts something."""

from datetime import timedelta
from decimal import Decimal

from perkhub.campaigns import keep_coupon
from perkhub.catalog import BenefitKind
from perkhub.channels import Viewer
from perkhub.fulfilment import Decision
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.orders import expire_due_orders, settle_circle
from perkhub.payments import apply_top_up, start_top_up
from perkhub.plugin.supplier import Cost, Delivered, Echo, Rejected, Reversed, Supplies, Unknown
from perkhub.reactions import erase_person
from perkhub.vault import recall_lot
from tests.campaigns.bargains.haggling import Haggle, helped
from tests.campaigns.boxes import a_box, grown
from tests.campaigns.circles.groups import Group
from tests.campaigns.couponed import coupons
from tests.campaigns.making import flash_sale
from tests.factories import Person, Shop, StockedVariant
from tests.fulfilment.scripted import Scripted, a_code, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, work_off
from tests.orders import desk
from tests.orders.gateway import apply, money_came

FULFILMENT = (
    "fulfilment.obtain",
    "fulfilment.look",
    "entitlements.unobtainable",
    "event:orders.refund_unobtainable",
)


async def busy_day(shop: Shop) -> None:
    """A payment in review is what it leaves for a person to decide."""
    variant, other = await shop.variant(codes=30, quota=40, limit=20), await shop.variant(codes=30, price="0.333333")
    buyer, second = await shop.customers(2, wallet="500.00")
    await desk.place(second, variant)
    with travel(timedelta(minutes=20)):
        await expire_due_orders()
    await desk.cancel(second, await desk.place(second, variant))
    await desk.place(buyer, (variant, 2), other, device="d" * 64)
    bought = await desk.buy(buyer, (variant, 4), (other, 3))
    seen, returned, *_ = await desk.units_of(bought)
    await desk.show(buyer, seen.id)
    await desk.refund(buyer, bought, [returned.id])
    await desk.refund_as_staff(await desk.buy(second, variant, shown=True), even_if_seen=True)
    await desk.buy(second, (variant, 2), shown=True)
    await _groups(other, buyer, second)
    await _delivered_in_part(shop)
    await _through_the_gateway(shop)
    await _from_suppliers(shop)
    await _in_campaigns(shop)
    gone = await shop.customer()
    await transact(lambda tx: erase_person(tx, gone.party_id))


async def _in_campaigns(shop: Shop) -> None:
    """Held, taken, given back in part and released."""
    variant = await shop.variant(codes=10)
    sale = await flash_sale(variant, price="3.333333", quantity=9, limit=5)
    buyer, second = await shop.customers(2, wallet="500.00")
    bought = await desk.buy(buyer, (variant, 3), campaign=sale.id)
    await desk.refund(buyer, bought, [(await desk.units_of(bought))[0].id])
    await desk.place(buyer, variant, campaign=sale.id)
    await desk.cancel(second, await desk.place(second, (variant, 2), campaign=sale.id))
    box, _, _, boxes = await a_box(shop)
    await desk.buy(buyer, (box, 6), campaign=grown(boxes))
    await desk.place(second, box, campaign=grown(boxes))
    haggle = await Haggle.of(variant, floor="15.00", helpers=3)
    await helped(await haggle.open(buyer), 2)
    await haggle.buy(buyer)
    await helped(await haggle.open(second), 1)
    await haggle.place(second)
    _, [code, other, third] = await coupons(variant, off="2", threshold="3", claims_per_customer=9)
    await keep_coupon(third, channel=variant.channel, viewer=Viewer(buyer.party_id))
    await desk.buy(buyer, (variant, 4), codes=[code])
    await desk.cancel(second, await desk.place(second, (variant, 1), codes=[other]))


async def _groups(variant: StockedVariant, one: Person, other: Person) -> None:
    """A group that was full and is delivered, and one that waits for another member."""
    group = await Group.of(variant, seats=2, price="0.10")
    circle = await group.buy(one)
    await group.buy(other, circle)
    await settle_circle(circle)
    await group.buy(one)


async def _from_suppliers(shop: Shop) -> None:
    """Delivered, taken back, refused and refunded, given up at our risk; one of which nobody knows, and waits; a top-up."""
    sourcing = Sourcing(shop)
    with offered(scripted(supplies=frozenset(Supplies))):
        variant = await shop.variant(codes=0, price="30.00")
        account = await sourcing.account("scripted", {"script": "busy day"})
        await sourcing.offer(account, variant.id, "sku", cost="20.00")
        script, buyer = Scripted.scripts["busy day"], await shop.customer(wallet="1000.00")
        script.places.extend([Delivered(Echo(), "R1", codes=(a_code(), a_code())), Delivered(Echo(), "R2", codes=(a_code(),))])
        script.places.extend([Rejected("forbidden", elsewhere=False), Unknown("timeout"), Unknown("timeout")])
        script.looks.extend([Reversed("refunded", returned=Cost(Decimal(20), "CNY")), Unknown("still")])
        await sourcing.buy(buyer, (variant, 2))
        for _ in range(4):
            await work_off(*FULFILMENT)
            await sourcing.buy(buyer, (variant, 1))
        await work_off(*FULFILMENT)
        by_state = {one.state: one for one in await attempts()}
        _, taken_back, _, given_up, _ = await attempts()
        assert set(by_state) == {"delivered", "rejected", "unknown"}
        await sourcing.hint(taken_back.id)
        await sourcing.settled(given_up.id, Decision.AT_OUR_RISK)
        await work_off(*FULFILMENT)
        await sourcing.settled(taken_back.id, Decision.CLOSED)
        topped_up = await shop.variant(codes=0, price="30.00", kind=BenefitKind.TOP_UP)
        await sourcing.offer(account, topped_up.id, "top-up", cost="20.00", supplies=Supplies.TOP_UPS)
        script.places.append(Delivered(Echo(), "R9"))
        await sourcing.buy(buyer, (topped_up, 1))
        await work_off(*FULFILMENT)


async def _delivered_in_part(shop: Shop) -> None:
    """A part of what was held is recalled before it is paid."""
    variant = await shop.variant(codes=2)
    recalled = await shop.lot(variant.id, codes=2)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.place(buyer, (variant, 3))
    await transact(lambda tx: recall_lot(tx, recalled.id, reason="leaked", actor="staff:tests"))
    await desk.pay(buyer, order)


async def _through_the_gateway(shop: Shop) -> None:
    """Used, given back, not used yet, not fitting, not come yet; a refund on its way, and a top-up."""
    buyer = await shop.customer()
    order = await desk.place(buyer, (await shop.variant(codes=5), 2))
    used, second, unused, misfit, _ = [await desk.start_payment(order) for _ in range(5)]
    for payment in (used, second, unused):
        await money_came(payment)
    await apply(used.id)
    await apply(second.id)
    await money_came(misfit, Money(1, "CNY"))
    await desk.refund(buyer, order, [(await desk.units_of(order))[0].id])
    top_up = await transact(
        lambda tx: start_top_up(
            tx, new_id(), buyer.party_id, Money(700, "CNY"), payment=new_id(), method=desk.METHOD, return_url=desk.BACK
        )
    )
    await money_came(top_up)
    await transact(lambda tx: apply_top_up(tx, top_up.id))
