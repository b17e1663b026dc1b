"""Tables of orders: the order, its lines, the holds of an unpaid one, and how many unpaid ones each owner has."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.catalog.models import RefundKind, ValidityKind, VariantRow
from perkhub.channels.models import ChannelRow
from perkhub.kit.ids import new_id
from perkhub.orders.states import OrderState


class OrderRow(Model):
    """What was bought and what was paid. `refunded` grows towards `total`; delivery is told by the entitlements.

    `placed_by` is the actor: whoever bought for themselves, or the member who bought for the organisation that owns it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=20, unique=True)
    party_id = fields.UUIDField()
    placed_by = fields.CharField(max_length=80)
    channel: fields.ForeignKeyRelation[ChannelRow] = fields.ForeignKeyField(
        "perkhub.ChannelRow", on_delete=fields.RESTRICT, related_name="orders"
    )
    state = fields.CharEnumField(OrderState, max_length=16)
    currency = fields.CharField(max_length=3)
    total = fields.BigIntField()
    refunded = fields.BigIntField(default=0)
    payment_id = fields.UUIDField(null=True)
    all_or_nothing = fields.BooleanField()
    in_campaigns = fields.BooleanField(default=False)  # it has parts in campaigns, which end with it
    device = fields.CharField(max_length=64, null=True)
    placed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        table = "orders"
        indexes = [
            ("party_id", "id"),
            PartialIndex(fields=("expires_at",), condition={"state": "placed"}, name="orders_unpaid"),
        ]
        constraints = [
            CheckConstraint(name="orders_money", check="total >= 0 AND refunded >= 0 AND refunded <= total"),
            CheckConstraint(
                name="orders_state",
                check="state IN ('placed', 'paid', 'partly_refunded', 'refunded', 'cancelled', 'expired')",
            ),
        ]


class OrderLineRow(Model):
    """So many of a variant, with its price and what was promised of it when the order was placed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[OrderRow] = fields.ForeignKeyField(
        "perkhub.OrderRow", on_delete=fields.RESTRICT, related_name="lines"
    )
    position = fields.IntField()
    # No foreign key: its lock on the hot listing row, beside those of the claims, let two of these deadlock.
    listing_id = fields.UUIDField(db_index=True)
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, related_name="order_lines"
    )
    quantity = fields.IntField()
    unit = fields.DecimalField(max_digits=18, decimal_places=6)
    total = fields.BigIntField()
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)  # of one unit
    face_currency = fields.CharField(max_length=3, null=True)
    minimum_validity_days = fields.IntField()
    validity = fields.CharEnumField(ValidityKind, max_length=16)
    validity_days = fields.IntField(null=True)
    valid_until = fields.DateField(null=True)
    refund = fields.CharEnumField(RefundKind, max_length=16)
    refund_days = fields.IntField(null=True)
    sourced = fields.IntField(default=0)  # so many are bought from a supplier for this line, the first ones lie in the pool
    waits = fields.BooleanField(default=False)  # paid for, and delivered only when what it waits for has come about
    trace: fields.Field[list[dict[str, str]]] = fields.JSONField()

    class Meta:
        table = "order_line"
        unique_together = (("order_id", "position"),)
        constraints = [
            CheckConstraint(name="order_line_quantity", check="quantity > 0 AND total >= 0"),
            CheckConstraint(name="order_line_sourced", check="sourced BETWEEN 0 AND quantity"),
        ]


class HoldRow(Model):
    """What an unpaid order keeps from others until it is paid, cancelled or expired; its end deletes it, once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[OrderRow] = fields.ForeignKeyField(
        "perkhub.OrderRow", on_delete=fields.RESTRICT, db_index=True, related_name="holds"
    )
    listing_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    party_id = fields.UUIDField()
    quantity = fields.IntField()
    expires_at = fields.DatetimeField()
    sourced = fields.IntField(default=0)  # so many of them are a supplier's: the pool has promised the others

    class Meta:
        table = "hold"
        constraints = [CheckConstraint(name="hold_sourced", check="sourced BETWEEN 0 AND quantity")]


class UnpaidOrders(Model):
    """How many unpaid orders an owner (a party, or a device) has: the counter that caps them."""

    owner = fields.CharField(max_length=80, primary_key=True)
    count = fields.IntField()

    class Meta:
        table = "unpaid_orders"
        constraints = [CheckConstraint(name="unpaid_orders_count", check="count >= 0")]
