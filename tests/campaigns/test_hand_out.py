"""Coupons handed out: one by a click or by its code, so many to each and never more, whoever comes at once."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from perkhub.campaigns import (
    Campaign,
    CampaignAudience,
    CampaignEnded,
    CampaignLimitReached,
    CampaignNotForYou,
    CampaignNotOpen,
    CampaignOver,
    CampaignPaused,
    MechanicBroken,
    create_campaign,
    end_campaign,
    hand_out,
    keep_coupon,
    pause_campaign,
    request_coupons,
)
from perkhub.campaigns.coupons import (
    Coupon,
    CouponBatchState,
    CouponExpired,
    CouponMistyped,
    CouponNotYours,
    CouponsByCodeOnly,
    CouponsGone,
    CouponStanding,
    CouponState,
    CouponUnknown,
    CouponUsed,
    CouponVoid,
    batches_of,
    counts_of,
    coupons_of_party,
    make_batch,
    void_batch,
    void_coupon,
)
from perkhub.campaigns.coupons import bind as binding
from perkhub.campaigns.coupons import make as making
from perkhub.campaigns.coupons import sql as claims
from perkhub.channels import Channel, Viewer
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound, TooFast
from perkhub.kit.ids import new_id
from perkhub.plugin.mechanic import HandOut
from perkhub_plugins.mechanics.coupon import Coupon as CouponMechanic
from tests.campaigns.couponed import codes_of, couponed, coupons, made
from tests.campaigns.making import a_draft, counted, flash_sale
from tests.factories import Shop
from tests.orders import desk


async def claim(campaign: Campaign, channel: Channel, party: UUID | None = None) -> Coupon:
    viewer = Viewer(party or new_id())
    return (await transact(lambda tx: hand_out(tx, new_id(), campaign.id, channel=channel, viewer=viewer))).coupon


async def enter(code: str, channel: Channel, party: UUID) -> Coupon:
    return (await keep_coupon(code, channel=channel, viewer=Viewer(party))).coupon


def outcomes(found: list[Any]) -> Counter[type]:
    return Counter(type(one) for one in found)


async def test_thirty_coupons_for_fifty_who_want_one(shop: Shop):
    variant = await shop.variant(codes=1)
    campaign = await couponed(variant, claimable=True)
    for _ in range(3):
        await made(campaign.id, 10)
    wanted = (claim(campaign, variant.channel) for _ in range(50))
    found = await asyncio.gather(*wanted, return_exceptions=True)
    assert outcomes(found) == {Coupon: 30, CouponsGone: 20}
    assert len({one.id for one in found if isinstance(one, Coupon)}) == 30
    assert await db.value("SELECT count(*) FROM campaign_counter") == 30  # of those who got none, nothing is counted
    await desk.assert_clean()


async def at_once(campaign: Campaign, channel: Channel, times: int) -> list[Any]:
    party = new_id()
    return await asyncio.gather(*(claim(campaign, channel, party) for _ in range(times)), return_exceptions=True)


async def test_forty_claims_of_one_customer_at_once(shop: Shop):
    variant = await shop.variant(codes=1)
    campaign = await couponed(variant, claimable=True, claims_per_customer=3)
    await made(campaign.id, 60)
    found = await at_once(campaign, variant.channel, 40)
    assert outcomes(found) == {Coupon: 3, CampaignLimitReached: 37}
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'bound'") == 3
    await desk.assert_clean()


async def test_the_limit_is_what_holds(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """With the ceiling taken out of the claim, one customer gets them all."""
    monkeypatch.setattr(binding, "HAND_OUT", claims.HAND_OUT.replace("n.value < excluded.ceiling", "true"))
    await db.value("ALTER TABLE campaign_counter DROP CONSTRAINT campaign_counter_value")
    variant = await shop.variant(codes=1)
    campaign = await couponed(variant, claimable=True)
    await made(campaign.id, 20)
    assert outcomes(await at_once(campaign, variant.channel, 20)) == {Coupon: 20}


async def test_forty_enter_one_code_at_once(shop: Shop):
    variant = await shop.variant(codes=1)
    campaign, [code] = await coupons(variant, quantity=1)
    parties = [new_id() for _ in range(40)]
    found = await asyncio.gather(*(enter(code, variant.channel, one) for one in parties), return_exceptions=True)
    assert outcomes(found) == {Coupon: 1, CouponNotYours: 39}
    assert await db.value("SELECT count(*) FROM campaign_counter") == 1
    [winner] = [one for one in found if isinstance(one, Coupon)]
    assert winner.party_id is not None
    again = await enter(code.lower(), variant.channel, winner.party_id)
    assert (again.id, again.state) == (winner.id, CouponState.BOUND)
    assert await db.value("SELECT value FROM campaign_counter WHERE campaign_id = $1", campaign.id) == 1
    await desk.assert_clean()


async def test_claims_and_codes_count_together(shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    campaign = await couponed(variant, claimable=True, claims_per_customer=2)
    first, second, third, *_ = await made(campaign.id, 6)
    buyer = await shop.customer(wallet="50.00")
    await enter(first, variant.channel, buyer.party_id)
    await enter(second, variant.channel, buyer.party_id)
    with pytest.raises(CampaignLimitReached) as refused:
        await enter(third, variant.channel, buyer.party_id)
    assert (refused.value.path, refused.value.data["limit"]) == (("code",), 2)
    with pytest.raises(CampaignLimitReached):
        await claim(campaign, variant.channel, buyer.party_id)
    assert await counted(campaign, "+handed_out", buyer) == 2
    # Not counted as handed out: it is used by its code alone.
    order = await desk.buy(buyer, variant, codes=[third])
    assert order.total.minor == 1000
    with pytest.raises(CouponUsed):
        await enter(third, variant.channel, buyer.party_id)
    await desk.assert_clean()


async def test_why_none_is_handed_out(shop: Shop):
    variant = await shop.variant(codes=1)
    channel = variant.channel
    by_code = await couponed(variant)
    await made(by_code.id, 1)
    with pytest.raises(CouponsByCodeOnly):
        await claim(by_code, channel)
    with pytest.raises(CouponsByCodeOnly):
        await claim(await flash_sale(variant), channel)
    later = await couponed(variant, {"starts_at": now() + timedelta(minutes=9)}, claimable=True)
    with pytest.raises(CampaignNotOpen):
        await claim(later, channel)
    listed = await couponed(variant, {"audience": CampaignAudience(listed=True)}, claimable=True)
    with pytest.raises(CampaignNotForYou):
        await claim(listed, channel)
    elsewhere = await couponed(await shop.variant(channel=await shop.channel("business")), claimable=True)
    draft = await transact(lambda tx: create_campaign(tx, a_draft(variant, "coupon", {"off": "5", "claimable": True})))
    for hidden in (elsewhere, draft):
        with pytest.raises(NotFound) as unknown:
            await claim(hidden, channel)
        assert unknown.value.path == ("campaignId",)
    live = await couponed(variant, claimable=True)
    with pytest.raises(CouponsGone):
        await claim(live, channel)
    await made(live.id, 1)
    await transact(lambda tx: pause_campaign(tx, live.id))
    with pytest.raises(CampaignPaused):
        await claim(live, channel)
    with travel(timedelta(hours=2)), pytest.raises(CampaignOver) as over:
        await claim(live, channel)
    assert over.value.path == ("campaignId",)


async def test_a_campaign_that_was_stopped_elsewhere_hands_nothing_out(shop: Shop):
    """What this process remembers is a second old; the claim itself looks again."""
    variant = await shop.variant(codes=1)
    campaign = await couponed(variant, claimable=True)
    await made(campaign.id, 5)
    await claim(campaign, variant.channel)
    await db.value("UPDATE campaign SET state = 'paused' WHERE id = $1", campaign.id)
    with pytest.raises(CampaignPaused):
        await claim(campaign, variant.channel)
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'bound'") == 1


async def test_what_a_code_is_refused_for(shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    campaign, [code, other, void, *_] = await coupons(variant, quantity=5)
    owner, stranger = await shop.customer(wallet="50.00"), new_id()

    async def refused(given: str, party: UUID) -> type:
        with pytest.raises(Exception) as refusal:  # noqa: PT011 - whichever it is, is what is asked for
            await enter(given, variant.channel, party)
        assert getattr(refusal.value, "path", None) == ("code",)
        assert str(owner.party_id) not in repr(vars(refusal.value))
        return refusal.type

    await enter(code, variant.channel, owner.party_id)
    await desk.buy(owner, variant, codes=[other])
    await transact(lambda tx: void_coupon(tx, void))
    assert await refused("", stranger) is CouponMistyped
    assert await refused(code[:-1] + ("2" if code[-1] != "2" else "3"), stranger) is CouponMistyped
    assert await refused("2222-2222-2222", stranger) in (CouponUnknown, CouponMistyped)
    # Used or not, it is somebody else's: no more is told.
    assert [await refused(one, stranger) for one in (code, other)] == [CouponNotYours] * 2
    assert await refused(other, owner.party_id) is CouponUsed
    assert await refused(void, stranger) is CouponVoid
    await transact(lambda tx: end_campaign(tx, campaign.id))
    assert await refused(code, owner.party_id) is CouponExpired
    assert await counted(campaign, "+handed_out", owner) == 1


@pytest.mark.parametrize("said", [HandOut(by_click=True, per_customer=0), None], ids=["to-nobody", "nothing"])
async def test_a_mechanic_that_says_what_cannot_be(shop: Shop, monkeypatch: pytest.MonkeyPatch, said: Any):
    variant = await shop.variant(codes=1)
    campaign = await couponed(variant, claimable=True)
    [code] = await made(campaign.id, 1)
    monkeypatch.setattr(CouponMechanic, "hand_out", lambda self, config: said)
    with pytest.raises(MechanicBroken):
        await claim(campaign, variant.channel)
    with pytest.raises(MechanicBroken):
        await enter(code, variant.channel, new_id())
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'free'") == 1


async def test_guesses_are_few(shop: Shop):
    variant = await shop.variant(codes=1)
    guesser = new_id()
    found = [await asyncio.gather(enter("nonsense", variant.channel, guesser), return_exceptions=True) for _ in range(30)]
    kinds = Counter(type(one) for [one] in found)
    assert kinds.keys() == {CouponMistyped, TooFast}
    assert kinds[CouponMistyped] <= 22


async def test_what_somebody_has(shop: Shop):
    variant = await shop.variant(codes=9, price="15.00")
    buyer = await shop.customer(wallet="90.00")
    campaign, [first, second, third, *_] = await coupons(variant, quantity=5, claims_per_customer=9)
    for code in (first, second, third):
        await enter(code, variant.channel, buyer.party_id)
    await desk.buy(buyer, variant, codes=[second])
    await transact(lambda tx: void_coupon(tx, third))
    over, [fourth] = await coupons(variant, quantity=1)
    await enter(fourth, variant.channel, buyer.party_id)
    await transact(lambda tx: end_campaign(tx, over.id))
    held = await coupons_of_party(buyer.party_id)
    expected = [
        (fourth, CouponStanding.EXPIRED),
        (third, CouponStanding.VOID),
        (second, CouponStanding.USED),
        (first, CouponStanding.USABLE),
    ]
    assert [(one.coupon.code, one.standing) for one in held] == expected
    usable = await coupons_of_party(
        buyer.party_id, standings=[CouponStanding.USABLE, CouponStanding.USED], before=held[0].place
    )
    assert [one.coupon.code for one in usable] == [second, first]
    assert (await coupons_of_party(buyer.party_id, before=held[1].place, limit=1))[0].coupon.code == second
    with travel(timedelta(hours=2)):
        assert {one.standing for one in await coupons_of_party(buyer.party_id)} == {
            CouponStanding.EXPIRED,
            CouponStanding.VOID,
            CouponStanding.USED,
        }
    [batch] = await batches_of(campaign.id)
    counts = (await counts_of([batch]))[batch.id]
    assert (counts.free, counts.bound, counts.used, counts.void) == (2, 1, 1, 1)


async def test_a_void_batch_counts_nowhere(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(making, "CODES_IN_A_CHUNK", 4)
    variant = await shop.variant(codes=9, price="15.00")
    buyer = await shop.customer(wallet="90.00")
    campaign, [mine, theirs, *_] = await coupons(variant, quantity=4, claimable=True, claims_per_customer=9)
    await enter(mine, variant.channel, buyer.party_id)
    unpaid = await desk.place(buyer, variant, codes=[theirs])
    asked = await transact(lambda tx: request_coupons(tx, new_id(), campaign.id, quantity=9, name="half made"))
    [_, full] = await batches_of(campaign.id)
    for batch in (full, asked):
        assert (await transact(lambda tx, batch=batch: void_batch(tx, batch.id))).state is CouponBatchState.VOID
        await transact(lambda tx, batch=batch: void_batch(tx, batch.id))
    await make_batch(asked.id)
    assert await db.value("SELECT count(*) FROM coupon WHERE batch_id = $1", asked.id) == 0
    with pytest.raises(CouponVoid):
        await desk.buy(buyer, variant, codes=[mine])
    with pytest.raises(CouponsGone):
        await claim(campaign, variant.channel)
    await desk.cancel(buyer, unpaid)  # it is theirs again, and void
    assert {one.standing for one in await coupons_of_party(buyer.party_id)} == {CouponStanding.VOID}
    with pytest.raises(NotFound):
        await transact(lambda tx: void_batch(tx, new_id()))
    await desk.assert_clean()


async def test_what_is_used_is_not_taken_back(shop: Shop):
    variant = await shop.variant(codes=9, price="15.00")
    _, [code, *_] = await coupons(variant)
    await desk.buy(await shop.customer(wallet="90.00"), variant, codes=[code])
    with pytest.raises(CouponUsed):
        await transact(lambda tx: void_coupon(tx, code))
    for wrong, kind in (("nonsense", CouponMistyped), (code[:-1], CouponMistyped)):
        with pytest.raises(kind):
            await transact(lambda tx, wrong=wrong: void_coupon(tx, wrong))


async def test_which_campaigns_have_codes(shop: Shop):
    variant = await shop.variant(codes=1)
    sale, campaign = await flash_sale(variant), await couponed(variant)
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: request_coupons(tx, new_id(), sale.id, quantity=1, name=""))
    assert refused.value.path == ("campaignId",)
    await transact(lambda tx: end_campaign(tx, campaign.id))
    with pytest.raises(CampaignEnded):
        await transact(lambda tx: request_coupons(tx, new_id(), campaign.id, quantity=1, name=""))


async def test_only_what_nobody_has_is_exported(shop: Shop):
    variant = await shop.variant(codes=1)
    campaign, codes = await coupons(variant, quantity=4)
    await enter(codes[1], variant.channel, new_id())
    await transact(lambda tx: void_coupon(tx, codes[2]))
    [batch] = await batches_of(campaign.id)
    assert await codes_of(batch.id) == [codes[0], codes[3]]
