"""The whole schema: every part's queries, mutations and subscriptions put together, guarded and limited."""

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from perkhub_schema.accounts.customer_group_mutations import CustomerGroupMutations
from perkhub_schema.accounts.customer_groups import CustomerGroupQueries
from perkhub_schema.accounts.customer_mutations import CustomerMutations
from perkhub_schema.accounts.identity_provider_mutations import IdentityProviderMutations
from perkhub_schema.accounts.identity_providers import IdentityProviderQueries
from perkhub_schema.accounts.links import LinkMutations
from perkhub_schema.accounts.machine_clients import MachineQueries
from perkhub_schema.accounts.machine_mutations import MachineMutations
from perkhub_schema.accounts.organisation_members import OrganisationMemberMutations
from perkhub_schema.accounts.organisation_mutations import OrganisationStaffMutations
from perkhub_schema.accounts.organisation_queries import OrganisationQueries
from perkhub_schema.accounts.personal_data import PersonalDataMutations, PersonalDataQueries
from perkhub_schema.accounts.queries import AccountQueries
from perkhub_schema.accounts.sessions import SessionMutations
from perkhub_schema.accounts.staff_mutations import StaffMutations
from perkhub_schema.accounts.trusted_issuer_mutations import TrustedIssuerMutations
from perkhub_schema.accounts.trusted_issuers import TrustedIssuerQueries
from perkhub_schema.accounts.wallet_mutations import WalletMutations
from perkhub_schema.activity import ActivityQueries
from perkhub_schema.bulk.mutations import ProductBulkMutations
from perkhub_schema.bulk.queries import SheetQueries
from perkhub_schema.bulk.sheet_mutations import SheetMutations
from perkhub_schema.campaigns.admission import AdmissionQueries
from perkhub_schema.campaigns.bargains import BargainMutations, BargainQueries
from perkhub_schema.campaigns.circles import CircleQueries
from perkhub_schema.campaigns.coupon_batches import CouponQueries
from perkhub_schema.campaigns.coupon_mutations import CouponBatchMutations
from perkhub_schema.campaigns.coupons import CouponMutations
from perkhub_schema.campaigns.fairness import DrawMutations, DrawQueries, DrawSubscriptions
from perkhub_schema.campaigns.kinds import CAMPAIGN_TYPES
from perkhub_schema.campaigns.live import CampaignSubscriptions
from perkhub_schema.campaigns.mutations import CampaignMutations
from perkhub_schema.campaigns.progress import BargainSubscriptions, CircleSubscriptions
from perkhub_schema.campaigns.queries import CampaignQueries
from perkhub_schema.campaigns.simulation import SimulationMutations
from perkhub_schema.catalog.attribute_mutations import AttributeMutations, AttributeQueries
from perkhub_schema.catalog.brands import BrandMutations
from perkhub_schema.catalog.category_mutations import CategoryMutations
from perkhub_schema.catalog.collection_mutations import CollectionMutations
from perkhub_schema.catalog.collections import CollectionQueries
from perkhub_schema.catalog.facets import FacetQueries
from perkhub_schema.catalog.lookups import CatalogLookups
from perkhub_schema.catalog.mutations import CatalogMutations
from perkhub_schema.catalog.queries import CatalogQueries
from perkhub_schema.catalog.variants import VariantMutations
from perkhub_schema.channels.mutations import ChannelMutations, ChannelQueries
from perkhub_schema.graphql.access import refuse_unguarded
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.conversion import convert_by_plans
from perkhub_schema.graphql.described import describe
from perkhub_schema.graphql.errors import ERROR_TYPES
from perkhub_schema.graphql.masking import ToldErrors
from perkhub_schema.graphql.money import configured_scalars
from perkhub_schema.graphql.prepared import PreparedOperations
from perkhub_schema.graphql.stages import Stages
from perkhub_schema.jobs import JobMutations, JobQueries
from perkhub_schema.media.mutations import MediaMutations
from perkhub_schema.node import NodeQueries
from perkhub_schema.orders.mutations import OrderMutations
from perkhub_schema.orders.queries import OrderQueries, OrderSubscriptions
from perkhub_schema.payments.mutations import PaymentMutations
from perkhub_schema.payments.queries import PaymentQueries
from perkhub_schema.plugins import PluginQueries
from perkhub_schema.pricing.list_mutations import PriceListMutations
from perkhub_schema.pricing.listings import ListingMutations
from perkhub_schema.pricing.lists import PriceListQueries
from perkhub_schema.reads.execution import PartExecutor
from perkhub_schema.suppliers.mutations import SupplierMutations
from perkhub_schema.suppliers.queries import SupplierQueries
from perkhub_schema.suppliers.statements import StatementMutations, StatementQueries
from perkhub_schema.vault.mutations import VaultMutations
from perkhub_schema.vault.queries import VaultQueries

