"""Whether a campaign may be published: what its mechanic knows against it, and what the house does."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.draft import Checked, config_path
from perkhub.campaigns.errors import CampaignInvalid
from perkhub.catalog import Offered, offers
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.money import exponent
from perkhub.plugin.mechanic import OnSale, Problem, Terms
from perkhub.suppliers import obtainable_variants
from perkhub.vault import stock_of

UNNAMED = UUID(int=0)
HANDED_OUT = """
    SELECT v.id, CASE WHEN v.face_currency = $2 THEN coalesce(v.face_value, v.face_least) END AS face_value,
           (SELECT min(l.unit_price) FROM listing l JOIN channel c ON c.id = l.channel_id
            WHERE l.variant_id = v.id AND c.currency = $2) AS list_price
    FROM variant v JOIN product p ON p.id = v.product_id
    WHERE v.id = ANY($1) AND v.archived_at IS NULL AND p.archived_at IS NULL
"""


async def refuse_unpublishable(found: Checked, campaign: UUID | None = None) -> None:
    """Go on with a campaign that may be published as it is.

    Raises:
        CampaignInvalid: the first of its faults.
        MechanicBroken.
    """
    for fault in await faults_of(found, campaign):
        raise fault


async def faults_of(found: Checked, campaign: UUID | None = None) -> list[CampaignInvalid]:
    """Everything that speaks against publishing it.

    Raises:
        MechanicBroken.
    """
    draft = found.draft
    at = max(now(), draft.starts_at)
    variants = found.working.variants()
    listed = [await offers(channel.id, sorted(variants or ()), at=at) for channel in found.channels]
    terms = Terms(
        campaign=campaign or UNNAMED,
        currency=found.currency,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        regions=frozenset(region for channel in found.channels for region in channel.regions),
        zone=found.channels[0].zone,
        exponent=exponent(found.currency),
    )
    on_sale = await _on_sale(variants or frozenset(), listed)
    odds = found.working.odds()
    if odds is not None:
        on_sale |= await _handed_out({prize.variant for prize in odds.prizes} - on_sale.keys(), found.currency)
    problems = found.working.problems(terms, on_sale)
    return [
        *_odd_window(draft.ends_at),
        *(_told(found.working.key, problem) for problem in problems),
        *_unlisted(variants or frozenset(), listed, problems),
    ]


async def _on_sale(variants: frozenset[UUID], listed: list[dict[UUID, Offered]]) -> dict[UUID, OnSale]:
    """What all its channels sell, at the lowest of their prices."""
    everywhere = [one for one in sorted(variants) if all(one in offered for offered in listed)]
    stock = await stock_of(everywhere)
    obtainable = await obtainable_variants(everywhere)
    return {
        one: OnSale(
            variant=one,
            list_price=min(offered[one].unit_price for offered in listed),
            face_value=listed[0][one].face.value,
            in_stock=None if one in obtainable else stock[one].free,
        )
        for one in everywhere
    }


async def _handed_out(variants: set[UUID], currency: str) -> dict[UUID, OnSale]:
    """What is drawn and need not be listed: what it is worth by its face value."""
    rows = await db.rows(HANDED_OUT, sorted(variants), currency)
    found = [row["id"] for row in rows]
    stock, obtainable = await stock_of(found), await obtainable_variants(found)
    return {
        row["id"]: OnSale(
            variant=row["id"],
            list_price=row["list_price"],
            face_value=row["face_value"],
            in_stock=None if row["id"] in obtainable else stock[row["id"]].free,
        )
        for row in rows
    }


def _odd_window(ends_at: datetime) -> Iterator[CampaignInvalid]:
    if ends_at <= now():
        reason, reason_zh = "Its window is over already.", "活动时间已过。"
        yield CampaignInvalid(path=("endsAt",), reason=reason, reason_zh=reason_zh)


def _told(mechanic: str, problem: Problem) -> CampaignInvalid:
    path = config_path(mechanic, *problem.path)
    return CampaignInvalid(path=path, reason=problem.text.en, reason_zh=problem.text.zh, rule=problem.rule)


def _unlisted(
    variants: frozenset[UUID], listed: list[dict[UUID, Offered]], problems: list[Problem]
) -> Iterator[CampaignInvalid]:
    """A mechanic tells it better, at the setting; where it does not, the house does."""
    if not problems and any(one not in offered for one in variants for offered in listed):
        reason, reason_zh = "Not all of its channels sell what it is about.", "活动商品未在所有所选渠道上架。"
        yield CampaignInvalid(path=("channelIds",), reason=reason, reason_zh=reason_zh)
