"""What a buyer types: in its normal form and masked if it can be, refused by key and path if not, and never repeated."""

import pytest

from perkhub.catalog import BuyerInput, BuyerInputInvalid, BuyerInputKind, CheckedInput, GivenInput, checked_inputs
from tests.catalog.test_buyer_inputs import ACCOUNT, FORM, SERVER, WORD

LABEL = {"en": "It", "zh": "信息"}


def asked(kind: BuyerInputKind, **more: object) -> BuyerInput:
    return BuyerInput("it", kind, LABEL, {}, **more)


def given(**said: str) -> list[GivenInput]:
    return [GivenInput(key, value) for key, value in said.items()]


def one(kind: BuyerInputKind, typed: str) -> CheckedInput:
    [found] = checked_inputs([asked(kind)], given(it=typed), complete=True)
    return found


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "masked"),
    [
        (BuyerInputKind.PHONE, " 138 0013 8000 ", "+8613800138000", "+86138••••8000"),
        (BuyerInputKind.PHONE, "１３８００１３８０００", "+8613800138000", "+86138••••8000"),
        (BuyerInputKind.PHONE, "+44 7911 123456", "+447911123456", "+4479••••3456"),
        (BuyerInputKind.EMAIL, "Zoe@Example.COM", "zoe@example.com", "z••••@example.com"),
        (BuyerInputKind.ACCOUNT, "player_one", "player_one", "p••••ne"),
        (BuyerInputKind.ACCOUNT, "12345", "12345", "••••"),
        (BuyerInputKind.TEXT, "张三丰与李四光", "张三丰与李四光", "张••••四光"),
        (BuyerInputKind.NUMBER, "10.50", "10.50", "••••"),
        (BuyerInputKind.DATE, "2027-01-31", "2027-01-31", "2••••31"),
    ],
)
def test_it_is_kept_in_its_normal_form_and_shown_masked(kind: BuyerInputKind, typed: str, kept: str, masked: str):
    found = one(kind, typed)
    assert (found.value, found.masked) == (kept, masked)
    assert kept not in repr(found)
    assert (found.contact is not None) == (kind in (BuyerInputKind.PHONE, BuyerInputKind.EMAIL))


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (BuyerInputKind.PHONE, "12345"),
        (BuyerInputKind.PHONE, "021-12345678"),
        (BuyerInputKind.PHONE, "PLANTED"),
        (BuyerInputKind.EMAIL, "PLANTED"),
        (BuyerInputKind.EMAIL, "PLANTED@"),
        (BuyerInputKind.NUMBER, "PLANTED"),
        (BuyerInputKind.NUMBER, "1e5"),
        (BuyerInputKind.NUMBER, "٣"),
        (BuyerInputKind.DATE, "2027-02-30"),
        (BuyerInputKind.DATE, "31.01.2027"),
        *((BuyerInputKind.ACCOUNT, f"PLANTED{odd}PLANTED") for odd in "\x00\x1b\n\r\t\x7f\u200b\u202e\ufeff\u2028\ue000😀☎️🏻"),
        (BuyerInputKind.TEXT, "👨\u200d👩\u200d👧"),
        (BuyerInputKind.TEXT, "1\ufe0f\u20e3"),
        (BuyerInputKind.TEXT, "x" * 501),
        (BuyerInputKind.TEXT, "x" * 1_000_000),
        (BuyerInputKind.TEXT, "\ufdfa" * 500),
    ],
)
def test_what_cannot_be_is_refused_and_not_repeated(kind: BuyerInputKind, typed: str):
    with pytest.raises(BuyerInputInvalid) as refused:
        one(kind, typed)
    assert (refused.value.data["key"], refused.value.path) == ("it", ("buyerInputs", "0", "value"))
    told = f"{refused.value.data} {refused.value.message('zh')} {refused.value.message('en')}"
    assert "PLANTED" not in told
    assert refused.value.message("zh").startswith("信息:")


@pytest.mark.parametrize(
    ("said", "key", "path"),
    [
        ([("account", "12345")], "server", "buyerInputs"),
        ([("server", "cn-1")], "account", "buyerInputs"),
        ([("account", "   "), ("server", "cn-1")], "account", "buyerInputs"),
        ([("account", "1234"), ("server", "cn-1")], "account", "buyerInputs.0.value"),
        ([("account", "12345"), ("server", "cn-3")], "server", "buyerInputs.1.value"),
        ([("account", "12345"), ("server", "CN-1")], "server", "buyerInputs.1.value"),
        ([("account", "12345"), ("server", "cn-1"), ("word", "short")], "word", "buyerInputs.2.value"),
        ([("account", "12345"), ("server", "cn-1"), ("account", "12345")], "account", "buyerInputs.2.key"),
        ([("account", "12345"), ("server", "cn-1"), ("other", "x")], "other", "buyerInputs.2.key"),
        ([("account", "12345"), ("server", "cn-1"), ("13800138000", "x")], None, "buyerInputs.2.key"),
        ([("account", "12345")] * 10_000, "account", "buyerInputs.1.key"),
    ],
)
def test_each_refusal_names_its_input_and_its_place(said: list[tuple[str, str]], key: str | None, path: str):
    with pytest.raises(BuyerInputInvalid) as refused:
        checked_inputs(FORM, [GivenInput(*told) for told in said], complete=True)
    assert (refused.value.data["key"], ".".join(refused.value.path)) == (key, path)


def test_a_price_can_be_asked_before_all_is_typed():
    assert checked_inputs(FORM, [], complete=False) == ()
    assert [one.key for one in checked_inputs(FORM, given(server="cn-2"), complete=False)] == ["server"]
    with pytest.raises(BuyerInputInvalid):
        checked_inputs(FORM, given(server="cn-9"), complete=False)


def test_what_is_asked_of_nobody_is_refused():
    assert checked_inputs([], [], complete=True) == ()
    with pytest.raises(BuyerInputInvalid):
        checked_inputs([], given(account="12345"), complete=True)


def test_one_of_them_says_where_it_goes_and_never_a_hidden_one():
    phone, email = asked(BuyerInputKind.PHONE, hidden=True), BuyerInput("mail", BuyerInputKind.EMAIL, LABEL, {})
    found = checked_inputs(FORM, given(word="secret-word", server="cn-1", account="12345"), complete=True)
    assert [(one.key, one.target, one.hidden) for one in found] == [
        ("account", True, False),
        ("server", False, False),
        ("word", False, True),
    ]
    assert [one.masked for one in found] == ["••••", "cn-1", "••••"]
    found = checked_inputs([SERVER, email, phone], given(server="cn-1", mail="a@b.cn", it="13800138000"), complete=True)
    assert [(one.key, one.target, one.masked) for one in found] == [
        ("server", False, "cn-1"),
        ("mail", True, "••••@b.cn"),
        ("it", False, "••••"),
    ]
    assert [one.target for one in checked_inputs([WORD], given(word="secret-word"), complete=True)] == [False]
    assert ACCOUNT.hidden is False
