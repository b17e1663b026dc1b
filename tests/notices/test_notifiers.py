"""Which notifier is chosen: by channel, by being configured, and never a development one in production."""

from collections.abc import Iterator

import pytest

from perkhub.kit.settings import settings
from perkhub.notices import close_notifiers, configured_notifiers, notifier_for
from perkhub.notices.errors import NoNotifier
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.notifier import ContactChannel
from tests.notices.recorders import Recorder, Terminal, TextMessages, use


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PERKHUB_ENVIRONMENT", "production")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_the_first_that_serves_the_channel_and_is_configured(monkeypatch: pytest.MonkeyPatch):
    use(Recorder, TextMessages, Terminal)
    assert list(configured_notifiers()) == ["recorder", "a_terminal"], "acme_sms has no settings; development stands last"
    monkeypatch.setenv("PERKHUB_ACME_SMS_API_KEY", "a key")
    use(Recorder, TextMessages, Terminal)
    assert notifier_for(ContactChannel.SMS).key == "acme_sms"
    assert notifier_for(ContactChannel.EMAIL).key == "recorder"
    assert notifier_for(ContactChannel.EMAIL) is notifier_for(ContactChannel.EMAIL)


@pytest.mark.usefixtures("production")
def test_in_production_nothing_is_shown_on_a_terminal():
    use(Terminal)
    with pytest.raises(NoNotifier):
        notifier_for(ContactChannel.SMS)


def test_in_development_the_terminal_serves():
    use(Terminal)
    assert notifier_for(ContactChannel.SMS).key == "a_terminal"


def test_wrong_settings_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch):
    class Strict(TextMessages):
        class Settings(TextMessages.Settings):
            port: int

    monkeypatch.setenv("PERKHUB_ACME_SMS_API_KEY", "a key of ours")
    monkeypatch.setenv("PERKHUB_ACME_SMS_PORT", "no number")
    use(Strict)
    with pytest.raises(SettingsRefused) as refused:
        notifier_for(ContactChannel.SMS)
    assert "port" in str(refused.value)
    assert "no number" not in str(refused.value)
    assert "a key of ours" not in str(refused.value)


async def test_they_are_closed_once():
    use(Recorder)
    notifier_for(ContactChannel.SMS)
    await close_notifiers()
    await close_notifiers()
    assert Recorder.closed == 1
