"""Logs: planted secrets never come out, whichever way they go in; and what an operator needs does."""

import asyncio
import dataclasses
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import Context
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from perkhub.kit import db
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.logging import configure_logging, get_logger
from perkhub.kit.outbox import OutboxState
from perkhub.kit.redaction import HIDDEN, redact, redact_text, told
from perkhub.kit.settings import Settings

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJlLW9mLXRoaXM"
CARD = "6222021234567890123"
SECRETS = (
    "hunter2!secret",
    JWT,
    CARD,
    "13800000001",
    "li.lei@example.com",
    "ABCD-1234-EFGH-5678",
    "XK29QWERTY12",
    "dGhpcyBpcyBhIGtleSBvZiAzMiBieXRlcyE/PT0xMjM0",
)
ROW = UUID("01a20074-bec1-72c9-b305-f0766a95e7c0")


@dataclasses.dataclass
class Credential:
    number: str


class Form(BaseModel):
    pin: int
    phone: str


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, after `configure_logging`; afterwards everything is as before."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    stream = io.StringIO()
    configure_logging(Settings(log_level="DEBUG"), stream=stream)
    yield stream
    root.handlers[:], sys.excepthook, threading.excepthook = before[0], before[2], before[3]
    root.setLevel(before[1])
    logging.captureWarnings(False)


def told_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def no_secret_in(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("secret", SECRETS[1:])
def test_what_looks_like_a_credential_is_hidden_in_any_text(secret: str):
    for text in (secret, f"imported {secret} twice", f"卡密{secret}重复", f"got '{secret}'", f"x={secret};y=1"):
        assert secret not in redact_text(text), text
        assert HIDDEN in redact_text(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2 and on", f"password={HIDDEN} and on"),
        ("PIN: 0042", f"PIN: {HIDDEN}"),
        ("'code': 'AB12'", f"'code': '{HIDDEN}'"),
        ("验证码:123456 已发送", f"验证码:{HIDDEN} 已发送"),
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN} {HIDDEN}"),
        ("Cookie: a=b; session=c", f"Cookie: {HIDDEN}"),
        ("postgresql://shop:s3cret@db:5432/perkhub", f"postgresql://shop:{HIDDEN}@db:5432/perkhub"),
        ("call +86 138 0000 0001 now", f"call {HIDDEN} now"),
        ("卡号１２３４５６７８９０", f"卡号{HIDDEN}"),
    ],
)
def test_named_values_and_addresses(text: str, shown: str):
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        f"run {ROW} failed at 2026-11-21T23:08:00.123+00:00",
        "answered 200 in 0.123456789 s, status code: 404",
        "expired 17 orders, 1234567 left",
        "perkhub.kit.jobs.worker is ready on 127.0.0.1:8000",
        'relation "outbox_waiting_once" does not exist',
    ],
)
def test_ordinary_text_stays_readable(text: str):
    assert redact_text(text) == text


def test_values_are_hidden_by_name_and_unknown_things_are_only_named():
    secret = "hunter2!secret"
    hidden = redact(
        {
            "password": secret, "userPin": 42, "phone_number": "1", "卡密": "x", "card_no": "1", "unique_key": "k", "code": 7,
            "headers": {"Authorization": secret, "Accept": "json"}, "items": [{"token": secret}], "given": SecretStr(secret),
            "credential": None, "spinning": True, "number": int(CARD), "body": b"abc", "what": Credential(secret),
        }
    )  # fmt: skip
    assert hidden == {
        "password": HIDDEN, "userPin": HIDDEN, "phone_number": HIDDEN, "卡密": HIDDEN, "card_no": HIDDEN,
        "unique_key": HIDDEN, "code": HIDDEN, "headers": {"Authorization": HIDDEN, "Accept": "json"},
        "items": [{"token": HIDDEN}], "given": HIDDEN, "credential": None, "spinning": True, "number": HIDDEN,
        "body": "<bytes>", "what": "<Credential>",
    }  # fmt: skip


def test_what_an_operator_needs_is_shown():
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    assert redact({"row": ROW, "at": moment, "cost": Decimal("1.50"), "state": OutboxState.DEAD, "error_code": "GONE"}) == {
        "row": str(ROW), "at": moment.isoformat(), "cost": "1.50", "state": "dead", "error_code": "GONE"
    }  # fmt: skip


