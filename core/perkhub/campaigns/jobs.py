"""What campaigns do in the background. Nothing that a buyer waits for: windows, limits and draws need no job."""

from functools import cache
from uuid import UUID

from perkhub.campaigns.coupons import EXPORT, MAKE, make_batch, run_coupon_export
from perkhub.campaigns.draws import link_all_draws, retire_seeds
from perkhub.kit.jobs import Context, every, job


@cache
def register_campaign_jobs() -> None:
    """Register them, once."""
    job(MAKE)(_make_coupons)
    job(EXPORT)(_export_coupons)
    every(seconds=5, name="campaigns.link_draws")(_link_draws)
    every(seconds=60, name="campaigns.retire_seeds")(_retire_seeds)


async def _make_coupons(_: Context, batch_id: UUID) -> None:
    await make_batch(batch_id)


async def _export_coupons(_: Context, export_id: UUID) -> None:
    await run_coupon_export(export_id)


async def _link_draws() -> None:
    await link_all_draws()


async def _retire_seeds() -> None:
    await retire_seeds()
