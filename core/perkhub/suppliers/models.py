"""Tables of suppliers: accounts with their sealed settings, offers, one row for each attempt to buy, and callbacks."""

from enum import StrEnum, auto

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.catalog.models import VariantRow
from perkhub.kit.ids import new_id
from perkhub.plugin.supplier import Supplies
from perkhub.suppliers.states import AccountState, SupplierOrderState, SyncState


class Provenance(StrEnum):
    """From whom the benefits of an account come."""

    BRAND_DIRECT = auto()
    AUTHORIZED = auto()
    RESELLER = auto()


class SupplierAccountRow(Model):
    """Our account at one supplier. `sealed` are its settings as JSON; `halted_until` keeps new orders away after a refusal
    of the account itself; `balance_low_since` is there while less lies there than is wanted. It is `retired` while the plugin
    that talks to its supplier is not installed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=80, unique=True)
    plugin = fields.CharField(max_length=40)
    sealed = fields.BinaryField()
    provenance = fields.CharEnumField(Provenance, max_length=12)
    state = fields.CharEnumField(AccountState, max_length=8)
    retired = fields.BooleanField(default=False)
    halted_until = fields.DatetimeField(null=True)
    halted_for = fields.CharField(max_length=60, null=True)
    synced_at = fields.DatetimeField(null=True)
    answered_at = fields.DatetimeField(null=True)
    balance = fields.DecimalField(max_digits=20, decimal_places=6, null=True)
    balance_currency = fields.CharField(max_length=3, null=True)
    balance_wanted = fields.DecimalField(max_digits=20, decimal_places=6, null=True)
    balance_low_since = fields.DatetimeField(null=True)
    balance_asked_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "supplier_account"


class SupplierPace(Model):
    """When the next call to an account may be made; a row only for suppliers that allow so many calls in a time."""

    account_id = fields.UUIDField(primary_key=True)
    next_at = fields.DatetimeField()

    class Meta:
        table = "supplier_pace"


class OfferRow(Model):
    """A supplier's SKU, and what it is of ours once it is mapped: `variant` with the face value of one unit, its cost and
    the most that may be paid for it. `priority` comes before cost, the lowest first. The face value is told with each
    order; `printed_value`, which a fixed SKU has by itself, is only compared.

    `form` is what the supplier asks with an order, `inputs` which of the product's buyer inputs fill it. Mapped to a variant
    whose buyers choose the face value, it stays sold by amount: cost and maximum are of one unit of face value.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[SupplierAccountRow] = fields.ForeignKeyField(
        "perkhub.SupplierAccountRow", on_delete=fields.RESTRICT, related_name="offers"
    )
    sku = fields.CharField(max_length=120)
    name = fields.CharField(max_length=200)
    issuer = fields.CharField(max_length=80)  # whose codes they are: the same code is known again from whomever it comes
    variant: fields.ForeignKeyNullableRelation[VariantRow] = fields.ForeignKeyField(
        "perkhub.VariantRow", on_delete=fields.RESTRICT, null=True, related_name="supplier_offers"
    )
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_currency = fields.CharField(max_length=3, null=True)
    face_least = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_greatest = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    supplies = fields.CharEnumField(Supplies, max_length=8, default=Supplies.CODES)
    form: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    inputs: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    printed_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    printed_currency = fields.CharField(max_length=3, null=True)
    cost = fields.DecimalField(max_digits=18, decimal_places=6)
    currency = fields.CharField(max_length=3)
    maximum_cost = fields.DecimalField(max_digits=18, decimal_places=6)
    priority = fields.IntField(default=100)
    available = fields.BooleanField(default=True)
    active = fields.BooleanField(default=False)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    synced_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_offer"
        # A ranged SKU is one row unmapped, and one for each face value that it is mapped to.
        indexes = [
            ("account_id", "sku"),
            PartialIndex(fields=("variant_id",), condition={"active": True}, name="supplier_offer_live"),
        ]
        constraints = [
            CheckConstraint(name="supplier_offer_cost", check="cost >= 0 AND maximum_cost >= 0"),
            CheckConstraint(name="supplier_offer_active", check="NOT active OR variant_id IS NOT NULL"),
        ]


