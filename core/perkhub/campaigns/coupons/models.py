"""Tables of coupons: batches with their secret, a narrow row for each code, and exports."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.campaigns.coupons.states import CouponBatchState, CouponExportState, CouponState
from perkhub.kit.ids import new_id


class CouponBatchRow(Model):
    """So many codes of a campaign. `made` is how many there are yet, `next_number` from where the next are derived."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField(db_index=True)
    name = fields.CharField(max_length=80)
    sealed = fields.BinaryField()
    quantity = fields.IntField()
    made = fields.IntField(default=0)
    next_number = fields.IntField(default=1)
    state = fields.CharEnumField(CouponBatchState, max_length=10)
    created_at = fields.DatetimeField()

    class Meta:
        table = "coupon_batch"
        constraints = [CheckConstraint(name="coupon_batch_made", check="made >= 0 AND made <= quantity")]


class CouponRow(Model):
    """One coupon. The code itself is nowhere: its fingerprint finds it, its number makes it again. `claim_id` is what it was
    handed out by; one whose code was used before anybody kept it has none."""

    id = fields.BigIntField(primary_key=True)
    batch_id = fields.UUIDField()
    campaign_id = fields.UUIDField()
    number = fields.IntField()
    fingerprint = fields.BinaryField()
    state = fields.CharEnumField(CouponState, max_length=6)
    party_id = fields.UUIDField(null=True)
    order_id = fields.UUIDField(null=True)
    claim_id = fields.UUIDField(null=True)
    bound_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "coupon"
        constraints = [
            CheckConstraint(
                name="coupon_state",
                check="(state = 'free' AND party_id IS NULL AND order_id IS NULL)"
                " OR (state = 'bound' AND party_id IS NOT NULL AND order_id IS NULL)"
                " OR (state = 'used' AND party_id IS NOT NULL AND order_id IS NOT NULL)"
                " OR (state = 'void' AND order_id IS NULL)",
            ),
        ]


class CouponExportRow(Model):
    """One export of a batch's codes, and the sealed file that came of it, which goes after a day."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    batch_id = fields.UUIDField()
    filename = fields.CharField(max_length=200)
    state = fields.CharEnumField(CouponExportState, max_length=10)
    codes = fields.IntField(default=0)
    file_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "coupon_export"
        indexes = [("actor", "id")]


# What is free is handed out in any order, from any number on; the indexes of what is somebody's stay as small as what was
# handed out.
RAW_SQL: list[tuple[str, str]] = [
    ("CREATE UNIQUE INDEX coupon_fingerprint ON coupon (fingerprint)", "DROP INDEX coupon_fingerprint"),
    ("CREATE INDEX coupon_free ON coupon (batch_id, number) WHERE state = 'free'", "DROP INDEX coupon_free"),
    ("CREATE INDEX coupon_gone ON coupon (batch_id, state) WHERE state <> 'free'", "DROP INDEX coupon_gone"),
    (
        "CREATE INDEX coupon_of_party ON coupon (party_id, bound_at, id) WHERE party_id IS NOT NULL",
        "DROP INDEX coupon_of_party",
    ),
    ("CREATE INDEX coupon_of_order ON coupon (order_id) WHERE order_id IS NOT NULL", "DROP INDEX coupon_of_order"),
]
