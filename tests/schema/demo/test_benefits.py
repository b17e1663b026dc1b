"""The demo's table is one that the catalog takes, and believable: cheaper than its face, in stock, in both languages."""

import csv
import io
from collections import Counter

import pytest

from perkhub.catalog.buyer_inputs import refuse_odd_inputs
from perkhub.kit.tabular.reading import configured_limits, read_table
from perkhub.vault.columns import find_layout
from perkhub_schema.demo.asking import ASKED
from perkhub_schema.demo.benefits import BENEFITS, Benefit
from perkhub_schema.demo.deliveries import CARDS_CSV, Delivery, Sheet, make_delivery

FORMS = [form for benefit in BENEFITS for form in benefit.forms]
SHEETS = sorted({benefit.sheet for benefit in BENEFITS}, key=lambda sheet: (sheet.header, sheet.suffix))


def test_about_thirty_benefits_of_many_brands():
    assert 28 <= len(BENEFITS) <= 35
    assert len({benefit.brand for benefit in BENEFITS}) == len(BENEFITS)
    repeated = Counter([*(benefit.slug for benefit in BENEFITS), *(form.sku for form in FORMS)])
    assert [name for name, times in repeated.items() if times > 1] == []


def test_every_price_is_below_the_face_value():
    assert [form.sku for form in FORMS if not 0 < form.price < form.face] == []


def test_quotas_leave_codes_over_and_limits_are_smaller():
    for form in FORMS:
        assert form.codes >= 20
        assert form.quota is None or form.quota < form.codes
        assert form.limit is None or form.limit < (form.quota or form.codes)
    assert any(form.quota for form in FORMS)
    assert any(form.limit for form in FORMS)
    assert any(benefit.minimum_validity_days for benefit in BENEFITS)


@pytest.mark.parametrize("benefit", BENEFITS, ids=[benefit.slug for benefit in BENEFITS])
def test_texts_are_there_in_both_languages(benefit: Benefit):
    for chinese in (benefit.use_zh, *(form.zh for form in benefit.forms)):
        assert any("一" <= character <= "鿿" for character in chinese)
    for english in (benefit.en, benefit.use_en, *(form.en for form in benefit.forms)):
        assert not any("一" <= character <= "鿿" for character in english)


def test_some_of_them_ask_for_something_in_both_languages():
    assert set(ASKED) < {benefit.slug for benefit in BENEFITS}
    for form in ASKED.values():
        refuse_odd_inputs(form)
        texts = [text for one in form for text in (one.label, one.help, *(option.label for option in one.options))]
        assert [text for text in texts if text and set(text) != {"zh", "en"}] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=[f"{'-'.join(sheet.header)}.{sheet.suffix}" for sheet in SHEETS])
async def test_the_importer_knows_every_delivery(sheet: Sheet):
    delivery = make_delivery(sheet, "SKU-1", 7)
    columns, rows = await read(delivery)
    assert len(rows) == 7
    assert len({row[0] for row in rows}) == 7
    layout = find_layout(columns, None)
    assert layout.expiry is not None
    assert len(layout.credentials) == len(sheet.header) - 1


def test_codes_expire_on_different_days():
    rows = list(csv.reader(io.StringIO(make_delivery(CARDS_CSV, "SKU-1", 10).content.decode("utf-8-sig"))))
    assert len({row[-1] for row in rows[1:]}) == 5


async def read(delivery: Delivery) -> tuple[list[str], list[list[str]]]:
    async def pieces():
        yield delivery.content

    async with read_table(pieces(), filename=delivery.filename, limits=configured_limits()) as table:
        return table.columns, [cells async for chunk in table.chunks() for _, cells in chunk.numbered()]
