"""Initial. Generated from the models; do not edit once it was released."""

from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from perkhub.accounts.organisations.roles import Role
from perkhub.accounts.organisations.states import OrganisationState
from perkhub.campaigns.bargains.states import BargainState
from perkhub.campaigns.circles.states import CircleState, MemberState
from perkhub.campaigns.coupons.states import CouponBatchState, CouponExportState, CouponState
from perkhub.campaigns.states import PartState, StoredState
from perkhub.catalog.models import AttributeType, BenefitKind, RefundKind, ValidityKind
from perkhub.catalog.sheets.states import SheetExportState, SheetImportState
from perkhub.channels.models import AccessPolicy, Audience
from perkhub.entitlements.states import EntitlementState
from perkhub.fulfilment.states import Decision, NeedState, SettlementState
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.ids import new_id
from perkhub.orders.states import OrderState
from perkhub.payments.states import PaymentState, RefundState, TopUpState
from perkhub.plugin.supplier.capabilities import Supplies
from perkhub.suppliers.models import Provenance
from perkhub.suppliers.statements.models import DifferenceKind
from perkhub.suppliers.states import AccountState, SupplierOrderState, SyncState
from perkhub.vault.models import CustodyAction
from perkhub.vault.states import CodeState, ImportState, LotState


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Activity",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=80)),
                ("operation", fields.CharField(max_length=80)),
                ("source_address", fields.CharField(null=True, max_length=64)),
                ("user_agent", fields.CharField(null=True, max_length=200)),
                ("client", fields.CharField(null=True, max_length=80)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("input", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "activity",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["at", "id"]),
                    Index(fields=["actor", "at", "id"]),
                    Index(fields=["operation", "at", "id"]),
                    Index(fields=["correlation_id"]),
                ],
                "pk_attr": "id",
                "table_description": "One deed of somebody who runs the shop; written in the transaction that did it, and never changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ActivityChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("activity_id", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("subject", fields.CharField(max_length=40)),
                ("subject_id", fields.UUIDField()),
                ("before", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("after", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "activity_change",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["activity_id", "id"]),
                    Index(fields=["subject", "subject_id", "id"]),
                    Index(fields=["at"]),
                ],
                "pk_attr": "id",
                "table_description": "What a deed, or a job that it began, changed of one thing: of both sides only the fields that differ.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AttributeRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("code", fields.CharField(unique=True, max_length=40)),
                (
                    "type",
                    fields.CharEnumField(
                        description="TEXT: text\nNUMBER: number\nBOOLEAN: boolean\nDATE: date\nSELECT: select\nMULTISELECT: multiselect",
                        enum_type=AttributeType,
                        max_length=12,
                    ),
                ),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("options", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("unit", fields.CharField(null=True, max_length=20)),
                ("filterable", fields.BooleanField()),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attribute",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What can be said of products and variants besides what all of them have. Values stand on these, by its code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BargainCutRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("bargain_id", fields.UUIDField()),
                ("campaign_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("place", fields.IntField()),
                ("amount", fields.BigIntField()),
                ("day", fields.DateField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "bargain_cut",
                "app": "perkhub",
                "unique_together": (("bargain_id", "party_id"), ("bargain_id", "place")),
                "indexes": [Index(fields=["campaign_id", "party_id", "day"])],
                "pk_attr": "id",
                "table_description": "Somebody's help: the `place`-th cut of a bargain, and what it took off in minor units. `day` is of its channel's zone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BargainDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("day", fields.DateField()),
                ("cuts", fields.IntField()),
            ],
            options={
                "table": "bargain_day",
                "app": "perkhub",
                "unique_together": (("campaign_id", "party_id", "day"),),
                "pk_attr": "id",
                "table_description": "How often somebody helped in a campaign's bargains on a day: what a cut is counted on before it is made.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BargainRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("channel_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("variant_id", fields.UUIDField()),
                ("currency", fields.CharField(max_length=3)),
                ("starts_from", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("helpers", fields.IntField()),
                ("least", fields.BigIntField()),
                ("most", fields.BigIntField()),
                ("amounts", ArrayField(element_type="BIGINT")),
                ("cuts", fields.IntField()),
                ("cut_off", fields.BigIntField()),
                ("cuts_per_day", fields.IntField(null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        description="OPEN: open\nHELD: held\nBOUGHT: bought\nLAPSED: lapsed",
                        enum_type=BargainState,
                        max_length=8,
                    ),
                ),
                ("order_id", fields.UUIDField(null=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closes_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "bargain",
                "app": "perkhub",
                "indexes": [Index(fields=["campaign_id", "id"]), Index(fields=["order_id"], name="bargain_order")],
                "pk_attr": "id",
                "table_description": "`starts_from` is what a unit cost its owner, `amounts` what each helper in turn takes off it, in minor units; of these",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="BargainRow",
            constraint=UniqueConstraint(
                fields=("campaign_id", "party_id"), name="bargain_once", condition="state IN ('open', 'held')"
            ),
        ),
        ops.AddConstraint(
            model_name="BargainRow",
            constraint=CheckConstraint(
                check="0 <= cuts AND cuts <= helpers AND cardinality(amounts) = helpers", name="bargain_cuts"
            ),
        ),
        ops.AddConstraint(
            model_name="BargainRow",
            constraint=CheckConstraint(check="state IN ('open', 'held', 'bought', 'lapsed')", name="bargain_state"),
        ),
        ops.AddConstraint(
            model_name="BargainRow",
            constraint=CheckConstraint(check="state NOT IN ('held', 'bought') OR order_id IS NOT NULL", name="bargain_ordered"),
        ),
        ops.CreateModel(
            name="BrandRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("description", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("logo_url", fields.CharField(null=True, max_length=500)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "brand", "app": "perkhub", "pk_attr": "id", "table_description": "Whose benefits they are."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BuyerInputRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("party_id", fields.UUIDField()),
                ("source_id", fields.UUIDField()),
                ("position", fields.IntField()),
                ("key", fields.CharField(max_length=40)),
                ("sealed", fields.BinaryField()),
                ("masked", fields.CharField(max_length=64)),
                ("target", fields.BooleanField()),
                ("hidden", fields.BooleanField()),
                ("blind_index", fields.BinaryField(null=True)),
            ],
            options={
                "table": "buyer_input",
                "app": "perkhub",
                "unique_together": (("source_id", "position"),),
                "indexes": [Index(fields=["party_id", "id"]), Index(fields=["blind_index", "source_id"])],
                "pk_attr": "id",
                "table_description": "What a buyer said for all units of one source, field by field: sealed, with what may be shown of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignConsent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("order_id", fields.UUIDField()),
                ("line", fields.IntField()),
                ("campaign_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("mechanic", fields.CharField(max_length=60)),
                ("about", fields.CharField(max_length=60)),
                ("version", fields.CharField(max_length=40)),
            ],
            options={
                "table": "campaign_consent",
                "app": "perkhub",
                "indexes": [Index(fields=["order_id"]), Index(fields=["party_id", "id"])],
                "pk_attr": "id",
                "table_description": "That whoever ordered a line agreed to a text of its campaign's mechanic, in the version that stood then.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignCounter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("buyer_id", fields.UUIDField()),
                ("name", fields.CharField(max_length=80)),
                ("value", fields.BigIntField()),
                ("ceiling", fields.BigIntField(null=True)),
                ("version", fields.IntField()),
            ],
            options={
                "table": "campaign_counter",
                "app": "perkhub",
                "unique_together": (("campaign_id", "buyer_id", "name"),),
                "pk_attr": "id",
                "table_description": "How much of something scarce is claimed: by everybody together, or by one buyer. Every claim raises it in one",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CampaignCounter",
            constraint=CheckConstraint(
                check="value >= 0 AND (ceiling IS NULL OR value <= ceiling)", name="campaign_counter_value"
            ),
        ),
        ops.CreateModel(
            name="CampaignPart",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("campaign_version", fields.IntField()),
                ("order_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("lines", ArrayField(element_type="INT")),
                ("units", ArrayField(element_type="INT")),
                ("returned", ArrayField(element_type="INT")),
                ("places", ArrayField(element_type="INT")),
                ("claims", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("discount", fields.BigIntField()),
                ("coupon_id", fields.BigIntField(null=True)),
                ("bargain_id", fields.UUIDField(null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        description="HELD: held\nTAKEN: taken\nRELEASED: released", enum_type=PartState, max_length=10
                    ),
                ),
                ("paid", fields.BooleanField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign_part",
                "app": "perkhub",
                "unique_together": (("order_id", "campaign_id"),),
                "indexes": [Index(fields=["campaign_id", "id"])],
                "pk_attr": "id",
                "table_description": "That an order takes part in a campaign: with which lines (their positions), how many units of each, and how many of",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CampaignPart",
            constraint=CheckConstraint(check="state IN ('held', 'taken', 'released')", name="campaign_part_state"),
        ),
        ops.AddConstraint(
            model_name="CampaignPart",
            constraint=CheckConstraint(
                check="cardinality(lines) = cardinality(units) AND cardinality(lines) = cardinality(returned)",
                name="campaign_part_lines",
            ),
        ),
        ops.CreateModel(
            name="CampaignRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("mechanic", fields.CharField(max_length=40)),
                ("config", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("config_version", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nPUBLISHED: published\nPAUSED: paused\nENDED: ended",
                        enum_type=StoredState,
                        max_length=10,
                    ),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("currency", fields.CharField(max_length=3)),
                ("audience_groups", ArrayField(element_type="UUID")),
                ("audience_new", fields.BooleanField()),
                ("audience_listed", fields.BooleanField()),
                ("budget", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("priority", fields.IntField()),
                ("exclusive", fields.BooleanField()),
                ("version", fields.IntField(default=1)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign",
                "app": "perkhub",
                "indexes": [Index(fields=["state", "ends_at"], name="campaign_not_over"), Index(fields=["mechanic", "id"])],
                "pk_attr": "id",
                "table_description": "A campaign: when, where, for whom and within which limits its mechanic holds. Whether it is live, its window says at",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CampaignRow",
            constraint=CheckConstraint(check="state IN ('draft', 'published', 'paused', 'ended')", name="campaign_state"),
        ),
        ops.AddConstraint(
            model_name="CampaignRow",
            constraint=CheckConstraint(check="ends_at > starts_at", name="campaign_window"),
        ),
        ops.CreateModel(
            name="CampaignPerson",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "perkhub.CampaignRow",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="people",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("party_id", fields.UUIDField()),
            ],
            options={
                "table": "campaign_person",
                "app": "perkhub",
                "unique_together": (("campaign_id", "party_id"),),
                "indexes": [Index(fields=["party_id", "campaign_id"])],
                "pk_attr": "id",
                "table_description": "Somebody on the list of a campaign that is for listed people alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignTally",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("name", fields.CharField(max_length=80)),
                ("count", fields.BigIntField()),
            ],
            options={
                "table": "campaign_tally",
                "app": "perkhub",
                "unique_together": (("campaign_id", "name"),),
                "pk_attr": "id",
                "table_description": "How often people looked at a campaign, or were turned away for a reason. Nothing depends on it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CampaignVersionRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "perkhub.CampaignRow",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("content", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign_version",
                "app": "perkhub",
                "unique_together": (("campaign_id", "version"),),
                "pk_attr": "id",
                "table_description": "A campaign as it stood from a change on: what an order of that time was sold by. Rows are only ever added.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CategoryRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("description", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "perkhub.CategoryRow",
                        source_field="parent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("path", ArrayField(element_type="UUID")),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "category",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A shelf of the shop. `path` is the way to it from the root, itself at the end: whatever holds an id in its path is",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CategoryRow",
            constraint=CheckConstraint(
                check="path[cardinality(path)] = id AND parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]",
                name="category_path_ends_here",
            ),
        ),
        ops.CreateModel(
            name="ChannelRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("key", fields.CharField(unique=True, max_length=40)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "audience",
                    fields.CharEnumField(
                        description="RETAIL: retail\nBUSINESS: business\nPARTNER: partner", enum_type=Audience, max_length=10
                    ),
                ),
                (
                    "access",
                    fields.CharEnumField(
                        description="PUBLIC: public\nMEMBERS: members\nCONTRACT: contract",
                        enum_type=AccessPolicy,
                        max_length=10,
                    ),
                ),
                ("member_groups", ArrayField(element_type="UUID")),
                ("currency", fields.CharField(max_length=3)),
                ("zone", fields.CharField(max_length=40)),
                ("locales", ArrayField(element_type="TEXT")),
                ("regions", ArrayField(element_type="TEXT")),
                ("delivery_minutes", fields.IntField(default=15)),
                ("active", fields.BooleanField(default=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "channel",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A place of sale. `member_groups` narrows MEMBERS to some customer groups; empty is every signed-in customer.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ChannelRow",
            constraint=CheckConstraint(check="access IN ('public', 'members', 'contract')", name="channel_access"),
        ),
        ops.AddConstraint(
            model_name="ChannelRow",
            constraint=CheckConstraint(check="delivery_minutes > 0", name="channel_delivery"),
        ),
        ops.CreateModel(
            name="CampaignChannelRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "perkhub.CampaignRow",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="places",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "channel",
                    fields.ForeignKeyField(
                        "perkhub.ChannelRow",
                        source_field="channel_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="campaigns",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "campaign_channel",
                "app": "perkhub",
                "unique_together": (("campaign_id", "channel_id"),),
                "indexes": [Index(fields=["channel_id", "campaign_id"])],
                "pk_attr": "id",
                "table_description": "That a campaign runs in a channel.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChannelGrantRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "channel",
                    fields.ForeignKeyField(
                        "perkhub.ChannelRow",
                        source_field="channel_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("holder_kind", fields.CharField(max_length=8)),
                ("holder_id", fields.UUIDField(db_index=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "channel_grant",
                "app": "perkhub",
                "unique_together": (("channel_id", "holder_id"),),
                "pk_attr": "id",
                "table_description": "That a party or a customer group may enter a channel that sells by contract.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ChannelGrantRow",
            constraint=CheckConstraint(check="holder_kind IN ('party', 'group')", name="channel_grant_holder"),
        ),
        ops.CreateModel(
            name="CircleMemberRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("circle_id", fields.UUIDField(db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("order_id", fields.UUIDField(db_index=True)),
                ("line", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="HELD: held\nJOINED: joined\nDUE: due\nDELIVERED: delivered\nOWED: owed\nREFUNDED: refunded\nDROPPED: dropped\nLEFT: left",
                        enum_type=MemberState,
                        max_length=10,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("joined_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "circle_member",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A place, taken by a line (its position) of an order. Of a campaign nobody has two at a time, whatever circle they are in.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CircleMemberRow",
            constraint=UniqueConstraint(
                fields=("campaign_id", "party_id"), name="circle_member_once", condition="state IN ('held', 'joined')"
            ),
        ),
        ops.AddConstraint(
            model_name="CircleMemberRow",
            constraint=CheckConstraint(
                check="state IN ('held', 'joined', 'due', 'delivered', 'owed', 'refunded', 'dropped', 'left')",
                name="circle_member_state",
            ),
        ),
        ops.CreateModel(
            name="CircleRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("opened_by", fields.UUIDField()),
                ("seats", fields.IntField()),
                ("taken", fields.IntField()),
                ("paid", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="OPEN: open\nFULL: full\nSETTLED: settled\nLAPSED: lapsed",
                        enum_type=CircleState,
                        max_length=8,
                    ),
                ),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closes_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "circle",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["campaign_id", "id"]),
                    PartialIndex(fields=["closes_at"], name="circle_open", condition={"state": "open"}),
                    PartialIndex(
                        fields=["campaign_id", "closes_at"], name="circle_open_of_campaign", condition={"state": "open"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "`taken` counts the places of those who have paid and of those who may yet; `paid` the first alone. Both stay as they",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CircleRow",
            constraint=CheckConstraint(
                check="0 <= paid AND paid <= taken AND taken <= seats AND seats > 1", name="circle_places"
            ),
        ),
        ops.AddConstraint(
            model_name="CircleRow",
            constraint=CheckConstraint(check="state NOT IN ('full', 'settled') OR paid = seats", name="circle_full"),
        ),
        ops.AddConstraint(
            model_name="CircleRow",
            constraint=CheckConstraint(check="state IN ('open', 'full', 'settled', 'lapsed')", name="circle_state"),
        ),
        ops.CreateModel(
            name="CollectionRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("slug", fields.CharField(unique=True, max_length=80)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("description", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("rule", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "collection",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Products put together: by a rule, which is looked at when they are shown, by hand, or both.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CouponBatchRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField(db_index=True)),
                ("name", fields.CharField(max_length=80)),
                ("sealed", fields.BinaryField()),
                ("quantity", fields.IntField()),
                ("made", fields.IntField(default=0)),
                ("next_number", fields.IntField(default=1)),
                (
                    "state",
                    fields.CharEnumField(
                        description="MAKING: making\nREADY: ready\nVOID: void", enum_type=CouponBatchState, max_length=10
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "coupon_batch",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "So many codes of a campaign. `made` is how many there are yet, `next_number` from where the next are derived.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CouponBatchRow",
            constraint=CheckConstraint(check="made >= 0 AND made <= quantity", name="coupon_batch_made"),
        ),
        ops.CreateModel(
            name="CouponExportRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("batch_id", fields.UUIDField()),
                ("filename", fields.CharField(max_length=200)),
                (
                    "state",
                    fields.CharEnumField(description="QUEUED: queued\nDONE: done", enum_type=CouponExportState, max_length=10),
                ),
                ("codes", fields.IntField(default=0)),
                ("file_id", fields.UUIDField(null=True)),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "coupon_export",
                "app": "perkhub",
                "indexes": [Index(fields=["actor", "id"])],
                "pk_attr": "id",
                "table_description": "One export of a batch's codes, and the sealed file that came of it, which goes after a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CouponRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("batch_id", fields.UUIDField()),
                ("campaign_id", fields.UUIDField()),
                ("number", fields.IntField()),
                ("fingerprint", fields.BinaryField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="FREE: free\nBOUND: bound\nUSED: used\nVOID: void", enum_type=CouponState, max_length=6
                    ),
                ),
                ("party_id", fields.UUIDField(null=True)),
                ("order_id", fields.UUIDField(null=True)),
                ("claim_id", fields.UUIDField(null=True)),
                ("bound_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "coupon",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "One coupon. The code itself is nowhere: its fingerprint finds it, its number makes it again. `claim_id` is what it was",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CouponRow",
            constraint=CheckConstraint(
                check="(state = 'free' AND party_id IS NULL AND order_id IS NULL) OR (state = 'bound' AND party_id IS NOT NULL AND order_id IS NULL) OR (state = 'used' AND party_id IS NOT NULL AND order_id IS NOT NULL) OR (state = 'void' AND order_id IS NULL)",
                name="coupon_state",
            ),
        ),
        ops.CreateModel(
            name="Custody",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "action",
                    fields.CharEnumField(
                        description="IN: in\nSOLD: sold\nREVEALED: revealed\nRETURNED: returned\nFROZEN: frozen\nEXPIRED: expired\nBURNT: burnt",
                        enum_type=CustodyAction,
                        max_length=10,
                    ),
                ),
                ("lot_id", fields.UUIDField()),
                ("code_id", fields.UUIDField()),
                ("entitlement_id", fields.UUIDField(null=True)),
                ("actor", fields.CharField(max_length=80)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("batch_id", fields.BigIntField(null=True)),
            ],
            options={
                "table": "custody",
                "app": "perkhub",
                "indexes": [Index(fields=["code_id"])],
                "pk_attr": "id",
                "table_description": "One touch of a code. Rows are only added; a job links them into hashed batches.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustodyBatch",
            fields=[
                ("id", fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("rows", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("previous", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "custody_batch",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A link of the custody chain: the hash of its rows and of the batch before.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustomerGroup",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=80)),
                ("description", fields.CharField(max_length=300)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("version", fields.IntField()),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "customer_group",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Customers and organisations that prices and channels may be meant for.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CustomerGroup",
            constraint=CheckConstraint(check="version > 0", name="customer_group_version"),
        ),
        ops.CreateModel(
            name="DataKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("purpose", fields.CharField(unique=True, max_length=80)),
                ("wrapped", fields.BinaryField()),
                ("wrapped_by", fields.CharField(max_length=40)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "data_key",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A key that seals data, itself wrapped by a key-encryption key. `purpose` is unique for the keys of the house.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawBatch",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("number", fields.IntField()),
                ("rows", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("previous", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "draw_batch",
                "app": "perkhub",
                "unique_together": (("campaign_id", "number"),),
                "pk_attr": "id",
                "table_description": "A link of a campaign's chain of draws: the hash of its rows and of the batch before.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawBuyer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("nonce", fields.IntField()),
                ("pity", fields.IntField()),
            ],
            options={
                "table": "draw_buyer",
                "app": "perkhub",
                "unique_together": (("campaign_id", "party_id"),),
                "pk_attr": "id",
                "table_description": "Where a buyer is in a campaign: how often they drew, and how often since they last got a prize of the guarantee.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawPrize",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("key", fields.CharField(max_length=40)),
                ("variant_id", fields.UUIDField()),
                ("quantity", fields.IntField(null=True)),
                ("given", fields.IntField(default=0)),
            ],
            options={
                "table": "draw_prize",
                "app": "perkhub",
                "unique_together": (("campaign_id", "key"),),
                "pk_attr": "id",
                "table_description": "How many of a prize were given. It never falls: a draw that was made is made.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="DrawPrize",
            constraint=CheckConstraint(check="given >= 0 AND (quantity IS NULL OR given <= quantity)", name="draw_prize_given"),
        ),
        ops.CreateModel(
            name="DrawRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("campaign_id", fields.UUIDField()),
                ("seed_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("order_id", fields.UUIDField()),
                ("line_id", fields.UUIDField()),
                ("position", fields.IntField()),
                ("nonce", fields.IntField()),
                ("pity", fields.IntField()),
                ("client_seed", fields.CharField(max_length=64)),
                ("drawn", fields.CharField(max_length=40)),
                ("given", fields.CharField(max_length=40)),
                ("batch", fields.IntField(null=True)),
            ],
            options={
                "table": "draw",
                "app": "perkhub",
                "unique_together": (("campaign_id", "party_id", "nonce"), ("line_id", "position")),
                "pk_attr": "id",
                "table_description": "One draw: what it was computed from, on what it fell, and what was given. Rows are only added.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawSeedRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("campaign_id", fields.UUIDField()),
                ("number", fields.IntField()),
                ("sealed", fields.BinaryField()),
                ("commitment", fields.CharField(max_length=64)),
                ("odds_hash", fields.CharField(max_length=64)),
                ("odds", fields.TextField(unique=False)),
                ("committed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("succeeded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "draw_seed",
                "app": "perkhub",
                "unique_together": (("campaign_id", "number"),),
                "pk_attr": "id",
                "table_description": "A secret seed that a campaign's draws are made by. `commitment` was published before the first of them. No order is",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawTicketRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("order_id", fields.UUIDField()),
                ("position", fields.IntField()),
                ("campaign_id", fields.UUIDField()),
                ("seed_id", fields.UUIDField()),
                ("client_seed", fields.CharField(max_length=64)),
            ],
            options={
                "table": "draw_ticket",
                "app": "perkhub",
                "unique_together": (("order_id", "position"),),
                "pk_attr": "id",
                "table_description": "That a line of an order is drawn once it is paid, by the seed that was committed to when it was placed, and the buyer's",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Fingerprint",
            fields=[
                ("value", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("code_id", fields.UUIDField()),
            ],
            options={
                "table": "fingerprint",
                "app": "perkhub",
                "pk_attr": "value",
                "table_description": "The first 128 bits of HMAC(issuer, identifying credential): no code enters twice, in whatever lot.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GatewayCallback",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("method", fields.CharField(max_length=40)),
                ("nonce", fields.CharField(max_length=64)),
                ("our_reference", fields.CharField(max_length=24)),
                ("sealed", fields.BinaryField(null=True)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "gateway_callback",
                "app": "perkhub",
                "unique_together": (("method", "nonce"),),
                "indexes": [Index(fields=["received_at"])],
                "pk_attr": "id",
                "table_description": "A genuine callback, once per nonce. The body is sealed and erased when the payment it hints at was looked up.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("actor", fields.CharField(max_length=80)),
                ("operation", fields.CharField(max_length=60)),
                ("key", fields.CharField(max_length=120)),
                ("input_hash", fields.BinaryField()),
                ("result_id", fields.UUIDField(null=True)),
                ("error", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "perkhub",
                "unique_together": (("actor", "operation", "key"),),
                "pk_attr": "id",
                "table_description": "A caller's key, the fingerprint of the input it came with, and what came of it: an id or an error, never a reply.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdentityProvider",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("key", fields.CharField(unique=True, max_length=40)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("audience", fields.CharField(max_length=8)),
                ("issuer", fields.CharField(max_length=500)),
                ("client_id", fields.CharField(max_length=300)),
                ("sealed_client_secret", fields.BinaryField(null=True)),
                ("scopes", ArrayField(element_type="TEXT")),
                ("claims", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("email_domains", ArrayField(element_type="TEXT")),
                ("links_by_email", fields.BooleanField()),
                ("group_ids", ArrayField(element_type="UUID")),
                ("version", fields.IntField()),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "identity_provider",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "An OpenID Connect provider that customers, or staff, sign in with. `key` stands in addresses.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="IdentityProvider",
            constraint=CheckConstraint(check="audience IN ('customer', 'staff')", name="identity_provider_audience"),
        ),
        ops.AddConstraint(
            model_name="IdentityProvider",
            constraint=CheckConstraint(check="version > 0", name="identity_provider_version"),
        ),
        ops.AddConstraint(
            model_name="IdentityProvider",
            constraint=CheckConstraint(
                check="audience = 'customer' OR cardinality(email_domains) > 0", name="identity_provider_staff"
            ),
        ),
        ops.CreateModel(
            name="ImageRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("source_hash", fields.CharField(unique=True, max_length=64)),
                ("frames", fields.IntField()),
                ("actor", fields.CharField(max_length=80)),
                ("touched_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "image",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "An uploaded picture, known by the SHA-256 of the file it came as: the same file is the same picture.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BrandLogo",
            fields=[
                (
                    "brand",
                    fields.OneToOneField(
                        "perkhub.BrandRow",
                        source_field="brand_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="logo",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "image",
                    fields.ForeignKeyField(
                        "perkhub.ImageRow",
                        source_field="image_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="logos",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "brand_logo",
                "app": "perkhub",
                "pk_attr": "brand_id",
                "table_description": "A brand's uploaded logo.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="KeptOperation",
            fields=[
                ("hash", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("text", fields.TextField(unique=False)),
                ("published", fields.BooleanField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "kept_operation",
                "app": "perkhub",
                "indexes": [
                    PartialIndex(fields=["created_at", "hash"], name="kept_operation_oldest", condition={"published": False})
                ],
                "pk_attr": "hash",
                "table_description": "A GraphQL operation under the SHA-256 of its text. `published`: by an operator, and so for good.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LedgerTransfer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=30)),
                ("reference_id", fields.UUIDField()),
                ("actor", fields.CharField(max_length=80)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ledger_transfer",
                "app": "perkhub",
                "unique_together": (("kind", "reference_id"),),
                "pk_attr": "id",
                "table_description": "One movement of money. `(kind, reference_id)` is unique, so that nothing is ever booked twice.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ListingBuyer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("listing_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("taken", fields.IntField()),
            ],
            options={
                "table": "listing_buyer",
                "app": "perkhub",
                "unique_together": (("listing_id", "party_id"),),
                "pk_attr": "id",
                "table_description": "How much one party holds and bought of one listing, over all its orders.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ListingBuyer",
            constraint=CheckConstraint(check="taken >= 0", name="listing_buyer_taken"),
        ),
        ops.CreateModel(
            name="MachineClient",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=80)),
                ("scopes", ArrayField(element_type="TEXT")),
                ("channel_ids", ArrayField(null=True, element_type="UUID")),
                ("networks", ArrayField(element_type="TEXT")),
                ("requests_per_minute", fields.IntField(null=True)),
                ("generation", fields.IntField()),
                ("version", fields.IntField()),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "machine_client",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A program with rights of its own. A token of an older `generation` is worth nothing; revoked it is for good.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="MachineClient",
            constraint=CheckConstraint(check="generation > 0 AND version > 0", name="machine_client_generation"),
        ),
        ops.AddConstraint(
            model_name="MachineClient",
            constraint=CheckConstraint(check="requests_per_minute > 0", name="machine_client_rate"),
        ),
        ops.CreateModel(
            name="MachineSecret",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "client",
                    fields.ForeignKeyField(
                        "perkhub.MachineClient",
                        source_field="client_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="secrets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("secret_hash", fields.BinaryField()),
                ("hint", fields.CharField(max_length=8)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "machine_secret",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "The SHA-256 of a client's secret, and its last characters. During a rotation two are live.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MediaBlob",
            fields=[
                ("hash", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("content_type", fields.CharField(max_length=40)),
                ("size", fields.IntField()),
                ("content", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "media_blob",
                "app": "perkhub",
                "pk_attr": "hash",
                "table_description": "Bytes that we made ourselves, under their SHA-256; they never change.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="MediaBlob",
            constraint=CheckConstraint(check="hash ~ '^[0-9a-f]{64}$'", name="media_blob_hash"),
        ),
        ops.AddConstraint(
            model_name="MediaBlob",
            constraint=CheckConstraint(check="size = octet_length(content) AND size > 0", name="media_blob_size"),
        ),
        ops.CreateModel(
            name="ImageRendition",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "image",
                    fields.ForeignKeyField(
                        "perkhub.ImageRow",
                        source_field="image_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="renditions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "blob",
                    fields.ForeignKeyField(
                        "perkhub.MediaBlob",
                        source_field="blob_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="hash",
                        related_name="renditions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("format", fields.CharField(max_length=8)),
                ("width", fields.IntField()),
                ("height", fields.IntField()),
            ],
            options={
                "table": "image_rendition",
                "app": "perkhub",
                "unique_together": (("image", "width", "format"),),
                "pk_attr": "id",
                "table_description": "One form of a picture.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ImageRendition",
            constraint=CheckConstraint(check="format IN ('webp', 'jpeg', 'png')", name="image_rendition_format"),
        ),
        ops.CreateModel(
            name="NeedRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("source_kind", fields.CharField(max_length=20)),
                ("source_id", fields.UUIDField(db_index=True)),
                ("variant_id", fields.UUIDField()),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("quantity", fields.IntField()),
                ("obtained", fields.IntField(default=0)),
                ("units", ArrayField(element_type="UUID")),
                ("refused", ArrayField(element_type="UUID")),
                ("together", fields.BooleanField(default=False)),
                ("minimum_validity_days", fields.IntField()),
                (
                    "validity",
                    fields.CharEnumField(
                        description="AS_PRINTED: as_printed\nFROM_DELIVERY: from_delivery\nUNTIL: until",
                        enum_type=ValidityKind,
                        max_length=16,
                    ),
                ),
                ("validity_days", fields.IntField(null=True)),
                ("valid_until", fields.DateField(null=True)),
                ("zone", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="OPEN: open\nDONE: done\nFAILED: failed", enum_type=NeedState, max_length=8
                    ),
                ),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("delayed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "need",
                "app": "perkhub",
                "indexes": [PartialIndex(fields=["due_at"], name="need_open", condition={"state": "open"})],
                "pk_attr": "id",
                "table_description": "So many of a variant for one source (an order, a purchase), by kind and id: this domain knows neither.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="NeedRow",
            constraint=CheckConstraint(check="quantity > 0 AND obtained BETWEEN 0 AND quantity", name="need_quantity"),
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=20)),
                ("reference_id", fields.UUIDField()),
                ("channel", fields.CharField(max_length=8)),
                ("notifier", fields.CharField(max_length=40)),
                ("state", fields.CharField(max_length=8)),
                ("attempts", fields.IntField()),
                ("failure", fields.CharField(null=True, max_length=60)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice",
                "app": "perkhub",
                "unique_together": (("kind", "reference_id"),),
                "indexes": [PartialIndex(fields=["created_at"], name="notice_queued", condition={"state": "queued"})],
                "pk_attr": "id",
                "table_description": "One message about one thing, which `kind` and `reference_id` name: no thing is told twice.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(check="kind IN ('one_time_code', 'invitation', 'low_balance')", name="notice_kind"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(check="channel IN ('email', 'sms')", name="notice_channel"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(check="state IN ('queued', 'sent', 'failed')", name="notice_state"),
        ),
        ops.AddConstraint(
            model_name="Notice",
            constraint=CheckConstraint(check="(state = 'sent') = (sent_at IS NOT NULL)", name="notice_sent_at"),
        ),
        ops.CreateModel(
            name="OneTimeCode",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("contact_kind", fields.CharField(max_length=8)),
                ("blind_index", fields.BinaryField()),
                ("purpose", fields.CharField(max_length=8)),
                ("code_hash", fields.BinaryField()),
                ("sealed_code", fields.BinaryField(null=True)),
                ("sealed_destination", fields.BinaryField(null=True)),
                ("locale", fields.CharField(max_length=20)),
                ("attempts", fields.SmallIntField()),
                ("max_attempts", fields.SmallIntField()),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("consumed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "one_time_code",
                "app": "perkhub",
                "indexes": [Index(fields=["contact_kind", "blind_index", "created_at"])],
                "pk_attr": "id",
                "table_description": "Six digits that prove a contact. Compared by a keyed hash; sealed in full only until the notifier has them.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OneTimeCode",
            constraint=CheckConstraint(check="contact_kind IN ('email', 'phone')", name="one_time_code_contact_kind"),
        ),
        ops.AddConstraint(
            model_name="OneTimeCode",
            constraint=CheckConstraint(check="purpose IN ('verify', 'sign_in', 'reset')", name="one_time_code_purpose"),
        ),
        ops.AddConstraint(
            model_name="OneTimeCode",
            constraint=CheckConstraint(check="attempts BETWEEN 0 AND max_attempts", name="one_time_code_attempts"),
        ),
        ops.CreateModel(
            name="OrderRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("number", fields.CharField(unique=True, max_length=20)),
                ("party_id", fields.UUIDField()),
                ("placed_by", fields.CharField(max_length=80)),
                (
                    "channel",
                    fields.ForeignKeyField(
                        "perkhub.ChannelRow",
                        source_field="channel_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="PLACED: placed\nPAID: paid\nPARTLY_REFUNDED: partly_refunded\nREFUNDED: refunded\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=OrderState,
                        max_length=16,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("total", fields.BigIntField()),
                ("refunded", fields.BigIntField(default=0)),
                ("payment_id", fields.UUIDField(null=True)),
                ("all_or_nothing", fields.BooleanField()),
                ("in_campaigns", fields.BooleanField(default=False)),
                ("device", fields.CharField(null=True, max_length=64)),
                ("placed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "orders",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["party_id", "id"]),
                    PartialIndex(fields=["expires_at"], name="orders_unpaid", condition={"state": "placed"}),
                ],
                "pk_attr": "id",
                "table_description": "What was bought and what was paid. `refunded` grows towards `total`; delivery is told by the entitlements.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OrderRow",
            constraint=CheckConstraint(check="total >= 0 AND refunded >= 0 AND refunded <= total", name="orders_money"),
        ),
        ops.AddConstraint(
            model_name="OrderRow",
            constraint=CheckConstraint(
                check="state IN ('placed', 'paid', 'partly_refunded', 'refunded', 'cancelled', 'expired')", name="orders_state"
            ),
        ),
        ops.CreateModel(
            name="HoldRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "order",
                    fields.ForeignKeyField(
                        "perkhub.OrderRow",
                        source_field="order_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="holds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("listing_id", fields.UUIDField()),
                ("variant_id", fields.UUIDField()),
                ("party_id", fields.UUIDField()),
                ("quantity", fields.IntField()),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sourced", fields.IntField(default=0)),
            ],
            options={
                "table": "hold",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What an unpaid order keeps from others until it is paid, cancelled or expired; its end deletes it, once.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="HoldRow",
            constraint=CheckConstraint(check="sourced BETWEEN 0 AND quantity", name="hold_sourced"),
        ),
        ops.CreateModel(
            name="OrganisationRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=120)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: requested\nACTIVE: active\nDECLINED: declined\nSUSPENDED: suspended",
                        enum_type=OrganisationState,
                        max_length=10,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=300)),
                ("version", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "organisation",
                "app": "perkhub",
                "indexes": [Index(fields=["state", "id"])],
                "pk_attr": "id",
                "table_description": "A party that is an organisation; `id` is the party's. Its name is no personal data: it stands on orders and bills.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OrganisationRow",
            constraint=CheckConstraint(
                check="state IN ('requested', 'active', 'declined', 'suspended')", name="organisation_state"
            ),
        ),
        ops.AddConstraint(
            model_name="OrganisationRow",
            constraint=CheckConstraint(check="version > 0", name="organisation_version"),
        ),
        ops.CreateModel(
            name="OrganisationInvitationRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "organisation",
                    fields.ForeignKeyField(
                        "perkhub.OrganisationRow",
                        source_field="organisation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="OWNER: owner\nADMIN: admin\nBUYER: buyer\nVIEWER: viewer", enum_type=Role, max_length=10
                    ),
                ),
                ("contact_kind", fields.CharField(max_length=8)),
                ("blind_index", fields.BinaryField()),
                ("sealed", fields.BinaryField(null=True)),
                ("masked", fields.CharField(max_length=120)),
                ("token_hash", fields.BinaryField()),
                ("sealed_token", fields.BinaryField(null=True)),
                ("locale", fields.CharField(max_length=20)),
                ("invited_by", fields.CharField(max_length=80)),
                ("sending_id", fields.UUIDField()),
                ("sent_count", fields.SmallIntField()),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "organisation_invitation",
                "app": "perkhub",
                "unique_together": (("token_hash",),),
                "indexes": [
                    Index(fields=["organisation_id", "id"]),
                    Index(fields=["contact_kind", "blind_index"]),
                    Index(fields=["expires_at"]),
                ],
                "pk_attr": "id",
                "table_description": "An invitation that was sent to a contact. The token is kept as a hash; sealed in full only until it was sent.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OrganisationInvitationRow",
            constraint=CheckConstraint(check="contact_kind IN ('email', 'phone')", name="organisation_invitation_contact_kind"),
        ),
        ops.AddConstraint(
            model_name="OrganisationInvitationRow",
            constraint=CheckConstraint(check="sent_count > 0", name="organisation_invitation_sent"),
        ),
        ops.AddConstraint(
            model_name="OrganisationInvitationRow",
            constraint=CheckConstraint(
                check="role IN ('owner', 'admin', 'buyer', 'viewer')", name="organisation_invitation_role"
            ),
        ),
        ops.CreateModel(
            name="OrganisationMemberRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "organisation",
                    fields.ForeignKeyField(
                        "perkhub.OrganisationRow",
                        source_field="organisation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("customer_id", fields.UUIDField()),
                (
                    "role",
                    fields.CharEnumField(
                        description="OWNER: owner\nADMIN: admin\nBUYER: buyer\nVIEWER: viewer", enum_type=Role, max_length=10
                    ),
                ),
                ("joined_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "organisation_member",
                "app": "perkhub",
                "unique_together": (("customer_id", "organisation"),),
                "indexes": [Index(fields=["organisation_id", "id"])],
                "pk_attr": "id",
                "table_description": "That a customer belongs to an organisation, and what they may do there. `customer_id` is the customer's party.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OrganisationMemberRow",
            constraint=CheckConstraint(check="role IN ('owner', 'admin', 'buyer', 'viewer')", name="organisation_member_role"),
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("name", fields.CharField(max_length=80)),
                ("version", fields.IntField()),
                ("payload", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("state", fields.CharField(max_length=8)),
                ("attempts", fields.IntField()),
                ("forgiven", fields.IntField()),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("handed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("unique_key", fields.CharField(null=True, max_length=120)),
                ("progress", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("last_error", fields.TextField(null=True, unique=False)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("activity_id", fields.UUIDField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox",
                "app": "perkhub",
                "indexes": [
                    PartialIndex(fields=["run_at", "handed_at"], name="outbox_due", condition={"state": "ready"}),
                    PartialIndex(fields=["lease_until"], name="outbox_leased", condition={"state": "running"}),
                    PartialIndex(fields=["id"], name="outbox_dead", condition={"state": "dead"}),
                ],
                "pk_attr": "id",
                "table_description": "An event or a job, from its acceptance to its end; or a periodic task, which waits for its next turn for ever.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=CheckConstraint(check="kind IN ('event', 'job', 'periodic')", name="outbox_kind"),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=CheckConstraint(check="state IN ('ready', 'running', 'done', 'dead')", name="outbox_state"),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=UniqueConstraint(
                fields=("unique_key",), name="outbox_waiting_once", condition="state = 'ready' AND unique_key IS NOT NULL"
            ),
        ),
        ops.CreateModel(
            name="Party",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=12)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "party",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Whoever can own a wallet, an order, an entitlement. Outlives its personal data.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Party",
            constraint=CheckConstraint(check="kind IN ('customer', 'organisation')", name="party_kind"),
        ),
        ops.CreateModel(
            name="Contact",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "party",
                    fields.ForeignKeyField(
                        "perkhub.Party",
                        source_field="party_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("sealed", fields.BinaryField()),
                ("blind_index", fields.BinaryField()),
                ("masked", fields.CharField(max_length=120)),
                ("verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "contact",
                "app": "perkhub",
                "unique_together": (("kind", "blind_index"),),
                "pk_attr": "id",
                "table_description": "An e-mail address or phone number of a party, sealed. No two parties share one.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Contact",
            constraint=CheckConstraint(check="kind IN ('email', 'phone')", name="contact_kind"),
        ),
        ops.CreateModel(
            name="Customer",
            fields=[
                (
                    "party",
                    fields.OneToOneField(
                        "perkhub.Party",
                        source_field="party_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="customer",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("locale", fields.CharField(max_length=20)),
                ("sealed_name", fields.BinaryField(null=True)),
                ("masked_name", fields.CharField(null=True, max_length=20)),
                ("password_hash", fields.TextField(null=True, unique=False)),
                ("blocked_at", fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField()),
            ],
            options={
                "table": "customer",
                "app": "perkhub",
                "pk_attr": "party_id",
                "table_description": "A party that is one person. `version` grows with whatever ends sessions: a new password, a block.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Customer",
            constraint=CheckConstraint(check="version > 0", name="customer_version"),
        ),
        ops.CreateModel(
            name="CustomerGroupMember",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "party",
                    fields.ForeignKeyField(
                        "perkhub.Party",
                        source_field="party_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="customer_groups",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "perkhub.CustomerGroup",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("added_by", fields.CharField(max_length=80)),
                ("added_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "customer_group_member",
                "app": "perkhub",
                "unique_together": (("party", "group"),),
                "indexes": [Index(fields=["group_id", "id"])],
                "pk_attr": "id",
                "table_description": "That a party is in a group, for ever or until a moment.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartyAccount",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("party_id", fields.UUIDField()),
                ("currency", fields.CharField(max_length=3)),
                ("balance", fields.BigIntField(default=0)),
                ("floor", fields.BigIntField(default=0)),
                ("frozen", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "party_account",
                "app": "perkhub",
                "unique_together": (("party_id", "currency"),),
                "pk_attr": "id",
                "table_description": "What a party has with us in one currency, in minor units. The row is the lock of all its spending.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PartyAccount",
            constraint=CheckConstraint(check="balance >= floor", name="party_account_floor"),
        ),
        ops.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "transfer",
                    fields.ForeignKeyField(
                        "perkhub.LedgerTransfer",
                        source_field="transfer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("book", fields.CharField(max_length=20)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.PartyAccount",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("amount", fields.BigIntField()),
            ],
            options={
                "table": "ledger_entry",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "One side of a transfer: positive adds to the book, negative takes from it. A transfer's entries sum to zero.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="LedgerEntry",
            constraint=CheckConstraint(check="(book = 'party') = (account_id IS NOT NULL)", name="ledger_entry_account"),
        ),
        ops.AddConstraint(
            model_name="LedgerEntry",
            constraint=CheckConstraint(check="amount <> 0", name="ledger_entry_amount"),
        ),
        ops.CreateModel(
            name="PaymentRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("payable_kind", fields.CharField(max_length=12)),
                ("payable_id", fields.UUIDField(db_index=True)),
                ("party_id", fields.UUIDField()),
                ("method", fields.CharField(max_length=40)),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: pending\nSUCCEEDED: succeeded\nFAILED: failed\nREVIEW: review\nRETURNED: returned",
                        enum_type=PaymentState,
                        max_length=12,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("amount", fields.BigIntField()),
                ("received", fields.BigIntField(null=True)),
                ("received_currency", fields.CharField(null=True, max_length=3)),
                ("our_reference", fields.CharField(unique=True, max_length=24)),
                ("gateway_reference", fields.CharField(null=True, max_length=120)),
                ("return_url", fields.CharField(null=True, max_length=500)),
                ("next_lookup_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lookups", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "payment",
                "app": "perkhub",
                "unique_together": (("method", "gateway_reference"),),
                "indexes": [
                    PartialIndex(fields=["next_lookup_at"], name="payment_to_look_up", condition={"state": "pending"}),
                    PartialIndex(fields=["id"], name="payment_to_review", condition={"state": "review"}),
                ],
                "pk_attr": "id",
                "table_description": "One attempt to pay one payable. `received` differs from `amount` only where a person must look at it.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PaymentRow",
            constraint=CheckConstraint(check="amount > 0", name="payment_amount"),
        ),
        ops.CreateModel(
            name="PermissionGroup",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=60)),
                ("permissions", ArrayField(element_type="TEXT")),
                ("description", fields.CharField(max_length=300)),
                ("channel_ids", ArrayField(null=True, element_type="UUID")),
            ],
            options={
                "table": "permission_group",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A named set of permissions, which hold everywhere or in the channels of these ids alone.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PermissionGroup",
            constraint=CheckConstraint(check="cardinality(channel_ids) > 0", name="permission_group_channels"),
        ),
        ops.CreateModel(
            name="PriceListRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("scope_kind", fields.CharField(max_length=8)),
                ("scope_id", fields.UUIDField(db_index=True)),
                (
                    "channel",
                    fields.ForeignKeyField(
                        "perkhub.ChannelRow",
                        source_field="channel_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="price_lists",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("priority", fields.IntField()),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "price_list",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Prices for a channel, a customer group or a party, in a window. Its rows say what, at which price.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PriceListRow",
            constraint=CheckConstraint(check="scope_kind IN ('party', 'group', 'channel')", name="price_list_scope"),
        ),
        ops.AddConstraint(
            model_name="PriceListRow",
            constraint=CheckConstraint(
                check="scope_kind <> 'channel' OR (channel_id IS NOT NULL AND channel_id = scope_id)", name="price_list_channel"
            ),
        ),
        ops.AddConstraint(
            model_name="PriceListRow",
            constraint=CheckConstraint(check="ends_at IS NULL OR ends_at > starts_at", name="price_list_window"),
        ),
        ops.CreateModel(
            name="ProductExportRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("asked", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("filename", fields.CharField(max_length=200)),
                (
                    "state",
                    fields.CharEnumField(description="QUEUED: queued\nDONE: done", enum_type=SheetExportState, max_length=10),
                ),
                ("products", fields.IntField(default=0)),
                ("rows", fields.IntField(default=0)),
                ("file_id", fields.UUIDField(null=True)),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "product_export",
                "app": "perkhub",
                "indexes": [Index(fields=["actor", "id"])],
                "pk_attr": "id",
                "table_description": "One export of products, and the sealed file that came of it, which goes after a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProductFact",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("product_id", fields.UUIDField()),
                ("code", fields.CharField(max_length=40)),
                ("value", fields.CharField(max_length=500)),
                ("number", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
            ],
            options={
                "table": "product_fact",
                "app": "perkhub",
                "unique_together": (("product_id", "code", "value"),),
                "indexes": [Index(fields=["code", "value", "product_id"]), Index(fields=["code", "number", "product_id"])],
                "pk_attr": "id",
                "table_description": "One value of one attribute that a product, or a form of it, has: in a column of its own, so that an index orders it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProductImportRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("upload_id", fields.UUIDField()),
                ("filename", fields.CharField(max_length=200)),
                (
                    "error_policy",
                    fields.CharEnumField(
                        description="IGNORE_FAILED: ignore_failed\nREJECT_FAILED_ROWS: reject_failed_rows\nREJECT_EVERYTHING: reject_everything",
                        enum_type=ErrorPolicy,
                        max_length=20,
                    ),
                ),
                ("dry_run", fields.BooleanField()),
                ("channel", fields.CharField(null=True, max_length=40)),
                ("channels", ArrayField(null=True, element_type="UUID")),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: queued\nCHECKING: checking\nWRITING: writing\nCHECKED: checked\nDONE: done\nFAILED: failed",
                        enum_type=SheetImportState,
                        max_length=10,
                    ),
                ),
                ("rows_read", fields.IntField(default=0)),
                ("created", fields.IntField(default=0)),
                ("changed", fields.IntField(default=0)),
                ("unchanged", fields.IntField(default=0)),
                ("left_out", fields.IntField(default=0)),
                ("refused", fields.IntField(default=0)),
                ("refusals", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("failure", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "product_import",
                "app": "perkhub",
                "indexes": [Index(fields=["upload_id"]), Index(fields=["actor", "id"])],
                "pk_attr": "id",
                "table_description": "One import of products from an upload. `channels` are those in which its actor sets prices; null is everywhere.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProductRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("slug", fields.CharField(unique=True, max_length=80)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CODE: code\nLINK: link\nTOP_UP: top_up\nMEMBERSHIP: membership\nVOUCHER: voucher\nSERVICE: service",
                        enum_type=BenefitKind,
                        max_length=12,
                    ),
                ),
                (
                    "brand",
                    fields.ForeignKeyField(
                        "perkhub.BrandRow",
                        source_field="brand_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="products",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("description", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("how_to_use", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("minimum_validity_days", fields.IntField(default=0)),
                (
                    "validity",
                    fields.CharEnumField(
                        description="AS_PRINTED: as_printed\nFROM_DELIVERY: from_delivery\nUNTIL: until",
                        enum_type=ValidityKind,
                        max_length=16,
                    ),
                ),
                ("validity_days", fields.IntField(null=True)),
                ("valid_until", fields.DateField(null=True)),
                (
                    "refund",
                    fields.CharEnumField(
                        description="UNSEEN: unseen\nWITHIN_DAYS: within_days\nNEVER: never",
                        enum_type=RefundKind,
                        max_length=16,
                    ),
                ),
                ("refund_days", fields.IntField(null=True)),
                ("buyer_inputs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("attributes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("tags", ArrayField(element_type="TEXT")),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "product",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["brand_id", "id"]),
                    Index(fields=["kind", "id"]),
                    Index(fields=["created_at"]),
                    Index(fields=["updated_at"]),
                ],
                "pk_attr": "id",
                "table_description": 'A benefit. Texts are inline per language: {"zh": …, "en": …}.',
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ProductRow",
            constraint=CheckConstraint(check="minimum_validity_days BETWEEN 0 AND 3650", name="product_minimum_validity"),
        ),
        ops.AddConstraint(
            model_name="ProductRow",
            constraint=CheckConstraint(
                check="(validity = 'from_delivery') = (validity_days IS NOT NULL) AND (validity = 'until') = (valid_until IS NOT NULL)",
                name="product_validity",
            ),
        ),
        ops.AddConstraint(
            model_name="ProductRow",
            constraint=CheckConstraint(check="(refund = 'within_days') = (refund_days IS NOT NULL)", name="product_refund"),
        ),
        ops.CreateModel(
            name="CollectionProduct",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "collection",
                    fields.ForeignKeyField(
                        "perkhub.CollectionRow",
                        source_field="collection_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="picks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField(
                        "perkhub.ProductRow",
                        source_field="product_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="collected",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
            ],
            options={
                "table": "collection_product",
                "app": "perkhub",
                "unique_together": (("collection_id", "product_id"),),
                "indexes": [Index(fields=["collection_id", "position"])],
                "pk_attr": "id",
                "table_description": "A product that was picked by hand.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProductCategory",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "product",
                    fields.ForeignKeyField(
                        "perkhub.ProductRow",
                        source_field="product_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="shelves",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "category",
                    fields.ForeignKeyField(
                        "perkhub.CategoryRow",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="shelved",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
            ],
            options={
                "table": "product_category",
                "app": "perkhub",
                "unique_together": (("product_id", "category_id"),),
                "indexes": [Index(fields=["category_id", "product_id"])],
                "pk_attr": "id",
                "table_description": "A product on a shelf; the first of its shelves, by position, is where its breadcrumb leads.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProductMedia",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "product",
                    fields.ForeignKeyField(
                        "perkhub.ProductRow",
                        source_field="product_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="media",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "image",
                    fields.ForeignKeyField(
                        "perkhub.ImageRow",
                        source_field="image_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shown",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("url", fields.CharField(null=True, max_length=2000)),
                ("alt", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("position", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "product_media",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A picture of a product: one of ours, or an address elsewhere. Texts are inline per language.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ProductMedia",
            constraint=CheckConstraint(check="(image_id IS NULL) <> (url IS NULL)", name="product_media_source"),
        ),
        ops.CreateModel(
            name="ProductSearch",
            fields=[
                ("product_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("lines", fields.TextField(unique=False)),
                ("sort_zh", fields.CharField(max_length=80)),
                ("sort_en", fields.CharField(max_length=80)),
                ("keys", ArrayField(element_type="TEXT")),
            ],
            options={
                "table": "product_search",
                "app": "perkhub",
                "indexes": [Index(fields=["sort_zh", "product_id"]), Index(fields=["sort_en", "product_id"])],
                "pk_attr": "product_id",
                "table_description": "What the search knows of a product; see `search.document`. Narrow, and written whenever the product is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PublicPriceRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("listing_id", fields.UUIDField()),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("effective_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("unit_price", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("lowest_before", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
            ],
            options={
                "table": "public_price",
                "app": "perkhub",
                "unique_together": (("listing_id", "recorded_at", "effective_at"),),
                "pk_attr": "id",
                "table_description": "A step of a listing's public price: what one unit costs anybody from `effective_at` on; null is not on sale.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReaderChange",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("slot", fields.IntField()),
                ("version", fields.BigIntField()),
                ("channel_id", fields.UUIDField(null=True)),
                ("product_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "reader_change",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What a transaction changed: a product in a channel; null is every one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReaderSlot",
            fields=[
                ("slot", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("version", fields.BigIntField(default=0)),
            ],
            options={
                "table": "reader_slot",
                "app": "perkhub",
                "pk_attr": "slot",
                "table_description": "A place in the feed for one writer at a time: its version rises with each transaction that took it. Several, so that",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefundRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "payment",
                    fields.ForeignKeyField(
                        "perkhub.PaymentRow",
                        source_field="payment_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="refunds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: pending\nDONE: done\nREJECTED: rejected", enum_type=RefundState, max_length=12
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("amount", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("our_reference", fields.CharField(unique=True, max_length=24)),
                ("gateway_reference", fields.CharField(null=True, max_length=120)),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "refund",
                "app": "perkhub",
                "indexes": [PartialIndex(fields=["id"], name="refund_pending", condition={"state": "pending"})],
                "pk_attr": "id",
                "table_description": "Money on its way back to whoever paid: into the wallet at once, through a gateway by a job.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="RefundRow",
            constraint=CheckConstraint(check="amount > 0", name="refund_amount"),
        ),
        ops.CreateModel(
            name="RevokedMachineToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "client",
                    fields.ForeignKeyField(
                        "perkhub.MachineClient",
                        source_field="client_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="revoked_tokens",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "revoked_machine_token",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "An access token that its client took back; kept until it would have expired.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettlementRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("order_id", fields.UUIDField(db_index=True)),
                (
                    "decision",
                    fields.CharEnumField(
                        description="DELIVERED: delivered\nFAILED: failed\nCOST_ACCEPTED: cost_accepted\nAT_OUR_RISK: at_our_risk\nCLOSED: closed",
                        enum_type=Decision,
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="PROPOSED: proposed\nCARRIED_OUT: carried_out\nWITHDRAWN: withdrawn",
                        enum_type=SettlementState,
                        max_length=12,
                    ),
                ),
                ("reason", fields.CharField(max_length=500)),
                ("cost", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("returned", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("sealed", fields.BinaryField(null=True)),
                ("codes", fields.IntField(default=0)),
                ("proposed_by", fields.CharField(max_length=80)),
                ("decided_by", fields.CharField(null=True, max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_settlement",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What one person proposes to do about a supplier order, until another one approves it. Codes only sealed, and only",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="SettlementRow",
            constraint=UniqueConstraint(
                fields=("order_id",), name="supplier_settlement_one_waits", condition="state = 'proposed'"
            ),
        ),
        ops.CreateModel(
            name="SignInSession",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("subject_kind", fields.CharField(max_length=8)),
                ("subject_id", fields.UUIDField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("exchanged_by", fields.BinaryField(null=True)),
            ],
            options={
                "table": "sign_in_session",
                "app": "perkhub",
                "indexes": [Index(fields=["subject_id"])],
                "pk_attr": "id",
                "table_description": "One sign-in and all refresh tokens that follow from it: the family. Revoking this one row ends them all.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="SignInSession",
            constraint=CheckConstraint(check="subject_kind IN ('customer', 'staff')", name="sign_in_session_subject_kind"),
        ),
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "session",
                    fields.ForeignKeyField(
                        "perkhub.SignInSession",
                        source_field="session_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="refresh_tokens",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("token_hash", fields.BinaryField()),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "refresh_token",
                "app": "perkhub",
                "unique_together": (("token_hash",),),
                "pk_attr": "id",
                "table_description": "The SHA-256 of a refresh token that may be exchanged once. Its siblings are used up with it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Staff",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("sealed_email", fields.BinaryField()),
                ("blind_index", fields.BinaryField()),
                ("masked", fields.CharField(max_length=120)),
                ("sealed_name", fields.BinaryField(null=True)),
                ("password_hash", fields.TextField(unique=False)),
                ("active", fields.BooleanField()),
                ("version", fields.IntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff",
                "app": "perkhub",
                "unique_together": (("blind_index",),),
                "pk_attr": "id",
                "table_description": "A person who runs the shop. Found by e-mail; what they may do comes from their groups.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Staff",
            constraint=CheckConstraint(check="version > 0", name="staff_version"),
        ),
        ops.CreateModel(
            name="ExternalIdentity",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("source_kind", fields.CharField(max_length=8)),
                ("source_id", fields.UUIDField()),
                ("subject_index", fields.BinaryField()),
                ("sealed_subject", fields.BinaryField()),
                ("label", fields.CharField(max_length=120)),
                (
                    "party",
                    fields.ForeignKeyField(
                        "perkhub.Party",
                        source_field="party_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="external_identities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "perkhub.Staff",
                        source_field="staff_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="external_identities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("told_groups", ArrayField(element_type="TEXT")),
                ("told_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "external_identity",
                "app": "perkhub",
                "unique_together": (("source_id", "subject_index"),),
                "pk_attr": "id",
                "table_description": "That somebody at a provider, or an issuer's user, is this customer or member of staff. The subject is sealed.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ExternalIdentity",
            constraint=CheckConstraint(check="source_kind IN ('provider', 'issuer')", name="external_identity_source_kind"),
        ),
        ops.AddConstraint(
            model_name="ExternalIdentity",
            constraint=CheckConstraint(check="(party_id IS NULL) <> (staff_id IS NULL)", name="external_identity_owner"),
        ),
        ops.CreateModel(
            name="StaffGroup",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "perkhub.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "perkhub.PermissionGroup",
                        source_field="group_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "staff_group",
                "app": "perkhub",
                "unique_together": (("staff", "group"),),
                "pk_attr": "id",
                "table_description": "That a staff member is in a group.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Stock",
            fields=[
                ("variant_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("available", fields.IntField(default=0)),
                ("held", fields.IntField(default=0)),
            ],
            options={
                "table": "stock",
                "app": "perkhub",
                "pk_attr": "variant_id",
                "table_description": "How many codes of a variant can be sold, and how many of these are promised to unpaid orders.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Stock",
            constraint=CheckConstraint(check="available >= 0 AND held >= 0", name="stock_counts"),
        ),
        ops.CreateModel(
            name="SupplierAccountRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=80)),
                ("plugin", fields.CharField(max_length=40)),
                ("sealed", fields.BinaryField()),
                (
                    "provenance",
                    fields.CharEnumField(
                        description="BRAND_DIRECT: brand_direct\nAUTHORIZED: authorized\nRESELLER: reseller",
                        enum_type=Provenance,
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(description="ACTIVE: active\nPAUSED: paused", enum_type=AccountState, max_length=8),
                ),
                ("retired", fields.BooleanField(default=False)),
                ("halted_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("halted_for", fields.CharField(null=True, max_length=60)),
                ("synced_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("balance", fields.DecimalField(null=True, max_digits=20, decimal_places=6)),
                ("balance_currency", fields.CharField(null=True, max_length=3)),
                ("balance_wanted", fields.DecimalField(null=True, max_digits=20, decimal_places=6)),
                ("balance_low_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("balance_asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_account",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Our account at one supplier. `sealed` are its settings as JSON; `halted_until` keeps new orders away after a refusal",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CatalogSync",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.SupplierAccountRow",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="syncs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: queued\nDONE: done\nFAILED: failed", enum_type=SyncState, max_length=8
                    ),
                ),
                ("items", fields.IntField(default=0)),
                ("added", fields.IntField(default=0)),
                ("changed", fields.IntField(default=0)),
                ("gone", fields.IntField(default=0)),
                ("differences", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("failure", fields.CharField(null=True, max_length=60)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_catalog_sync",
                "app": "perkhub",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
                "table_description": "One reading of a supplier's catalog into offers: how much it had, and what differs from the reading before.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SupplierCallback",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("account_id", fields.UUIDField()),
                ("nonce", fields.CharField(max_length=64)),
                ("order_id", fields.UUIDField(null=True, db_index=True)),
                ("sealed", fields.BinaryField(null=True)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_callback",
                "app": "perkhub",
                "unique_together": (("account_id", "nonce"),),
                "indexes": [Index(fields=["received_at"])],
                "pk_attr": "id",
                "table_description": "A genuine callback, once per nonce. The body is sealed, and erased when the order it hints at was looked up.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SupplierDifferenceRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.SupplierAccountRow",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="differences",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("subject", fields.CharField(max_length=120)),
                ("order_id", fields.UUIDField(null=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="UNKNOWN_HERE: unknown_here\nMISSING_THERE: missing_there\nAMOUNT: amount",
                        enum_type=DifferenceKind,
                        max_length=16,
                    ),
                ),
                ("ours", fields.BigIntField()),
                ("theirs", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("closed_by", fields.CharField(null=True, max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_difference",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "In what one order differs. `subject` is our reference, or the supplier's where no order of ours has it. It closes by",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="SupplierDifferenceRow",
            constraint=UniqueConstraint(
                fields=("account_id", "subject", "currency"), name="supplier_difference_one_open", condition="closed_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="SupplierDifferenceRow",
            constraint=CheckConstraint(check="(closed_at IS NULL) = (closed_by IS NULL)", name="supplier_difference_closed"),
        ),
        ops.CreateModel(
            name="SupplierPace",
            fields=[
                ("account_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("next_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_pace",
                "app": "perkhub",
                "pk_attr": "account_id",
                "table_description": "When the next call to an account may be made; a row only for suppliers that allow so many calls in a time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SupplierStatementRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.SupplierAccountRow",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="statements",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: queued\nDONE: done\nFAILED: failed", enum_type=SyncState, max_length=8
                    ),
                ),
                ("lines", fields.IntField(default=0)),
                ("failure", fields.CharField(null=True, max_length=60)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_statement",
                "app": "perkhub",
                "indexes": [Index(fields=["account_id", "day"])],
                "pk_attr": "id",
                "table_description": "One reading of one day of a supplier's statement, by the supplier's calendar.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="SupplierStatementRow",
            constraint=UniqueConstraint(
                fields=("account_id", "day"), name="supplier_statement_one_waits", condition="state = 'queued'"
            ),
        ),
        ops.CreateModel(
            name="SupplierStatementLineRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "statement",
                    fields.ForeignKeyField(
                        "perkhub.SupplierStatementRow",
                        source_field="statement_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="told",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("order_id", fields.UUIDField(null=True, db_index=True)),
                ("supplier_reference", fields.CharField(max_length=120)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=20)),
                ("amount", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "supplier_statement_line",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What the supplier believes that it sold us, or gave back; with our order where it names one. Only the last reading of a",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TopUpRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("party_id", fields.UUIDField(db_index=True)),
                (
                    "state",
                    fields.CharEnumField(description="PENDING: pending\nDONE: done", enum_type=TopUpState, max_length=12),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("amount", fields.BigIntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "top_up",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Money that a party wants to put into its wallet.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="TopUpRow",
            constraint=CheckConstraint(check="amount > 0", name="top_up_amount"),
        ),
        ops.CreateModel(
            name="TrustedIssuer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=80)),
                ("issuer", fields.CharField(max_length=500)),
                ("audience", fields.CharField(max_length=300)),
                ("jwks_url", fields.CharField(null=True, max_length=500)),
                ("pinned_keys", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("algorithms", ArrayField(element_type="TEXT")),
                ("subject_prefix", fields.CharField(max_length=60)),
                ("claims", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField()),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "trusted_issuer",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A host application whose own users are our customers, by the tokens that it signs for them.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="TrustedIssuer",
            constraint=UniqueConstraint(fields=("issuer",), name="trusted_issuer_once", condition="archived_at IS NULL"),
        ),
        ops.AddConstraint(
            model_name="TrustedIssuer",
            constraint=CheckConstraint(check="(jwks_url IS NULL) <> (pinned_keys IS NULL)", name="trusted_issuer_keys"),
        ),
        ops.AddConstraint(
            model_name="TrustedIssuer",
            constraint=CheckConstraint(check="version > 0", name="trusted_issuer_version"),
        ),
        ops.CreateModel(
            name="UnmaskLog",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("actor", fields.CharField(max_length=80)),
                ("purpose", fields.CharField(max_length=10)),
                ("contact_id", fields.UUIDField(null=True)),
                ("party_id", fields.UUIDField()),
                ("reason", fields.CharField(max_length=300)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("correlation_id", fields.CharField(max_length=64)),
            ],
            options={
                "table": "unmask_log",
                "app": "perkhub",
                "indexes": [Index(fields=["party_id", "id"]), Index(fields=["actor", "id"])],
                "pk_attr": "id",
                "table_description": "Who read what of a person in clear, why and when. Keeps no foreign key: it outlives what was read.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="UnmaskLog",
            constraint=CheckConstraint(check="purpose IN ('contact', 'customer', 'export')", name="unmask_log_purpose"),
        ),
        ops.CreateModel(
            name="UnpaidOrders",
            fields=[
                ("owner", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("count", fields.IntField()),
            ],
            options={
                "table": "unpaid_orders",
                "app": "perkhub",
                "pk_attr": "owner",
                "table_description": "How many unpaid orders an owner (a party, or a device) has: the counter that caps them.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="UnpaidOrders",
            constraint=CheckConstraint(check="count >= 0", name="unpaid_orders_count"),
        ),
        ops.CreateModel(
            name="UploadRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("filename", fields.CharField(max_length=200)),
                ("size", fields.BigIntField(default=0)),
                ("complete", fields.BooleanField(default=False)),
                ("actor", fields.CharField(max_length=80)),
                (
                    "data_key",
                    fields.ForeignKeyField(
                        "perkhub.DataKey",
                        source_field="data_key_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="uploads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "upload",
                "app": "perkhub",
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "A file that came in over HTTP, or was made for its actor to fetch: sealed in pieces, deleted after use.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UploadPiece",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "upload",
                    fields.ForeignKeyField(
                        "perkhub.UploadRow",
                        source_field="upload_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pieces",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField()),
                ("sealed", fields.BinaryField()),
            ],
            options={
                "table": "upload_piece",
                "app": "perkhub",
                "unique_together": (("upload_id", "position"),),
                "pk_attr": "id",
                "table_description": "One sealed piece of an upload, in its order.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VariantRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "product",
                    fields.ForeignKeyField(
                        "perkhub.ProductRow",
                        source_field="product_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="variants",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sku", fields.CharField(unique=True, max_length=60)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_least", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_most", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_step", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_currency", fields.CharField(null=True, max_length=3)),
                ("position", fields.IntField(default=0)),
                ("attributes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("external_reference", fields.CharField(null=True, unique=True, max_length=120)),
                ("metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_metadata", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("archived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "variant",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "A buyable form of a product: a month, a season, ¥100, or any value from `face_least` to `face_most`.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="VariantRow",
            constraint=CheckConstraint(
                check="face_value > 0 AND (face_value IS NULL AND face_least IS NULL) = (face_currency IS NULL) AND (face_value IS NULL OR face_least IS NULL)",
                name="variant_face_value",
            ),
        ),
        ops.AddConstraint(
            model_name="VariantRow",
            constraint=CheckConstraint(
                check="num_nulls(face_least, face_most, face_step) IN (0, 3) AND face_least > 0 AND face_most > face_least AND face_step > 0",
                name="variant_face_range",
            ),
        ),
        ops.CreateModel(
            name="CodeImport",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("upload_id", fields.UUIDField()),
                ("filename", fields.CharField(max_length=200)),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="imports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("lot_id", fields.UUIDField(null=True)),
                ("issuer", fields.CharField(max_length=80)),
                ("reference", fields.CharField(null=True, max_length=120)),
                ("unit_cost", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("currency", fields.CharField(max_length=3)),
                ("columns", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("default_expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("zone", fields.CharField(max_length=64)),
                ("dry_run", fields.BooleanField()),
                ("skip_refused_rows", fields.BooleanField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: queued\nCHECKING: checking\nSTOCKING: stocking\nCHECKED: checked\nDONE: done\nFAILED: failed",
                        enum_type=ImportState,
                        max_length=10,
                    ),
                ),
                ("rows_read", fields.IntField(default=0)),
                ("rows_stocked", fields.IntField(default=0)),
                ("rows_refused", fields.IntField(default=0)),
                ("refusals", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("failure", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "code_import",
                "app": "perkhub",
                "indexes": [Index(fields=["upload_id"])],
                "pk_attr": "id",
                "table_description": "One import of codes from an upload: what was asked, how far it is, and which rows were refused and why.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="CodeImport",
            constraint=CheckConstraint(check="unit_cost >= 0", name="code_import_unit_cost"),
        ),
        ops.CreateModel(
            name="EntitlementRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("party_id", fields.UUIDField()),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entitlements",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("source_kind", fields.CharField(max_length=20)),
                ("source_id", fields.UUIDField()),
                ("position", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: pending\nDELAYED: delayed\nISSUED: issued\nREVEALED: revealed\nDELIVERED: delivered\nFAILED: failed\nFROZEN: frozen\nEXPIRED: expired\nREVOKED: revoked",
                        enum_type=EntitlementState,
                        max_length=10,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("price", fields.BigIntField()),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_currency", fields.CharField(null=True, max_length=3)),
                ("cost", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("cost_currency", fields.CharField(null=True, max_length=3)),
                ("code_id", fields.UUIDField(null=True, unique=True)),
                ("masked", fields.CharField(null=True, max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("issued_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revealed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "entitlement",
                "app": "perkhub",
                "unique_together": (("source_id", "position"),),
                "indexes": [
                    Index(fields=["party_id", "id"]),
                    PartialIndex(fields=["expires_at"], name="entitlement_issued_until", condition={"state": "issued"}),
                    PartialIndex(fields=["expires_at"], name="entitlement_revealed_until", condition={"state": "revealed"}),
                ],
                "pk_attr": "id",
                "table_description": "What it was sold for and what it cost us stand on the unit, so that refunds in any order sum to the total.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="EntitlementRow",
            constraint=CheckConstraint(check="price >= 0", name="entitlement_price"),
        ),
        ops.AddConstraint(
            model_name="EntitlementRow",
            constraint=CheckConstraint(check="state <> 'issued' OR code_id IS NOT NULL", name="entitlement_issued"),
        ),
        ops.CreateModel(
            name="ListingRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "channel",
                    fields.ForeignKeyField(
                        "perkhub.ChannelRow",
                        source_field="channel_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="listings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="listings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("product_id", fields.UUIDField()),
                ("unit_price", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("published_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("published_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("quota", fields.IntField(null=True)),
                ("taken", fields.IntField(default=0)),
                ("limit_per_customer", fields.IntField(null=True)),
                ("reference_price", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("reference_reason", fields.CharField(null=True, max_length=300)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "listing",
                "app": "perkhub",
                "unique_together": (("channel_id", "variant_id"),),
                "indexes": [
                    Index(fields=["channel_id", "product_id"]),
                    Index(fields=["channel_id", "unit_price", "product_id"]),
                    Index(fields=["channel_id", "published_from"], name="listing_opens"),
                    Index(fields=["channel_id", "published_until"], name="listing_closes"),
                ],
                "pk_attr": "id",
                "table_description": "A variant in a channel: price, window, quota. `taken` counts what is held and sold, in the claim's own statement.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ListingRow",
            constraint=CheckConstraint(check="unit_price >= 0", name="listing_price"),
        ),
        ops.AddConstraint(
            model_name="ListingRow",
            constraint=CheckConstraint(
                check="published_until IS NULL OR published_until >= published_from", name="listing_window"
            ),
        ),
        ops.AddConstraint(
            model_name="ListingRow",
            constraint=CheckConstraint(check="taken >= 0 AND (quota IS NULL OR taken <= quota)", name="listing_quota"),
        ),
        ops.AddConstraint(
            model_name="ListingRow",
            constraint=CheckConstraint(check="limit_per_customer IS NULL OR limit_per_customer > 0", name="listing_limit"),
        ),
        ops.AddConstraint(
            model_name="ListingRow",
            constraint=CheckConstraint(
                check="(reference_price IS NULL) = (reference_reason IS NULL) AND (reference_price IS NULL OR reference_price > 0)",
                name="listing_reference",
            ),
        ),
        ops.CreateModel(
            name="Lot",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lots",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "data_key",
                    fields.ForeignKeyField(
                        "perkhub.DataKey",
                        source_field="data_key_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lots",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("issuer", fields.CharField(max_length=80)),
                ("reference", fields.CharField(null=True, max_length=120)),
                ("unit_cost", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("currency", fields.CharField(max_length=3)),
                (
                    "state",
                    fields.CharEnumField(description="OPEN: open\nRECALLED: recalled", enum_type=LotState, max_length=10),
                ),
                ("quantity", fields.IntField(default=0)),
                ("recalled_reason", fields.TextField(null=True, unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "lot",
                "app": "perkhub",
                "indexes": [Index(fields=["variant_id", "id"])],
                "pk_attr": "id",
                "table_description": "One delivery of codes of one variant from one issuer, under a data key of its own.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Lot",
            constraint=CheckConstraint(check="unit_cost >= 0", name="lot_unit_cost"),
        ),
        ops.CreateModel(
            name="Code",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "lot",
                    fields.ForeignKeyField(
                        "perkhub.Lot",
                        source_field="lot_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="codes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("variant_id", fields.UUIDField()),
                ("sealed", fields.BinaryField()),
                ("masked", fields.CharField(max_length=16)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="AVAILABLE: available\nSOLD: sold\nFROZEN: frozen\nEXPIRED: expired\nBURNT: burnt",
                        enum_type=CodeState,
                        max_length=10,
                    ),
                ),
            ],
            options={
                "table": "code",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["lot_id", "id"]),
                    PartialIndex(
                        fields=["variant_id", "expires_at", "id"], name="code_first_expiring", condition={"state": "available"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "One sealed code. `sealed` holds the typed credentials as JSON under the lot's key, bound to lot, code and field.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Code",
            constraint=CheckConstraint(check="state IN ('available', 'sold', 'frozen', 'expired', 'burnt')", name="code_state"),
        ),
        ops.CreateModel(
            name="OfferRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.SupplierAccountRow",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sku", fields.CharField(max_length=120)),
                ("name", fields.CharField(max_length=200)),
                ("issuer", fields.CharField(max_length=80)),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="supplier_offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_currency", fields.CharField(null=True, max_length=3)),
                ("face_least", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_greatest", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                (
                    "supplies",
                    fields.CharEnumField(
                        default=Supplies.CODES, description="CODES: codes\nTOP_UPS: top_ups", enum_type=Supplies, max_length=8
                    ),
                ),
                ("form", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("inputs", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("printed_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("printed_currency", fields.CharField(null=True, max_length=3)),
                ("cost", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("currency", fields.CharField(max_length=3)),
                ("maximum_cost", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("priority", fields.IntField(default=100)),
                ("available", fields.BooleanField(default=True)),
                ("active", fields.BooleanField(default=False)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("synced_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_offer",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["account_id", "sku"]),
                    PartialIndex(fields=["variant_id"], name="supplier_offer_live", condition={"active": True}),
                ],
                "pk_attr": "id",
                "table_description": "A supplier's SKU, and what it is of ours once it is mapped: `variant` with the face value of one unit, its cost and",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OfferRow",
            constraint=CheckConstraint(check="cost >= 0 AND maximum_cost >= 0", name="supplier_offer_cost"),
        ),
        ops.AddConstraint(
            model_name="OfferRow",
            constraint=CheckConstraint(check="NOT active OR variant_id IS NOT NULL", name="supplier_offer_active"),
        ),
        ops.CreateModel(
            name="OrderLineRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "order",
                    fields.ForeignKeyField(
                        "perkhub.OrderRow",
                        source_field="order_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("listing_id", fields.UUIDField(db_index=True)),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="order_lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("quantity", fields.IntField()),
                ("unit", fields.DecimalField(max_digits=18, decimal_places=6)),
                ("total", fields.BigIntField()),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_currency", fields.CharField(null=True, max_length=3)),
                ("minimum_validity_days", fields.IntField()),
                (
                    "validity",
                    fields.CharEnumField(
                        description="AS_PRINTED: as_printed\nFROM_DELIVERY: from_delivery\nUNTIL: until",
                        enum_type=ValidityKind,
                        max_length=16,
                    ),
                ),
                ("validity_days", fields.IntField(null=True)),
                ("valid_until", fields.DateField(null=True)),
                (
                    "refund",
                    fields.CharEnumField(
                        description="UNSEEN: unseen\nWITHIN_DAYS: within_days\nNEVER: never",
                        enum_type=RefundKind,
                        max_length=16,
                    ),
                ),
                ("refund_days", fields.IntField(null=True)),
                ("sourced", fields.IntField(default=0)),
                ("waits", fields.BooleanField(default=False)),
                ("trace", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "order_line",
                "app": "perkhub",
                "unique_together": (("order_id", "position"),),
                "pk_attr": "id",
                "table_description": "So many of a variant, with its price and what was promised of it when the order was placed.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="OrderLineRow",
            constraint=CheckConstraint(check="quantity > 0 AND total >= 0", name="order_line_quantity"),
        ),
        ops.AddConstraint(
            model_name="OrderLineRow",
            constraint=CheckConstraint(check="sourced BETWEEN 0 AND quantity", name="order_line_sourced"),
        ),
        ops.CreateModel(
            name="PriceListPrice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "list",
                    fields.ForeignKeyField(
                        "perkhub.PriceListRow",
                        source_field="list_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="prices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="list_prices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("minimum_quantity", fields.IntField()),
                ("unit_price", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("percent_off", fields.DecimalField(null=True, max_digits=7, decimal_places=4)),
            ],
            options={
                "table": "price_list_price",
                "app": "perkhub",
                "unique_together": (("list_id", "variant_id", "minimum_quantity"),),
                "pk_attr": "id",
                "table_description": "What a list says of a variant from so many units on: a price of its own, or so many percent off the listing's.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PriceListPrice",
            constraint=CheckConstraint(check="(unit_price IS NULL) <> (percent_off IS NULL)", name="price_list_price_one"),
        ),
        ops.AddConstraint(
            model_name="PriceListPrice",
            constraint=CheckConstraint(
                check="(unit_price IS NULL OR unit_price >= 0) AND (percent_off IS NULL OR (percent_off > 0 AND percent_off <= 100)) AND minimum_quantity >= 1",
                name="price_list_price_range",
            ),
        ),
        ops.CreateModel(
            name="StockPurchaseRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "variant",
                    fields.ForeignKeyField(
                        "perkhub.VariantRow",
                        source_field="variant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="stock_purchases",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("quantity", fields.IntField()),
                ("actor", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "stock_purchase",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Codes bought into the pool ahead of their sale; its needs, which name it as their source, say how far it is.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockPurchaseRow",
            constraint=CheckConstraint(check="quantity > 0", name="stock_purchase_quantity"),
        ),
        ops.CreateModel(
            name="SupplierOrderRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "perkhub.SupplierAccountRow",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "offer",
                    fields.ForeignKeyField(
                        "perkhub.OfferRow",
                        source_field="offer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose_kind", fields.CharField(max_length=20)),
                ("purpose_id", fields.UUIDField()),
                ("parent_id", fields.UUIDField(null=True)),
                ("variant_id", fields.UUIDField()),
                ("reference", fields.CharField(unique=True, max_length=24)),
                ("sku", fields.CharField(max_length=120)),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("face_currency", fields.CharField(null=True, max_length=3)),
                (
                    "supplies",
                    fields.CharEnumField(
                        default=Supplies.CODES, description="CODES: codes\nTOP_UPS: top_ups", enum_type=Supplies, max_length=8
                    ),
                ),
                ("inputs", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("quantity", fields.IntField()),
                ("currency", fields.CharField(max_length=3)),
                ("maximum_cost", fields.DecimalField(max_digits=18, decimal_places=6)),
                (
                    "state",
                    fields.CharEnumField(
                        description="SUBMITTED: submitted\nUNKNOWN: unknown\nACCEPTED: accepted\nDELIVERED: delivered\nPARTIAL: partial\nNOT_SENT: not_sent\nREJECTED: rejected\nREVERSED: reversed\nABANDONED: abandoned\nLATE: late",
                        enum_type=SupplierOrderState,
                        max_length=10,
                    ),
                ),
                ("cause", fields.CharField(null=True, max_length=60)),
                ("supplier_reference", fields.CharField(null=True, max_length=120)),
                ("received", fields.IntField(default=0)),
                ("cost", fields.BigIntField(null=True)),
                ("returned", fields.BigIntField(null=True)),
                ("lot_id", fields.UUIDField(null=True)),
                ("receipt", fields.CharField(null=True, max_length=120)),
                ("sends", fields.IntField(default=1)),
                ("looks", fields.IntField(default=0)),
                ("not_founds", fields.IntField(default=0)),
                ("replays_ended", fields.BooleanField(default=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("next_look_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("review_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("placed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier_order",
                "app": "perkhub",
                "indexes": [
                    Index(fields=["purpose_id"]),
                    Index(fields=["account_id", "supplier_reference"]),
                    PartialIndex(fields=["id"], name="supplier_order_unknown", condition={"state": "unknown"}),
                ],
                "pk_attr": "id",
                "table_description": "One attempt at one supplier under a reference of ours, written before anything is sent.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="SupplierOrderRow",
            constraint=UniqueConstraint(
                fields=("purpose_id",),
                name="supplier_order_one_open",
                condition="state IN ('submitted', 'unknown', 'accepted')",
            ),
        ),
        ops.AddConstraint(
            model_name="SupplierOrderRow",
            constraint=CheckConstraint(
                check="quantity > 0 AND received BETWEEN 0 AND quantity", name="supplier_order_quantity"
            ),
        ),
        ops.AddConstraint(
            model_name="SupplierOrderRow",
            constraint=CheckConstraint(check="maximum_cost >= 0 AND cost >= 0", name="supplier_order_cost"),
        ),
        ops.CreateModel(
            name="WaitRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("source_kind", fields.CharField(max_length=20)),
                ("source_id", fields.UUIDField()),
                ("line_id", fields.UUIDField(unique=True)),
                ("variant_id", fields.UUIDField()),
                ("quantity", fields.IntField()),
                ("sourced", fields.IntField()),
                ("minimum_validity_days", fields.IntField()),
                (
                    "validity",
                    fields.CharEnumField(
                        description="AS_PRINTED: as_printed\nFROM_DELIVERY: from_delivery\nUNTIL: until",
                        enum_type=ValidityKind,
                        max_length=16,
                    ),
                ),
                ("validity_days", fields.IntField(null=True)),
                ("valid_until", fields.DateField(null=True)),
                ("zone", fields.CharField(max_length=64)),
                ("wait_minutes", fields.IntField()),
                ("face_value", fields.DecimalField(null=True, max_digits=18, decimal_places=6)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "wait",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Units of one source that are paid for and not delivered until somebody says so, with what they will be due then.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="WaitRow",
            constraint=CheckConstraint(check="quantity > 0 AND sourced BETWEEN 0 AND quantity", name="wait_quantity"),
        ),
        ops.CreateModel(
            name="WalletAdjustment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("party_id", fields.UUIDField(db_index=True)),
                ("reason", fields.CharField(max_length=300)),
            ],
            options={
                "table": "wallet_adjustment",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "Why an operator corrected a wallet. `id` is the reference of its transfer, which says who did it and when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WalletPayout",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("party_id", fields.UUIDField(db_index=True)),
                ("evidence", fields.CharField(max_length=64)),
            ],
            options={
                "table": "wallet_payout",
                "app": "perkhub",
                "pk_attr": "id",
                "table_description": "What shows that a wallet's money was sent to its owner. `id` is the reference of its transfer. It names nobody.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            """
    CREATE FUNCTION refuse_claims() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'not all that was claimed is there' USING ERRCODE = 'PH001';
    END $$
""",
            reverse_sql="DROP FUNCTION refuse_claims()",
        ),
        ops.RunSQL(
            """
    CREATE FUNCTION refuse_activity_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('perkhub.retention', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the activity log is append-only' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity
        FOR EACH ROW EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_change_append_only BEFORE UPDATE OR DELETE ON activity_change
        FOR EACH ROW EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_not_emptied BEFORE TRUNCATE ON activity
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_change_not_emptied BEFORE TRUNCATE ON activity_change
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_activity_change()
""",
            reverse_sql="""
    DROP TRIGGER activity_append_only ON activity;
    DROP TRIGGER activity_change_append_only ON activity_change;
    DROP TRIGGER activity_not_emptied ON activity;
    DROP TRIGGER activity_change_not_emptied ON activity_change;
    DROP FUNCTION refuse_activity_change()
""",
        ),
        ops.RunSQL(
            """
    CREATE FUNCTION refuse_unmask_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the log of unmaskings is append-only' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER unmask_log_append_only BEFORE UPDATE OR DELETE ON unmask_log
        FOR EACH ROW EXECUTE FUNCTION refuse_unmask_log_change();
    CREATE TRIGGER unmask_log_not_emptied BEFORE TRUNCATE ON unmask_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_unmask_log_change()
""",
            reverse_sql="""
    DROP TRIGGER unmask_log_append_only ON unmask_log;
    DROP TRIGGER unmask_log_not_emptied ON unmask_log;
    DROP FUNCTION refuse_unmask_log_change()
""",
        ),
        ops.RunSQL(
            "ALTER TABLE listing ALTER COLUMN channel_id SET (n_distinct = 2)",
            reverse_sql="ALTER TABLE listing ALTER COLUMN channel_id RESET (n_distinct)",
        ),
        ops.RunSQL(
            "ALTER TABLE product_search SET (toast_tuple_target = 8160)",
            reverse_sql="ALTER TABLE product_search RESET (toast_tuple_target)",
        ),
        ops.RunSQL(
            "CREATE INDEX product_search_keys ON product_search USING gin (keys) WITH (gin_pending_list_limit = 256)",
            reverse_sql="DROP INDEX product_search_keys",
        ),
        ops.RunSQL(
            "CREATE INDEX category_path ON category USING gin (path)",
            reverse_sql="DROP INDEX category_path",
        ),
        ops.RunSQL(
            "CREATE INDEX product_attributes ON product USING gin (attributes jsonb_path_ops)",
            reverse_sql="DROP INDEX product_attributes",
        ),
        ops.RunSQL(
            "CREATE INDEX variant_attributes ON variant USING gin (attributes jsonb_path_ops)",
            reverse_sql="DROP INDEX variant_attributes",
        ),
        ops.RunSQL(
            "CREATE INDEX product_tags ON product USING gin (tags)",
            reverse_sql="DROP INDEX product_tags",
        ),
        ops.RunSQL(
            "ALTER TABLE media_blob ALTER COLUMN content SET STORAGE EXTERNAL",
            reverse_sql="ALTER TABLE media_blob ALTER COLUMN content SET STORAGE EXTENDED",
        ),
        ops.RunSQL(
            "CREATE INDEX custody_unlinked ON custody (id) WHERE batch_id IS NULL",
            reverse_sql="DROP INDEX custody_unlinked",
        ),
        ops.RunSQL(
            "CREATE INDEX custody_linked ON custody (batch_id, id) WHERE batch_id IS NOT NULL",
            reverse_sql="DROP INDEX custody_linked",
        ),
        ops.RunSQL(
            "CREATE INDEX supplier_order_to_look_up ON supplier_order (next_look_at) WHERE next_look_at IS NOT NULL",
            reverse_sql="DROP INDEX supplier_order_to_look_up",
        ),
        ops.RunSQL(
            "CREATE INDEX supplier_order_to_review ON supplier_order (id) WHERE review_since IS NOT NULL",
            reverse_sql="DROP INDEX supplier_order_to_review",
        ),
        ops.RunSQL(
            """CREATE FUNCTION public_price_stays() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'public_price is only ever added to'; END $$""",
            reverse_sql="DROP FUNCTION public_price_stays()",
        ),
        ops.RunSQL(
            """CREATE TRIGGER public_price_stays BEFORE UPDATE ON public_price
           FOR EACH ROW EXECUTE FUNCTION public_price_stays()""",
            reverse_sql="DROP TRIGGER public_price_stays ON public_price",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX coupon_fingerprint ON coupon (fingerprint)",
            reverse_sql="DROP INDEX coupon_fingerprint",
        ),
        ops.RunSQL(
            "CREATE INDEX coupon_free ON coupon (batch_id, number) WHERE state = 'free'",
            reverse_sql="DROP INDEX coupon_free",
        ),
        ops.RunSQL(
            "CREATE INDEX coupon_gone ON coupon (batch_id, state) WHERE state <> 'free'",
            reverse_sql="DROP INDEX coupon_gone",
        ),
        ops.RunSQL(
            "CREATE INDEX coupon_of_party ON coupon (party_id, bound_at, id) WHERE party_id IS NOT NULL",
            reverse_sql="DROP INDEX coupon_of_party",
        ),
        ops.RunSQL(
            "CREATE INDEX coupon_of_order ON coupon (order_id) WHERE order_id IS NOT NULL",
            reverse_sql="DROP INDEX coupon_of_order",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX draw_seed_present ON draw_seed (campaign_id) WHERE succeeded_at IS NULL",
            reverse_sql="DROP INDEX draw_seed_present",
        ),
        ops.RunSQL(
            "CREATE INDEX draw_unlinked ON draw (campaign_id, id) WHERE batch IS NULL",
            reverse_sql="DROP INDEX draw_unlinked",
        ),
        ops.RunSQL(
            "CREATE INDEX draw_linked ON draw (campaign_id, batch, id) WHERE batch IS NOT NULL",
            reverse_sql="DROP INDEX draw_linked",
        ),
        ops.RunSQL(
            "INSERT INTO reader_slot (slot, version) SELECT n, 0 FROM generate_series(0, 63) AS n",
            reverse_sql="DELETE FROM reader_slot",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX reader_change_once ON reader_change (slot, version, channel_id, product_id) NULLS NOT DISTINCT",
            reverse_sql="DROP INDEX reader_change_once",
        ),
        ops.RunSQL(
            """
CREATE FUNCTION tell_readers(channels uuid[], products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mark text[] := string_to_array(nullif(current_setting('perkhub.told', true), ''), ':');
    mine int := mark[1]::int;
    at bigint := mark[2]::bigint;
    many int := coalesce(mark[3]::int, 0) + cardinality(products);
BEGIN
    IF mine IS NULL THEN
        SELECT s.slot INTO mine FROM reader_slot s ORDER BY s.slot LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
        mine := coalesce(mine, pg_backend_pid() % 64);
        UPDATE reader_slot s SET version = s.version + 1 WHERE s.slot = mine RETURNING s.version INTO at;
    END IF;
    PERFORM set_config('perkhub.told', mine || ':' || at || ':' || many, true);
    INSERT INTO reader_change (slot, version, channel_id, product_id)
    SELECT DISTINCT mine, at, t.channel, CASE WHEN many <= 500 THEN t.product END
    FROM unnest(channels, products) AS t(channel, product)
    ON CONFLICT DO NOTHING;
END $$
""",
            reverse_sql="DROP FUNCTION tell_readers",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_channel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.id, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_channel_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.id, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON channel REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_channel();
CREATE TRIGGER readers_deleted AFTER DELETE ON channel REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_channel();
CREATE TRIGGER readers_updated AFTER UPDATE ON channel REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_channel_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON channel;
DROP TRIGGER readers_deleted ON channel;
DROP TRIGGER readers_updated ON channel;
DROP FUNCTION tell_readers_of_channel;
DROP FUNCTION tell_readers_of_channel_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_attribute() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_attribute_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON attribute REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_attribute();
CREATE TRIGGER readers_deleted AFTER DELETE ON attribute REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_attribute();
CREATE TRIGGER readers_updated AFTER UPDATE ON attribute REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_attribute_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON attribute;
DROP TRIGGER readers_deleted ON attribute;
DROP TRIGGER readers_updated ON attribute;
DROP FUNCTION tell_readers_of_attribute;
DROP FUNCTION tell_readers_of_attribute_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_brand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_brand_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON brand REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand();
CREATE TRIGGER readers_deleted AFTER DELETE ON brand REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand();
CREATE TRIGGER readers_updated AFTER UPDATE ON brand REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON brand;
DROP TRIGGER readers_deleted ON brand;
DROP TRIGGER readers_updated ON brand;
DROP FUNCTION tell_readers_of_brand;
DROP FUNCTION tell_readers_of_brand_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_collection() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_collection_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON collection REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection();
CREATE TRIGGER readers_deleted AFTER DELETE ON collection REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection();
CREATE TRIGGER readers_updated AFTER UPDATE ON collection REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON collection;
DROP TRIGGER readers_deleted ON collection;
DROP TRIGGER readers_updated ON collection;
DROP FUNCTION tell_readers_of_collection;
DROP FUNCTION tell_readers_of_collection_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_collection_product() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_collection_product_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON collection_product REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection_product();
CREATE TRIGGER readers_deleted AFTER DELETE ON collection_product REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection_product();
CREATE TRIGGER readers_updated AFTER UPDATE ON collection_product REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_collection_product_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON collection_product;
DROP TRIGGER readers_deleted ON collection_product;
DROP TRIGGER readers_updated ON collection_product;
DROP FUNCTION tell_readers_of_collection_product;
DROP FUNCTION tell_readers_of_collection_product_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_category() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_category_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON category REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_category();
CREATE TRIGGER readers_deleted AFTER DELETE ON category REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_category();
CREATE TRIGGER readers_updated AFTER UPDATE ON category REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_category_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON category;
DROP TRIGGER readers_deleted ON category;
DROP TRIGGER readers_updated ON category;
DROP FUNCTION tell_readers_of_category;
DROP FUNCTION tell_readers_of_category_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_product() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_product_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON product REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product();
CREATE TRIGGER readers_deleted AFTER DELETE ON product REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product();
CREATE TRIGGER readers_updated AFTER UPDATE ON product REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON product;
DROP TRIGGER readers_deleted ON product;
DROP TRIGGER readers_updated ON product;
DROP FUNCTION tell_readers_of_product;
DROP FUNCTION tell_readers_of_product_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_product_category() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_product_category_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON product_category REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_category();
CREATE TRIGGER readers_deleted AFTER DELETE ON product_category REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_category();
CREATE TRIGGER readers_updated AFTER UPDATE ON product_category REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_category_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON product_category;
DROP TRIGGER readers_deleted ON product_category;
DROP TRIGGER readers_updated ON product_category;
DROP FUNCTION tell_readers_of_product_category;
DROP FUNCTION tell_readers_of_product_category_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_product_media() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_product_media_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON product_media REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_media();
CREATE TRIGGER readers_deleted AFTER DELETE ON product_media REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_media();
CREATE TRIGGER readers_updated AFTER UPDATE ON product_media REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_media_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON product_media;
DROP TRIGGER readers_deleted ON product_media;
DROP TRIGGER readers_updated ON product_media;
DROP FUNCTION tell_readers_of_product_media;
DROP FUNCTION tell_readers_of_product_media_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_brand_logo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_brand_logo_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON brand_logo REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand_logo();
CREATE TRIGGER readers_deleted AFTER DELETE ON brand_logo REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand_logo();
CREATE TRIGGER readers_updated AFTER UPDATE ON brand_logo REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_brand_logo_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON brand_logo;
DROP TRIGGER readers_deleted ON brand_logo;
DROP TRIGGER readers_updated ON brand_logo;
DROP FUNCTION tell_readers_of_brand_logo;
DROP FUNCTION tell_readers_of_brand_logo_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_image() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, m.product_id FROM changed c JOIN product_media m ON m.image_id = c.id UNION ALL SELECT NULL::uuid, NULL::uuid FROM changed c JOIN brand_logo b ON b.image_id = c.id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_image_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, m.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN product_media m ON m.image_id = c.id UNION ALL SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN brand_logo b ON b.image_id = c.id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON image REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image();
CREATE TRIGGER readers_deleted AFTER DELETE ON image REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image();
CREATE TRIGGER readers_updated AFTER UPDATE ON image REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON image;
DROP TRIGGER readers_deleted ON image;
DROP TRIGGER readers_updated ON image;
DROP FUNCTION tell_readers_of_image;
DROP FUNCTION tell_readers_of_image_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_image_rendition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, m.product_id FROM changed c JOIN product_media m ON m.image_id = c.image_id UNION ALL SELECT NULL::uuid, NULL::uuid FROM changed c JOIN brand_logo b ON b.image_id = c.image_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_image_rendition_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, m.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN product_media m ON m.image_id = c.image_id UNION ALL SELECT NULL::uuid, NULL::uuid FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN brand_logo b ON b.image_id = c.image_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON image_rendition REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image_rendition();
CREATE TRIGGER readers_deleted AFTER DELETE ON image_rendition REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image_rendition();
CREATE TRIGGER readers_updated AFTER UPDATE ON image_rendition REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_image_rendition_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON image_rendition;
DROP TRIGGER readers_deleted ON image_rendition;
DROP TRIGGER readers_updated ON image_rendition;
DROP FUNCTION tell_readers_of_image_rendition;
DROP FUNCTION tell_readers_of_image_rendition_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_product_search() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_product_search_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON product_search REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_search();
CREATE TRIGGER readers_deleted AFTER DELETE ON product_search REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_search();
CREATE TRIGGER readers_updated AFTER UPDATE ON product_search REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_product_search_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON product_search;
DROP TRIGGER readers_deleted ON product_search;
DROP TRIGGER readers_updated ON product_search;
DROP FUNCTION tell_readers_of_product_search;
DROP FUNCTION tell_readers_of_product_search_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_variant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_variant_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, c.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON variant REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_variant();
CREATE TRIGGER readers_deleted AFTER DELETE ON variant REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_variant();
CREATE TRIGGER readers_updated AFTER UPDATE ON variant REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_variant_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON variant;
DROP TRIGGER readers_deleted ON variant;
DROP TRIGGER readers_updated ON variant;
DROP FUNCTION tell_readers_of_variant;
DROP FUNCTION tell_readers_of_variant_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_listing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.channel_id, c.product_id FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_listing_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.channel_id, c.product_id FROM (SELECT NEW.*) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON listing REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_listing();
CREATE TRIGGER readers_deleted AFTER DELETE ON listing REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_listing();
CREATE TRIGGER readers_updated AFTER UPDATE ON listing FOR EACH ROW WHEN (OLD.taken = NEW.taken OR ((OLD.quota - OLD.taken) <= 0) IS DISTINCT FROM ((NEW.quota - NEW.taken) <= 0) OR ((OLD.quota - OLD.taken) <= 10) IS DISTINCT FROM ((NEW.quota - NEW.taken) <= 10)) EXECUTE FUNCTION tell_readers_of_listing_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON listing;
DROP TRIGGER readers_deleted ON listing;
DROP TRIGGER readers_updated ON listing;
DROP FUNCTION tell_readers_of_listing;
DROP FUNCTION tell_readers_of_listing_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_price_list() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.channel_id, NULL::uuid FROM changed c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_price_list_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT c.channel_id, NULL::uuid FROM (SELECT NEW.*) c) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON price_list REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_price_list();
CREATE TRIGGER readers_deleted AFTER DELETE ON price_list REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_price_list();
CREATE TRIGGER readers_updated AFTER UPDATE ON price_list FOR EACH ROW WHEN ((OLD.name, OLD.priority, OLD.starts_at, OLD.ends_at, OLD.archived_at) IS DISTINCT FROM (NEW.name, NEW.priority, NEW.starts_at, NEW.ends_at, NEW.archived_at)) EXECUTE FUNCTION tell_readers_of_price_list_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON price_list;
DROP TRIGGER readers_deleted ON price_list;
DROP TRIGGER readers_updated ON price_list;
DROP FUNCTION tell_readers_of_price_list;
DROP FUNCTION tell_readers_of_price_list_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_price_list_price() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT pl.channel_id, v.product_id FROM changed c JOIN price_list pl ON pl.id = c.list_id JOIN variant v ON v.id = c.variant_id WHERE pl.scope_kind = 'channel') AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_price_list_price_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT pl.channel_id, v.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN price_list pl ON pl.id = c.list_id JOIN variant v ON v.id = c.variant_id WHERE pl.scope_kind = 'channel') AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON price_list_price REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_price_list_price();
CREATE TRIGGER readers_deleted AFTER DELETE ON price_list_price REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_price_list_price();
CREATE TRIGGER readers_updated AFTER UPDATE ON price_list_price REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_price_list_price_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON price_list_price;
DROP TRIGGER readers_deleted ON price_list_price;
DROP TRIGGER readers_updated ON price_list_price;
DROP FUNCTION tell_readers_of_price_list_price;
DROP FUNCTION tell_readers_of_price_list_price_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_public_price() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT l.channel_id, l.product_id FROM changed c JOIN listing l ON l.id = c.listing_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_public_price_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT l.channel_id, l.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN listing l ON l.id = c.listing_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON public_price REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_public_price();
CREATE TRIGGER readers_deleted AFTER DELETE ON public_price REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_public_price();
CREATE TRIGGER readers_updated AFTER UPDATE ON public_price REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_public_price_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON public_price;
DROP TRIGGER readers_deleted ON public_price;
DROP TRIGGER readers_updated ON public_price;
DROP FUNCTION tell_readers_of_public_price;
DROP FUNCTION tell_readers_of_public_price_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_stock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM changed c JOIN variant v ON v.id = c.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_stock_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM (SELECT NEW.*) c JOIN variant v ON v.id = c.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON stock REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_stock();
CREATE TRIGGER readers_deleted AFTER DELETE ON stock REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_stock();
CREATE TRIGGER readers_updated AFTER UPDATE ON stock FOR EACH ROW WHEN (((OLD.available - OLD.held) <= 0) IS DISTINCT FROM ((NEW.available - NEW.held) <= 0) OR ((OLD.available - OLD.held) <= 10) IS DISTINCT FROM ((NEW.available - NEW.held) <= 10)) EXECUTE FUNCTION tell_readers_of_stock_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON stock;
DROP TRIGGER readers_deleted ON stock;
DROP TRIGGER readers_updated ON stock;
DROP FUNCTION tell_readers_of_stock;
DROP FUNCTION tell_readers_of_stock_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_supplier_offer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM changed c JOIN variant v ON v.id = c.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_supplier_offer_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM (SELECT * FROM changed UNION ALL SELECT * FROM before) c JOIN variant v ON v.id = c.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON supplier_offer REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_supplier_offer();
CREATE TRIGGER readers_deleted AFTER DELETE ON supplier_offer REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_supplier_offer();
CREATE TRIGGER readers_updated AFTER UPDATE ON supplier_offer REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_supplier_offer_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON supplier_offer;
DROP TRIGGER readers_deleted ON supplier_offer;
DROP TRIGGER readers_updated ON supplier_offer;
DROP FUNCTION tell_readers_of_supplier_offer;
DROP FUNCTION tell_readers_of_supplier_offer_update
""",
        ),
        ops.RunSQL(
            """CREATE FUNCTION tell_readers_of_supplier_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM changed c JOIN supplier_offer o ON o.account_id = c.id JOIN variant v ON v.id = o.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_readers_of_supplier_account_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))
    FROM (SELECT DISTINCT * FROM (SELECT NULL::uuid, v.product_id FROM (SELECT NEW.*) c JOIN supplier_offer o ON o.account_id = c.id JOIN variant v ON v.id = o.variant_id) AS found(channel, product)) AS t HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER readers_inserted AFTER INSERT ON supplier_account REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_supplier_account();
CREATE TRIGGER readers_deleted AFTER DELETE ON supplier_account REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_readers_of_supplier_account();
CREATE TRIGGER readers_updated AFTER UPDATE ON supplier_account FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_readers_of_supplier_account_update()
""",
            reverse_sql="""DROP TRIGGER readers_inserted ON supplier_account;
DROP TRIGGER readers_deleted ON supplier_account;
DROP TRIGGER readers_updated ON supplier_account;
DROP FUNCTION tell_readers_of_supplier_account;
DROP FUNCTION tell_readers_of_supplier_account_update
""",
        ),
    ]
