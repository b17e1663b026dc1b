"""Tables of draws: seeds with their commitments, what is left of each prize, where each buyer is, the draws and their chain."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class DrawSeedRow(Model):
    """A secret seed that a campaign's draws are made by. `commitment` was published before the first of them. No order is
    placed under it any more from `succeeded_at` on; the seed itself stays hidden until it is retired, when those that were are
    paid or over, and no draw is made by it any more from then on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    number = fields.IntField()
    sealed = fields.BinaryField()
    commitment = fields.CharField(max_length=64)
    odds_hash = fields.CharField(max_length=64)
    odds = fields.TextField()  # canonical, byte by byte what is hashed
    committed_at = fields.DatetimeField()
    succeeded_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "draw_seed"
        unique_together = (("campaign_id", "number"),)


# Under at most one seed of a campaign orders are placed.
RAW_SQL: list[tuple[str, str]] = [
    (
        "CREATE UNIQUE INDEX draw_seed_present ON draw_seed (campaign_id) WHERE succeeded_at IS NULL",
        "DROP INDEX draw_seed_present",
    ),
    ("CREATE INDEX draw_unlinked ON draw (campaign_id, id) WHERE batch IS NULL", "DROP INDEX draw_unlinked"),
    ("CREATE INDEX draw_linked ON draw (campaign_id, batch, id) WHERE batch IS NOT NULL", "DROP INDEX draw_linked"),
]


class DrawPrize(Model):
    """How many of a prize were given. It never falls: a draw that was made is made."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    key = fields.CharField(max_length=40)
    variant_id = fields.UUIDField()
    quantity = fields.IntField(null=True)
    given = fields.IntField(default=0)

    class Meta:
        table = "draw_prize"
        unique_together = (("campaign_id", "key"),)
        constraints = [CheckConstraint(name="draw_prize_given", check="given >= 0 AND (quantity IS NULL OR given <= quantity)")]


class DrawBuyer(Model):
    """Where a buyer is in a campaign: how often they drew, and how often since they last got a prize of the guarantee.

    One row for each, so that buyers' draws do not wait for each other.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    party_id = fields.UUIDField()
    nonce = fields.IntField()
    pity = fields.IntField()

    class Meta:
        table = "draw_buyer"
        unique_together = (("campaign_id", "party_id"),)


class DrawTicketRow(Model):
    """That a line of an order is drawn once it is paid, by the seed that was committed to when it was placed, and the buyer's
    own part in it."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.UUIDField()
    position = fields.IntField()
    campaign_id = fields.UUIDField()
    seed_id = fields.UUIDField()
    client_seed = fields.CharField(max_length=64)

    class Meta:
        table = "draw_ticket"
        unique_together = (("order_id", "position"),)


class DrawRow(Model):
    """One draw: what it was computed from, on what it fell, and what was given. Rows are only added."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    campaign_id = fields.UUIDField()
    seed_id = fields.UUIDField()
    party_id = fields.UUIDField()
    order_id = fields.UUIDField()
    line_id = fields.UUIDField()
    position = fields.IntField()
    nonce = fields.IntField()
    pity = fields.IntField()
    client_seed = fields.CharField(max_length=64)
    drawn = fields.CharField(max_length=40)
    given = fields.CharField(max_length=40)
    batch = fields.IntField(null=True)

    class Meta:
        table = "draw"
        unique_together = (("campaign_id", "party_id", "nonce"), ("line_id", "position"))


class DrawBatch(Model):
    """A link of a campaign's chain of draws: the hash of its rows and of the batch before."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id = fields.UUIDField()
    number = fields.IntField()
    rows = fields.IntField()
    digest = fields.CharField(max_length=64)
    previous = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "draw_batch"
        unique_together = (("campaign_id", "number"),)
