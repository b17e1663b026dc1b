"""What a change of settings means for what is claimed already. Claims and what they give back are `reserve`'s."""

from uuid import UUID

from perkhub.campaigns.draft import config_path
from perkhub.campaigns.errors import CampaignInvalid
from perkhub.campaigns.models import EVERYBODY
from perkhub.campaigns.sql import FOLLOW_VERSION, LOCK_SHARED, SET_CEILINGS
from perkhub.campaigns.working import Working
from perkhub.kit.db import Transaction


async def refuse_below_claimed(tx: Transaction, campaign: UUID, working: Working) -> None:
    """Let these ceilings hold, or refuse those below what is claimed; no claim passes until this transaction ends.

    Raises:
        CampaignInvalid: with the path of the setting.
        MechanicBroken.
    """
    ceilings = working.ceilings()
    most = [ceiling.most for ceiling in ceilings.values()]
    # What is there is locked first, in the order of claims.
    await tx.rows(LOCK_SHARED, campaign, EVERYBODY)
    await tx.execute(SET_CEILINGS, campaign, EVERYBODY, list(ceilings), most)
    for row in await tx.rows(LOCK_SHARED, campaign, EVERYBODY):
        ceiling = ceilings.get(row["name"])
        if ceiling is not None and ceiling.most < row["value"]:
            reason = f"At least {row['value']}, which are held or sold already."
            reason_zh = f"不能小于已占用或售出的 {row['value']}。"
            raise CampaignInvalid(path=config_path(working.key, *ceiling.path), reason=reason, reason_zh=reason_zh)


async def follow_version(tx: Transaction, campaign: UUID, version: int) -> None:
    """Whoever still claims by settings of before is refused, and reads again."""
    await tx.execute(FOLLOW_VERSION, campaign, EVERYBODY, version)
