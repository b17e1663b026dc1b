"""The custody log is linked without a gap or a fork, and an export shows every change to whoever holds its newest digest."""

import asyncio
import inspect
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from perkhub.kit import chained, db
from perkhub.kit.chained import GENESIS, Head, Verdict, batch_digest, verify_chain
from perkhub.kit.clock import now
from perkhub.kit.db import transaction
from perkhub.kit.ids import new_id
from perkhub.vault import (
    ChainHead,
    Waiting,
    chain,
    chain_head,
    claim_codes,
    export_custody,
    link_custody,
)
from tests.factories import Shop
from tests.vault.desk import claim, count_of, elsewhere

Lines = list[bytes]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "ROWS_IN_A_BATCH", 4)


async def exported() -> tuple[Lines, ChainHead]:
    out = io.BytesIO()
    head = await export_custody(out)
    return out.getvalue().splitlines(keepends=True), head


async def a_log(shop: Shop) -> tuple[Lines, ChainHead]:
    """Three batches: ten arrivals, linked while the first sale was still to come, and then the sale."""
    variant = await shop.variant(codes=9)
    assert await link_custody() == 9
    await claim(variant.id, 1, usable_at=now())
    return await exported()


async def test_everything_is_linked_once_and_in_order(shop: Shop):
    variant = await shop.variant(codes=9)
    assert await link_custody() == 9
    assert await link_custody() == 0
    await claim(variant.id, 3, usable_at=now())
    assert await link_custody() == 3
    batches = await db.rows("SELECT id, rows, previous, digest FROM custody_batch ORDER BY id")
    assert [(row["id"], row["rows"]) for row in batches] == [(1, 4), (2, 4), (3, 1), (4, 3)]
    assert [row["previous"] for row in batches] == [GENESIS, *(row["digest"] for row in batches[:-1])]
    assert await count_of("custody WHERE batch_id IS NULL") == 0
    assert await chain_head() == ChainHead(4, batches[-1]["digest"])


async def test_linkers_at_once_make_no_fork(shop: Shop):
    await shop.variant(codes=60)
    linked = await asyncio.gather(*(link_custody() for _ in range(6)))
    assert sum(linked) == 60
    lines, head = await exported()
    assert verify_chain(lines, expected_head=head.digest) == Verdict(True, 15, 60, head.digest)


async def test_what_commits_late_is_linked_late(shop: Shop):
    """Its rows have lower numbers than those of a batch that was linked before; the log stays whole."""
    variant = await shop.variant(codes=2)
    async with transaction() as tx:
        await claim_codes(tx, [Waiting(new_id(), variant.id, now())], actor="late")
        await elsewhere(_sell_and_link(shop))
    assert await link_custody() == 1
    lines, head = await exported()
    assert verify_chain(lines, expected_head=head.digest).intact
    last = orjson.loads(lines[-1])
    assert last["actor"] == "late"
    assert last["id"] < max(orjson.loads(line).get("id", 0) for line in lines[:-1])


async def _sell_and_link(shop: Shop) -> None:
    other = await shop.variant(codes=2)
    await claim(other.id, 1, usable_at=now())
    await link_custody()


async def test_an_export_holds(shop: Shop):
    lines, head = await a_log(shop)
    assert verify_chain(lines, expected_head=head.digest.upper()) == Verdict(True, 4, 10, head.digest)
    assert verify_chain([line.rstrip(b"\n") for line in lines]).intact
    rows = [row for row in map(orjson.loads, lines) if "id" in row]
    assert {row["action"] for row in rows} == {"in", "sold"}
    assert rows[-1]["entitlement"] is not None
    assert len(rows) == await count_of("custody")
    # What was exported before is the beginning of what is exported now.
    await shop.variant(codes=1)
    assert (await exported())[0][: len(lines)] == lines


async def test_an_empty_log_holds(shop: Shop):
    lines, head = await exported()
    assert (lines, head) == ([], ChainHead(0, GENESIS))
    assert verify_chain(lines, expected_head=GENESIS) == Verdict(True, 0, 0, GENESIS)
    assert not verify_chain(lines, expected_head="1" * 64).intact


