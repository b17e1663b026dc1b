"""Attributes are defined without a migration, and nothing has a value that its definition does not know."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import (
    AttributeOption,
    AttributeType,
    ProductDraft,
    archive_attribute,
    attribute_views,
    create_product,
    product_views,
    update_attribute,
    update_product,
)
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from tests.factories import Shop, a_name
from tests.orders import desk

T = AttributeType
GOOD: list[tuple[AttributeType, Any, Any]] = [
    (T.TEXT, "超清 4K", "超清 4K"),
    (T.NUMBER, Decimal("999999999.999999"), 999999999.999999),
    (T.NUMBER, Decimal("-0.000001"), -0.000001),
    (T.NUMBER, Decimal("30.000000"), 30),
    (T.BOOLEAN, False, False),
    (T.DATE, date(2027, 1, 31), "2027-01-31"),
    (T.SELECT, ("b",), "b"),
    (T.MULTISELECT, ("c", "a"), ["a", "c"]),
]
BAD: list[tuple[AttributeType, Any, str]] = [
    (T.TEXT, "x" * 501, "text"),
    (T.TEXT, " ", "text"),
    (T.TEXT, "two\nlines", "text"),
    (T.TEXT, Decimal(1), ""),
    (T.NUMBER, Decimal(10**9), "number"),
    (T.NUMBER, Decimal("0.0000001"), "number"),
    (T.NUMBER, Decimal("NaN"), "number"),
    (T.NUMBER, "30", ""),
    (T.NUMBER, True, ""),
    (T.BOOLEAN, "yes", ""),
    (T.DATE, "2027-01-31", ""),
    (T.SELECT, ("d",), "options"),
    (T.SELECT, ("a", "b"), "options"),
    (T.SELECT, (), "options"),
    (T.SELECT, "a", ""),
    (T.MULTISELECT, ("a", "a"), "options"),
    (T.MULTISELECT, ("a", "d"), "options"),
]


async def a_product(**attributes: Any) -> UUID:
    draft = ProductDraft(a_name("product"), {"en": "Product"}, attributes=attributes)
    return await transact(lambda tx: create_product(tx, draft))


async def test_a_value_is_kept_as_it_was_given(shop: Shop):
    for place, (kind, given, kept) in enumerate(GOOD):
        await shop.attribute(f"good_{place}", kind)
        product = await a_product(**{f"good_{place}": given})
        stored = (await product_views([product]))[0].attributes[f"good_{place}"]
        assert (stored, type(stored)) == (kept, type(kept)), kind
        if kind is T.NUMBER:
            assert Decimal(str(stored)) == given


async def test_what_does_not_fit_its_definition_is_refused(shop: Shop):
    for place, (kind, given, field) in enumerate(BAD):
        await shop.attribute(f"bad_{place}", kind)
        async with desk.nothing_changes():
            with pytest.raises(InvalidInput) as refusal:
                await a_product(**{f"bad_{place}": given})
        assert refusal.value.path == ("attributes", "0", *([field] if field else [])), (kind, given)


async def test_an_unknown_or_archived_attribute_is_given_to_nothing(shop: Shop):
    archived = await shop.attribute("archived")
    product = await a_product(archived="x")
    await transact(lambda tx: archive_attribute(tx, archived, expected_version=1))
    for code in ("archived", "unknown"):
        with pytest.raises(NotFound) as refusal:
            await a_product(**{code: "x"})
        assert refusal.value.path == ("attributes", "0", "code")
    # What a product has already does not stand in the way of its other changes.
    await transact(lambda tx: update_product(tx, product, {"slug": "renamed"}, expected_version=1))
    assert (await product_views([product]))[0].attributes == {"archived": "x"}


async def test_an_option_that_something_has_stays(shop: Shop):
    for code, kind, value in (("one", T.SELECT, ("a",)), ("some", T.MULTISELECT, ("a", "b"))):
        attribute = await shop.attribute(code, kind)
        product = await a_product(**{code: value})
        without = tuple(AttributeOption(option, {"en": option}) for option in "bc")
        async with desk.nothing_changes():
            with pytest.raises(InvalidInput) as refusal:
                await transact(lambda tx: update_attribute(tx, attribute, {"options": without}, expected_version=1))  # noqa: B023
        assert refusal.value.path == ("options",)
        await transact(lambda tx: update_product(tx, product, {"attributes": {}}, expected_version=1))  # noqa: B023
        await transact(lambda tx: update_attribute(tx, attribute, {"options": without}, expected_version=1))  # noqa: B023
        assert [one.value for one in (await attribute_views([attribute]))[0].defined.options] == ["b", "c"]


async def test_an_option_taken_away_and_given_at_once_is_never_left_hanging(shop: Shop):
    """Whoever is first wins; the other is refused. The definition is held in share while a value is given."""
    for round in range(8):
        code = f"raced_{round}"
        attribute = await shop.attribute(code, T.SELECT)
        defined = (await attribute_views([attribute]))[0].defined
        left = replace(defined, options=defined.options[1:]).options

        async def take_away(attribute: UUID = attribute, left: Any = left) -> None:
            await transact(lambda tx: update_attribute(tx, attribute, {"options": left}, expected_version=1))

        async def give(code: str = code) -> None:
            await a_product(**{code: ("a",)})

        ended = await asyncio.gather(take_away(), give(), return_exceptions=True)
        assert sum(isinstance(one, DomainError) for one in ended) == 1, ended
        held = await db.value(f"""SELECT count(*) FROM product WHERE attributes @> '{{"{code}": "a"}}'""")
        options = [one.value for one in (await attribute_views([attribute]))[0].defined.options]
        assert (held == 1) is ("a" in options)


async def test_values_are_found_by_their_index(shop: Shop):
    await shop.attribute("resolution", T.SELECT)
    product = await a_product(resolution=("b",))
    await a_product(resolution=("a",))
    found = await db.rows("""SELECT id FROM product WHERE attributes @> '{"resolution": "b"}'""")
    assert [row["id"] for row in found] == [product]
    async with db.transaction() as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        plan = await tx.rows("""EXPLAIN SELECT id FROM product WHERE attributes @> '{"resolution": "b"}'""")
    assert any("product_attributes" in row[0] for row in plan)
