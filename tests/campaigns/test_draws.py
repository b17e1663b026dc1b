"""Draws in the database: exact under any crowd, the same when tried again, and each found in the log as it was made."""

import asyncio
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import orjson
import pytest

from perkhub.campaigns.draws import draw as drawing
from perkhub.campaigns.draws import draw_seeds, fair, link_draws, retire_seed, retire_seeds, rotate_seed, verify_draws
from perkhub.campaigns.draws.draw import Boxes, draw_units
from perkhub.campaigns.errors import CampaignOver
from perkhub.kit import db
from perkhub.kit.db import transact, transaction
from perkhub.kit.ids import new_id
from tests.campaigns.boxes import MONTH, committed, draw, exported, odds

pytestmark = pytest.mark.usefixtures("database", "opened_keys")


async def given_of(campaign: UUID) -> dict[str, int]:
    rows = await db.rows("SELECT key, given FROM draw_prize WHERE campaign_id = $1", campaign)
    return {row["key"]: row["given"] for row in rows}


async def test_a_draw_is_what_the_seed_says():
    campaign, buyer = await committed(), new_id()
    found = [unit for _ in range(5) for unit in await draw(campaign, buyer, 2)]
    await transact(lambda tx: retire_seed(tx, campaign))
    [seed] = await draw_seeds(campaign)
    assert seed.seed is not None
    plain, table = bytes.fromhex(seed.seed), fair.table_from(orjson.loads(seed.odds))
    assert fair.commitment(plain, seed.odds_hash) == seed.commitment
    pity, who = 0, fair.pseudonym(campaign.bytes, buyer.bytes)
    for nonce, unit in enumerate(found, start=1):
        assert (unit.nonce, unit.pity) == (nonce, pity)
        assert unit.given == fair.drawn(plain, table, client_seed="luck", who=who, nonce=nonce, pity=pity)
        pity = table.pity_after(pity, unit.given)


async def test_the_seed_stays_hidden_until_it_is_retired():
    campaign = await committed()
    await draw(campaign, new_id())
    assert [seed.seed for seed in await draw_seeds(campaign)] == [None]
    promised = await transact(lambda tx: rotate_seed(tx, campaign))
    first, second = await draw_seeds(campaign)
    assert first.seed is not None
    assert (second.seed, second.commitment) == (None, promised)
    assert second.odds == first.odds


async def test_who_fails_and_tries_again_meets_the_same_draw():
    campaign, buyer = await committed(), new_id()

    async def failed() -> list[str]:
        async with transaction() as tx:
            units = await draw_units(tx, campaign, buyer, [Boxes(new_id(), 5, "luck")], order=new_id())
            met.append([unit.given for unit in units])
            raise RuntimeError("no money")

    met: list[list[str]] = []
    for _ in range(3):
        with pytest.raises(RuntimeError, match="no money"):
            await failed()
    assert [unit.given for unit in await draw(campaign, buyer, 5)] == met[0] == met[1] == met[2]


async def test_a_guarantee_is_kept():
    """With no luck at all, the tenth draw is one of the promised."""
    campaign, buyer = await committed(odds(rare=None, secret=None)), new_id()
    found = [unit for _ in range(20) for unit in await draw(campaign, buyer, 10)]
    longest, since = 0, 0
    for unit in found:
        since = 0 if unit.given in ("season", "year") else since + 1
        longest = max(longest, since)
    assert longest <= 9
    assert any(unit.pity == 9 for unit in found)


async def test_no_more_of_a_prize_than_there_are():
    """Forty buyers at once, hundreds of draws, seven seasons and one year: exactly these, and months for the others."""
    campaign = await committed(odds(rare=7, secret=1))
    buyers = [new_id() for _ in range(40)]
    drawn = await asyncio.gather(*(draw(campaign, buyer, 10, client_seed=f"seed{at}") for at, buyer in enumerate(buyers)))
    counts = Counter(unit.given for units in drawn for unit in units)
    assert counts["season"] == 7
    assert counts["year"] == 1
    assert counts["month"] == 392
    assert {key: given for key, given in (await given_of(campaign)).items() if key != "month"} == {"season": 7, "year": 1}
    replaced = [unit for units in drawn for unit in units if unit.drawn != unit.given]
    assert replaced
    assert {unit.variant for unit in replaced} == {MONTH}


async def test_the_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """Without the lock the same crowd takes too many, and only the table's own check stops it."""
    monkeypatch.setattr(drawing, "LOCK", drawing.LOCK.replace("FOR NO KEY UPDATE", ""))
    campaign = await committed(odds(rare=7, secret=1))
    outcomes = await asyncio.gather(
        *(draw(campaign, new_id(), 10, client_seed=f"seed{at}") for at in range(40)), return_exceptions=True
    )
    assert any("draw_prize_given" in str(outcome) for outcome in outcomes)


async def test_one_buyer_at_once_in_many_tabs_draws_in_a_row():
    campaign, buyer = await committed(), new_id()
    await asyncio.gather(*(draw(campaign, buyer, 3) for _ in range(20)))
    nonces = await db.rows("SELECT nonce FROM draw WHERE campaign_id = $1 ORDER BY id", campaign)
    assert [row["nonce"] for row in nonces] == list(range(1, 61))
    lines, head = await exported(campaign)
    assert verify_draws(lines, expected_head=head.digest).draws == 60


