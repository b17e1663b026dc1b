"""Tables of payments: what was asked of a payer, what came, what goes back, and the gateways' callbacks."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id
from perkhub.payments.states import PaymentState, RefundState, TopUpState


class PaymentRow(Model):
    """One attempt to pay one payable. `received` differs from `amount` only where a person must look at it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    payable_kind = fields.CharField(max_length=12)
    payable_id = fields.UUIDField(db_index=True)
    party_id = fields.UUIDField()
    method = fields.CharField(max_length=40)
    state = fields.CharEnumField(PaymentState, max_length=12)
    currency = fields.CharField(max_length=3)
    amount = fields.BigIntField()
    received = fields.BigIntField(null=True)
    received_currency = fields.CharField(max_length=3, null=True)
    our_reference = fields.CharField(max_length=24, unique=True)
    gateway_reference = fields.CharField(max_length=120, null=True)
    return_url = fields.CharField(max_length=500, null=True)
    next_lookup_at = fields.DatetimeField(null=True)
    lookups = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payment"
        unique_together = (("method", "gateway_reference"),)
        indexes = [
            PartialIndex(fields=("next_lookup_at",), condition={"state": "pending"}, name="payment_to_look_up"),
            PartialIndex(fields=("id",), condition={"state": "review"}, name="payment_to_review"),
        ]
        constraints = [CheckConstraint(name="payment_amount", check="amount > 0")]


class RefundRow(Model):
    """Money on its way back to whoever paid: into the wallet at once, through a gateway by a job."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    payment: fields.ForeignKeyRelation[PaymentRow] = fields.ForeignKeyField(
        "perkhub.PaymentRow", on_delete=fields.RESTRICT, db_index=True, related_name="refunds"
    )
    state = fields.CharEnumField(RefundState, max_length=12)
    currency = fields.CharField(max_length=3)
    amount = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    our_reference = fields.CharField(max_length=24, unique=True)
    gateway_reference = fields.CharField(max_length=120, null=True)
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refund"
        indexes = [PartialIndex(fields=("id",), condition={"state": "pending"}, name="refund_pending")]
        constraints = [CheckConstraint(name="refund_amount", check="amount > 0")]


class GatewayCallback(Model):
    """A genuine callback, once per nonce. The body is sealed and erased when the payment it hints at was looked up."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    method = fields.CharField(max_length=40)
    nonce = fields.CharField(max_length=64)
    our_reference = fields.CharField(max_length=24)
    sealed = fields.BinaryField(null=True)
    received_at = fields.DatetimeField()

    class Meta:
        table = "gateway_callback"
        unique_together = (("method", "nonce"),)
        indexes = [("received_at",)]


class TopUpRow(Model):
    """Money that a party wants to put into its wallet."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    party_id = fields.UUIDField(db_index=True)
    state = fields.CharEnumField(TopUpState, max_length=12)
    currency = fields.CharField(max_length=3)
    amount = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "top_up"
        constraints = [CheckConstraint(name="top_up_amount", check="amount > 0")]
