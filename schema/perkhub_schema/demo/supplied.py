"""What the demo sells without having it: benefits from each supplier's sandbox, bought just in time, one of them a top-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import httpx2

from perkhub.catalog import (
    BenefitKind,
    BrandDraft,
    BuyerInput,
    BuyerInputKind,
    ListingDraft,
    ProductDraft,
    VariantDraft,
    brand_by_slug,
    create_brand,
    create_product,
    create_variant,
    product_by_slug,
    upsert_listing,
    variants_of_products,
)
from perkhub.channels import channel_by_key
from perkhub.kit.db import Transaction, transact
from perkhub.plugin.supplier import Supplies
from perkhub.suppliers import (
    OfferTerms,
    Provenance,
    SentInput,
    add_offer,
    callback_address,
    connect_account,
    list_accounts,
    list_offers,
    map_offer,
    update_account,
)
from perkhub_schema.demo.shop import CHANNEL

SANDBOXES = ("fulu", "reloadly")


@dataclass(frozen=True, slots=True)
class Supplied:
    """A benefit that only a supplier has; `cost` is what its sandbox asks for one. A top-up asks its buyer for the account,
    which `inputs` say the supplier's field of."""

    plugin: str
    supplier_sku: str
    cost: Decimal
    currency: str
    slug: str
    brand: tuple[str, str, str]  # its slug, and its name in both languages
    zh: str
    en: str
    use_zh: str
    use_en: str
    sku: str
    price: Decimal
    asked: tuple[BuyerInput, ...] = ()
    inputs: tuple[SentInput, ...] = ()

    @property
    def is_top_up(self) -> bool:
        """Whether it is done to an account of the buyer's."""
        return bool(self.inputs)


VIDEO_ACCOUNT = BuyerInput(
    "account",
    BuyerInputKind.ACCOUNT,
    {"zh": "QQ号", "en": "QQ number"},
    {"zh": "会员将直接充入这个QQ号，充值后无法撤回。", "en": "The account that is topped up. It cannot be undone."},
    pattern=r"[1-9]\d{4,10}",
)  # fmt: skip
SUPPLIED = (
    Supplied(
        "fulu", "card:10000602", Decimal("24.00"), "CNY", "latte-on-demand", ("starbucks", "星巴克", "Starbucks"),
        "中杯拿铁券(即时采购)", "Tall latte, bought on demand", "到店出示卡号和密码。", "Show number and PIN at the till.",
        "ONDEMAND-LATTE", Decimal("27.90"),
    ),
    Supplied(
        "fulu", "direct:10000585", Decimal("22.50"), "CNY", "tencent-video-direct",
        ("tencent-video", "腾讯视频", "Tencent Video"),
        "腾讯视频VIP月卡(直充)", "Tencent Video VIP, one month, straight to the account",
        "付款后直接充入您填写的账号，无需兑换。", "It is added to the account that you name; there is nothing to redeem.",
        "ONDEMAND-TXVIDEO-1M", Decimal("25.90"), (VIDEO_ACCOUNT,), (SentInput("charge_account", "account", target=True),),
    ),
    Supplied(
        "reloadly", "120:10", Decimal("9.75"), "USD", "amazon-on-demand", ("amazon", "亚马逊", "Amazon"),
        "亚马逊美国礼品卡 10 美元(即时采购)", "Amazon US gift card, $10, bought on demand",
        "在 amazon.com 的礼品卡页面输入卡号。", "Enter the number on amazon.com's gift card page.",
        "ONDEMAND-AMAZON-10", Decimal("78.00"),
    ),
)  # fmt: skip


async def sell_from_suppliers(announced: Mapping[str, Mapping[str, Any]]) -> None:
    """Connect the sandboxes, whose secrets are new each time, and sell a benefit from each; made once, then only connected.

    `announced` is what each sandbox said of itself when it started.
    """
    for plugin in SANDBOXES:
        told = announced[plugin]
        account = await _connect(plugin, told["settings"])
        for supplied in (one for one in SUPPLIED if one.plugin == plugin):
            variant = await _on_sale(supplied)
            if not await list_offers(account=account, variant=variant, limit=1):
                await transact(partial(_offer, supplied=supplied, account=account, variant=variant))
        await _call_back(told["base_url"], account)


async def _connect(plugin: str, settings: Mapping[str, object]) -> UUID:
    name = f"Sandbox of {plugin}"
    known = next((one for one in await list_accounts(limit=100) if one.name == name), None)
    if known is None:
        connect = partial(connect_account, name=name, plugin=plugin, settings=settings, provenance=Provenance.AUTHORIZED)
        return await transact(connect)
    version = known.version
    await transact(lambda tx: update_account(tx, known.id, expected_version=version, settings=settings))
    return known.id


async def _on_sale(supplied: Supplied) -> UUID:
    product = await product_by_slug(supplied.slug)
    if product is not None:
        return (await variants_of_products([product.id]))[0].id
    channel = (await channel_by_key(CHANNEL)).id
    slug, zh, en = supplied.brand
    known = await brand_by_slug(slug)

    async def make(tx: Transaction) -> UUID:
        brand = known.id if known is not None else await create_brand(tx, BrandDraft(slug, {"zh": zh, "en": en}))
        draft = ProductDraft(
            supplied.slug,
            {"zh": supplied.zh, "en": supplied.en},
            brand_id=brand,
            kind=BenefitKind.TOP_UP if supplied.is_top_up else BenefitKind.CODE,
            buyer_inputs=supplied.asked,
            how_to_use={"zh": supplied.use_zh, "en": supplied.use_en},
        )
        names = {"zh": "一个月", "en": "One month"} if supplied.is_top_up else {"zh": "一张", "en": "One"}
        made = await create_product(tx, draft)
        variant = await create_variant(tx, made, VariantDraft(supplied.sku, names))
        await upsert_listing(tx, channel, variant, ListingDraft(supplied.price))
        return variant

    return await transact(make)


async def _offer(tx: Transaction, *, supplied: Supplied, account: UUID, variant: UUID) -> None:
    sku, issuer = supplied.supplier_sku, supplied.brand[2]
    cost, currency = supplied.cost, supplied.currency
    made = await add_offer(
        tx,
        account,
        sku=sku,
        name=supplied.en,
        issuer=issuer,
        cost=cost,
        currency=currency,
        supplies=Supplies.TOP_UPS if supplied.is_top_up else Supplies.CODES,
    )
    # The sandboxes' prices do not move by themselves; whoever switches that fault on sees an order wait for a person.
    terms = OfferTerms(maximum_cost=supplied.cost, inputs=supplied.inputs)
    await map_offer(tx, made, variant, expected_version=1, terms=terms)


async def _call_back(base_url: str, account: UUID) -> None:
    """Tell the vendor's people where its callbacks go, as a merchant enters it in their console."""
    async with httpx2.AsyncClient(timeout=5.0, trust_env=False) as http:
        answer = await http.post(f"{base_url}/_vendor", json={"notify_url": callback_address(account)})
        answer.raise_for_status()
