"""Logs in hashed batches, each holding the hash of the one before, and checking an export of one offline: that needs the export
alone, no database and none of the house's other code.

An export is lines of JSON. Each batch is a line that says its number, time, count of rows, the digest of the batch before
and its own digest; then come its rows, one a line. A digest is SHA-256 over the batch's line without its own digest and
over its rows, byte by byte as they stand: whatever is changed, taken out or moved no longer fits. Only who knows the newest
digest sees that the end was cut off.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

GENESIS = "0" * 64
HEAD_KEYS = ["batch", "at", "rows", "previous", "digest"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `head` is the digest of the last batch that holds; `fault` says where the first one does not."""

    intact: bool
    batches: int
    rows: int
    head: str
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The line of a batch."""

    batch: int
    at: str
    rows: int
    previous: str
    digest: str = ""

    def signed_part(self) -> bytes:
        """What the digest begins with."""
        return orjson.dumps({"batch": self.batch, "at": self.at, "rows": self.rows, "previous": self.previous})

    def line(self) -> bytes:
        """As it is exported."""
        parts = {"batch": self.batch, "at": self.at, "rows": self.rows, "previous": self.previous, "digest": self.digest}
        return orjson.dumps(parts)


class ChainBroken(Exception):
    """The export is not what was written: says where."""


def batch_digest(head: Head, rows: Sequence[bytes]) -> str:
    """The digest of a batch with these lines of rows."""
    digest = hashlib.sha256(head.signed_part())
    for row in rows:
        digest.update(b"\n")
        digest.update(row)
    return digest.hexdigest()


def verify_chain(lines: Iterable[bytes], *, expected_head: str | None = None) -> Verdict:
    """Check an export. With `expected_head`, the digest of the newest batch as it was noted elsewhere, a cut tail shows too."""
    batches, rows, previous = 0, 0, GENESIS
    try:
        for head, of_batch in batches_of(lines):
            batches, rows, previous = head.batch, rows + len(of_batch), head.digest
        if expected_head is not None and expected_head.lower() != previous:
            raise ChainBroken(f"the log ends with batch {batches}, which is not the expected one")
    except ChainBroken as fault:
        return Verdict(False, batches, rows, previous, str(fault))
    return Verdict(True, batches, rows, previous)


def batches_of(lines: Iterable[bytes]) -> Iterator[tuple[Head, list[bytes]]]:
    """Each batch that holds, with the lines of its rows.

    Raises:
        ChainBroken: at the first that does not.
    """
    number, previous = 0, GENESIS
    for head, of_batch in _batches(lines):
        if head.batch != number + 1 or head.previous != previous:
            raise ChainBroken(f"batch {head.batch} does not follow batch {number}")
        if batch_digest(head, of_batch) != head.digest:
            raise ChainBroken(f"batch {head.batch} does not fit its digest")
        number, previous = head.batch, head.digest
        yield head, of_batch


def _batches(lines: Iterable[bytes]) -> Iterator[tuple[Head, list[bytes]]]:
    """Each batch with the lines of its rows, as many as its own line says."""
    numbered = enumerate((line.removesuffix(b"\n") for line in lines), start=1)
    for number, line in numbered:
        head = _head(number, line)
        of_batch = [row for _, (_, row) in zip(range(head.rows), numbered, strict=False)]
        if len(of_batch) < head.rows:
            raise ChainBroken(f"the log breaks off in batch {head.batch}")
        yield head, of_batch


def _head(number: int, line: bytes) -> Head:
    try:
        parts = orjson.loads(line)
        fits = isinstance(parts, dict) and list(parts) == HEAD_KEYS
        head = Head(**parts) if fits else None
        # Byte by byte, so that no other way to write the same values passes.
        if head is None or type(head.batch) is not int or type(head.rows) is not int or head.line() != line:
            raise ChainBroken(f"line {number} is not that of a batch")
    except (orjson.JSONDecodeError, TypeError, AttributeError):
        raise ChainBroken(f"line {number} is not that of a batch") from None
    return head
