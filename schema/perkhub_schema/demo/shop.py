"""The demo's shop, made once by the domains' own verbs: a channel and its benefits, a customer with money, an administrator."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from perkhub.accounts import ContactKind, create_customer, create_first_admin, hash_password, parse_contact
from perkhub.catalog import (
    BrandDraft,
    CategoryDraft,
    ListingDraft,
    ProductDraft,
    Reference,
    VariantDraft,
    create_brand,
    create_category,
    create_product,
    create_variant,
    upsert_listing,
)
from perkhub.channels import ChannelDraft, ChannelNotFound, channel_by_key, create_channel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.ledger import adjust_wallet
from perkhub_schema.demo.asking import ASKED
from perkhub_schema.demo.benefits import BENEFITS, Benefit, Form
from perkhub_schema.demo.box import offer_box
from perkhub_schema.demo.finding import (
    MEMBERSHIPS,
    attributes_of,
    attributes_of_form,
    define_attributes,
    kind_of,
    put_together,
)
from perkhub_schema.demo.shelves import BRANDS, SHELVES, Shelf

ACTOR = "demo"
CHANNEL = "retail"
CURRENCY = "CNY"
POCKET_MONEY = Decimal(1000)
LIST_PRICE = "官方标价 · the brand's own price"


class Login(NamedTuple):
    """Known to everybody who reads this: for a demo, and nothing else."""

    email: str
    password: str


SHOPPER = Login("shopper@example.com", "perkhub-demo-2026")
ADMIN = Login("admin@example.com", "perkhub-admin-2026")


async def ensure_shop() -> bool:
    """Make the shop unless it is there; whether it was made now. All or nothing: a demo that was killed begins anew.

    Raises:
        AdministratorExists: the database is somebody's already, and nobody wants a well-known password in it.
    """
    try:
        await channel_by_key(CHANNEL)
    except ChannelNotFound:
        password = await hash_password(SHOPPER.password)
        await transact(lambda tx: _make(tx, shopper_password=password))
        return True
    return False


async def _make(tx: Transaction, *, shopper_password: str) -> None:
    await create_first_admin(tx, ADMIN.email, ADMIN.password)
    name = {"zh": "零售商城", "en": "Retail shop"}
    channel = await create_channel(tx, CHANNEL, ChannelDraft(name), currency=CURRENCY)
    await define_attributes(tx)
    await offer_box(tx, channel)
    categories: dict[str, UUID] = {}
    shelves = await _put_up(tx, SHELVES, categories)
    # Shops list the newest first.
    products = {one.slug: await _offer(tx, channel, one, shelves[one.slug]) for one in reversed(BENEFITS)}
    await put_together(tx, products, categories)
    shopper = await create_customer(tx, parse_contact(ContactKind.EMAIL, SHOPPER.email), password_hash=shopper_password)
    money = Money.of(POCKET_MONEY, CURRENCY)
    await adjust_wallet(tx, shopper, money, reference=new_id(), actor=ACTOR, reason="Pocket money for the demo")


async def _put_up(
    tx: Transaction, shelves: Sequence[Shelf], made: dict[str, UUID], parent: UUID | None = None
) -> dict[str, list[UUID]]:
    """Make the categories, told by slug in `made`; which of them each benefit stands in, the deepest first."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for shelf in shelves:
        draft = CategoryDraft(shelf.slug, {"zh": shelf.zh, "en": shelf.en})
        made[shelf.slug] = category = await create_category(tx, draft, parent=parent)
        for slug, below in (await _put_up(tx, shelf.below, made, category)).items():
            found[slug] += below
        for slug in shelf.benefits:
            found[slug].append(category)
    return found


async def _offer(tx: Transaction, channel: UUID, benefit: Benefit, shelves: list[UUID]) -> UUID:
    slug, english = BRANDS[benefit.brand]
    product = await create_product(
        tx,
        ProductDraft(
            benefit.slug,
            {"zh": benefit.zh, "en": benefit.en},
            kind_of(benefit),
            brand_id=await create_brand(tx, BrandDraft(slug, {"zh": benefit.brand, "en": english})),
            category_ids=tuple(shelves),
            how_to_use={"zh": benefit.use_zh, "en": benefit.use_en},
            minimum_validity_days=benefit.minimum_validity_days,
            buyer_inputs=ASKED.get(benefit.slug, ()),
            attributes=attributes_of(benefit),
        ),
    )
    for form in benefit.forms:
        # Of a gift card the face value says it: nobody asks more for it.
        reference = Reference(form.face, LIST_PRICE) if benefit.slug in MEMBERSHIPS else None
        await _list(tx, channel, product, form, reference)
    return product


async def _list(tx: Transaction, channel: UUID, product: UUID, form: Form, reference: Reference | None) -> None:
    name, attributes = {"zh": form.zh, "en": form.en}, attributes_of_form(form)
    draft = VariantDraft(form.sku, name, face_value=form.face, face_currency=CURRENCY, attributes=attributes)
    listing = ListingDraft(form.price, quota=form.quota, limit_per_customer=form.limit, reference=reference)
    await upsert_listing(tx, channel, await create_variant(tx, product, draft), listing)
