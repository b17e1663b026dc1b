"""Tables of the catalog: brands, categories, products, their variants, and the listings that put a variant into a channel."""

from enum import StrEnum, auto
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.channels.models import ChannelRow
from perkhub.kit.ids import new_id


class BenefitKind(StrEnum):
    CODE = auto()
    LINK = auto()
    TOP_UP = auto()
    MEMBERSHIP = auto()
    VOUCHER = auto()
    SERVICE = auto()


class ValidityKind(StrEnum):
    AS_PRINTED = auto()
    FROM_DELIVERY = auto()
    UNTIL = auto()


class RefundKind(StrEnum):
    UNSEEN = auto()
    WITHIN_DAYS = auto()
    NEVER = auto()


class AttributeType(StrEnum):
    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    SELECT = auto()
    MULTISELECT = auto()


class BrandRow(Model):
    """Whose benefits they are."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=80, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    description: fields.Field[dict[str, str]] = fields.JSONField()
    logo_url = fields.CharField(max_length=500, null=True)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    metadata: fields.Field[dict[str, str]] = fields.JSONField()
    private_metadata: fields.Field[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "brand"


class CategoryRow(Model):
    """A shelf of the shop. `path` is the way to it from the root, itself at the end: whatever holds an id in its path is
    in that category or below, by one index."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=80, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    description: fields.Field[dict[str, str]] = fields.JSONField()
    parent: fields.ForeignKeyNullableRelation["CategoryRow"] = fields.ForeignKeyField(
        "perkhub.CategoryRow", on_delete=fields.RESTRICT, null=True, db_index=True, related_name="children"
    )
    position = fields.IntField()
    path: fields.Field[list[UUID]] = ArrayField(element_type="uuid")
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    metadata: fields.Field[dict[str, str]] = fields.JSONField()
    private_metadata: fields.Field[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "category"
        constraints = [
            CheckConstraint(
                name="category_path_ends_here",
                check="path[cardinality(path)] = id AND parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]",
            ),
        ]


class AttributeRow(Model):
    """What can be said of products and variants besides what all of them have. Values stand on these, by its code."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=40, unique=True)
    type = fields.CharEnumField(AttributeType, max_length=12)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    options: fields.Field[list[dict[str, object]]] = fields.JSONField()
    unit = fields.CharField(max_length=20, null=True)
    filterable = fields.BooleanField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "attribute"


class ProductRow(Model):
    """A benefit. Texts are inline per language: {"zh": …, "en": …}."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=80, unique=True)
    kind = fields.CharEnumField(BenefitKind, max_length=12)
    brand: fields.ForeignKeyNullableRelation[BrandRow] = fields.ForeignKeyField(
        "perkhub.BrandRow", on_delete=fields.RESTRICT, null=True, related_name="products"
    )
    name: fields.Field[dict[str, str]] = fields.JSONField()
    description: fields.Field[dict[str, str]] = fields.JSONField()
    how_to_use: fields.Field[dict[str, str]] = fields.JSONField()
    minimum_validity_days = fields.IntField(default=0)
    validity = fields.CharEnumField(ValidityKind, max_length=16)
    validity_days = fields.IntField(null=True)
    valid_until = fields.DateField(null=True)
    refund = fields.CharEnumField(RefundKind, max_length=16)
    refund_days = fields.IntField(null=True)
    buyer_inputs: fields.Field[list[dict[str, object]]] = fields.JSONField()  # see `buyer_inputs`
    attributes: fields.Field[dict[str, object]] = fields.JSONField()
    tags: fields.Field[list[str]] = ArrayField(element_type="text")
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    metadata: fields.Field[dict[str, str]] = fields.JSONField()
    private_metadata: fields.Field[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()  # of the product or a variant of it; written by the search's last step

    class Meta:
        table = "product"
        indexes = [("brand_id", "id"), ("kind", "id"), ("created_at",), ("updated_at",)]
        constraints = [
            CheckConstraint(name="product_minimum_validity", check="minimum_validity_days BETWEEN 0 AND 3650"),
            CheckConstraint(
                name="product_validity",
                check="(validity = 'from_delivery') = (validity_days IS NOT NULL) "
                "AND (validity = 'until') = (valid_until IS NOT NULL)",
            ),
            CheckConstraint(name="product_refund", check="(refund = 'within_days') = (refund_days IS NOT NULL)"),
        ]


class ProductCategory(Model):
    """A product on a shelf; the first of its shelves, by position, is where its breadcrumb leads."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[ProductRow] = fields.ForeignKeyField(
        "perkhub.ProductRow", on_delete=fields.RESTRICT, related_name="shelves"
    )
    category: fields.ForeignKeyRelation[CategoryRow] = fields.ForeignKeyField(
        "perkhub.CategoryRow", on_delete=fields.RESTRICT, related_name="shelved"
    )
    position = fields.IntField()

    class Meta:
        table = "product_category"
        unique_together = (("product_id", "category_id"),)
        indexes = [("category_id", "product_id")]


class CollectionRow(Model):
    """Products put together: by a rule, which is looked at when they are shown, by hand, or both."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=80, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    description: fields.Field[dict[str, str]] = fields.JSONField()
    rule: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    metadata: fields.Field[dict[str, str]] = fields.JSONField()
    private_metadata: fields.Field[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "collection"


class CollectionProduct(Model):
    """A product that was picked by hand."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    collection: fields.ForeignKeyRelation[CollectionRow] = fields.ForeignKeyField(
        "perkhub.CollectionRow", on_delete=fields.RESTRICT, related_name="picks"
    )
    product: fields.ForeignKeyRelation[ProductRow] = fields.ForeignKeyField(
        "perkhub.ProductRow", on_delete=fields.RESTRICT, db_index=True, related_name="collected"
    )
    position = fields.IntField()

    class Meta:
        table = "collection_product"
        unique_together = (("collection_id", "product_id"),)
        indexes = [("collection_id", "position")]


class VariantRow(Model):
    """A buyable form of a product: a month, a season, ¥100, or any value from `face_least` to `face_most`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[ProductRow] = fields.ForeignKeyField(
        "perkhub.ProductRow", on_delete=fields.RESTRICT, db_index=True, related_name="variants"
    )
    sku = fields.CharField(max_length=60, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_least = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_most = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_step = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_currency = fields.CharField(max_length=3, null=True)
    position = fields.IntField(default=0)
    attributes: fields.Field[dict[str, object]] = fields.JSONField()
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    metadata: fields.Field[dict[str, str]] = fields.JSONField()
    private_metadata: fields.Field[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "variant"
        constraints = [
            CheckConstraint(
                name="variant_face_value",
                check="face_value > 0 AND (face_value IS NULL AND face_least IS NULL) = (face_currency IS NULL) "
                "AND (face_value IS NULL OR face_least IS NULL)",
            ),
            CheckConstraint(
                name="variant_face_range",
                check="num_nulls(face_least, face_most, face_step) IN (0, 3) "
                "AND face_least > 0 AND face_most > face_least AND face_step > 0",
            ),
        ]


class ListingRow(Model):
    """A variant in a channel: price, window, quota. `taken` counts what is held and sold, in the claim's own statement.

    `product_id` is the variant's, which never changes: what a channel sells is found without a walk over all products.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel: fields.ForeignKeyRelation[ChannelRow] = fields.ForeignKeyField(
        "perkhub.ChannelRow", on_delete=fields.RESTRICT, related_name="listings"
    )
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, db_index=True, related_name="listings"
    )
    product_id = fields.UUIDField()
    unit_price = fields.DecimalField(max_digits=18, decimal_places=6)
    published_from = fields.DatetimeField()
    published_until = fields.DatetimeField(null=True)
    quota = fields.IntField(null=True)
    taken = fields.IntField(default=0)
    limit_per_customer = fields.IntField(null=True)
    # What is struck through beside the price, where an operator says so and why; else the history says it.
    reference_price = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    reference_reason = fields.CharField(max_length=300, null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "listing"
        unique_together = (("channel_id", "variant_id"),)
        indexes = [
            Index(fields=("channel_id", "product_id")),
            Index(fields=("channel_id", "unit_price", "product_id")),
            Index(fields=("channel_id", "published_from"), name="listing_opens"),
            Index(fields=("channel_id", "published_until"), name="listing_closes"),
        ]
        constraints = [
            CheckConstraint(name="listing_price", check="unit_price >= 0"),
            CheckConstraint(name="listing_window", check="published_until IS NULL OR published_until >= published_from"),
            CheckConstraint(name="listing_quota", check="taken >= 0 AND (quota IS NULL OR taken <= quota)"),
            CheckConstraint(name="listing_limit", check="limit_per_customer IS NULL OR limit_per_customer > 0"),
            CheckConstraint(
                name="listing_reference",
                check="(reference_price IS NULL) = (reference_reason IS NULL) "
                "AND (reference_price IS NULL OR reference_price > 0)",
            ),
        ]


class ListingBuyer(Model):
    """How much one party holds and bought of one listing, over all its orders."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    listing_id = fields.UUIDField()
    party_id = fields.UUIDField()
    taken = fields.IntField()

    class Meta:
        table = "listing_buyer"
        unique_together = (("listing_id", "party_id"),)
        constraints = [CheckConstraint(name="listing_buyer_taken", check="taken >= 0")]


class ProductSearch(Model):
    """What the search knows of a product; see `search.document`. Narrow, and written whenever the product is."""

    product_id = fields.UUIDField(primary_key=True)
    lines = fields.TextField()
    sort_zh = fields.CharField(max_length=80)
    sort_en = fields.CharField(max_length=80)
    keys: fields.Field[list[str]] = ArrayField(element_type="text")

    class Meta:
        table = "product_search"
        indexes = [("sort_zh", "product_id"), ("sort_en", "product_id")]


class ProductFact(Model):
    """One value of one attribute that a product, or a form of it, has: in a column of its own, so that an index orders it.
    What is kept is in `product.attributes`; written with what the search knows."""

    id = fields.BigIntField(primary_key=True, generated=True)
    product_id = fields.UUIDField()
    code = fields.CharField(max_length=40)
    value = fields.CharField(max_length=500)  # a text or an option as it is; a day by ISO 8601, which sorts; true or false
    number = fields.DecimalField(max_digits=18, decimal_places=6, null=True)

    class Meta:
        table = "product_fact"
        unique_together = (("product_id", "code", "value"),)
        indexes = [("code", "value", "product_id"), ("code", "number", "product_id")]


# What a model cannot say: the indexes behind "in this category or below", "with this attribute" and "with this tag"; and
# that of the search. A product has more than a hundred keys: put into their places one by one they take five times as long
# as by the hundred. The list of those that wait is short (kB), because every search reads it.
# It is not to be compressed either: a walk reads the keys of each product it comes by.
RAW_SQL: list[tuple[str, str]] = [
    # A statement is planned once, whatever its values are. Meant for a channel of average size it gathers all that the
    # channel sells, which takes a second where that is the whole house; meant for half of the house it goes along an index,
    # which is as good in a small channel.
    (
        "ALTER TABLE listing ALTER COLUMN channel_id SET (n_distinct = 2)",
        "ALTER TABLE listing ALTER COLUMN channel_id RESET (n_distinct)",
    ),
    (
        "ALTER TABLE product_search SET (toast_tuple_target = 8160)",
        "ALTER TABLE product_search RESET (toast_tuple_target)",
    ),
    (
        "CREATE INDEX product_search_keys ON product_search USING gin (keys) WITH (gin_pending_list_limit = 256)",
        "DROP INDEX product_search_keys",
    ),
    ("CREATE INDEX category_path ON category USING gin (path)", "DROP INDEX category_path"),
    ("CREATE INDEX product_attributes ON product USING gin (attributes jsonb_path_ops)", "DROP INDEX product_attributes"),
    ("CREATE INDEX variant_attributes ON variant USING gin (attributes jsonb_path_ops)", "DROP INDEX variant_attributes"),
    ("CREATE INDEX product_tags ON product USING gin (tags)", "DROP INDEX product_tags"),
]
