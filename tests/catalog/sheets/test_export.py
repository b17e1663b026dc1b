"""What goes out comes in again and changes nothing; nothing in it runs; only its requester has it, and for a day."""

import io
from csv import reader
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from perkhub.catalog import (
    AttributeType,
    ListingDraft,
    ProductDraft,
    Range,
    RefundKind,
    RefundPolicy,
    SheetExportState,
    SheetFormat,
    SheetImportState,
    Validity,
    ValidityKind,
    VariantDraft,
    Where,
    archive_product,
    create_product,
    create_variant,
    upsert_listing,
)
from perkhub.catalog.listings import Reference
from perkhub.channels import Channel
from perkhub.kit.clock import now, travel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import DomainError
from perkhub.kit.uploads import forget_uploads, open_upload
from tests.catalog.sheets.desk import bring_in, catalog_stays, content_of, counts, numbered, send_out, told, xlsx
from tests.factories import Shop

EVIL = ("=1+1", "+7", "-x", "@SUM(A1)", "'=1", "''quoted", "'90s", "#N/A", "1E+5", '="007"', "＝1", "|cmd")


KINDS = {
    "colour": AttributeType.MULTISELECT,
    "size": AttributeType.NUMBER,
    "note": AttributeType.TEXT,
    "until": AttributeType.DATE,
    "new": AttributeType.BOOLEAN,
    "one": AttributeType.SELECT,
}
SAID: dict[str, Any] = {"colour": ("a", "c"), "size": Decimal("-1.5"), "until": date(2027, 2, 28), "new": True}
VALIDITIES = (Validity(), Validity(ValidityKind.FROM_DELIVERY, 30), Validity(ValidityKind.UNTIL, until=date(2030, 1, 1)))


async def a_varied_catalog(shop: Shop) -> tuple[Channel, Channel]:
    retail, partner = await shop.channel(), await shop.channel("partner", zone="America/New_York", currency="USD")
    for code, kind in KINDS.items():
        await shop.attribute(code, kind)
    shelves, brand = (await shop.category(), await shop.category()), await shop.brand()

    async def work(tx: Transaction) -> None:
        for number, evil in enumerate(EVIL):
            draft = ProductDraft(
                f"evil-{number}",
                {"zh": evil, "en": f"{evil} "},
                brand_id=brand if number % 2 else None,
                description={"zh": f"{evil}\n第二行\t, \"引号\"; '单'"},
                how_to_use={"en": f" {evil}"},
                attributes={**SAID, "note": evil},
                tags=(evil, "a;b", 'say "x"', "、"),
                external_reference=f"{evil}/{number}",
                metadata={"k.1": evil, "plain": "x"},
                private_metadata={"secret": evil},
                category_ids=shelves if number % 3 else (),
                minimum_validity_days=number,
                validity=VALIDITIES[number % 3],
                refund_policy=RefundPolicy(RefundKind.WITHIN_DAYS, 7) if number % 2 else RefundPolicy(RefundKind.NEVER),
            )
            product = await create_product(tx, draft)
            for form in range(number % 3):
                variant = await create_variant(tx, product, a_variant(f"E-{number}-{form}", evil))
                for channel in (retail, partner)[: form + 1]:
                    await upsert_listing(tx, channel.id, variant, a_listing(number))

    await transact(work)
    return retail, partner


def a_variant(sku: str, evil: str) -> VariantDraft:
    face: dict[str, Any] = {"face_value": Decimal("100.5"), "face_currency": "USD"}
    return VariantDraft(sku, {"zh": evil}, attributes={"one": ("b",), "note": evil}, metadata={"m": evil}, position=3, **face)


def a_listing(number: int) -> ListingDraft:
    if number % 2:
        return ListingDraft(Decimal("123456789.123456"), quota=5, reference=Reference(Decimal("9.9"), "=market"))
    until = now() + timedelta(days=9, microseconds=7)
    return ListingDraft(Decimal("0.1"), published_from=now() - timedelta(days=1), published_until=until, limit_per_customer=2)


@pytest.mark.parametrize("format", SheetFormat)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_goes_out_comes_in_again_and_changes_nothing(shop: Shop, format: SheetFormat, language: str):
    await a_varied_catalog(shop)
    export = await send_out(format=format, language=language)
    assert (export.state, export.products, export.rows) == (SheetExportState.DONE, len(EVIL), 20)
    async with catalog_stays():
        done = await bring_in(await content_of(export), name=export.filename)
        assert [(*why, one.en) for why, one in zip(told(done), done.refusals, strict=True)] == []
        assert (done.state, counts(done)) == (SheetImportState.DONE, (0, 0, len(EVIL), 0))


async def test_nothing_in_a_sheet_runs(shop: Shop):
    await a_varied_catalog(shop)
    for language in ("zh", "en"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(await content_of(await send_out(language=language))))
        rows = book.get_sheet_by_index(0).to_python()
        texts = [cell for row in rows for cell in row if isinstance(cell, str)]
        assert len(texts) > 300
        assert [text for text in texts if text.strip()[:1] in "=+-@|＝" and text] == []
    lines = (await content_of(await send_out(format=SheetFormat.CSV))).decode("utf-8-sig").splitlines()
    texts = [cell for row in reader(lines) for cell in row if not cell.startswith("-1.5")]
    assert [text for text in texts if text.strip()[:1] in "=+-@|＝" and text] == []


async def test_only_what_was_asked_for_goes_out(shop: Shop):
    _, partner = await a_varied_catalog(shop)
    narrowed = Where(slugs=("evil-1", "evil-5", "evil-8"), none=Where(slugs=("evil-5",)))
    export = await send_out(where=narrowed, channels=(partner.id,), format=SheetFormat.CSV, language="en")
    lines = (await content_of(export)).decode("utf-8-sig")
    assert (export.products, export.rows) == (2, 3)
    assert "partner" in lines
    assert "retail" not in lines
    assert "evil-5" not in lines
    retail = await shop.channel()
    export = await send_out(where=Where(price=Range(lte=Decimal(1))), channel=retail.id)
    assert export.products == sum(number % 2 == 0 and number % 3 > 0 for number in range(len(EVIL)))
    product = (await create("gone"))[0]
    await transact(lambda tx: archive_product(tx, product, expected_version=1))
    assert (await send_out(where=Where(slugs=("gone",)))).products == 0


async def create(*slugs: str) -> list[Any]:
    return [await transact(lambda tx, slug=slug: create_product(tx, ProductDraft(slug, {"en": slug}))) for slug in slugs]


async def test_a_file_is_its_requesters_alone_and_goes_after_a_day(shop: Shop):
    await shop.channel()
    await bring_in(xlsx(numbered(3)))
    export = await send_out()
    assert export.file_id is not None
    assert export.fetchable
    with pytest.raises(DomainError):
        _ = [piece async for piece in open_upload(export.file_id, "staff:other")]
    with travel(timedelta(days=1, seconds=1)):
        assert not export.fetchable
        assert await forget_uploads() == 1
        with pytest.raises(DomainError):
            await content_of(export)
