"""Keeping coupon codes: made by the million, exported, taken back. Each of these stands in the activity log."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns import request_coupons
from perkhub.campaigns.coupons import (
    batches_by_ids,
    read_coupon_export,
    request_coupon_export,
    void_batch,
    void_coupon,
)
from perkhub.kit.db import Transaction, transact
from perkhub.kit.idempotency import once
from perkhub_schema.campaigns.coupon_batches import CouponBatchType, CouponExportType, to_batch, to_coupon_export
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import NEVER_KEPT, TOLD
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint

CAMPAIGNS = requires(Permission.MANAGE_CAMPAIGNS)


@strawberry.input(description="So many codes for a campaign.")
class CouponBatchCreateInput:
    idempotency_key: str = strawberry.field(description="New for each batch, the same for each repetition of the request.")
    campaign_id: strawberry.ID = strawberry.field(description="A campaign in which buyers take part by code; a draft too.")
    quantity: int = strawberry.field(description="1 to 5,000,000.")
    name: str = strawberry.field(
        default="", description='What operators call it: "Flyers of May"; at most 80 characters.', metadata=TOLD
    )


@strawberry.input(description="Which batch's codes go out.")
class CouponBatchExportInput:
    idempotency_key: str = strawberry.field(description="New for each export, the same for each repetition of the request.")
    batch_id: strawberry.ID = strawberry.field(description="Which batch.")


@strawberry.input(description="A batch to be taken back.")
class CouponBatchVoidInput:
    batch_id: strawberry.ID = strawberry.field(description="Which batch.")


@strawberry.input(description="A single coupon to be taken back.")
class CouponVoidInput:
    code: str = strawberry.field(description="Its code, as a customer told it, or as it is printed.", metadata=NEVER_KEPT)


@strawberry.type(description="The batch after the change.")
class CouponBatchPayload:
    batch: CouponBatchType | None = strawberry.field(default=None, description="The batch as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The accepted export; a worker carries it out.")
class CouponExportPayload:
    coupon_export: CouponExportType | None = strawberry.field(default=None, description="The export as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(
    CAMPAIGNS, "Make a batch of coupon codes: a worker does it, at a million in half a minute. Follow it with `couponBatch`."
)
async def coupon_batch_create(info: Info, input: CouponBatchCreateInput) -> CouponBatchPayload:
    campaign = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")

    async def work(tx: Transaction, batch: UUID) -> UUID:
        return (await request_coupons(tx, batch, campaign, quantity=input.quantity, name=input.name)).id

    actor, request = info.context.identity.actor, fingerprint(input)
    batch = await once(actor, "couponBatchCreate", key=input.idempotency_key, request=request, work=work, replay=_made)
    return await _as_it_stands(batch)


@mutation(
    CAMPAIGNS,
    "Write the codes of a batch that nobody has yet to a file, for printing and sending. Follow it with `couponExport`.",
)
async def coupon_batch_export(info: Info, input: CouponBatchExportInput) -> CouponExportPayload:
    batch, actor = local_id(Kind.COUPON_BATCH, input.batch_id, "batchId"), info.context.identity.actor

    async def work(tx: Transaction, export: UUID) -> UUID:
        return await request_coupon_export(tx, export, batch, actor=actor)

    request = fingerprint(input)
    made = await once(actor, "couponBatchExport", key=input.idempotency_key, request=request, work=work, replay=_made)
    accepted = await read_coupon_export(made, actor=actor)
    return CouponExportPayload(coupon_export=None if accepted is None else to_coupon_export(accepted))


@mutation(
    CAMPAIGNS,
    "Take a batch back, for good: no order may use one of its coupons any more, whoever has it, and no more are made. What "
    "orders have used stays used.",
)
async def coupon_batch_void(info: Info, input: CouponBatchVoidInput) -> CouponBatchPayload:
    batch = local_id(Kind.COUPON_BATCH, input.batch_id, "batchId")
    return CouponBatchPayload(batch=to_batch(await transact(lambda tx: void_batch(tx, batch))))


@mutation(CAMPAIGNS, "Take a single coupon back, for good; one that an order has used is refused. Answers with its batch.")
async def coupon_void(info: Info, input: CouponVoidInput) -> CouponBatchPayload:
    coupon = await transact(lambda tx: void_coupon(tx, input.code))
    return await _as_it_stands(coupon.batch_id)


async def _as_it_stands(batch: UUID) -> CouponBatchPayload:
    [found] = await batches_by_ids([batch])
    return CouponBatchPayload(batch=to_batch(found))


async def _made(result: UUID) -> UUID:
    return result


@strawberry.type
class CouponBatchMutations:
    coupon_batch_create = coupon_batch_create
    coupon_batch_export = coupon_batch_export
    coupon_batch_void = coupon_batch_void
    coupon_void = coupon_void
