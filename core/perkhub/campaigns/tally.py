"""What happens around a campaign and is no order's: looks at it, and buyers turned away. Counted in this process, and written
together every second, so that a rush of refusals costs no statement each; a process that dies takes its last second along.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from perkhub.campaigns.errors import CampaignRefusal, CampaignRefused
from perkhub.kit.db import Transaction, rows, transact
from perkhub.kit.logging import get_logger
from perkhub.kit.redaction import told

log = get_logger(__name__)

VIEWS = "VIEWS"
WRITE_AFTER_SECONDS = 1.0

ADD = """
    INSERT INTO campaign_tally AS t (campaign_id, name, count)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS w(campaign_id, name, count) ORDER BY 1, 2
    ON CONFLICT (campaign_id, name) DO UPDATE SET count = t.count + excluded.count
"""
TALLIES = "SELECT campaign_id, name, count FROM campaign_tally WHERE campaign_id = ANY($1)"


class _Noted:
    counts: Counter[tuple[UUID, str]] = Counter()
    writing: asyncio.Task[None] | None = None


def note_view(campaign: UUID) -> None:
    """Somebody looked at it."""
    _note(campaign, VIEWS)


def note_refusal(campaign: UUID, refusal: CampaignRefusal) -> None:
    """Somebody was turned away: by the error's code, or by the mechanic's own reason."""
    _note(campaign, refusal.data["reason"] if isinstance(refusal, CampaignRefused) else refusal.code)


async def tallies_of(campaigns: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """By campaign and name; what this process has noted and not written yet included."""
    found: dict[UUID, dict[str, int]] = {}
    for row in await rows(TALLIES, list(campaigns)):
        found.setdefault(row["campaign_id"], {})[row["name"]] = row["count"]
    for (campaign, name), count in _Noted.counts.items():
        if campaign in campaigns:
            of = found.setdefault(campaign, {})
            of[name] = of.get(name, 0) + count
    return found


async def write_tallies() -> None:
    """Write what was noted; what cannot be written now is noted again."""
    noted, _Noted.counts = _Noted.counts, Counter()
    if not noted:
        return

    async def work(tx: Transaction) -> None:
        await tx.execute(ADD, [one for one, _ in noted], [name for _, name in noted], list(noted.values()))

    try:
        await transact(work)
    except Exception as fault:  # a count is never worth a failure of anything else
        log.warning("tallies were not written", error=told(fault))
        _Noted.counts.update(noted)


async def close_tallies() -> None:
    """At the end of a process: write at once."""
    if _Noted.writing is not None:
        _Noted.writing.cancel()
        with suppress(asyncio.CancelledError):
            await _Noted.writing
        _Noted.writing = None
    await write_tallies()


def forget_tallies() -> None:
    """Write nothing of what was noted: between tests."""
    if _Noted.writing is not None:
        _Noted.writing.cancel()
    _Noted.writing, _Noted.counts = None, Counter()


def _note(campaign: UUID, name: str) -> None:
    _Noted.counts[campaign, name] += 1
    if _Noted.writing is None or _Noted.writing.done():
        _Noted.writing = asyncio.create_task(_write_soon())


async def _write_soon() -> None:
    await asyncio.sleep(WRITE_AFTER_SECONDS)
    await write_tallies()