class SupplierCallback(Model):
    """A genuine callback, once per nonce. The body is sealed, and erased when the order it hints at was looked up."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account_id = fields.UUIDField()
    nonce = fields.CharField(max_length=64)
    order_id = fields.UUIDField(null=True, db_index=True)
    sealed = fields.BinaryField(null=True)
    received_at = fields.DatetimeField()

    class Meta:
        table = "supplier_callback"
        unique_together = (("account_id", "nonce"),)
        indexes = [("received_at",)]


class CatalogSync(Model):
    """One reading of a supplier's catalog into offers: how much it had, and what differs from the reading before.

    `differences` are the first of them: sku, what (`new`, `cost`, `availability`, `form`, `gone`), and for a
    cost both values.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[SupplierAccountRow] = fields.ForeignKeyField(
        "perkhub.SupplierAccountRow", on_delete=fields.RESTRICT, related_name="syncs"
    )
    state = fields.CharEnumField(SyncState, max_length=8)
    items = fields.IntField(default=0)
    added = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    gone = fields.IntField(default=0)
    differences: fields.Field[list[dict[str, object]]] = fields.JSONField()
    failure = fields.CharField(max_length=60, null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_catalog_sync"
        indexes = [("account_id", "id")]


class SupplierOrderRow(Model):
    """One attempt at one supplier under a reference of ours, written before anything is sent.

    `purpose` is what it buys for, by kind and id: this domain knows no needs. At most one attempt of a purpose is open:
    whatever else fails, the database refuses the second. `inputs` says which buyer inputs are sent with it, and never what
    the buyer said.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    account: fields.ForeignKeyRelation[SupplierAccountRow] = fields.ForeignKeyField(
        "perkhub.SupplierAccountRow", on_delete=fields.RESTRICT, related_name="orders"
    )
    offer: fields.ForeignKeyRelation[OfferRow] = fields.ForeignKeyField(
        "perkhub.OfferRow", on_delete=fields.RESTRICT, related_name="orders"
    )
    purpose_kind = fields.CharField(max_length=20)
    purpose_id = fields.UUIDField()
    parent_id = fields.UUIDField(null=True)  # of what was left of an attempt that brought fewer
    variant_id = fields.UUIDField()
    reference = fields.CharField(max_length=24, unique=True)
    sku = fields.CharField(max_length=120)
    face_value = fields.DecimalField(max_digits=18, decimal_places=6, null=True)
    face_currency = fields.CharField(max_length=3, null=True)
    supplies = fields.CharEnumField(Supplies, max_length=8, default=Supplies.CODES)
    inputs: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    quantity = fields.IntField()
    currency = fields.CharField(max_length=3)
    maximum_cost = fields.DecimalField(max_digits=18, decimal_places=6)
    state = fields.CharEnumField(SupplierOrderState, max_length=10)
    cause = fields.CharField(max_length=60, null=True)
    supplier_reference = fields.CharField(max_length=120, null=True)
    received = fields.IntField(default=0)
    cost = fields.BigIntField(null=True)  # what was booked for what came, in minor units
    returned = fields.BigIntField(null=True)  # of it, what came back once it was taken back; null until anybody said
    lot_id = fields.UUIDField(null=True)
    receipt = fields.CharField(max_length=120, null=True)  # the operator's own number of a top-up
    sends = fields.IntField(default=1)
    looks = fields.IntField(default=0)
    not_founds = fields.IntField(default=0)
    replays_ended = fields.BooleanField(default=False)
    confirmed_at = fields.DatetimeField(null=True)
    next_look_at = fields.DatetimeField(null=True)
    review_since = fields.DatetimeField(null=True)
    placed_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier_order"
        indexes = [
            ("purpose_id",),
            ("account_id", "supplier_reference"),
            PartialIndex(fields=("id",), condition={"state": "unknown"}, name="supplier_order_unknown"),
        ]
        constraints = [
            UniqueConstraint(
                name="supplier_order_one_open",
                fields=("purpose_id",),
                condition="state IN ('submitted', 'unknown', 'accepted')",
            ),
            CheckConstraint(name="supplier_order_quantity", check="quantity > 0 AND received BETWEEN 0 AND quantity"),
            CheckConstraint(name="supplier_order_cost", check="maximum_cost >= 0 AND cost >= 0"),
        ]


# What must be looked at when, and what waits for a person: a partial index of the model cannot say "is not null".
RAW_SQL: list[tuple[str, str]] = [
    (
        "CREATE INDEX supplier_order_to_look_up ON supplier_order (next_look_at) WHERE next_look_at IS NOT NULL",
        "DROP INDEX supplier_order_to_look_up",
    ),
    (
        "CREATE INDEX supplier_order_to_review ON supplier_order (id) WHERE review_since IS NOT NULL",
        "DROP INDEX supplier_order_to_review",
    ),
]
