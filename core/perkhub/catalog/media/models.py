"""Tables of media: contents by their hash, pictures with their renditions, and where they are shown."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.catalog.models import BrandRow, ProductRow
from perkhub.kit.ids import new_id


class MediaBlob(Model):
    """Bytes that we made ourselves, under their SHA-256; they never change."""

    hash = fields.CharField(max_length=64, primary_key=True)
    content_type = fields.CharField(max_length=40)
    size = fields.IntField()
    content = fields.BinaryField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "media_blob"
        constraints = [
            CheckConstraint(name="media_blob_hash", check="hash ~ '^[0-9a-f]{64}$'"),
            CheckConstraint(name="media_blob_size", check="size = octet_length(content) AND size > 0"),
        ]


class ImageRow(Model):
    """An uploaded picture, known by the SHA-256 of the file it came as: the same file is the same picture."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    source_hash = fields.CharField(max_length=64, unique=True)
    frames = fields.IntField()
    actor = fields.CharField(max_length=80)
    touched_at = fields.DatetimeField(db_index=True)  # when it was last uploaded, or taken down somewhere

    class Meta:
        table = "image"


class ImageRendition(Model):
    """One form of a picture."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    image: fields.ForeignKeyRelation[ImageRow] = fields.ForeignKeyField(
        "perkhub.ImageRow", on_delete=fields.RESTRICT, related_name="renditions"
    )
    blob: fields.ForeignKeyRelation[MediaBlob] = fields.ForeignKeyField(
        "perkhub.MediaBlob", on_delete=fields.RESTRICT, db_index=True, related_name="renditions"
    )
    format = fields.CharField(max_length=8)
    width = fields.IntField()
    height = fields.IntField()

    class Meta:
        table = "image_rendition"
        unique_together = (("image", "width", "format"),)
        constraints = [CheckConstraint(name="image_rendition_format", check="format IN ('webp', 'jpeg', 'png')")]


class ProductMedia(Model):
    """A picture of a product: one of ours, or an address elsewhere. Texts are inline per language."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[ProductRow] = fields.ForeignKeyField(
        "perkhub.ProductRow", on_delete=fields.RESTRICT, db_index=True, related_name="media"
    )
    image: fields.ForeignKeyNullableRelation[ImageRow] = fields.ForeignKeyField(
        "perkhub.ImageRow", on_delete=fields.RESTRICT, null=True, db_index=True, related_name="shown"
    )
    url = fields.CharField(max_length=2000, null=True)
    alt: fields.Field[dict[str, str]] = fields.JSONField()
    position = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "product_media"
        constraints = [CheckConstraint(name="product_media_source", check="(image_id IS NULL) <> (url IS NULL)")]


class BrandLogo(Model):
    """A brand's uploaded logo."""

    brand: fields.OneToOneRelation[BrandRow] = fields.OneToOneField(
        "perkhub.BrandRow", primary_key=True, related_name="logo", on_delete=fields.RESTRICT
    )
    image: fields.ForeignKeyRelation[ImageRow] = fields.ForeignKeyField(
        "perkhub.ImageRow", on_delete=fields.RESTRICT, db_index=True, related_name="logos"
    )

    class Meta:
        table = "brand_logo"


# What is compressed already is only looked at in vain again.
RAW_SQL = [
    (
        "ALTER TABLE media_blob ALTER COLUMN content SET STORAGE EXTERNAL",
        "ALTER TABLE media_blob ALTER COLUMN content SET STORAGE EXTENDED",
    )
]