async def test_where_nothing_was_committed_nothing_is_drawn():
    with pytest.raises(CampaignOver):
        await draw(new_id(), new_id())
    campaign = await committed()
    await transact(lambda tx: retire_seed(tx, campaign))
    with pytest.raises(CampaignOver):
        await draw(campaign, new_id())


async def test_a_seed_is_not_shown_while_somebody_draws_by_it():
    """Whoever rotates waits for the draw that has begun; the draw after it is by the next seed."""
    campaign, buyer = await committed(), new_id()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with transaction() as tx:
            await draw_units(tx, campaign, buyer, [Boxes(new_id(), 1)], order=new_id())
            begun.set()
            await may_end.wait()

    drawn = asyncio.create_task(slowly())
    await begun.wait()
    rotated = asyncio.create_task(transact(lambda tx: rotate_seed(tx, campaign)))
    await asyncio.sleep(0.2)
    assert not rotated.done()
    may_end.set()
    await asyncio.gather(drawn, rotated)
    await draw(campaign, buyer)
    seeds = await db.rows("SELECT s.number FROM draw d JOIN draw_seed s ON s.id = d.seed_id ORDER BY d.nonce")
    assert [row["number"] for row in seeds] == [1, 2]


async def test_what_was_committed_to_when_it_was_ordered_is_drawn_by():
    """By the seed of then while it is hidden; one that is shown draws no more, and late money goes by the present one."""
    campaign, buyer = await committed(), new_id()
    await transact(lambda tx: rotate_seed(tx, campaign))
    await transact(lambda tx: tx.execute("UPDATE draw_seed SET retired_at = NULL WHERE number = 1"))  # as where one is unpaid
    first, _ = await draw_seeds(campaign)
    for _ in range(2):
        await transact(lambda tx: draw_units(tx, campaign, buyer, [Boxes(new_id(), 1)], order=new_id(), seed=first.id))
        await retire_seeds()
    seeds = await db.rows("SELECT s.number FROM draw d JOIN draw_seed s ON s.id = d.seed_id ORDER BY d.nonce")
    assert [row["number"] for row in seeds] == [1, 2]


async def a_log() -> tuple[list[bytes], str]:
    """Sixty draws of four buyers by two seeds, the second of them still secret; two prizes ran out."""
    campaign = await committed(odds(rare=3, secret=1))
    buyers = [new_id() for _ in range(4)]
    for at, buyer in enumerate(buyers):
        await draw(campaign, buyer, 12, client_seed=f"seed{at}")
    await link_draws(campaign)
    await transact(lambda tx: rotate_seed(tx, campaign))
    for at, buyer in enumerate(buyers):
        await draw(campaign, buyer, 3, client_seed=f"seed{at}")
    lines, head = await exported(campaign)
    return lines, head.digest


async def test_an_export_holds():
    lines, head = await a_log()
    verdict = verify_draws(lines, expected_head=head)
    assert (verdict.intact, verdict.draws, verdict.open, verdict.fault) == (True, 60, 12, None)
    assert b"party" not in b"".join(lines)


async def test_any_changed_byte_is_found():
    lines, head = await a_log()
    content = b"".join(lines)
    for position in range(0, len(content) - 1, 37):
        changed = content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        assert not verify_draws(changed.splitlines(keepends=True), expected_head=head).intact or _is_of_a_secret(
            lines, position
        )


def _is_of_a_secret(lines: list[bytes], position: int) -> bool:
    """The commitment to a seed that is not shown yet, and the campaign's id: these are compared with what was published."""
    title = lines[0]
    start = title.rindex(b'"commitment"')
    return start <= position < title.rindex(b'"odds"') or position < title.index(b'"seeds"')


def rewritten(lines: list[bytes], change: Callable[[list[dict[str, object]]], None]) -> list[bytes]:
    """A log of one batch written anew by whoever has the file, with every digest right."""
    from perkhub.kit.chained import GENESIS, Head, batch_digest  # noqa: PLC0415 - the forger's tools

    rows = [row for row in map(orjson.loads, lines[1:]) if "nonce" in row]
    change(rows)
    told = [orjson.dumps(row) for row in rows]
    bare = Head(1, "2026-11-11T00:00:00", len(told), GENESIS)
    digest = batch_digest(bare, told)
    return [lines[0], Head(1, bare.at, bare.rows, GENESIS, digest).line(), *told]


def _another_prize(rows: list[dict[str, object]]) -> None:
    rows[0]["drawn"] = rows[0]["given"] = "year" if rows[0]["drawn"] != "year" else "month"


def _withheld(rows: list[dict[str, object]]) -> None:
    lucky = next(row for row in rows if row["given"] == "season")
    lucky["given"] = "month"


def _left_out(rows: list[dict[str, object]]) -> None:
    del rows[1]


def _other_client(rows: list[dict[str, object]]) -> None:
    for row in rows:
        row["client"] = "ours"


@pytest.mark.parametrize(
    "change", [_another_prize, _withheld, _left_out, _other_client], ids=["another-prize", "withheld", "left-out", "seed"]
)
async def test_an_unfair_log_is_found_even_where_its_chain_is_whole(change: Callable[[list[dict[str, object]]], None]):
    lines, _ = await a_log()
    assert verify_draws(rewritten(lines, lambda rows: None)).intact
    assert not verify_draws(rewritten(lines, change)).intact


async def test_other_odds_than_were_committed_to_are_found():
    lines, _ = await a_log()
    changed = lines[0].replace(rb"\"weight\":890", rb"\"weight\":891")
    assert changed != lines[0]
    assert "committed to" in (verify_draws([changed, *lines[1:]]).fault or "")