def test_a_log_is_one_json_line_with_the_correlation_id(lines: io.StringIO):
    trail = begin_correlation()
    get_logger("perkhub.test").info("order placed", order=ROW, quantity=3)
    logging.getLogger("someone.else").warning("asked %s for %d", "them", 3)
    ours, theirs = told_lines(lines)
    assert (ours["event"], ours["level"], ours["logger"], ours["order"], ours["quantity"]) == (
        "order placed", "info", "perkhub.test", str(ROW), 3
    )  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("asked them for 3", "warning", "someone.else")
    assert ours["correlation_id"] == theirs["correlation_id"] == trail


def test_planted_secrets_do_not_come_out(lines: io.StringIO):
    log = get_logger("perkhub.test")
    for secret in SECRETS:
        log.info("bought", credential=secret, code=secret, nested={"deep": [{"pin": secret}]})
        log.warning(f"password={secret}")
        log.warning("password=%s", secret)
        logging.getLogger("library").error("Bearer %s was refused", secret)
        logging.getLogger("tortoise.db_client").debug("SELECT $1: %s", [secret])
        logging.getLogger("library").warning({"token": secret})
        try:
            inner(secret)
        except RuntimeError as error:
            log.error("it failed", exc_info=error)
            logging.getLogger("library").exception("it failed there")
    text = lines.getvalue()
    no_secret_in(text)
    assert len(text.splitlines()) == 7 * len(SECRETS)


def inner(secret: str) -> None:
    local = secret * 2
    try:
        Form.model_validate({"pin": secret, "phone": len(local)})
    except ValidationError as error:
        raise RuntimeError(f"cannot take token={secret}") from error


def test_an_exception_is_told_with_places_and_causes(lines: io.StringIO):
    try:
        inner("hunter2!secret")
    except RuntimeError as error:
        get_logger("perkhub.test").error("it failed", exc_info=error)
    (line,) = told_lines(lines)
    assert line["error"] == f"RuntimeError: cannot take token={HIDDEN}"
    assert line["caused_by"] == ["ValidationError: pin int_parsing, phone string_type"]
    assert [place.rsplit(" ", 1)[1] for place in line["stack"]] == [
        "test_an_exception_is_told_with_places_and_causes",
        "inner",
    ]


@pytest.mark.usefixtures("database")
async def test_what_postgresql_quotes_is_cut():
    await db.value("CREATE TABLE printed (code text PRIMARY KEY CHECK (code <> 'bad'), number int)")
    add = "INSERT INTO printed VALUES ($1, 1) RETURNING 1"
    await db.value(add, "SecretOne")
    with pytest.raises(asyncpg.UniqueViolationError, match="SecretOne") as twice:
        await db.value(add, "SecretOne")
    assert told(twice.value) == ('UniqueViolationError: duplicate key value violates unique constraint "printed_pkey"')
    with pytest.raises(asyncpg.CheckViolationError, match="bad") as failing:
        await db.value(add, "bad")
    assert "bad" not in told(failing.value)
    with pytest.raises(asyncpg.DataError, match="SecretTwo") as wrong:
        await db.value("SELECT 'SecretTwo'::text::int")
    assert told(wrong.value) == "InvalidTextRepresentationError: 22P02"
    with pytest.raises(asyncpg.DataError, match="SecretThree") as unfit:
        await db.value("SELECT $1::int", "SecretThree")
    assert told(unfit.value) == "DataError: 22000"


def test_an_uncaught_exception_is_told_the_same_way(tmp_path: Path):
    program = """
import asyncio, threading
from perkhub.kit.logging import configure_logging
from perkhub.kit.settings import Settings
configure_logging(Settings())
thread = threading.Thread(target=lambda: {}["6222021234567890123"])
thread.start(); thread.join()
async def main():
    local = "6222021234567890123"
    raise KeyError(local)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "6222" not in done.stdout + done.stderr
    told_of = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in told_of] == ["a thread failed", "the process failed"]
    assert told_of[1]["error"] == f"KeyError: '{HIDDEN}'"


def test_without_configuration_no_local_is_shown(tmp_path: Path):
    """The library's own default would print every local of every frame."""
    program = """
from perkhub.kit.logging import get_logger
def work(secret):
    raise ValueError("no")
try:
    work("6222021234567890123")
except ValueError as error:
    get_logger("x").error("failed", exc_info=error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "6222" not in done.stderr
    assert json.loads(done.stderr)["error"] == "ValueError: no"


async def test_logging_does_not_begin_a_trail(lines: io.StringIO):
    async def fresh() -> None:
        get_logger("perkhub.test").info("starting")

    await asyncio.create_task(fresh(), context=Context())
    assert "correlation_id" not in told_lines(lines)[0]
