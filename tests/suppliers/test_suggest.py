"""What an offer may be of ours: told with its reasons, never what anything speaks against, and never mapped by itself."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import FaceRange, LikelyVariant, ProductDraft, VariantDraft, create_product, create_variant
from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.suppliers import Likeness, Offer, OfferTerms, map_offer, offers_by_ids, suggest_variants
from perkhub.suppliers.mapping import insert_offer, new_offer
from perkhub.suppliers.periods import period_in, period_of_days
from perkhub.suppliers.suggest import judge
from tests.factories import Shop, a_name
from tests.fulfilment.scripted import offered, scripted
from tests.fulfilment.sourcing import Sourcing

ACCOUNT = UUID(int=7)
PERIODS = [
    ("爱奇艺黄金会员月卡", "P1M"),
    ("腾讯视频 VIP 年卡", "P12M"),
    ("优酷会员季卡", "P3M"),
    ("网易云音乐黑胶VIP 3个月", "P3M"),
    ("芒果TV会员半年卡", "P6M"),
    ("QQ音乐周卡", "P7D"),
    ("7天体验", "P7D"),
    ("Netflix 12 months", "P12M"),
    ("Spotify Premium 1 month", "P1M"),
    ("Spotify 30-day pass", "P1M"),
    ("annual plan", "P12M"),
    ("京东E卡 100元", None),
    ("12月31日前可用", None),
    ("2026年新版", None),
    ("月卡/季卡任选", None),
    ("0天", None),
]


@pytest.mark.parametrize(("text", "period"), PERIODS)
def test_a_name_says_for_how_long(text: str, period: str | None):
    assert period_in(text) == period


def test_days_and_months_are_one():
    assert [period_of_days(days) for days in (30, 31, 90, 365, 45)] == ["P1M", "P1M", "P3M", "P12M", "P45D"]


def an_offer(name: str, *, issuer: str = "", **more: Any) -> Offer:
    value = more.pop("printed", None)
    if value is not None:
        more |= {"printed_value": Decimal(value), "printed_currency": more.pop("currency", "CNY")}
    return new_offer(ACCOUNT, sku=name, name=name, issuer=issuer or name, cost=Decimal(1), currency="CNY", **more)


def a_variant(*names: str, brand: str = "京东", value: str | None = None, **more: Any) -> LikelyVariant:
    told = {"face_range": None, "face_currency": None if value is None else "CNY", "validity_days": None, **more}
    return LikelyVariant(new_id(), names, (brand,), None if value is None else Decimal(value), **told)


def test_everything_speaks_for_it():
    found = judge(an_offer("京东E卡 100元", printed="100"), a_variant("京东E卡 100元", value="100"))
    assert found is not None
    assert {reason.what: reason.points for reason in found.reasons} == {
        Likeness.BRAND: 30,
        Likeness.NAME: 30,
        Likeness.FACE_VALUE: 20,
        Likeness.CURRENCY: 10,
    }
    assert (found.score, found.face_value) == (90, None)


def test_of_what_is_sold_by_amount_the_value_is_told():
    by_amount = {"face_least": Decimal(5), "face_greatest": Decimal(500), "face_currency": "CNY"}
    found = judge(an_offer("京东E卡", **by_amount), a_variant("京东E卡 100元", value="100"))
    assert found is not None
    assert found.face_value == 100
    [value] = [reason for reason in found.reasons if reason.what is Likeness.FACE_VALUE]
    assert (value.offered, value.ours) == ("5 CNY - 500 CNY", "100 CNY")


AGAINST = {
    "another value": (an_offer("京东E卡", printed="50"), a_variant("京东E卡", value="100")),
    "another currency": (an_offer("京东E卡", printed="100", currency="USD"), a_variant("京东E卡", value="100")),
    "another time": (an_offer("京东会员 季卡"), a_variant("京东会员 月卡")),
    "another time by its days": (an_offer("京东会员 季卡"), a_variant("京东会员", validity_days=365)),
    "a value that the buyer chooses": (
        an_offer("京东E卡", printed="100"),
        a_variant("京东E卡", face_range=FaceRange(Decimal(50), Decimal(500), Decimal(1)), face_currency="CNY"),
    ),
    "nothing for it": (an_offer("星巴克中杯拿铁券"), a_variant("京东E卡", value="100")),
    "the same brand alone": (an_offer("京东", issuer="京东"), a_variant("生鲜水果大礼包")),
}


@pytest.mark.parametrize("case", AGAINST)
def test_one_thing_against_it_is_enough(case: str):
    assert judge(*AGAINST[case]) is None


async def sold(shop: Shop, name: str, brand: str, *, value: str | None = None, form: str = "") -> UUID:
    brand_id = await shop.brand(brand)

    async def work(tx: Transaction) -> UUID:
        product = await create_product(tx, ProductDraft(a_name("suggested"), {"en": name}, brand_id=brand_id, how_to_use={}))
        face = {} if value is None else {"face_value": Decimal(value), "face_currency": "CNY"}
        return await create_variant(tx, product, VariantDraft(a_name("S"), {"en": form or name}, **face))

    return await transact(work)


async def test_the_likeliest_is_first_and_nothing_is_mapped(shop: Shop, sourcing: Sourcing):
    fifty = await sold(shop, "Jingdong gift card", "Jingdong", value="50", form="50 yuan")
    hundred = await sold(shop, "Jingdong gift card", "Jingdong", value="100", form="100 yuan")
    other = await sold(shop, "Jingdong shopping card", "Jingdong", value="100", form="100 yuan")
    await sold(shop, "Starbucks latte", "Starbucks")
    with offered(scripted()):
        account = await sourcing.account("scripted", {"script": "suggest"})
    printed = {"printed_value": Decimal(100), "printed_currency": "CNY"}
    names = {"gift": "Jingdong Gift Card 100 yuan", "tea": "Oolong tea"}
    given = [
        new_offer(account, sku=sku, name=name, issuer=name, cost=Decimal(90), currency="CNY", **printed)
        for sku, name in names.items()
    ]
    for one in given:
        await transact(lambda tx, one=one: insert_offer(tx, one))
    gift, tea = await suggest_variants(await offers_by_ids([one.id for one in given]))
    assert [one.variant_id for one in gift] == [hundred, other]
    assert gift[0].score > gift[1].score >= 40
    assert fifty not in {one.variant_id for one in gift}
    assert tea == []
    assert await db.value("SELECT count(*) FROM supplier_offer WHERE variant_id IS NOT NULL") == 0

    terms = OfferTerms()
    await transact(lambda tx: map_offer(tx, given[0].id, hundred, expected_version=1, terms=terms))
    twin = new_offer(account, sku="gift", name=names["gift"], issuer="x", cost=Decimal(90), currency="CNY", **printed)
    await transact(lambda tx: insert_offer(tx, twin))
    mapped, second = await suggest_variants(await offers_by_ids([given[0].id, twin.id]))
    assert mapped == []
    assert [one.variant_id for one in second] == [other]
