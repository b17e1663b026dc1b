"""What a handler holds of its own run, and the ways a run ends that are no failure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.jobs.sql import SAVE_PROGRESS
from perkhub.kit.jobs.timing import USUAL, Timing
from perkhub.kit.outbox import OutboxKind


class Postpone(Exception):
    """Raised by a handler that must wait: it runs again later, and this run does not count as an attempt.

    A job that has postponed itself for longer than its patience fails instead.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"postponed by {seconds:g} s")


class LeaseLost(Exception):
    """The run took too long without a sign of life and belongs to another one now."""


class Context:
    """One run of a row."""

    def __init__(self, row: db.Row, *, timing: Timing = USUAL) -> None:
        self.row_id: UUID = row["id"]
        self.kind = OutboxKind(row["kind"])
        self.name: str = row["name"]
        self.version: int = row["version"]
        # Counted from 1.
        self.attempt: int = row["attempts"]
        self.forgiven: int = row["forgiven"]
        self.correlation_id: str = row["correlation_id"]
        # The operator's deed that began it, if one did.
        self.activity_id: UUID | None = row["activity_id"]
        self.run_at: datetime = row["run_at"]
        self.started_at: datetime = row["started_at"]
        self.payload: dict[str, Any] = orjson.loads(row["payload"])
        # What the runs so far have committed; empty at first.
        self.progress: dict[str, Any] = orjson.loads(row["progress"]) if row["progress"] else {}
        self.timing = timing

    @property
    def failures(self) -> int:
        """Runs that count against the limit, this one included."""
        return self.attempt - self.forgiven

    @property
    def waited(self) -> timedelta:
        """How long ago the first run began."""
        return now() - self.started_at

    async def save_progress(self, tx: Transaction, progress: Mapping[str, Any]) -> None:
        """Keep a cursor with the caller's transaction: the next run finds it in `progress` if this one dies.

        Raises:
            LeaseLost: another run has taken over; the transaction must not be committed.
        """
        kept = dict(progress)
        text = orjson.dumps(kept, default=str).decode()
        if not await tx.execute(SAVE_PROGRESS, self.row_id, self.attempt, text, now() + self.timing.leased_for):
            raise LeaseLost(self.name)
        tx.after_commit(lambda: self._remember(text))

    async def _remember(self, text: str) -> None:
        self.progress = orjson.loads(text)
