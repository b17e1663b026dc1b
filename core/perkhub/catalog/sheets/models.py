"""Tables of sheets: imports and exports of products, what was asked, how far they are, and what came of them."""

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from perkhub.catalog.sheets.states import SheetExportState, SheetImportState
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.ids import new_id


class ProductImportRow(Model):
    """One import of products from an upload. `channels` are those in which its actor sets prices; null is everywhere."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    upload_id = fields.UUIDField()
    filename = fields.CharField(max_length=200)
    error_policy = fields.CharEnumField(ErrorPolicy, max_length=20)
    dry_run = fields.BooleanField()
    channel = fields.CharField(max_length=40, null=True)
    channels: fields.Field[list[UUID] | None] = ArrayField(element_type="uuid", null=True)
    state = fields.CharEnumField(SheetImportState, max_length=10)
    rows_read = fields.IntField(default=0)
    created = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    left_out = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    refusals: fields.Field[list[dict[str, object]]] = fields.JSONField()
    failure: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "product_import"
        indexes = [("upload_id",), ("actor", "id")]


class ProductExportRow(Model):
    """One export of products, and the sealed file that came of it, which goes after a day."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    asked: fields.Field[dict[str, object]] = fields.JSONField()
    filename = fields.CharField(max_length=200)
    state = fields.CharEnumField(SheetExportState, max_length=10)
    products = fields.IntField(default=0)
    rows = fields.IntField(default=0)
    file_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "product_export"
        indexes = [("actor", "id")]
