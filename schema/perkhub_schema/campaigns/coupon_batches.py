"""Batches of coupon codes and their exports, as operators follow them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns import campaign_by_id
from perkhub.campaigns.coupons import (
    CouponBatch,
    CouponBatchState,
    CouponCounts,
    CouponExport,
    CouponExportState,
    batches_by_ids,
    batches_of,
    counts_of,
    list_coupon_exports,
    read_coupon_export,
)
from perkhub_schema.campaigns.types import CampaignType, campaign_of
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.exported import ExportNode
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

BatchStateEnum = described(
    CouponBatchState,
    "How far a batch of coupon codes is.",
    {
        CouponBatchState.MAKING: "A worker makes its codes, or will; those that are made count already.",
        CouponBatchState.READY: "All of its codes are made.",
        CouponBatchState.VOID: "An operator took it back: none of its coupons counts, but for those that orders have used.",
    },
)
described(
    CouponExportState,
    "How far an export of coupon codes is.",
    {
        CouponExportState.QUEUED: "A worker writes it, or will.",
        CouponExportState.DONE: "Its file is there until `expiresAt`.",
    },
)


async def load_counts(batches: Sequence[CouponBatch]) -> list[CouponCounts]:
    """How the codes of batches stand."""
    found = await counts_of(batches)
    return [found[batch.id] for batch in batches]


@strawberry.type(name="CouponCounts", description="How the codes stand that were made. A void batch keeps its counts.")
class CouponCountsType:
    free: int = strawberry.field(description="Nobody has them.")
    bound: int = strawberry.field(description="Somebody has them, and no order has used them.")
    used: int = strawberry.field(description="Used by an order.")
    void: int = strawberry.field(description="Taken back one by one.")


@strawberry.type(name="CouponBatch", description="So many coupon codes of a campaign, made together.")
class CouponBatchType(Node):
    batch: strawberry.Private[CouponBatch]

    @strawberry.field(description="Which campaign's.")
    async def campaign(self, info: Info) -> Annotated["CampaignType", strawberry.lazy("perkhub_schema.campaigns.types")] | None:
        return await campaign_of(info, self.batch.campaign_id)

    @strawberry.field(description="What operators call it.")
    def name(self) -> str:
        return self.batch.name

    @strawberry.field(description="How far it is.")
    def state(self) -> BatchStateEnum:  # type: ignore[valid-type]
        return self.batch.state

    @strawberry.field(description="How many codes were asked for.")
    def quantity(self) -> int:
        return self.batch.quantity

    @strawberry.field(description="How many of them are made by now.")
    def made(self) -> int:
        return self.batch.made

    @strawberry.field(description="How they stand.")
    async def counts(self, info: Info) -> CouponCountsType:
        found: CouponCounts = await info.context.loader(load_counts).load(self.batch)
        return CouponCountsType(free=found.free, bound=found.bound, used=found.used, void=found.void)

    @strawberry.field(description="When it was asked for.")
    def created_at(self) -> datetime:
        return self.batch.created_at


@strawberry.type(
    name="CouponExport",
    description="One export of a batch's codes that nobody has yet, one a line. It is its requester's.",
)
class CouponExportType(ExportNode):
    view: strawberry.Private[CouponExport]

    @strawberry.field(description="Of which batch.")
    def batch_id(self) -> strawberry.ID:
        return global_id(Kind.COUPON_BATCH, self.view.batch_id)

    @strawberry.field(description="How far it is.")
    def state(self) -> CouponExportState:
        return self.view.state

    @strawberry.field(description="Codes written so far.")
    def codes(self) -> int:
        return self.view.codes


def to_batch(batch: CouponBatch) -> CouponBatchType:
    """The batch on the wire."""
    return CouponBatchType(id=global_id(Kind.COUPON_BATCH, batch.id), batch=batch)


def to_coupon_export(view: CouponExport) -> CouponExportType:
    """The export on the wire."""
    return CouponExportType(id=global_id(Kind.COUPON_EXPORT, view.id), view=view)


@strawberry.type
class CouponQueries:
    @query(requires(Permission.READ_CAMPAIGNS), "A batch of coupon codes; null when there is none.")
    async def coupon_batch(self, id: strawberry.ID) -> CouponBatchType | None:
        found = await batches_by_ids([local_id(Kind.COUPON_BATCH, id, "id")])
        return to_batch(found[0]) if found else None

    @query(requires(Permission.READ_CAMPAIGNS), "A campaign's batches of coupon codes, newest first.")
    async def coupon_batches(
        self,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")],
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[CouponBatchType]:
        campaign, before = local_id(Kind.CAMPAIGN, campaign_id, "campaignId"), cursor_id(after)
        await campaign_by_id(campaign)
        return await connect(
            first,
            after,
            read=lambda limit: batches_of(campaign, before=before, limit=limit),
            to_node=to_batch,
            to_cursor=lambda batch: batch.id.hex,
        )

    @query(requires(Permission.MANAGE_CAMPAIGNS), "An export of coupon codes of yours; null when there is none.")
    async def coupon_export(self, info: Info, id: strawberry.ID) -> CouponExportType | None:
        key = local_id(Kind.COUPON_EXPORT, id, "id")
        found = await read_coupon_export(key, actor=info.context.identity.actor)
        return None if found is None else to_coupon_export(found)

    @query(requires(Permission.MANAGE_CAMPAIGNS), "Your exports of coupon codes, newest first.")
    async def coupon_exports(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[CouponExportType]:
        before, actor = cursor_id(after), info.context.identity.actor
        return await connect(
            first,
            after,
            read=lambda limit: list_coupon_exports(actor, before=before, limit=limit),
            to_node=to_coupon_export,
            to_cursor=lambda view: view.id.hex,
        )
