"""Draws by the million: stored as purchases store them, exported, each verified by the command that anybody has, and as often
as the odds say. `PERKHUB_SOAK_DRAWS` says how many."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from perkhub.audit.chance_checks import CHANCE
from perkhub.campaigns.draws import DrawHead, export_draws, retire_seed, rotate_seed
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from tests.campaigns.boxes import committed, draw, odds

pytestmark = [pytest.mark.usefixtures("database", "opened_keys"), pytest.mark.soak]

DRAWS = int(os.environ.get("PERKHUB_SOAK_DRAWS", "20000"))
A_LINE = 100
LINES_EACH = 5
AT_ONCE = 8
COMMAND = Path(sys.executable).with_name("perkhub")
# Chance alone passes it once in a million runs, with two degrees of freedom.
RARELY = 27.6
# The guarantee's draws are among fewer prizes.
FELL = "SELECT drawn, count(*) AS times FROM draw WHERE campaign_id = $1 AND pity < 9 GROUP BY drawn"
GIVEN = "SELECT key, given FROM draw_prize WHERE campaign_id = $1 AND quantity IS NOT NULL"
# What needs no orders around the draws.
CHECKS = [check for check in CHANCE if check.rule in ("draw.given", "draw.buyers")]


async def drawn_from(campaign: UUID, lines: int) -> None:
    """So many lines of many units, by buyers at several connections."""
    waiting = iter(range(lines))
    buyers = [new_id() for _ in range(-(-lines // LINES_EACH))]

    async def one_after_another() -> None:
        for number in waiting:
            await draw(campaign, buyers[number % len(buyers)], A_LINE, client_seed=f"seed{number}")

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


async def exported_to(log: Path, campaign: UUID) -> DrawHead:
    with log.open("wb") as out:
        return await export_draws(campaign, out)


def verified(log: Path, head: DrawHead) -> "subprocess.CompletedProcess[str]":
    """As a stranger does it: the command and the file, and no database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PERKHUB_")}
    command = [str(COMMAND), "verify-draw", str(log), "--head", head.digest]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=1800, check=False)


def changed(log: Path, position: int) -> Path:
    """A copy of which one byte is another."""
    content = bytearray(log.read_bytes())
    content[position] ^= 1
    other = log.with_suffix(f".{position}")
    other.write_bytes(content)
    return other


async def test_many_draws_keep_to_their_odds_and_are_all_verified(tmp_path: Path):
    half = DRAWS // A_LINE // 2
    rare, secret = DRAWS // 20, max(1, DRAWS // 500)
    campaign = await committed(odds(rare=rare, secret=secret))
    await drawn_from(campaign, half)
    await transact(lambda tx: rotate_seed(tx, campaign))
    await drawn_from(campaign, half)
    await transact(lambda tx: retire_seed(tx, campaign))
    log = tmp_path / "draws.jsonl"
    head = await exported_to(log, campaign)
    drawn = 2 * half * A_LINE

    told = verified(log, head)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"The draws are fair. {drawn} draws, last digest")

    # Each season and year was given until none was left, and not one more.
    assert {row["key"]: row["given"] for row in await db.rows(GIVEN, campaign)} == {"season": rare, "year": secret}
    fell = Counter({row["drawn"]: row["times"] for row in await db.rows(FELL, campaign)})
    assert chi_square(fell) < RARELY, fell
    for check in CHECKS:
        assert await db.rows(check.breaches) == [], check.rule

    size = log.stat().st_size
    for position in (log.read_bytes().index(b"\n") + 5, size // 3, size // 2, size - 20):
        told = verified(changed(log, position), head)
        assert told.returncode == 1, position
        assert "are NOT as was committed to" in told.stdout


def chi_square(fell: Counter[str]) -> float:
    table = {prize.key: prize.weight for prize in odds().prizes}
    whole, draws = sum(table.values()), fell.total()
    return sum((fell[key] - (due := draws * weight / whole)) ** 2 / due for key, weight in table.items())


def test_odds_that_are_not_kept_are_seen():
    """The negative control: one draw in twenty of what is rare was made common."""
    assert chi_square(Counter({"month": 895_000, "season": 95_000, "year": 10_000})) > RARELY
