"""One normal form for every spelling; refusals that do not repeat what was typed."""

import pytest

from perkhub.accounts import ContactKind, parse_contact
from perkhub.kit.errors import InvalidInput

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE


@pytest.mark.parametrize(
    ("kind", "typed", "normal"),
    [
        (EMAIL, "Zhang.San@Example.COM", "zhang.san@example.com"),
        (EMAIL, "  zhang@example.com \n", "zhang@example.com"),
        (EMAIL, "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "zhang@example.com"),
        (EMAIL, "张三@example.com", "张三@example.com"),
        (PHONE, "13800138000", "+8613800138000"),
        (PHONE, "138 0013 8000", "+8613800138000"),
        (PHONE, "138-0013-8000", "+8613800138000"),
        (PHONE, "１３８００１３８０００", "+8613800138000"),
        (PHONE, "+86 138 0013 8000", "+8613800138000"),
        (PHONE, "0086 13800138000", "+8613800138000"),
        (PHONE, "+852 6123 4567", "+85261234567"),
        (PHONE, "+1 202 555 0123", "+12025550123"),
    ],
)
def test_every_spelling_has_one_normal_form(kind: ContactKind, typed: str, normal: str):
    assert parse_contact(kind, typed).value == normal


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (EMAIL, ""),
        (EMAIL, "zhang"),
        (EMAIL, "zhang@"),
        (EMAIL, "zhang@localhost"),
        (EMAIL, "zhang@example.com\x00"),
        (EMAIL, "zhang@example.com\r\nBcc: li@example.com"),
        (EMAIL, "zhang\ud800@example.com"),
        (EMAIL, "z" * 5000 + "@example.com"),
        (EMAIL, "﷽" * 200 + "@example.com"),
        (PHONE, ""),
        (PHONE, "12345"),
        (PHONE, "1380013800"),
        (PHONE, "138001380000"),
        (PHONE, "not a number"),
        (PHONE, "13800138000 ext. 5"),
        (PHONE, "010-62345678"),
        (PHONE, "400-810-8888"),
        (PHONE, "+1 900 555 0123"),
        (PHONE, "\ud8001380013800"),
        (PHONE, "1" * 100_000),
    ],
)
def test_what_is_no_contact_is_refused_without_being_repeated(kind: ContactKind, typed: str):
    with pytest.raises(InvalidInput) as refused:
        parse_contact(kind, typed, path=("input", "contact"))
    assert refused.value.path == ("input", "contact")
    told = refused.value.message("en") + refused.value.message("zh") + repr(refused.value)
    assert not typed or typed not in told


def test_what_is_shown_and_what_is_logged():
    email, phone = parse_contact(EMAIL, "zhangsan@example.com"), parse_contact(PHONE, "13800138000")
    assert email.masked == "z••••@example.com"
    assert phone.masked == "+86138••••8000"
    assert "zhangsan" not in repr(email)
    assert "13800138000" not in repr(phone)
