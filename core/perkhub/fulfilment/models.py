"""Tables of fulfilment: what must still be obtained and for whom, what waits for leave to be delivered, what is bought ahead,
and what people propose to settle."""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.catalog.models import ValidityKind, VariantRow
from perkhub.fulfilment.states import Decision, NeedState, SettlementState
from perkhub.kit.ids import new_id


class NeedRow(Model):
    """So many of a variant for one source (an order, a purchase), by kind and id: this domain knows neither.

    `units` are the entitlements that wait, in their order; none where codes are bought into stock. `refused` are the
    offers that said a final no. `together`: all units of the source are given, or none.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    source_kind = fields.CharField(max_length=20)
    source_id = fields.UUIDField(db_index=True)
    variant_id = fields.UUIDField()
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)  # where the buyer chose it
    quantity = fields.IntField()
    obtained = fields.IntField(default=0)
    units: fields.Field[Any] = ArrayField("uuid")
    refused: fields.Field[Any] = ArrayField("uuid")
    together = fields.BooleanField(default=False)
    minimum_validity_days = fields.IntField()
    validity = fields.CharEnumField(ValidityKind, max_length=16)
    validity_days = fields.IntField(null=True)
    valid_until = fields.DateField(null=True)
    zone = fields.CharField(max_length=64)
    state = fields.CharEnumField(NeedState, max_length=8)
    due_at = fields.DatetimeField()
    delayed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "need"
        indexes = [PartialIndex(fields=("due_at",), condition={"state": "open"}, name="need_open")]
        constraints = [
            CheckConstraint(name="need_quantity", check="quantity > 0 AND obtained BETWEEN 0 AND quantity"),
        ]


class WaitRow(Model):
    """Units of one source that are paid for and not delivered until somebody says so, with what they will be due then.

    What the pool has promised them stays promised: `quantity` of its stock is held, but for the `sourced` ones that a supplier
    is to deliver. Its end deletes the row, or takes from it what was given back: whoever does that has the units to themselves.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    source_kind = fields.CharField(max_length=20)
    source_id = fields.UUIDField()
    line_id = fields.UUIDField(unique=True)
    variant_id = fields.UUIDField()
    quantity = fields.IntField()
    sourced = fields.IntField()
    minimum_validity_days = fields.IntField()
    validity = fields.CharEnumField(ValidityKind, max_length=16)
    validity_days = fields.IntField(null=True)
    valid_until = fields.DateField(null=True)
    zone = fields.CharField(max_length=64)
    wait_minutes = fields.IntField()  # how long a supplier may take, once it is asked
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "wait"
        constraints = [CheckConstraint(name="wait_quantity", check="quantity > 0 AND sourced BETWEEN 0 AND quantity")]


class StockPurchaseRow(Model):
    """Codes bought into the pool ahead of their sale; its needs, which name it as their source, say how far it is."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, related_name="stock_purchases"
    )
    quantity = fields.IntField()
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()

    class Meta:
        table = "stock_purchase"
        constraints = [CheckConstraint(name="stock_purchase_quantity", check="quantity > 0")]


class SettlementRow(Model):
    """What one person proposes to do about a supplier order, until another one approves it. Codes only sealed, and only
    until then; one proposal at a time waits for an order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order_id = fields.UUIDField(db_index=True)
    decision = fields.CharEnumField(Decision, max_length=16)
    state = fields.CharEnumField(SettlementState, max_length=12)
    reason = fields.CharField(max_length=500)
    cost = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    returned = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    sealed = fields.BinaryField(null=True)
    codes = fields.IntField(default=0)
    proposed_by = fields.CharField(max_length=80)
    decided_by = fields.CharField(max_length=80, null=True)
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_settlement"
        constraints = [
            UniqueConstraint(name="supplier_settlement_one_waits", fields=("order_id",), condition="state = 'proposed'"),
        ]
