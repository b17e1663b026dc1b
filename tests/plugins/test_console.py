"""The console shows messages to the developer at the terminal, and to nobody else."""

import logging

import pytest

from perkhub.plugin import ContactChannel, Message
from perkhub.plugin.configure import configure
from perkhub.plugin.registry import load_plugins
from perkhub_plugins.notifiers.console import Console


def sms(text: str, *, subject: str = "", destination: str = "+8613800000000") -> Message:
    return Message(ContactChannel.SMS, destination, subject, text, locale="zh-CN", correlation_id="c1")


def test_the_console_is_on_offer_for_development_only():
    assert load_plugins().notifiers["console"] is Console
    assert Console.development_only
    assert Console.channels == {ContactChannel.EMAIL, ContactChannel.SMS}


async def test_a_message_is_shown_on_standard_error_and_nowhere_else(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    await configure(Console, {}).send(sms("您的验证码是 482913\n5 分钟内有效", subject="验证码"))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[1:] == [
        "┌" + "─" * 60,
        "│ sms to +8613800000000",
        "│ 验证码",
        "│ 您的验证码是 482913",
        "│ 5 分钟内有效",
        "└" + "─" * 60,
    ]
    assert caplog.records == []


async def test_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]):
    await configure(Console, {}).send(sms("\x1b[2Jgone\r\u202eback\x07", destination="a\x1b]0;b"))
    shown = capsys.readouterr().err
    assert not [character for character in shown if not character.isprintable() and character != "\n"]
    assert "│ [2Jgone" in shown
