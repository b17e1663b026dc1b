"""What a table's columns mean: told by the request, or known by their names; never guessed, and never repeated."""

import pytest

from perkhub.vault.columns import EXPIRES_AT, KNOWN, PASSED_OVER, find_layout
from perkhub.vault.credentials import CredentialKind
from perkhub.vault.errors import ColumnMissing, ColumnsNotIdentifying, ColumnsUnknown

NUMBER, CLAIM_CODE, URL, BARCODE, PIN, SECURITY_CODE = CredentialKind


def meanings(header: list[str], told: dict[str, str] | None = None) -> dict[str, str]:
    layout = find_layout(header, told)
    columns = [*layout.credentials, *([layout.expiry] if layout.expiry else [])]
    assert all(header[column.position] == column.name for column in columns)
    return {column.name: column.meaning for column in columns}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["卡号", "密码", "有效期"], {"卡号": NUMBER, "密码": PIN, "有效期": EXPIRES_AT}),
        (["卡号", "卡密"], {"卡号": NUMBER, "卡密": PIN}),
        (["Card Number", "PIN", "Expires"], {"Card Number": NUMBER, "PIN": PIN, "Expires": EXPIRES_AT}),
        (["card_no.", "cvv", "expiry-date"], {"card_no.": NUMBER, "cvv": SECURITY_CODE, "expiry-date": EXPIRES_AT}),
        (["兑换码", "截止日期"], {"兑换码": CLAIM_CODE, "截止日期": EXPIRES_AT}),
        (["Code"], {"Code": CLAIM_CODE}),
        (["链接", "条码"], {"链接": URL, "条码": BARCODE}),
        (["URL"], {"URL": URL}),
        # Alone, the secret of a card is what its holder types in.
        (["卡密"], {"卡密": CLAIM_CODE}),
        (["卡密", "有效期"], {"卡密": CLAIM_CODE, "有效期": EXPIRES_AT}),
        (["序号", "卡号", "", "备注"], {"卡号": NUMBER}),
    ],
)
def test_common_names_are_known(header: list[str], expected: dict[str, str]):
    assert meanings(header) == expected


def test_credentials_stand_in_the_order_of_their_kinds():
    assert find_layout(["pin", "barcode", "number"], None).kinds == (NUMBER, BARCODE, PIN)


@pytest.mark.parametrize(
    ("header", "letters"),
    [
        (["卡号", "口令"], "B"),
        (["6222000011112222", "123456"], "A, B"),
        (["卡号", "card number"], "B"),
        (["卡号", "x", "y"], "B, C"),
    ],
)
def test_an_unknown_name_is_told_by_its_letter(header: list[str], letters: str):
    with pytest.raises(ColumnsUnknown) as refused:
        find_layout(header, None)
    assert refused.value.data == {"columns": letters}
    assert not any(name in refused.value.message(language) for name in header for language in ("en", "zh") if len(name) > 4)


@pytest.mark.parametrize("header", [["密码"], ["pin", "expires"], ["序号"], ["cvv"]])
def test_something_must_tell_codes_apart(header: list[str]):
    with pytest.raises(ColumnsNotIdentifying):
        find_layout(header, None)


def test_what_is_told_goes_before_what_is_known():
    told = {"PIN": "claim_code", "Gültig": EXPIRES_AT}
    assert meanings(["Number", "PIN", "Gültig"], told) == {"PIN": CLAIM_CODE, "Gültig": EXPIRES_AT}


def test_names_are_compared_in_their_normal_form():
    assert meanings(["卡号A"], {"卡号Ａ\u200b": "number"}) == {"卡号A": NUMBER}


def test_a_told_column_must_be_there():
    with pytest.raises(ColumnMissing) as refused:
        find_layout(["卡号"], {"卡号": "number", "secret 6222": "pin"})
    assert refused.value.data == {"meaning": "PIN"}


def test_no_name_means_two_things():
    assert not KNOWN.keys() & PASSED_OVER
    assert all(name == name.casefold() for name in [*KNOWN, *PASSED_OVER])