QUERIES = (
    AccountQueries,
    CustomerGroupQueries,
    MachineQueries,
    OrganisationQueries,
    TrustedIssuerQueries,
    PersonalDataQueries,
    IdentityProviderQueries,
    OrderQueries,
    CatalogQueries,
    CatalogLookups,
    FacetQueries,
    AttributeQueries,
    CollectionQueries,
    SheetQueries,
    ChannelQueries,
    PriceListQueries,
    CampaignQueries,
    AdmissionQueries,
    BargainQueries,
    CircleQueries,
    CouponQueries,
    DrawQueries,
    PaymentQueries,
    VaultQueries,
    SupplierQueries,
    StatementQueries,
    JobQueries,
    PluginQueries,
    ActivityQueries,
    NodeQueries,
)
MUTATIONS = (
    SessionMutations,
    CustomerMutations,
    WalletMutations,
    CustomerGroupMutations,
    OrganisationStaffMutations,
    PersonalDataMutations,
    OrganisationMemberMutations,
    StaffMutations,
    MachineMutations,
    TrustedIssuerMutations,
    IdentityProviderMutations,
    LinkMutations,
    OrderMutations,
    CatalogMutations,
    VariantMutations,
    ProductBulkMutations,
    SheetMutations,
    AttributeMutations,
    BrandMutations,
    CategoryMutations,
    CollectionMutations,
    ChannelMutations,
    MediaMutations,
    ListingMutations,
    PriceListMutations,
    CampaignMutations,
    BargainMutations,
    DrawMutations,
    SimulationMutations,
    CouponBatchMutations,
    CouponMutations,
    PaymentMutations,
    VaultMutations,
    SupplierMutations,
    StatementMutations,
    JobMutations,
)
SUBSCRIPTIONS = (OrderSubscriptions, CampaignSubscriptions, CircleSubscriptions, BargainSubscriptions, DrawSubscriptions)
Query = merge_types("Query", QUERIES)
Mutation = merge_types("Mutation", MUTATIONS)


Subscription = merge_types("Subscription", SUBSCRIPTIONS)


class HouseSchema(strawberry.Schema):
    """Strawberry's schema, silent: it would log every error with its query; `ToldErrors` logs what nobody expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: see above."""

    def create_extensions_runner(self, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> Stages:
        """Ours."""
        return Stages(execution_context, extensions)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """One answer; a subscription has many, and needs a transport that can carry them."""
        allowed = set(kwargs.get("allowed_operation_types") or OperationType) - {OperationType.SUBSCRIPTION}
        return await super().execute(*args, **{**kwargs, "allowed_operation_types": allowed})

    async def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Answers over a connection that stays open, where each operation is asked for anew."""
        context: Context = kwargs["context_value"]
        return await super().stream(*args, **{**kwargs, "context_value": await context.for_operation()})


schema = HouseSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=configured_scalars(),
    extensions=[ToldErrors, PreparedOperations],  # the first is the outermost: errors are told last
    types=[*ERROR_TYPES, *CAMPAIGN_TYPES],
    execution_context_class=PartExecutor,
)
describe(schema._schema)
convert_by_plans(schema)
refuse_unguarded(schema._schema)
