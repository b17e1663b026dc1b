"""The rules for rows: normal forms, kinds, expiries, fingerprints; every refusal by row, column and code alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from perkhub.kit.tabular.table import CellFault, CellProblem
from perkhub.vault.columns import find_layout
from perkhub.vault.credentials import CredentialKind
from perkhub.vault.models import NEVER
from perkhub.vault.refusals import KEPT, ROW_FAULT_TEXTS, Refusal, RowFault, Tally
from perkhub.vault.rows import RowCheck, Terms, plain_form

SOON = datetime(2027, 6, 1, tzinfo=UTC)
TERMS = Terms(usable_at=SOON, zone="Asia/Shanghai", default_expires_at=NEVER)


def row_check(*header: str, issuer: str = "Acme", terms: Terms = TERMS) -> RowCheck:
    return RowCheck(find_layout(header, None), terms, key=b"k" * 32, issuer=issuer)


def refusals(check: RowCheck, *cells: str, problems: Any = ()) -> list[tuple[str, str]]:
    good, tally = check.check([(7, list(cells))], [CellProblem(7, column, fault) for column, fault in problems])
    assert (len(good), tally.refused) in {(1, 0), (0, 1)}
    assert all(refusal.row == 7 for refusal in tally.refusals)
    return [(refusal.column, refusal.code) for refusal in tally.refusals]


def print_of(check: RowCheck, *cells: str) -> Any:
    good, _ = check.check([(2, list(cells))], [])
    return good[0].fingerprint


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("卡号", "1234"),
        ("卡号", "6222 0000 1111 2222"),
        ("卡号", "６２２２００００"),
        ("兑换码", "ABCD-EFGH-IJKL"),
        ("兑换码", "x" * 128),
        ("条码", "6901234567892"),
        ("链接", "https://example.com/claim?code=1&x=%20"),
        ("链接", "HTTP://s.cn/aB3"),
        ("链接", "https://example.com:8443"),
        ("链接", "https://e.cn/" + "x" * 1011),
    ],
)
def test_what_is_taken(column: str, value: str):
    assert refusals(row_check(column), value) == []


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("卡号", "", "CREDENTIAL_MISSING"),
        ("卡号", "123", "CODE_MALFORMED"),
        ("卡号", "x" * 129, "CODE_MALFORMED"),
        ("卡号", "卡号一二三四", "CODE_MALFORMED"),
        ("卡号", "1234\n5678", "CODE_MALFORMED"),
        ("卡号", "1234\t5678", "CODE_MALFORMED"),
        ("卡号", "1234  5678", "CODE_MALFORMED"),
        ("卡号", "1234‑5678", "CODE_MALFORMED"),  # a hyphen of another kind, which no till takes
        ("链接", "ftp://example.com/x", "LINK_MALFORMED"),
        ("链接", "javascript:alert(1)", "LINK_MALFORMED"),
        ("链接", "https://me:you@example.com/", "LINK_MALFORMED"),
        ("链接", "https://例子.cn/", "LINK_MALFORMED"),
        ("链接", "https:///x", "LINK_MALFORMED"),
        ("链接", "https://e.cn/ x", "LINK_MALFORMED"),
        ("链接", "https://e.cn/" + "x" * 1012, "LINK_MALFORMED"),
        ("条码", "1", "CODE_MALFORMED"),
    ],
)
def test_what_is_refused(column: str, value: str, code: str):
    assert refusals(row_check(column), value) == [(column, code)]


def test_every_fault_of_a_row_is_told():
    check = row_check("卡号", "密码", "有效期", "安全码")
    assert refusals(check, "12", "", "gone", "x" * 65) == [
        ("卡号", "CODE_MALFORMED"),
        ("密码", "CREDENTIAL_MISSING"),
        ("安全码", "PIN_MALFORMED"),
        ("有效期", "EXPIRY_UNREADABLE"),
    ]


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("2027-06-01", []),  # it ends after the moment
        ("2027-05-31", [("有效期", "EXPIRES_TOO_SOON")]),
        ("1999-01-01", [("有效期", "EXPIRES_TOO_SOON")]),
        ("2027/6/2", []),
        ("", []),
        ("２０２７－０６－０２", []),
    ],
)
def test_expiries(expiry: str, expected: list[tuple[str, str]]):
    assert refusals(row_check("卡号", "有效期"), "12345678", expiry) == expected


def test_without_an_expiry_the_requests_own_holds():
    default = datetime(2028, 1, 1, tzinfo=UTC)
    for header, cells in ((["卡号"], ["12345678"]), (["卡号", "有效期"], ["12345678", ""])):
        good, _ = row_check(*header, terms=Terms(SOON, "UTC", default)).check([(2, cells)], [])
        assert good[0].expires_at == default
    early = Terms(usable_at=default, zone="UTC", default_expires_at=SOON)
    assert refusals(row_check("卡号", terms=early), "12345678") == [("卡号", "EXPIRES_TOO_SOON")]


def test_problems_of_cells_count_where_the_column_means_something():
    check = row_check("卡号", "备注", "密码")
    assert refusals(check, "", "", "1", problems=[(0, CellFault.DIGITS_LOST)]) == [("卡号", "DIGITS_LOST")]
    assert refusals(check, "1234", "", "1", problems=[(1, CellFault.ERROR_VALUE)]) == []
    assert refusals(check, "1234", "", "1", problems=[(4, CellFault.BEYOND_HEADER)]) == [("E", "BEYOND_HEADER")]
    assert refusals(check, "1234", "", "", problems=[(2, CellFault.LEADING_ZEROS)]) == [("密码", "LEADING_ZEROS")]


def test_nothing_may_stand_in_a_column_without_a_name():
    check = row_check("卡号", "", "密码")
    assert refusals(check, "1234", "", "1") == []
    assert refusals(check, "1234", "x", "1") == [("B", "COLUMN_UNNAMED")]


@pytest.mark.parametrize("other", ["ABCD-EFGH", "abcd-efgh", "ABCDEFGH", "abcd efgh", "ＡＢＣＤ－ＥＦＧＨ", "\u200babcd-efgh"])
def test_one_code_written_in_two_ways_is_one_code(other: str):
    check = row_check("兑换码")
    assert print_of(check, other) == print_of(check, "ABCD-EFGH")


def test_fingerprints_are_of_the_issuer_and_not_of_the_column():
    mine = print_of(row_check("兑换码"), "ABCDEFGH")
    assert mine == print_of(row_check("卡号", "密码"), "ABCDEFGH", "1")
    assert mine == print_of(row_check("兑换码", issuer=" ACME　"), "ABCDEFGH")
    assert mine != print_of(row_check("兑换码", issuer="Other"), "ABCDEFGH")


def test_links_are_told_apart_by_case_but_not_by_that_of_the_host():
    plain = plain_form(CredentialKind.URL)
    assert plain("https://S.cn/aB3") == plain("http://s.CN/aB3") != plain("https://s.cn/Ab3")
    assert plain("https://s.cn?A=b") == "s.cn?A=b"


@pytest.mark.parametrize(
    ("header", "cells", "masked"),
    [
        (["卡号"], ["622200001111"], "•••• 1111"),
        (["卡号"], ["62220000111"], "••••"),
        (["兑换码", "密码"], ["ABCDEFGHIJKLMN", "123456789012"], "•••• KLMN"),
        (["链接"], ["https://example.com/claim/abcdef"], "••••"),
        (["卡号", "链接"], ["622200001111", "https://example.com/"], "•••• 1111"),
    ],
)
def test_only_the_tail_of_a_long_identifying_value_is_shown(header: list[str], cells: list[str], masked: str):
    check = row_check(*header)
    good, _ = check.check([(2, cells)], [])
    assert check.mask(good[0]) == masked


def test_good_rows_do_not_show_their_values():
    good, _ = row_check("卡号").check([(2, ["622200001111"])], [])
    assert "6222" not in repr(good)


def test_every_fault_has_both_texts():
    codes = {*RowFault, *(fault.upper() for fault in CellFault)}
    assert set(ROW_FAULT_TEXTS) == codes
    for code in codes:
        told = Refusal(3, "卡号", code)
        assert told.message("en").startswith("Row 3, column “卡号” ")
        assert told.message("zh").startswith("第 3 行“卡号”列")


def test_all_refused_rows_are_counted_and_the_first_are_kept():
    tally, other = Tally(), Tally()
    for number in range(KEPT + 500):
        tally.refuse([Refusal(number, "卡号", RowFault.CODE_MALFORMED)])
    other.refuse([Refusal(1, "卡号", RowFault.CODE_MALFORMED)])
    other.add(tally)
    assert (tally.refused, len(tally.refusals)) == (KEPT + 500, KEPT)
    assert (other.refused, len(other.refusals)) == (KEPT + 501, KEPT)
    assert other.as_json(kept=KEPT + 3) == "[]"
