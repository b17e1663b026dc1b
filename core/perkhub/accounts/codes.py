"""One-time codes: six digits that prove a contact, asked for, guessed at a few times, and used once.

A request answers the same whether anybody has the contact or not; who really gets a message is decided at delivery.
Nobody guesses more than five times at one code, and only at the newest one, however many guess at once.
"""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from uuid import UUID

from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import CodeExpired, CodeWrong, TooManyCodes
from perkhub.accounts.locales import parse_locale
from perkhub.accounts.personal import code_hash, index_of, seal_personal
from perkhub.kit import db, rates
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import emit
from perkhub.plugin.events import OneTimeCodeIssued

DIGITS = 6
GUESSES = 5
LIFE = timedelta(minutes=10)
COOLDOWN = timedelta(seconds=60)
WINDOW = timedelta(hours=1)
PER_WINDOW = 5
KEPT = timedelta(days=1)
PER_SOURCE_AND_HOUR = 30

RECENT = """
    SELECT count(*) AS sent, min(created_at) AS first, max(created_at) AS last FROM one_time_code
    WHERE contact_kind = $1 AND blind_index = $2 AND created_at > $3
"""
ISSUE = """
    INSERT INTO one_time_code (id, contact_kind, blind_index, purpose, code_hash, sealed_code, sealed_destination, locale,
                               attempts, max_attempts, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)
"""
# The guess is counted before anybody compares: of a thousand at once, five find attempts < max_attempts, since each
# waits for the row and looks again.
COUNT_GUESS = """
    UPDATE one_time_code SET attempts = attempts + 1
    WHERE id = (SELECT id FROM one_time_code WHERE contact_kind = $1 AND blind_index = $2 AND purpose = $3
                ORDER BY created_at DESC, id DESC LIMIT 1)
      AND attempts < max_attempts AND consumed_at IS NULL AND expires_at > $4
    RETURNING id, code_hash, max_attempts - attempts AS attempts_left
"""
SPEND = """
    UPDATE one_time_code SET consumed_at = $2, sealed_code = NULL, sealed_destination = NULL
    WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2
"""
FORGET = """
    DELETE FROM one_time_code WHERE id IN (SELECT id FROM one_time_code WHERE created_at < $1 ORDER BY created_at LIMIT $2)
"""


class CodePurpose(StrEnum):
    VERIFY = auto()
    SIGN_IN = auto()
    RESET = auto()


@dataclass(frozen=True)
class CodeRequested:
    """The answer to every request, known contact or not."""

    expires_at: datetime
    resend_at: datetime


@dataclass(frozen=True)
class ProvenCode:
    """A guess that was right; worth something only once `spend_code` has used it up."""

    code_id: UUID
    contact: ContactPoint


async def request_code(
    contact: ContactPoint, purpose: CodePurpose, *, locale: str = "zh-CN", source: str | None = None
) -> CodeRequested:
    """Make a code and let it be sent. `source` is the caller's network address, which has a limit of its own.

    Raises:
        TooManyCodes: this contact got one less than a minute ago, or five within the hour.
        TooFast: this source asked too often.
    """
    spoken = parse_locale(locale)
    if source is not None:
        await rates.take(f"code-request:{source}", limit=PER_SOURCE_AND_HOUR, seconds=3600)
    return await transact(lambda tx: _issue(tx, contact, purpose, spoken))


async def prove_code(contact: ContactPoint, purpose: CodePurpose, code: str) -> ProvenCode:
    """Guess at the newest code. Takes no transaction: a wrong guess must stay counted whatever the caller rolls back.

    Raises:
        CodeWrong: says how many guesses are left.
        CodeExpired: there is no code that could still be guessed at.
    """
    db.ensure_no_transaction()
    index = index_of(contact)
    guessed = await transact(lambda tx: tx.row(COUNT_GUESS, str(contact.kind), index, str(purpose), now()))
    if guessed is None:
        raise CodeExpired(path=("code",))
    if not hmac.compare_digest(guessed["code_hash"], code_hash(guessed["id"], _typed(code))):
        raise CodeWrong(guessed["attempts_left"], path=("code",))
    return ProvenCode(guessed["id"], contact)


async def spend_code(tx: Transaction, proven: ProvenCode) -> None:
    """Use the code up in the transaction of what it was asked for; of two at once, one succeeds.

    Raises:
        CodeExpired: it was used, or its time ran out, between the guess and now.
    """
    if await tx.execute(SPEND, proven.code_id, now()) != 1:
        raise CodeExpired(path=("code",))


async def forget_old_codes(tx: Transaction, *, at_most: int = 1000) -> int:
    """Delete codes of yesterday, which count for nothing any more, not even for the hourly limit; how many went."""
    return await tx.execute(FORGET, now() - KEPT, at_most)


async def _issue(tx: Transaction, contact: ContactPoint, purpose: CodePurpose, locale: str) -> CodeRequested:
    index = index_of(contact)
    # One request at a time for one contact, so that each sees the ones before it.
    await tx.advisory_lock(f"one_time_code:{contact.kind}:{index.hex()}")
    at = now()
    await _ensure_not_too_many(tx, contact, index, at)
    code_id, code = new_id(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    await tx.execute(
        ISSUE,
        code_id,
        str(contact.kind),
        index,
        str(purpose),
        code_hash(code_id, code),
        seal_personal(code, ("one_time_code", code_id, "code")),
        seal_personal(contact.value, ("one_time_code", code_id, "destination")),
        locale,
        GUESSES,
        at + LIFE,
        at,
    )
    emit(tx, OneTimeCodeIssued(code_id))
    return CodeRequested(expires_at=at + LIFE, resend_at=at + COOLDOWN)


async def _ensure_not_too_many(tx: Transaction, contact: ContactPoint, index: bytes, at: datetime) -> None:
    recent = await tx.row(RECENT, str(contact.kind), index, at - WINDOW)
    assert recent is not None
    if recent["sent"] == 0:
        return
    again = recent["last"] + COOLDOWN
    if recent["sent"] >= PER_WINDOW:
        again = max(again, recent["first"] + WINDOW)
    if again > at:
        raise TooManyCodes(retry_after=int((again - at).total_seconds()) + 1, path=("contact",))


def _typed(code: str) -> str:
    """What was typed, in plain digits; nothing else can be a code."""
    typed = unicodedata.normalize("NFKC", code[: 4 * DIGITS]).replace(" ", "")
    return typed if typed.isascii() and typed.isdigit() else ""
