"""Tables of suppliers' own statements: the readings, their lines, and in what they differ from our books."""

from enum import StrEnum, auto

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id
from perkhub.suppliers.models import SupplierAccountRow
from perkhub.suppliers.states import SyncState


class DifferenceKind(StrEnum):
    """How a statement and our books differ."""

    UNKNOWN_HERE = auto()
    MISSING_THERE = auto()
    AMOUNT = auto()


class SupplierStatementRow(Model):
    """One reading of one day of a supplier's statement, by the supplier's calendar."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[SupplierAccountRow] = fields.ForeignKeyField(
        "perkhub.SupplierAccountRow", on_delete=fields.RESTRICT, related_name="statements"
    )
    day = fields.DateField()
    state = fields.CharEnumField(SyncState, max_length=8)
    lines = fields.IntField(default=0)
    failure = fields.CharField(max_length=60, null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_statement"
        indexes = [("account_id", "day")]
        constraints = [
            UniqueConstraint(name="supplier_statement_one_waits", fields=("account_id", "day"), condition="state = 'queued'"),
        ]


class SupplierStatementLineRow(Model):
    """What the supplier believes that it sold us, or gave back; with our order where it names one. Only the last reading of a
    day keeps its lines."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    statement: fields.ForeignKeyRelation[SupplierStatementRow] = fields.ForeignKeyField(
        "perkhub.SupplierStatementRow", on_delete=fields.RESTRICT, db_index=True, related_name="told"
    )
    order_id = fields.UUIDField(null=True, db_index=True)
    supplier_reference = fields.CharField(max_length=120)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=20)
    amount = fields.DecimalField(max_digits=18, decimal_places=6)
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "supplier_statement_line"


class SupplierDifferenceRow(Model):
    """In what one order differs. `subject` is our reference, or the supplier's where no order of ours has it. It closes by
    itself when both agree, else by a person, who says why."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[SupplierAccountRow] = fields.ForeignKeyField(
        "perkhub.SupplierAccountRow", on_delete=fields.RESTRICT, db_index=True, related_name="differences"
    )
    subject = fields.CharField(max_length=120)
    order_id = fields.UUIDField(null=True, db_index=True)
    kind = fields.CharEnumField(DifferenceKind, max_length=16)
    ours = fields.BigIntField()
    theirs = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    reason = fields.CharField(max_length=500, null=True)
    closed_by = fields.CharField(max_length=80, null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_difference"
        constraints = [
            UniqueConstraint(
                name="supplier_difference_one_open", fields=("account_id", "subject", "currency"), condition="closed_at IS NULL"
            ),
            CheckConstraint(name="supplier_difference_closed", check="(closed_at IS NULL) = (closed_by IS NULL)"),
        ]
