"""Tables of campaigns: the record with its channels, versions and people; what is scarce; and who takes part with what."""

from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.campaigns.states import PartState, StoredState
from perkhub.channels.models import ChannelRow
from perkhub.kit.ids import new_id


class CampaignRow(Model):
    """A campaign: when, where, for whom and within which limits its mechanic holds. Whether it is live, its window says at
    the moment somebody asks; the column keeps only what an operator decided."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    mechanic = fields.CharField(max_length=40)
    config: fields.Field[dict[str, object]] = fields.JSONField()
    config_version = fields.IntField()
    state = fields.CharEnumField(StoredState, max_length=10)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    currency = fields.CharField(max_length=3)
    audience_groups = ArrayField(element_type="uuid")
    audience_new = fields.BooleanField()
    audience_listed = fields.BooleanField()
    budget: fields.Field[list[dict[str, object]]] = fields.JSONField()
    priority = fields.IntField()
    exclusive = fields.BooleanField()
    version = fields.IntField(default=1)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "campaign"
        indexes = [Index(fields=("state", "ends_at"), name="campaign_not_over"), ("mechanic", "id")]
        constraints = [
            CheckConstraint(name="campaign_state", check="state IN ('draft', 'published', 'paused', 'ended')"),
            CheckConstraint(name="campaign_window", check="ends_at > starts_at"),
        ]


class CampaignChannelRow(Model):
    """That a campaign runs in a channel."""

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign: fields.ForeignKeyRelation[CampaignRow] = fields.ForeignKeyField(
        "perkhub.CampaignRow", on_delete=fields.RESTRICT, related_name="places"
    )
    channel: fields.ForeignKeyRelation[ChannelRow] = fields.ForeignKeyField(
        "perkhub.ChannelRow", on_delete=fields.RESTRICT, related_name="campaigns"
    )

    class Meta:
        table = "campaign_channel"
        unique_together = (("campaign_id", "channel_id"),)
        indexes = [("channel_id", "campaign_id")]


class CampaignVersionRow(Model):
    """A campaign as it stood from a change on: what an order of that time was sold by. Rows are only ever added."""

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign: fields.ForeignKeyRelation[CampaignRow] = fields.ForeignKeyField(
        "perkhub.CampaignRow", on_delete=fields.RESTRICT, related_name="versions"
    )
    version = fields.IntField()
    content: fields.Field[dict[str, object]] = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "campaign_version"
        unique_together = (("campaign_id", "version"),)


class CampaignPerson(Model):
    """Somebody on the list of a campaign that is for listed people alone."""

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign: fields.ForeignKeyRelation[CampaignRow] = fields.ForeignKeyField(
        "perkhub.CampaignRow", on_delete=fields.RESTRICT, related_name="people"
    )
    party_id = fields.UUIDField()

    class Meta:
        table = "campaign_person"
        unique_together = (("campaign_id", "party_id"),)
        indexes = [("party_id", "campaign_id")]


# Whose a counter is that all buyers share; no party has this id.
EVERYBODY = UUID(int=0)


class CampaignCounter(Model):
    """How much of something scarce is claimed: by everybody together, or by one buyer. Every claim raises it in one
    conditional statement.

    `ceiling` is what the latest claim went by, `version` the latest version of the campaign that a claim or a change knew:
    who claims by an older one is refused, and reads again.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign_id = fields.UUIDField()
    buyer_id = fields.UUIDField()
    name = fields.CharField(max_length=80)
    value = fields.BigIntField()
    ceiling = fields.BigIntField(null=True)
    version = fields.IntField()

    class Meta:
        table = "campaign_counter"
        unique_together = (("campaign_id", "buyer_id", "name"),)
        constraints = [
            CheckConstraint(name="campaign_counter_value", check="value >= 0 AND (ceiling IS NULL OR value <= ceiling)"),
        ]


class CampaignPart(Model):
    """That an order takes part in a campaign: with which lines (their positions), how many units of each, and how many of
    these came back. What that claims stands here as data, so that it is given back whatever becomes of the plugin; `living`
    in it is what is claimed still, and the counters are the sums of that."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    campaign_version = fields.IntField()
    order_id = fields.UUIDField()
    party_id = fields.UUIDField()
    lines = ArrayField(element_type="int")
    units = ArrayField(element_type="int")
    returned = ArrayField(element_type="int")
    places = ArrayField(element_type="int")  # those of its lines that have a place in a circle
    claims: fields.Field[list[dict[str, object]]] = fields.JSONField()
    discount = fields.BigIntField()  # minor units that it took off
    coupon_id = fields.BigIntField(null=True)
    bargain_id = fields.UUIDField(null=True)  # by which it was priced
    state = fields.CharEnumField(PartState, max_length=10)
    paid = fields.BooleanField()  # whether it ever was: one that is released came back then, and lapsed else
    created_at = fields.DatetimeField()

    class Meta:
        table = "campaign_part"
        unique_together = (("order_id", "campaign_id"),)
        indexes = [("campaign_id", "id")]
        constraints = [
            CheckConstraint(name="campaign_part_state", check="state IN ('held', 'taken', 'released')"),
            CheckConstraint(
                name="campaign_part_lines",
                check="cardinality(lines) = cardinality(units) AND cardinality(lines) = cardinality(returned)",
            ),
        ]


class CampaignConsent(Model):
    """That whoever ordered a line agreed to a text of its campaign's mechanic, in the version that stood then."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    order_id = fields.UUIDField()
    line = fields.IntField()
    campaign_id = fields.UUIDField()
    party_id = fields.UUIDField()
    mechanic = fields.CharField(max_length=60)
    about = fields.CharField(max_length=60)
    version = fields.CharField(max_length=40)

    class Meta:
        table = "campaign_consent"
        indexes = [("order_id",), ("party_id", "id")]


class CampaignTally(Model):
    """How often people looked at a campaign, or were turned away for a reason. Nothing depends on it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    campaign_id = fields.UUIDField()
    name = fields.CharField(max_length=80)
    count = fields.BigIntField()

    class Meta:
        table = "campaign_tally"
        unique_together = (("campaign_id", "name"),)
