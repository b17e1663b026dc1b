"""The table of notices: that something was sent, by whom and when; never what, nor to which address."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class Notice(Model):
    """One message about one thing, which `kind` and `reference_id` name: no thing is told twice."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=20)
    reference_id = fields.UUIDField()
    channel = fields.CharField(max_length=8)
    notifier = fields.CharField(max_length=40)
    state = fields.CharField(max_length=8)
    attempts = fields.IntField()
    failure = fields.CharField(max_length=60, null=True)
    correlation_id = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
        unique_together = (("kind", "reference_id"),)
        indexes = [PartialIndex(fields=("created_at",), condition={"state": "queued"}, name="notice_queued")]
        constraints = [
            CheckConstraint(name="notice_kind", check="kind IN ('one_time_code', 'invitation', 'low_balance')"),
            CheckConstraint(name="notice_channel", check="channel IN ('email', 'sms')"),
            CheckConstraint(name="notice_state", check="state IN ('queued', 'sent', 'failed')"),
            CheckConstraint(name="notice_sent_at", check="(state = 'sent') = (sent_at IS NOT NULL)"),
        ]
