"""What can be refused before a file is read: each with the field at fault, and nothing accepted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import FaceRange
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.uploads import UploadInUse
from perkhub.vault import ImportState, VariantNotStocked, request_import
from tests.factories import Shop
from tests.vault.desk import OPERATOR, a_request, ask, count_of, found, numbered, opened, upload, xlsx


async def nothing_was_accepted() -> bool:
    jobs = await db.value("SELECT count(*) FROM outbox WHERE name = 'vault.import'")
    return (await count_of("code_import"), jobs) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"issuer": ""}, "INVALID_INPUT", "issuer"),
        ({"issuer": "  \u200b "}, "INVALID_INPUT", "issuer"),
        ({"issuer": "x" * 81}, "INVALID_INPUT", "issuer"),
        ({"issuer": "two\nlines"}, "INVALID_INPUT", "issuer"),
        ({"reference": "x" * 121}, "INVALID_INPUT", "reference"),
        ({"unit_cost": Decimal("-0.01")}, "INVALID_INPUT", "unitCost"),
        ({"unit_cost": Decimal("NaN")}, "INVALID_INPUT", "unitCost"),
        ({"unit_cost": Decimal("Infinity")}, "INVALID_INPUT", "unitCost"),
        ({"unit_cost": Decimal("0.0000001")}, "INVALID_INPUT", "unitCost"),
        ({"unit_cost": Decimal("1e30")}, "INVALID_INPUT", "unitCost"),
        ({"currency": "XQQ"}, "CURRENCY_MISMATCH", "currency"),
        ({"currency": ""}, "CURRENCY_MISMATCH", "currency"),
        ({"columns": {"卡号": "NUMMER"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"": "NUMBER"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"a": "NUMBER", "b": "NUMBER"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"a": "NUMBER", "a ": "PIN"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"a": "PIN", "b": "EXPIRES_AT"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"6222000011112222": "NUMBER"}}, "INVALID_INPUT", "columns"),
        ({"columns": {"x" * 201: "NUMBER"}}, "INVALID_INPUT", "columns"),
        ({"zone": "Asia/Peking"}, "INVALID_INPUT", "zone"),
        ({"zone": "../../etc/passwd"}, "INVALID_INPUT", "zone"),
        ({"default_expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "INVALID_INPUT", "defaultExpiresAt"),
        ({"default_expires_at": datetime(2999, 1, 1)}, "INVALID_INPUT", "defaultExpiresAt"),
        ({"variant_id": new_id()}, "NOT_FOUND", "variantId"),
        ({"upload_id": new_id()}, "UPLOAD_UNUSABLE", "uploadId"),
        ({"actor": "staff:other"}, "UPLOAD_UNUSABLE", "uploadId"),
    ],
)
async def test_what_is_refused(shop: Shop, changes: dict[str, Any], code: str, path: str):
    variant = await shop.variant(codes=0)
    request = replace(a_request(await upload(b"1"), variant.id), **changes)
    with pytest.raises(DomainError) as refused:
        await transact(lambda tx: request_import(tx, new_id(), request))
    assert (refused.value.code, refused.value.path) == (code, (path,))
    assert await nothing_was_accepted()
    assert await count_of("upload") == 1


async def test_the_default_expiry_reaches_beyond_the_shortest_validity(shop: Shop):
    variant = await shop.variant(codes=0, minimum_validity_days=30)
    made = await upload(b"1")
    with pytest.raises(DomainError) as refused:
        await ask(made, variant.id, default_expires_at=now() + timedelta(days=29))
    assert refused.value.path == ("defaultExpiresAt",)
    await ask(made, variant.id, default_expires_at=now() + timedelta(days=31))


async def test_an_incomplete_upload_is_refused(shop: Shop):
    variant = await shop.variant(codes=0)
    made = await upload(b"1")
    await db.value("UPDATE upload SET complete = false RETURNING id")
    with pytest.raises(DomainError) as refused:
        await ask(made, variant.id)
    assert (refused.value.code, refused.value.path) == ("UPLOAD_UNUSABLE", ("uploadId",))


async def test_one_upload_is_taken_in_by_one_import(shop: Shop):
    variant = await shop.variant(codes=0)
    made = await upload(xlsx(numbered(1, 5)))
    await ask(made, variant.id)
    with pytest.raises(UploadInUse) as refused:
        await ask(made, variant.id)
    assert refused.value.path == ("uploadId",)
    # A dry run takes nothing in: it may run beside it, and does whatever the upload still allows.
    beside = await ask(made, variant.id, dry_run=True)
    await drain()
    assert len(await opened(variant.id)) == 5
    assert (await found(beside)).state in {ImportState.CHECKED, ImportState.FAILED}


async def test_what_was_asked_is_kept_in_its_normal_form(shop: Shop):
    variant = await shop.variant(codes=0)
    made = await upload(b"1", name="../年卡.xlsx")
    asked = await ask(made, variant.id, issuer=" Ａcme ", reference="PO-7", columns={"Ｎo": "number", "Secret": "PIN"})
    view = await found(asked)
    assert (view.issuer, view.reference, view.filename, view.actor) == ("Acme", "PO-7", "年卡.xlsx", OPERATOR)
    assert (view.state, view.rows_read, view.refusals, view.failure) == (ImportState.QUEUED, 0, [], None)
    row = await db.row("SELECT columns::text, default_expires_at, zone FROM code_import")
    assert row is not None
    assert (row["columns"], row["zone"]) == ('{"No": "number", "Secret": "pin"}', "Asia/Shanghai")
    assert row["default_expires_at"] is None


async def test_what_buyers_choose_the_value_of_is_not_stocked(shop: Shop):
    """No code could be kept for whoever comes: of which value would it be?"""
    tens = FaceRange(Decimal(10), Decimal(500), Decimal(10))
    variant = await shop.variant(codes=0, form={"face_range": tens, "face_currency": "CNY"})
    request = a_request(await upload(b"1"), variant.id)
    with pytest.raises(VariantNotStocked) as refused:
        await transact(lambda tx: request_import(tx, new_id(), request))
    assert refused.value.path == ("variantId",)
    assert await nothing_was_accepted()
