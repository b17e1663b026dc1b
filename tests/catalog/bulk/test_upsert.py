"""Products by the hundred: a handful of statements, each row answered for itself, by the rules of the single verbs."""

import asyncio
from contextvars import Context
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog import (
    AttributeType,
    ListingDraft,
    ProductDraft,
    categories_of_products,
    create_product,
    listings_of_variants,
    product_by_slug,
    variants_of_products,
)
from perkhub.catalog.bulk.drafts import Amended, ListingUpsert, Outcome, ProductUpsert, VariantUpsert
from perkhub.catalog.bulk.upsert import Upserted, upsert_products
from perkhub.kit import db
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import statements, transact
from perkhub.kit.ids import new_id
from tests.factories import Shop
from tests.orders import desk


def listing(channel: UUID, price: str = "10", version: int | None = None, **more: Any) -> ListingUpsert:
    return ListingUpsert(channel, ListingDraft(Decimal(price), **more), version)


def variant(sku: str, *listings: ListingUpsert, version: int | None = None, **changes: Any) -> VariantUpsert:
    return VariantUpsert({"sku": sku, "name": {"en": sku}, **changes}, listings, version)


def product(slug: str, *variants: VariantUpsert, version: int | None = None, **changes: Any) -> ProductUpsert:
    return ProductUpsert({"slug": slug, "name": {"en": slug}, **changes}, variants, version)


async def bring(*asked: ProductUpsert, policy: ErrorPolicy = ErrorPolicy.REJECT_EVERYTHING, dry_run: bool = False) -> Upserted:
    return await transact(lambda tx: upsert_products(tx, asked, policy=policy, dry_run=dry_run))


def refusals(done: Upserted) -> list[tuple[str, str]]:
    return [(refusal.code, ".".join(refusal.path[1:])) for row in done.rows for refusal in row.refusals]


async def test_five_hundred_products_cost_a_handful_of_statements(shop: Shop):
    channel = await shop.channel()

    def asked(price: str) -> list[ProductUpsert]:
        return [
            product(f"p-{n}", variant(f"A-{n}", listing(channel.id, price)), variant(f"B-{n}", listing(channel.id, price)))
            for n in range(500)
        ]

    for price, outcome, most in (("10", Outcome.CREATED, 18), ("11", Outcome.CHANGED, 14), ("11", Outcome.UNCHANGED, 6)):
        counted: list[str] = []
        token = statements.set(counted)
        try:
            done = await bring(*asked(price))
        finally:
            statements.reset(token)
        assert set(done.outcomes) == {outcome}
        assert len([sql for sql in counted if sql not in ("BEGIN;", "COMMIT;")]) <= most, counted
    counts = "SELECT (SELECT count(*) FROM product), (SELECT count(*) FROM variant), (SELECT count(*) FROM product_search)"
    assert tuple(await db.row(counts) or ()) == (500, 1000, 500)
    assert await db.value("SELECT count(DISTINCT listing_id) FROM public_price WHERE unit_price = 11") == 1000
    assert await db.value("SELECT count(*) FROM listing WHERE version = 2 AND unit_price = 11") == 1000
    assert await db.value("SELECT max(version) FROM product") == 1


async def test_everything_of_a_product_comes_in_and_goes_on_from_what_is_said(shop: Shop):
    channel, brand = await shop.channel(), await shop.brand()
    shelves = (await shop.category(), await shop.category())
    await shop.attribute("colour", AttributeType.SELECT)
    await shop.attribute("size", AttributeType.NUMBER)
    full = product(
        "full",
        variant("FULL-1", listing(channel.id, quota=5), face_value=Decimal(100), face_currency="CNY"),
        variant("FULL-2"),
        external_reference="erp-1",
        brand_id=brand,
        category_ids=shelves,
        attributes={"colour": ("a",), "size": Decimal("1.5")},
        tags=("gift", "会员"),
        metadata={"erp": "1"},
    )
    assert (await bring(full)).outcomes == [Outcome.CREATED]
    assert (await bring(full)).outcomes == [Outcome.UNCHANGED]
    renamed = ProductUpsert(
        {
            "external_reference": "erp-1",
            "slug": "renamed",
            "name": Amended({"zh": "全"}),
            "attributes": Amended({"size": None, "colour": ("b",)}),
            "category_ids": shelves[::-1],
        },
        (VariantUpsert({"sku": "FULL-2", "position": 7}),),
        expected_version=1,
    )
    assert (await bring(renamed)).outcomes == [Outcome.CHANGED]
    found = await product_by_slug("renamed")
    assert found is not None
    assert (found.name, found.attributes, found.version) == ({"en": "full", "zh": "全"}, {"colour": "b"}, 2)
    assert (found.tags, found.metadata, found.brand_id) == (("gift", "会员"), {"erp": "1"}, brand)
    assert [view.id for _, view in await categories_of_products([found.id])] == list(shelves[::-1])
    views = await variants_of_products([found.id])
    assert [(view.sku, view.position, view.version) for view in views] == [("FULL-1", 0, 1), ("FULL-2", 7, 2)]
    [kept] = await listings_of_variants([views[0].id])
    assert (kept.unit_price, kept.quota, kept.version) == (10, 5, 1)
    found_by = "SELECT count(*) FROM product_search WHERE lines LIKE '%renamed%'"
    assert await db.value(found_by) == 1


