"""The shop's own arithmetic of a draw, run as the browser runs it, against the domain's: it agrees with it, and finds what was
changed."""

import hashlib
import hmac
import json
import subprocess
from typing import Any
from uuid import UUID

from perkhub.campaigns.draws import fair
from tests.fixtures.shop_modules import SHOP, node_command

CAMPAIGN, OWNER = UUID(int=7 << 64), UUID(int=11 << 64)
SEED = bytes(range(32))
WHO = fair.pseudonym(CAMPAIGN.bytes, OWNER.bytes)
RUN = """
const { draws, campaign, owner } = JSON.parse(readFileSync(0, "utf8"));
const verdicts = [];
for (const draw of draws) verdicts.push(await verify(draw, campaign, owner));
console.log(JSON.stringify(verdicts));
"""


def verdicts_on(draws: list[dict[str, Any]]) -> list[Any]:
    """What the shop says of each."""
    asked = {"draws": draws, "campaign": f"cmp_{CAMPAIGN.hex}", "owner": f"cus_{OWNER.hex}"}
    run = node_command("src/parts/proof.ts", "verify", RUN)
    done = subprocess.run(run, cwd=SHOP, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


USUAL = fair.Table(
    (fair.Prize("month", 890), fair.Prize("season", 100, 50), fair.Prize("year", 10, 2)),
    "month",
    frozenset({"season", "year"}),
    9,
)
# So heavy that of each 2,000 numbers about one lies in the remainder; a browser's numbers are exact up to here.
HEAVY = fair.Table((fair.Prize("month", 5 * 10**15), fair.Prize("year", 3 * 10**15 + 3)), "month")


def drawn(nonce: int, pity: int, table: fair.Table = USUAL) -> dict[str, Any]:
    """A draw as the API tells it."""
    fell = fair.drawn(SEED, table, client_seed="luck", who=WHO, nonce=nonce, pity=pity)
    shown = {
        "commitment": fair.commitment(SEED, table.hash()),
        "oddsHash": table.hash(),
        "odds": table.canonical().decode(),
        "seed": SEED.hex(),
    }
    return {"drawn": fell, "given": fell, "clientSeed": "luck", "who": WHO, "nonce": nonce, "pity": pity, "seed": shown}


def test_the_browser_computes_what_the_house_draws():
    draws = [drawn(nonce, nonce % 12) for nonce in range(1, 400)]
    assert {draw["drawn"] for draw in draws} == {"month", "season", "year"}
    assert verdicts_on(draws) == [{"holds": True, "fell": draw["drawn"]} for draw in draws]


def test_numbers_in_the_remainder_are_passed_over_there_too():
    whole = sum(prize.weight for prize in HEAVY.prizes)
    most = 2**64 - 2**64 % whole

    def first(nonce: int) -> int:
        return int.from_bytes(hmac.digest(SEED, f"luck:{WHO}:{nonce}:0".encode(), "sha256")[:8], "big")

    draws = [drawn(nonce, 0, HEAVY) for nonce in range(1, 30_000) if first(nonce) >= most]
    assert len(draws) > 3
    assert verdicts_on(draws) == [{"holds": True, "fell": draw["drawn"]} for draw in draws]


def test_whatever_is_changed_is_found():
    lucky = next(draw for nonce in range(1, 1000) if (draw := drawn(nonce, 0))["drawn"] == "year")
    seed = lucky["seed"]

    def seeded(**changed: str) -> dict[str, Any]:
        return {**lucky, "seed": {**seed, **changed}}

    other = bytes([SEED[0] ^ 1, *SEED[1:]]).hex()
    odds = seed["odds"].replace('"weight":890', '"weight":891')
    forged = hashlib.sha256(odds.encode()).hexdigest()
    changed = [
        seeded(seed=other),
        seeded(odds=odds),
        seeded(odds=odds, oddsHash=forged),
        {**lucky, "who": "0" * 24},
        {**lucky, "drawn": "month", "given": "month"},
        {**lucky, "given": "season"},
        {**lucky, "nonce": lucky["nonce"] + 1},
        seeded(seed="not hex"),
    ]
    faults = [verdict.get("fault") for verdict in verdicts_on(changed)]
    assert faults == ["commitment", "odds", "commitment", "who", "prize", "given", "prize", "unreadable"]
    assert verdicts_on([lucky, {**lucky, "given": "month"}, seeded(seed=None)]) == [  # type: ignore[arg-type]
        {"holds": True, "fell": "year"},
        {"holds": True, "fell": "year"},
        None,
    ]
