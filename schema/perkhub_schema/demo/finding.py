"""How one finds something in the demo shop: what its benefits are, what one can filter by, and what is put together."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from perkhub.catalog import (
    AttributeCondition,
    AttributeDraft,
    AttributeOption,
    AttributeType,
    BenefitKind,
    CollectionDraft,
    Condition,
    Match,
    Rule,
    create_attribute,
    create_collection,
)
from perkhub.kit.db import Transaction
from perkhub_schema.demo.benefits import MUSIC, TOOLS, VIDEO, Benefit, Form
from perkhub_schema.demo.deliveries import LINKS_XLSX

MEMBERSHIPS = frozenset(benefit.slug for benefit in (*VIDEO, *MUSIC, *TOOLS)) | {"eleme-card", "hello-bike"}
AT_THE_TILL = frozenset({"starbucks-voucher", "kfc-voucher", "walmart-card"})
# By how the SKU ends.
TERMS = {"1M": "month", "30D": "month", "3M": "quarter", "12M": "year"}


def _option(value: str, zh: str, en: str) -> AttributeOption:
    return AttributeOption(value, {"zh": zh, "en": en})


ATTRIBUTES = (
    AttributeDraft(
        "term",
        AttributeType.SELECT,
        {"zh": "会员时长", "en": "Term"},
        (_option("month", "月卡", "A month"), _option("quarter", "季卡", "Three months"), _option("year", "年卡", "A year")),
        filterable=True,
    ),
    AttributeDraft(
        "place",
        AttributeType.SELECT,
        {"zh": "使用方式", "en": "Where to use it"},
        (_option("online", "线上兑换", "Online"), _option("till", "到店使用", "At the till")),
        filterable=True,
    ),
)
POPULAR = (
    "iqiyi-gold", "starbucks-voucher", "jd-e-card", "bilibili-premium", "luckin-coffee", "qq-music", "didi-ride", "kfc-voucher",
)  # fmt: skip


def kind_of(benefit: Benefit) -> BenefitKind:
    """What its buyer gets."""
    if benefit.slug in MEMBERSHIPS:
        return BenefitKind.MEMBERSHIP
    return BenefitKind.LINK if benefit.sheet == LINKS_XLSX else BenefitKind.CODE


def attributes_of(benefit: Benefit) -> Mapping[str, Any]:
    """What is true of all its forms."""
    return {"place": ("till" if benefit.slug in AT_THE_TILL else "online",)}


def attributes_of_form(form: Form) -> Mapping[str, Any]:
    """What is true of this form."""
    term = TERMS.get(form.sku.rpartition("-")[2])
    return {} if term is None else {"term": (term,)}


async def define_attributes(tx: Transaction) -> None:
    """What benefits can be filtered by."""
    for attribute in ATTRIBUTES:
        await create_attribute(tx, attribute)


async def put_together(tx: Transaction, products: Mapping[str, UUID], categories: Mapping[str, UUID]) -> None:
    """The collections of the first page; shops show the newest first."""
    a_year = Rule(Match.ALL, (Condition(attribute=AttributeCondition("term", any_of=("year",))),))
    food = Rule(Match.ALL, (Condition(category_ids=(categories["food"],)),))
    picked = tuple(products[slug] for slug in POPULAR if slug in products)
    for draft in (
        CollectionDraft(
            "a-whole-year",
            {"zh": "一年畅享", "en": "A whole year"},
            {"zh": "年卡更划算，一次买好一整年", "en": "Pay once, and be done until next year"},
            rule=a_year,
        ),
        CollectionDraft(
            "lunch-and-coffee",
            {"zh": "吃喝不停", "en": "Lunch and coffee"},
            {"zh": "咖啡、茶饮和外卖，随买随用", "en": "Coffee, tea and meals, to use whenever you like"},
            rule=food,
        ),
        CollectionDraft(
            "popular",
            {"zh": "人气精选", "en": "Popular now"},
            {"zh": "大家都在买的权益", "en": "What everybody is buying"},
            product_ids=picked,
        ),
    ):
        await create_collection(tx, draft)