async def test_each_policy_does_what_it_says(shop: Shop):
    channel = await shop.channel()
    await bring(product("kept", variant("KEPT-1", listing(channel.id, "10")), tags=("old",)))
    await shop.variant()
    asked = [
        product(
            "kept",
            variant("KEPT-1", listing(channel.id, "12", limit_per_customer=0), position=-1),
            tags=("a", "a"),
            description={"en": "new"},
        ),
        product("bad slug"),
        product("fresh", variant("FRESH-1"), variant("bad sku"), variant("FRESH-1"), attributes={"none": "x"}),
        product("other", variant("KEPT-1"), brand_id=new_id(), category_ids=(new_id(),)),
        product("stale", version=1),
        product("good"),
        product("good"),
    ]
    told = [
        ("INVALID_INPUT", "0.tags"),
        ("INVALID_INPUT", "0.variants.0.position"),
        ("INVALID_INPUT", "0.variants.0.listings.0.limitPerCustomer"),
        ("INVALID_INPUT", "1.slug"),
        ("NOT_FOUND", "2.attributes.0.code"),
        ("INVALID_INPUT", "2.variants.1.sku"),
        ("ALREADY_NAMED", "2.variants.2.sku"),
        ("NOT_FOUND", "3.brandId"),
        ("NOT_FOUND", "3.categoryIds.0"),
        ("ALREADY_NAMED", "3.variants.0.sku"),
        ("INVALID_INPUT", "4.expectedVersion"),
        ("INVALID_INPUT", "6.slug"),
    ]
    out, made, changed = Outcome.LEFT_OUT, Outcome.CREATED, Outcome.CHANGED
    async with desk.nothing_changes():
        done = await bring(*asked)
        assert (refusals(done), set(done.outcomes)) == (told, {out})
        done = await bring(*asked, policy=ErrorPolicy.IGNORE_FAILED, dry_run=True)
        assert done.outcomes == [changed, out, made, made, out, made, out]
        assert [row.result is not None for row in done.rows] == [True, *[False] * 6]
    done = await bring(*asked, policy=ErrorPolicy.REJECT_FAILED_ROWS)
    # The row with KEPT-1 of another product is out, so the name is free for nobody still.
    assert (refusals(done), done.outcomes) == (told, [out, out, out, out, out, made, out])
    done = await bring(*asked, policy=ErrorPolicy.IGNORE_FAILED)
    assert done.outcomes == [changed, out, made, made, out, Outcome.UNCHANGED, out]
    kept = await product_by_slug("kept")
    assert kept is not None
    assert (kept.tags, kept.description) == (("old",), {"en": "new"})
    [form] = await variants_of_products([kept.id])
    [sold] = await listings_of_variants([form.id])
    assert (form.position, sold.unit_price, sold.limit_per_customer) == (0, 12, None)
    fresh = await product_by_slug("fresh")
    assert fresh is not None
    assert [view.sku for view in await variants_of_products([fresh.id])] == ["FRESH-1"]


async def test_a_version_that_moved_is_told_for_its_row(shop: Shop):
    channel = await shop.channel()
    await bring(product("one", variant("ONE", listing(channel.id))))
    stale = [
        product("one", version=7),
        product("two", variant("TWO", version=1)),
    ]
    done = await bring(*stale, policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert refusals(done) == [("VERSION_MOVED", "0.expectedVersion"), ("INVALID_INPUT", "1.variants.0.expectedVersion")]
    below = product("one", variant("ONE", listing(channel.id, "11", version=3), version=3))
    assert refusals(await bring(below, policy=ErrorPolicy.REJECT_FAILED_ROWS)) == [
        ("VERSION_MOVED", "0.variants.0.expectedVersion"),
        ("VERSION_MOVED", "0.variants.0.listings.0.expectedVersion"),
    ]


async def test_one_reference_is_never_taken_for_another(shop: Shop):
    await bring(product("a", external_reference="r-a"), product("b"))
    # A slug of a product of another reference; one without a reference gets it.
    done = await bring(product("a", external_reference="r-x"), policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert refusals(done) == [("ALREADY_NAMED", "0.slug")]
    assert (await bring(product("b", external_reference="r-b"))).outcomes == [Outcome.CHANGED]
    done = await bring(product("a", kind="link"), policy=ErrorPolicy.REJECT_FAILED_ROWS)
    assert refusals(done) == [("INVALID_INPUT", "0.kind")]


async def test_two_at_once_make_each_product_once(shop: Shop):
    channel = await shop.channel()
    asked = [product(f"race-{n}", variant(f"RACE-{n}", listing(channel.id))) for n in range(40)]
    done = await asyncio.gather(*(bring(*order) for order in (asked, asked[::-1]) * 3))
    made = [outcome for one in done for outcome in one.outcomes]
    assert (made.count(Outcome.CREATED), made.count(Outcome.UNCHANGED)) == (40, 200)
    assert await db.value("SELECT count(*) FROM variant") == 40


async def test_a_name_that_a_competitor_takes_meanwhile_is_refused_by_its_row(shop: Shop):
    """The competitor is injected after this one has looked: what it then meets, it looks at again."""
    tried = 0

    async def work(tx: db.Transaction) -> Upserted:
        nonlocal tried
        tried += 1
        if tried == 1:
            tx_rows = tx.rows

            async def rows(sql: str, *values: Any) -> list[Any]:
                found = await tx_rows(sql, *values)
                if "FROM product WHERE slug" in sql:
                    await asyncio.create_task(_compete(), context=Context())
                return found

            tx.rows = rows  # type: ignore[method-assign]
        return await upsert_products(tx, [product("mine", external_reference="r")], policy=ErrorPolicy.REJECT_FAILED_ROWS)

    done = await transact(work)
    assert tried == 2
    assert refusals(done) == [("ALREADY_NAMED", "0.slug")]


async def _compete() -> None:
    await transact(lambda tx: create_product(tx, ProductDraft("mine", {"en": "theirs"}, external_reference="theirs")))
