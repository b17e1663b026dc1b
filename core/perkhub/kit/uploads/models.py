"""Tables of uploads."""

from tortoise import fields
from tortoise.models import Model

from perkhub.kit.ids import new_id
from perkhub.kit.models import DataKey


class UploadRow(Model):
    """A file that came in over HTTP, or was made for its actor to fetch: sealed in pieces, deleted after use."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    filename = fields.CharField(max_length=200)
    size = fields.BigIntField(default=0)
    complete = fields.BooleanField(default=False)
    actor = fields.CharField(max_length=80)
    data_key: fields.ForeignKeyRelation[DataKey] = fields.ForeignKeyField(
        "perkhub.DataKey", on_delete=fields.RESTRICT, related_name="uploads"
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "upload"
        indexes = [("created_at",)]


class UploadPiece(Model):
    """One sealed piece of an upload, in its order."""

    id = fields.BigIntField(primary_key=True)
    upload: fields.ForeignKeyRelation[UploadRow] = fields.ForeignKeyField(
        "perkhub.UploadRow", on_delete=fields.CASCADE, related_name="pieces"
    )
    position = fields.IntField()
    sealed = fields.BinaryField()

    class Meta:
        table = "upload_piece"
        unique_together = (("upload_id", "position"),)