async def test_any_changed_byte_is_found(shop: Shop):
    lines, _ = await a_log(shop)
    content = b"".join(lines)
    unfound = []
    for position in range(len(content)):
        for changed in {content[position] ^ 1, ord(" "), ord("\n")} - {content[position]}:
            tampered = content[:position] + bytes([changed]) + content[position + 1 :]
            if verify_chain(tampered.splitlines(keepends=True)).intact:
                unfound.append((position, bytes([changed])))
    # The line break after the very last row belongs to no batch.
    assert {position for position, _ in unfound} <= {len(content) - 1}


def without(position: int) -> Callable[[Lines], Lines]:
    return lambda lines: lines[:position] + lines[position + 1 :]


def swapped(one: slice, two: slice) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[: one.start], *lines[two], *lines[one.stop : two.start], *lines[one], *lines[two.stop :]]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (without(2), "batch 1 does not fit its digest"),
        (without(4), "batch 1 does not fit its digest"),
        (without(0), "line 1 is not that of a batch"),
        (without(13), "the log breaks off in batch 4"),
        (lambda lines: lines[5:], "batch 2 does not follow batch 0"),
        (lambda lines: [*lines[:5], *lines[10:]], "batch 3 does not follow batch 1"),
        (swapped(slice(1, 2), slice(2, 3)), "batch 1 does not fit its digest"),
        (swapped(slice(0, 5), slice(5, 10)), "batch 2 does not follow batch 0"),
        (lambda lines: [*lines, lines[-1]], "line 15 is not that of a batch"),
        (lambda lines: [*lines[:5], *lines[:5], *lines[5:]], "batch 1 does not follow batch 1"),
        (lambda lines: [b"\xef\xbb\xbf", *lines], "line 1 is not that of a batch"),
        (lambda lines: [b"[]\n", *lines], "line 1 is not that of a batch"),
        (lambda lines: [lines[0].replace(b'"rows":4', b'"rows":true'), *lines[1:]], "line 1 is not that of a batch"),
        (lambda lines: [lines[0].replace(b'"rows":4', b'"rows":-4'), *lines[1:]], "batch 1 does not fit its digest"),
    ],
)
async def test_what_is_taken_out_or_moved_is_found(shop: Shop, tamper: Callable[[Lines], Lines], fault: str):
    lines, _ = await a_log(shop)
    verdict = verify_chain(tamper(lines))
    assert not verdict.intact
    assert verdict.fault == fault


async def test_a_cut_tail_is_found_by_the_newest_digest(shop: Shop):
    lines, head = await a_log(shop)
    cut = lines[:10]
    assert verify_chain(cut) == Verdict(True, 2, 8, orjson.loads(lines[10])["previous"])
    assert not verify_chain(cut, expected_head=head.digest).intact


async def test_a_log_written_anew_is_found_by_the_newest_digest(shop: Shop):
    """Whoever has the file can compute every digest again, but not so that the last one stays."""
    lines, head = await a_log(shop)
    forged, previous = [], GENESIS
    for start in (0, 5, 10, 12):
        old = Head(**orjson.loads(lines[start]))
        rows = [line.rstrip(b"\n").replace(b'"sold"', b'"in"') for line in lines[start + 1 : start + 1 + old.rows]]
        bare = Head(old.batch, old.at, old.rows, previous)
        previous = batch_digest(bare, rows)
        forged += [Head(old.batch, old.at, old.rows, bare.previous, previous).line(), *rows]
    assert verify_chain(forged).intact
    assert not verify_chain(forged, expected_head=head.digest).intact


async def test_a_row_changed_in_the_database_is_found(shop: Shop):
    await a_log(shop)
    await db.rows("UPDATE custody SET actor = 'somebody else' WHERE id = (SELECT min(id) FROM custody)")
    lines, head = await exported()
    assert verify_chain(lines, expected_head=head.digest).fault == "batch 1 does not fit its digest"


async def test_it_is_verified_without_the_house(shop: Shop, tmp_path: Path):
    """The one file, in a Python that can import nothing else of ours, says the same."""
    lines, head = await a_log(shop)
    (tmp_path / "custody.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "offline.py").write_text(inspect.getsource(chained), encoding="utf-8")
    asked = (
        "import sys, offline; verdict = offline.verify_chain(open('custody.jsonl', 'rb'), expected_head=sys.argv[1]);"
        "assert not [name for name in sys.modules if name.startswith(('perkhub', 'tortoise', 'asyncpg'))];"
        "print(verdict.intact, verdict.batches, verdict.rows)"
    )
    answer = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", asked, head.digest], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["True", "4", "10"]
