"""Tables of entitlements: one unit that one party holds, and what its buyer said for it to be delivered."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.catalog.models import VariantRow
from perkhub.entitlements.states import EntitlementState
from perkhub.kit.ids import new_id


class EntitlementRow(Model):
    """What it was sold for and what it cost us stand on the unit, so that refunds in any order sum to the total.

    `source` is what it was given for, by kind and id: this domain knows no orders. `code_id` is unique: whatever else
    fails, the database never lets one code stand for two units.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    party_id = fields.UUIDField()
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, related_name="entitlements"
    )
    source_kind = fields.CharField(max_length=20)
    source_id = fields.UUIDField()
    position = fields.IntField()
    state = fields.CharEnumField(EntitlementState, max_length=10)
    currency = fields.CharField(max_length=3)
    price = fields.BigIntField()
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_currency = fields.CharField(max_length=3, null=True)
    cost = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    cost_currency = fields.CharField(max_length=3, null=True)
    code_id = fields.UUIDField(unique=True, null=True)
    masked = fields.CharField(max_length=16, null=True)
    created_at = fields.DatetimeField()
    issued_at = fields.DatetimeField(null=True)
    revealed_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "entitlement"
        unique_together = (("source_id", "position"),)
        indexes = [
            ("party_id", "id"),
            PartialIndex(fields=("expires_at",), condition={"state": "issued"}, name="entitlement_issued_until"),
            PartialIndex(fields=("expires_at",), condition={"state": "revealed"}, name="entitlement_revealed_until"),
        ]
        constraints = [
            CheckConstraint(name="entitlement_price", check="price >= 0"),
            CheckConstraint(name="entitlement_issued", check="state <> 'issued' OR code_id IS NOT NULL"),
        ]


class BuyerInputRow(Model):
    """What a buyer said for all units of one source, field by field: sealed, with what may be shown of it.

    Phones and e-mails are found by their blind index, whoever typed them. `hidden` ones are shown to nobody again.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    party_id = fields.UUIDField()
    source_id = fields.UUIDField()
    position = fields.IntField()
    key = fields.CharField(max_length=40)
    sealed = fields.BinaryField()
    masked = fields.CharField(max_length=64)
    target = fields.BooleanField()
    hidden = fields.BooleanField()
    blind_index = fields.BinaryField(null=True)

    class Meta:
        table = "buyer_input"
        unique_together = (("source_id", "position"),)
        indexes = [("party_id", "id"), ("blind_index", "source_id")]
