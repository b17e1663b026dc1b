"""Settings become working objects; what is wrong with them is told without a value."""

import pytest
from pydantic import BaseModel, SecretStr

from perkhub.plugin import ContactChannel, Message, Notifier
from perkhub.plugin.configure import configure, settings_from_environment
from perkhub.plugin.errors import SettingsRefused

SECRET = "hunter2-hunter2-hunter2"


class Sms(Notifier):
    key = "acme_sms"
    channels = frozenset({ContactChannel.SMS})

    class Settings(BaseModel):
        account: int
        secret: SecretStr

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
        ({}, ("account: missing", "secret: missing")),
        ({"account": SECRET, "secret": SECRET}, ("account: int_parsing",)),
        ({"account": 1, "secret": {"text": SECRET}}, ("secret: string_type",)),
    ],
)
def test_wrong_settings_are_named_without_their_values(values: dict[str, object], faults: tuple[str, ...]):
    with pytest.raises(SettingsRefused, match="Settings of 'acme_sms'") as refused:
        configure(Sms, values)
    assert refused.value.faults == faults
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


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
    with pytest.raises(SettingsRefused, match="account: missing"):
        configure(Sms, half or {})
