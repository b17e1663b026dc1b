"""Tables of channels, and of who was let into those that sell by contract."""

from enum import StrEnum, auto
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class Audience(StrEnum):
    RETAIL = auto()
    BUSINESS = auto()
    PARTNER = auto()


class AccessPolicy(StrEnum):
    PUBLIC = auto()
    MEMBERS = auto()
    CONTRACT = auto()


class ChannelRow(Model):
    """A place of sale. `member_groups` narrows MEMBERS to some customer groups; empty is every signed-in customer.
    `delivery_minutes` is what a supplier has to deliver within; later, the customer sees DELAYED."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.CharField(max_length=40, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    audience = fields.CharEnumField(Audience, max_length=10)
    access = fields.CharEnumField(AccessPolicy, max_length=10)
    member_groups: fields.Field[list[UUID]] = ArrayField(element_type="uuid")
    currency = fields.CharField(max_length=3)
    zone = fields.CharField(max_length=40)
    locales: fields.Field[list[str]] = ArrayField(element_type="text")
    regions: fields.Field[list[str]] = ArrayField(element_type="text")
    delivery_minutes = fields.IntField(default=15)
    active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "channel"
        constraints = [
            CheckConstraint(name="channel_access", check="access IN ('public', 'members', 'contract')"),
            CheckConstraint(name="channel_delivery", check="delivery_minutes > 0"),
        ]


class ChannelGrantRow(Model):
    """That a party or a customer group may enter a channel that sells by contract."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel: fields.ForeignKeyRelation[ChannelRow] = fields.ForeignKeyField(
        "perkhub.ChannelRow", on_delete=fields.RESTRICT, related_name="grants"
    )
    holder_kind = fields.CharField(max_length=8)
    # No foreign key: what may hold a grant grows with the house.
    holder_id = fields.UUIDField(db_index=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "channel_grant"
        unique_together = (("channel_id", "holder_id"),)
        constraints = [CheckConstraint(name="channel_grant_holder", check="holder_kind IN ('party', 'group')")]
