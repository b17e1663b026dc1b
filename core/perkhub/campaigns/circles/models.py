"""Tables of circles: a group of people around one campaign, and who has a place in it by which line of which order."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.campaigns.circles.states import CircleState, MemberState
from perkhub.kit.ids import new_id


class CircleRow(Model):
    """`taken` counts the places of those who have paid and of those who may yet; `paid` the first alone. Both stay as they
    were when the circle closed, but for the places that nobody had paid."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    opened_by = fields.UUIDField()  # a party
    seats = fields.IntField()
    taken = fields.IntField()
    paid = fields.IntField()
    state = fields.CharEnumField(CircleState, max_length=8)
    opened_at = fields.DatetimeField()
    closes_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "circle"
        indexes = [
            ("campaign_id", "id"),
            PartialIndex(fields=("closes_at",), condition={"state": "open"}, name="circle_open"),
            PartialIndex(fields=("campaign_id", "closes_at"), condition={"state": "open"}, name="circle_open_of_campaign"),
        ]
        constraints = [
            CheckConstraint(name="circle_places", check="0 <= paid AND paid <= taken AND taken <= seats AND seats > 1"),
            CheckConstraint(name="circle_full", check="state NOT IN ('full', 'settled') OR paid = seats"),
            CheckConstraint(name="circle_state", check="state IN ('open', 'full', 'settled', 'lapsed')"),
        ]


class CircleMemberRow(Model):
    """A place, taken by a line (its position) of an order. Of a campaign nobody has two at a time, whatever circle they are in.

    No foreign keys: their locks on the circle, beside those of the claims, would let two joiners wait for each other.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    circle_id = fields.UUIDField(db_index=True)
    campaign_id = fields.UUIDField()
    party_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    line = fields.IntField()
    state = fields.CharEnumField(MemberState, max_length=10)
    created_at = fields.DatetimeField()
    joined_at = fields.DatetimeField(null=True)

    class Meta:
        table = "circle_member"
        constraints = [
            UniqueConstraint(
                name="circle_member_once", fields=("campaign_id", "party_id"), condition="state IN ('held', 'joined')"
            ),
            CheckConstraint(
                name="circle_member_state",
                check="state IN ('held', 'joined', 'due', 'delivered', 'owed', 'refunded', 'dropped', 'left')",
            ),
        ]
