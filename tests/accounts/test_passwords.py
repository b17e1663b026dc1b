"""Which passwords are taken, and that checking one tells nothing by its time."""

import time

import pytest
from argon2 import PasswordHasher

from perkhub.accounts.errors import PasswordTooWeak
from perkhub.accounts.passwords import ensure_acceptable, hash_password, needs_rehash, password_matches


@pytest.mark.parametrize("password", ["correct horse", "密码是一句很长的话没错", "a" * 255 + "b", "          x"])
def test_length_is_all_that_is_asked(password: str):
    ensure_acceptable(password)


@pytest.mark.parametrize(
    "password", ["", "short", "123456789", "1234567890", "Ｐassword123", "aaaaaaaaaaaa", "x" * 257, "password123"]
)
def test_the_short_the_common_and_the_endless_are_refused(password: str):
    with pytest.raises(PasswordTooWeak) as refused:
        ensure_acceptable(password, path=("password",))
    assert refused.value.path == ("password",)
    assert not password or password not in refused.value.message("en")


async def test_a_password_is_the_same_on_every_keyboard():
    stored = await hash_password("caf\u00e9 horse battery")
    assert await password_matches("cafe\u0301 ｈｏｒｓｅ battery", stored)
    assert not await password_matches("cafe horse battery", stored)


async def test_half_a_character_is_no_crash():
    stored = await hash_password("half \ud800 character")
    assert await password_matches("half \ud800 character", stored)
    assert not await password_matches("half \udfff character", stored)


async def test_nothing_stored_matches_nothing():
    assert not await password_matches("nobody has this password", None)
    assert not await password_matches("correct horse", "not a hash at all")
    assert not await password_matches("x" * 100_000, None)


async def test_an_unknown_account_takes_as_long_as_a_known_one():
    stored = await hash_password("correct horse")
    await password_matches("wrong horse", None)  # the dummy hash is made at first use

    async def seconds(against: str | None) -> float:
        begun = time.process_time()  # whatever else the machine does
        for _ in range(5):
            await password_matches("wrong horse", against)
        return time.process_time() - begun

    known, unknown = await seconds(stored), await seconds(None)
    assert 0.3 < known / unknown < 3, "not a measurement: without the dummy this is over a thousand"


async def test_weaker_parameters_ask_for_a_new_hash():
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse"))
    assert not needs_rehash(await hash_password("correct horse"))
