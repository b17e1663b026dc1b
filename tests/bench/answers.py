"""Looking into answers: each must have no errors and must show a credential. Values are counted, never kept or told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

STATEMENTS = b"perkhub-statements:"


@dataclass
class Seen:
    """What answers came to. `shown` holds hashes of the credentials, to tell how many different ones there were."""

    bad: int = 0
    first_error: str | None = None
    counts: list[int] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    entitlements: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def statements(self) -> float | None:
        """On average, where the server counted."""
        return sum(self.counts) / len(self.counts) if self.counts else None

    @property
    def most_statements(self) -> int | None:
        """At most, where the server counted."""
        return max(self.counts, default=None)

    def refuse(self, why: str) -> None:
        """Count an answer as an error."""
        self.bad += 1
        self.first_error = self.first_error or why


def look_into(answers: Iterable[bytes], *, field: str, refusals: Sequence[str] = ()) -> Seen:
    """Every answer: its status, its errors by their codes, and what it shows. These `refusals` are as good as any."""
    seen = Seen()
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1].decode()
        if status != "200":
            seen.refuse(f"status {status}")
            continue
        told = orjson.loads(body)
        if told.get("errors"):
            seen.refuse(f"top-level error {codes_of(told['errors'])}")
            continue
        payload = told["data"][field]
        if refusals and payload["errors"] and all(one["code"] in refusals for one in payload["errors"]):
            seen.refused += 1
        elif not _shows(payload, seen):
            continue
        counted = head.lower().partition(STATEMENTS)[2].split(b"\r\n", 1)[0]
        if counted:
            seen.counts.append(int(counted))
    return seen


def codes_of(errors: list[dict[str, Any]]) -> str:
    """Only the codes: a message might repeat what was sent."""
    return ", ".join(str(error.get("code") or (error.get("extensions") or {}).get("code")) for error in errors)


def _shows(payload: dict[str, Any], seen: Seen) -> bool:
    if payload["errors"]:
        seen.refuse(codes_of(payload["errors"]))
        return False
    shown = payload.get("revealed", [])
    shown = shown if isinstance(shown, list) else [shown]
    values = [credential["value"] for one in shown for credential in one["credentials"]]
    if "revealed" in payload and (not values or not all(values)):
        seen.refuse("no credential was shown")
        return False
    seen.entitlements += [one["entitlement"]["id"] for one in shown]
    seen.shown.update(hash(tuple(credential["value"] for credential in one["credentials"])) for one in shown)
    return True
