"""Tables of prices: price lists, their rows, and what every listing's public price was, is and is going to be."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.catalog.models import VariantRow
from perkhub.channels.models import ChannelRow
from perkhub.kit.ids import new_id


class PriceListRow(Model):
    """Prices for a channel, a customer group or a party, in a window. Its rows say what, at which price."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    scope_kind = fields.CharField(max_length=8)
    # No foreign key: a channel's, a group's or a party's. Ids of different kinds never meet.
    scope_id = fields.UUIDField(db_index=True)
    # Where it holds; without one, in every channel that sells in its currency.
    channel: fields.ForeignKeyNullableRelation[ChannelRow] = fields.ForeignKeyField(
        "perkhub.ChannelRow", on_delete=fields.RESTRICT, null=True, db_index=True, related_name="price_lists"
    )
    currency = fields.CharField(max_length=3)
    priority = fields.IntField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    version = fields.IntField(default=1)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "price_list"
        constraints = [
            CheckConstraint(name="price_list_scope", check="scope_kind IN ('party', 'group', 'channel')"),
            CheckConstraint(
                name="price_list_channel", check="scope_kind <> 'channel' OR (channel_id IS NOT NULL AND channel_id = scope_id)"
            ),
            CheckConstraint(name="price_list_window", check="ends_at IS NULL OR ends_at > starts_at"),
        ]


class PriceListPrice(Model):
    """What a list says of a variant from so many units on: a price of its own, or so many percent off the listing's."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    list: fields.ForeignKeyRelation[PriceListRow] = fields.ForeignKeyField(
        "perkhub.PriceListRow", on_delete=fields.RESTRICT, related_name="prices"
    )
    variant: fields.ForeignKeyRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, db_index=True, related_name="list_prices"
    )
    minimum_quantity = fields.IntField()
    unit_price = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    percent_off = fields.DecimalField(max_digits=7, decimal_places=4, null=True)

    class Meta:
        table = "price_list_price"
        unique_together = (("list_id", "variant_id", "minimum_quantity"),)
        constraints = [
            CheckConstraint(name="price_list_price_one", check="(unit_price IS NULL) <> (percent_off IS NULL)"),
            CheckConstraint(
                name="price_list_price_range",
                check="(unit_price IS NULL OR unit_price >= 0) AND (percent_off IS NULL OR "
                "(percent_off > 0 AND percent_off <= 100)) AND minimum_quantity >= 1",
            ),
        ]


class PublicPriceRow(Model):
    """A step of a listing's public price: what one unit costs anybody from `effective_at` on; null is not on sale.

    Rows are only ever added. Each change writes the whole plan from its moment on, as the windows have it, under one
    `recorded_at`; a later plan replaces an earlier one from its own moment on. `lowest_before` is the lowest public price
    of the seven days before the step.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    listing_id = fields.UUIDField()
    recorded_at = fields.DatetimeField()
    effective_at = fields.DatetimeField()
    unit_price = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    lowest_before = fields.DecimalField(max_digits=18, decimal_places=6, null=True)

    class Meta:
        table = "public_price"
        unique_together = (("listing_id", "recorded_at", "effective_at"),)


RAW_SQL: list[tuple[str, str]] = [
    (
        """CREATE FUNCTION public_price_stays() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'public_price is only ever added to'; END $$""",
        "DROP FUNCTION public_price_stays()",
    ),
    (
        """CREATE TRIGGER public_price_stays BEFORE UPDATE ON public_price
           FOR EACH ROW EXECUTE FUNCTION public_price_stays()""",
        "DROP TRIGGER public_price_stays ON public_price",
    ),
]
