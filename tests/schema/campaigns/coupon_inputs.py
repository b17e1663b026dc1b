"""What the fields of coupons are given."""

from uuid import UUID

from perkhub.campaigns import Campaign
from perkhub.campaigns.coupons import make_batch, request_batch, request_coupon_export
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.couponed import codes_of, couponed
from tests.factories import Person, Shop
from tests.schema.making import Given, Making, also, as_id

_shop = Shop()


async def a_campaign() -> Campaign:
    return await couponed(await _shop.variant(), claimable=True)


async def a_batch() -> UUID:
    campaign = await a_campaign()
    batch = (await transact(lambda tx: request_batch(tx, new_id(), campaign.id, quantity=2))).id
    await make_batch(batch)
    return batch


async def campaign_id(_: Person) -> Given:
    return {"campaignId": global_id(Kind.CAMPAIGN, (await a_campaign()).id)}


async def claimable_id(_: Person) -> Given:
    campaign = await a_campaign()
    batch = (await transact(lambda tx: request_batch(tx, new_id(), campaign.id, quantity=2))).id
    await make_batch(batch)
    return {"campaignId": global_id(Kind.CAMPAIGN, campaign.id)}


async def batch_id(_: Person) -> Given:
    return {"batchId": global_id(Kind.COUPON_BATCH, await a_batch())}


async def code(_: Person) -> Given:
    return {"code": (await codes_of(await a_batch()))[0]}


async def export_id(by: Person) -> Given:
    batch = await a_batch()
    actor = by.identity.actor
    asked = await transact(lambda tx: request_coupon_export(tx, new_id(), batch, actor=actor))
    return {"id": global_id(Kind.COUPON_EXPORT, asked)}


COUPONS: dict[str, Making] = {
    "Query.couponBatch": as_id(batch_id),
    "Query.couponBatches": campaign_id,
    "Query.couponExport": export_id,
    "Mutation.couponBatchCreate": also(campaign_id, quantity=2),
    "Mutation.couponBatchExport": batch_id,
    "Mutation.couponBatchVoid": batch_id,
    "Mutation.couponVoid": code,
    "Mutation.couponBind": code,
    "Mutation.couponClaim": claimable_id,
}
