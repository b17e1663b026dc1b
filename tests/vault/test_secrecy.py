"""A credential that goes through the vault is nowhere in clear: no row, no refusal, no event, no log. And if it were, this
search would find it.
"""

import io
import logging
from base64 import b64encode
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from perkhub.kit import db
from perkhub.kit.logging import configure_logging
from perkhub.kit.sealing import set_cipher
from perkhub.kit.settings import Settings
from perkhub.vault import ImportState
from tests.factories import Shop
from tests.vault.desk import ask, bring_in, csv, drain, found, numbered, upload, xlsx

SECRETS = ["PLANTED7SECRET8NUMBER", "planted-pin-4711", "https://planted.example.com/claim/9"]
HEADER = ["卡号", "密码", "链接", "有效期"]
GOOD = [*SECRETS, "2099-12-31"]


class InClear:
    """What sealing must not be."""

    def __init__(self, key: bytes) -> None:
        pass

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        return data

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        return data


@pytest.fixture
def _unsealed() -> Iterator[None]:

    set_cipher(InClear)
    yield
    set_cipher(AESGCM)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that this process logs, at the most talkative level."""
    root, stream = logging.getLogger(), io.StringIO()
    kept, level = root.handlers[:], root.level
    configure_logging(Settings(log_level="DEBUG"), stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    logging.captureWarnings(False)


async def every_row() -> str:
    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = [row["text"] for t in tables for row in await db.rows(f'SELECT t::text AS text FROM "{t["tablename"]}" t')]
    return "\n".join(rows)


def leaks(text: str) -> set[str]:
    """The secrets that stand in the text: in clear, as hex, or as base64 at any of its three offsets."""
    return {secret for secret in SECRETS if any(form in text.lower() for form in forms(secret))}


def forms(secret: str) -> Iterator[str]:
    yield secret.lower()
    yield secret.encode().hex()
    yield secret.upper().replace("-", "").lower()
    for offset in range(3):
        yield b64encode(b"x" * offset + secret.encode()).decode()[4:-4].lower()


async def go_through_everything(shop: Shop) -> None:
    variant = await shop.variant(codes=0)
    done = await bring_in(xlsx([GOOD], header=HEADER), variant.id)
    assert done.rows_stocked == 1
    # Again, which is a duplicate; beside rows that are refused for each of their cells; and as a header.
    bad = [GOOD, [SECRETS[0] * 9, SECRETS[1] * 9, SECRETS[1], "31/12/2099"], [SECRETS[2] + "卡", "", SECRETS[0], SECRETS[1]]]
    for content in (xlsx(bad, header=HEADER), csv(bad, header=GOOD), csv([[f'x"{SECRETS[0]}']], header=HEADER) + b'\n"'):
        refused = await bring_in(content, variant.id, name="a.csv", skip_refused_rows=True)
        assert refused.state is ImportState.FAILED
    waiting = await ask(await upload(xlsx([*numbered(1, 2), *bad], header=HEADER)), variant.id, dry_run=True)
    await drain()
    assert (await found(waiting)).state in {ImportState.CHECKED, ImportState.FAILED}
    await upload(csv([GOOD] * 3), name="kept.csv")


async def test_no_credential_is_anywhere_in_clear(shop: Shop, logged: io.StringIO):
    await go_through_everything(shop)
    rows = await every_row()
    assert len(rows) > 5_000
    assert leaks(rows) == set()
    assert leaks(logged.getvalue()) == set()


@pytest.mark.usefixtures("_unsealed")
async def test_without_sealing_the_search_finds_them(shop: Shop):
    await go_through_everything(shop)
    assert leaks(await every_row()) == set(SECRETS)


def test_every_form_is_found():
    for secret in SECRETS:
        for hidden in (secret, secret.encode().hex(), b64encode(b"[" + secret.encode() + b"]").decode()):
            assert secret in leaks(f"... {hidden} ...")
