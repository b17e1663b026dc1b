"""The feed of what readers can see and has changed: written by triggers, followed by every process that remembers answers."""

from tortoise import fields
from tortoise.models import Model

from perkhub.reactions.seen import FEED_SQL, SEEN, told_by_triggers


class ReaderSlot(Model):
    """A place in the feed for one writer at a time: its version rises with each transaction that took it. Several, so that
    a long import keeps nobody waiting."""

    slot = fields.IntField(primary_key=True, generated=False)
    version = fields.BigIntField(default=0)

    class Meta:
        table = "reader_slot"


class ReaderChange(Model):
    """What a transaction changed: a product in a channel; null is every one."""

    id = fields.BigIntField(primary_key=True)
    slot = fields.IntField()
    version = fields.BigIntField()
    channel_id = fields.UUIDField(null=True)
    product_id = fields.UUIDField(null=True)

    class Meta:
        table = "reader_change"


RAW_SQL = [*FEED_SQL, *(told_by_triggers(seen) for seen in SEEN)]
