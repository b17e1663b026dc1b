"""Settings become working objects; what is wrong with them is told without a value."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from perkhub.plugin import ContactChannel, Message, Notifier, Title
from perkhub.plugin.configure import configure, settings_from_environment
from perkhub.plugin.errors import SettingsRefused

SECRET = "hunter2-hunter2-hunter2"


class More(BaseModel):
    names: list[Annotated[str, Field(min_length=2)]] = []


class Sms(Notifier):
    key = "acme_sms"
    channels = frozenset({ContactChannel.SMS})

    class Settings(BaseModel):
        account: int
        secret: SecretStr = Field(min_length=8)
        address: str = Field("https://example.com", pattern="^https?://")
        word: str = ""
        more: More = More()

        @field_validator("word")
        @classmethod
        def _decent(cls, word: str, told: ValidationInfo) -> str:
            match word:
                case "kept":
                    raise ValueError("Say another.")
                case "repeated":
                    raise ValueError(f"{told.data['secret'].get_secret_value()} is no word.")
                case "quoted":
                    raise ValueError(f"{told.data['secret'].get_secret_value()!r} is no word.")
                case "numbered":
                    raise ValueError(f"{told.data['account']} has no such word.")
                case "title":
                    raise ValueError(Title(en="Say another.", zh=told.data["secret"].get_secret_value()))
                case "raised":
                    raise KeyError(told.data["secret"].get_secret_value())
            return word

    async def send(self, message: Message) -> None: ...


def test_values_become_settings():
    sms = configure(Sms, {"account": "17", "secret": SECRET})
    assert isinstance(sms.settings, Sms.Settings)
    assert sms.settings.account == 17
    assert sms.settings.secret.get_secret_value() == SECRET
    assert SECRET not in repr(sms.settings)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, {"account": "Say it; this is needed.", "secret": "Say it; this is needed."}),
        ({"account": SECRET, "secret": SECRET}, {"account": "A whole number."}),
        ({"account": 1, "secret": {"text": SECRET}}, {"secret": "A text."}),
        ({"account": 1, "secret": "x"}, {"secret": "8 or more characters."}),
        ({"account": 1, "secret": SECRET, "address": SECRET}, {"address": "An address, such as https://example.com."}),
        ({"account": 1, "secret": SECRET, "word": "kept"}, {"word": "Say another."}),
        ({"account": 1, "secret": SECRET, "word": "repeated"}, {"word": "This value cannot be."}),
        ({"account": 1, "secret": SECRET, "word": "title"}, {"word": "This value cannot be."}),
        ({"account": 1, "secret": SECRET, "more": {"names": ["", "fine"]}}, {"more.names.0": "2 or more characters."}),
        ({"account": 1, "secret": SECRET, "word": "raised"}, {"": "This value cannot be."}),
    ],
)
def test_wrong_settings_are_named_without_their_values(values: dict[str, object], faults: dict[str, str]):
    with pytest.raises(SettingsRefused, match="Settings of 'acme_sms'") as refused:
        configure(Sms, values)
    assert {".".join(fault.path): fault.why.en for fault in refused.value.faults} == faults
    assert all(fault.why.zh for fault in refused.value.faults)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("given", "word", "said"),
    [
        ({"account": 1, "secret": f"-----BEGIN KEY-----\n{SECRET}\n-----END KEY-----\n"}, "quoted", SECRET),
        ({"account": 82736455, "secret": SECRET}, "numbered", "82736455"),
    ],
    ids=["a-key-of-several-lines", "a-number"],
)
def test_what_a_validator_repeats_in_another_spelling_is_not_heard(given: dict[str, object], word: str, said: str):
    with pytest.raises(SettingsRefused) as refused:
        configure(Sms, {**given, "word": word})
    assert said not in str(refused.value)
    assert said not in refused.value.faults[0].why.zh


def test_the_environment_names_key_and_field(monkeypatch: pytest.MonkeyPatch):
    variables = {"PERKHUB_ACME_SMS_ACCOUNT": "17", "PERKHUB_ACME_SMS_SECRET": SECRET, "PERKHUB_ACME_SMS_OTHER": "x"}
    expected = {"account": "17", "secret": SECRET}
    assert settings_from_environment(Sms, variables) == expected
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert settings_from_environment(Sms) == expected


def test_nothing_set_is_not_configured():
    assert settings_from_environment(Sms, {"PERKHUB_ACME_SMS_SECRET": ""}) is None


def test_half_set_is_refused_rather_than_ignored():
    half = settings_from_environment(Sms, {"PERKHUB_ACME_SMS_SECRET": SECRET})
    with pytest.raises(SettingsRefused, match=r"account: Say it; this is needed\."):
        configure(Sms, half or {})
