"""Tables of the vault: lots, sealed codes, their fingerprints, stock counters, the custody log and imports."""

from datetime import UTC, datetime
from enum import StrEnum, auto

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.catalog.models import VariantRow
from perkhub.kit.ids import new_id
from perkhub.kit.models import DataKey
from perkhub.vault.states import CodeState, ImportState, LotState

# The expiry of what never expires: a real date keeps first-expiring-first one plain index range.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class CustodyAction(StrEnum):
    IN = auto()
    SOLD = auto()
    REVEALED = auto()
    RETURNED = auto()
    FROZEN = auto()
    EXPIRED = auto()
    BURNT = auto()


class Lot(Model):
    """One delivery of codes of one variant from one issuer, under a data key of its own."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, related_name="lots"
    )
    data_key: fields.ForeignKeyRelation[DataKey] = fields.ForeignKeyField(
        "perkhub.DataKey", on_delete=fields.RESTRICT, related_name="lots"
    )
    issuer = fields.CharField(max_length=80)
    reference = fields.CharField(max_length=120, null=True)
    unit_cost = fields.DecimalField(max_digits=18, decimal_places=6)
    currency = fields.CharField(max_length=3)
    state = fields.CharEnumField(LotState, max_length=10)
    quantity = fields.IntField(default=0)
    recalled_reason = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "lot"
        indexes = [("variant_id", "id")]
        constraints = [CheckConstraint(name="lot_unit_cost", check="unit_cost >= 0")]


class Code(Model):
    """One sealed code. `sealed` holds the typed credentials as JSON under the lot's key, bound to lot, code and field."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    lot: fields.ForeignKeyRelation[Lot] = fields.ForeignKeyField("perkhub.Lot", on_delete=fields.RESTRICT, related_name="codes")
    variant_id = fields.UUIDField()
    sealed = fields.BinaryField()
    masked = fields.CharField(max_length=16)
    expires_at = fields.DatetimeField()
    state = fields.CharEnumField(CodeState, max_length=10)

    class Meta:
        table = "code"
        indexes = [
            ("lot_id", "id"),
            PartialIndex(
                fields=("variant_id", "expires_at", "id"), condition={"state": "available"}, name="code_first_expiring"
            ),
        ]
        constraints = [
            CheckConstraint(name="code_state", check="state IN ('available', 'sold', 'frozen', 'expired', 'burnt')"),
        ]


class Fingerprint(Model):
    """The first 128 bits of HMAC(issuer, identifying credential): no code enters twice, in whatever lot.

    A `uuid` column is the narrowest indexed place for 16 bytes. The table stands alone, so that codes can be partitioned.
    """

    value = fields.UUIDField(primary_key=True)
    code_id = fields.UUIDField()

    class Meta:
        table = "fingerprint"


class Stock(Model):
    """How many codes of a variant can be sold, and how many of these are promised to unpaid orders.

    A recall may leave fewer codes than promises; the claim's own condition is what keeps sales within the codes.
    """

    variant_id = fields.UUIDField(primary_key=True)
    available = fields.IntField(default=0)
    held = fields.IntField(default=0)

    class Meta:
        table = "stock"
        constraints = [CheckConstraint(name="stock_counts", check="available >= 0 AND held >= 0")]


class Custody(Model):
    """One touch of a code. Rows are only added; a job links them into hashed batches."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    action = fields.CharEnumField(CustodyAction, max_length=10)
    lot_id = fields.UUIDField()
    code_id = fields.UUIDField()
    entitlement_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=80)
    correlation_id = fields.CharField(max_length=64)
    batch_id = fields.BigIntField(null=True)

    class Meta:
        table = "custody"
        indexes = [("code_id",)]


# What waits to be linked, and what is linked by batch: a touch, written on the hot path, enters only the first of the two.
# A partial index of the model cannot say "is null".
RAW_SQL: list[tuple[str, str]] = [
    ("CREATE INDEX custody_unlinked ON custody (id) WHERE batch_id IS NULL", "DROP INDEX custody_unlinked"),
    ("CREATE INDEX custody_linked ON custody (batch_id, id) WHERE batch_id IS NOT NULL", "DROP INDEX custody_linked"),
]


class CustodyBatch(Model):
    """A link of the custody chain: the hash of its rows and of the batch before."""

    id = fields.BigIntField(primary_key=True, generated=False)
    rows = fields.IntField()
    digest = fields.CharField(max_length=64)
    previous = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "custody_batch"


class CodeImport(Model):
    """One import of codes from an upload: what was asked, how far it is, and which rows were refused and why."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    upload_id = fields.UUIDField()
    filename = fields.CharField(max_length=200)
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, related_name="imports"
    )
    lot_id = fields.UUIDField(null=True)
    issuer = fields.CharField(max_length=80)
    reference = fields.CharField(max_length=120, null=True)
    unit_cost = fields.DecimalField(max_digits=18, decimal_places=6)
    currency = fields.CharField(max_length=3)
    columns: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    default_expires_at = fields.DatetimeField(null=True)
    zone = fields.CharField(max_length=64)
    dry_run = fields.BooleanField()
    skip_refused_rows = fields.BooleanField()
    state = fields.CharEnumField(ImportState, max_length=10)
    rows_read = fields.IntField(default=0)
    rows_stocked = fields.IntField(default=0)
    rows_refused = fields.IntField(default=0)
    refusals: fields.Field[list[dict[str, object]]] = fields.JSONField()
    failure: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "code_import"
        indexes = [("upload_id",)]
        constraints = [CheckConstraint(name="code_import_unit_cost", check="unit_cost >= 0")]
