"""Tables of bargains: each with the cuts that were drawn for it, who made them, and how often somebody helped in a day."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.campaigns.bargains.states import BargainState
from perkhub.kit.ids import new_id


class BargainRow(Model):
    """`starts_from` is what a unit cost its owner, `amounts` what each helper in turn takes off it, in minor units; of these
    `cuts` are made, which is `cut_off` together. `order_id` is the order that has it, or had it last."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    channel_id = fields.UUIDField()
    party_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    starts_from = fields.DecimalField(max_digits=18, decimal_places=6)
    helpers = fields.IntField()
    least = fields.BigIntField()
    most = fields.BigIntField()
    amounts = ArrayField(element_type="bigint")
    cuts = fields.IntField()
    cut_off = fields.BigIntField()
    cuts_per_day = fields.IntField(null=True)
    state = fields.CharEnumField(BargainState, max_length=8)
    order_id = fields.UUIDField(null=True)
    opened_at = fields.DatetimeField()
    closes_at = fields.DatetimeField()

    class Meta:
        table = "bargain"
        indexes = [("campaign_id", "id"), Index(fields=("order_id",), name="bargain_order")]
        constraints = [
            UniqueConstraint(name="bargain_once", fields=("campaign_id", "party_id"), condition="state IN ('open', 'held')"),
            CheckConstraint(name="bargain_cuts", check="0 <= cuts AND cuts <= helpers AND cardinality(amounts) = helpers"),
            CheckConstraint(name="bargain_state", check="state IN ('open', 'held', 'bought', 'lapsed')"),
            CheckConstraint(name="bargain_ordered", check="state NOT IN ('held', 'bought') OR order_id IS NOT NULL"),
        ]


class BargainCutRow(Model):
    """Somebody's help: the `place`-th cut of a bargain, and what it took off in minor units. `day` is of its channel's zone."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bargain_id = fields.UUIDField()
    campaign_id = fields.UUIDField()
    party_id = fields.UUIDField()
    place = fields.IntField()
    amount = fields.BigIntField()
    day = fields.DateField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "bargain_cut"
        unique_together = (("bargain_id", "party_id"), ("bargain_id", "place"))
        indexes = [("campaign_id", "party_id", "day")]


class BargainDay(Model):
    """How often somebody helped in a campaign's bargains on a day: what a cut is counted on before it is made."""

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign_id = fields.UUIDField()
    party_id = fields.UUIDField()
    day = fields.DateField()
    cuts = fields.IntField()

    class Meta:
        table = "bargain_day"
        unique_together = (("campaign_id", "party_id", "day"),)
