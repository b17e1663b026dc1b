"""What the columns of an uploaded table mean: by the request's own words, or by the names that tables usually use.

A name that is neither told nor known is refused by its letter, never repeated: without a header it may be a code itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perkhub.kit.tabular.cells import normalise_cell
from perkhub.kit.tabular.table import column_letters
from perkhub.vault.credentials import IDENTIFYING, CredentialKind
from perkhub.vault.errors import ColumnMissing, ColumnsNotIdentifying, ColumnsUnknown

EXPIRES_AT = "expires_at"
MEANINGS = (*CredentialKind, EXPIRES_AT)

_KNOWN: dict[str, str] = {
    CredentialKind.NUMBER: "卡号 卡券号 券号 券码号 卡片号码 cardnumber cardno cardnum number cardid",
    CredentialKind.CLAIM_CODE: "兑换码 激活码 券码 卡券码 兑换券码 code claimcode redeemcode redemptioncode giftcode voucher"
    " vouchercode couponcode activationcode",
    CredentialKind.PIN: "密码 卡密 卡密码 卡片密码 pin pincode password passcode cardpassword secret",
    CredentialKind.URL: "链接 兑换链接 领取链接 网址 url link claimurl claimlink redeemurl",
    CredentialKind.BARCODE: "条码 条形码 一维码 barcode",
    CredentialKind.SECURITY_CODE: "安全码 校验码 验证码 cvv cvv2 cvc securitycode",
    EXPIRES_AT: "有效期 有效期至 有效期限 截止日期 到期日 到期时间 到期日期 失效日期 过期时间 expiry expires expiresat"
    " expirydate expirationdate expiration validuntil validto",
}
KNOWN: dict[str, str] = {name: meaning for meaning, names in _KNOWN.items() for name in names.split()}
# What tables have besides, and what no code needs.
_PASSED_OVER = "序号 编号 行号 no id index row 备注 说明 remark remarks note notes comment 面值 面额 facevalue 商品 商品名称"
PASSED_OVER = frozenset(_PASSED_OVER.split())
# Alone in a table it is what the holder types in; beside a number it is that number's PIN.
ALONE_A_CLAIM_CODE = "卡密"
PUNCTUATION = str.maketrans("", "", " _-.:/()（）：*#")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that means something; `name` is its header, as refusals of rows tell it."""

    position: int
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table has its credentials, in the order of their kinds, and its expiry; where nothing may stand."""

    credentials: tuple[Column, ...]
    expiry: Column | None
    unnamed: tuple[int, ...]

    @property
    def kinds(self) -> tuple[CredentialKind, ...]:
        """Of the credentials, in their order."""
        return tuple(CredentialKind(column.meaning) for column in self.credentials)


def find_layout(header: Sequence[str], told: Mapping[str, str] | None) -> Layout:
    """The layout of a table with this header.

    Raises:
        ColumnsUnknown, ColumnMissing, ColumnsNotIdentifying.
    """
    columns = _told(header, told) if told else _recognised(header)
    by_meaning = {column.meaning: column for column in columns}
    if not is_identifying(by_meaning):
        raise ColumnsNotIdentifying
    return Layout(
        credentials=tuple(by_meaning[kind] for kind in CredentialKind if kind in by_meaning),
        expiry=by_meaning.get(EXPIRES_AT),
        unnamed=tuple(position for position, name in enumerate(header) if not name),
    )


def is_identifying(meanings: Mapping[str, object] | set[str]) -> bool:
    """Whether one of them tells a code from others."""
    return any(kind in meanings for kind in IDENTIFYING)


def _told(header: Sequence[str], told: Mapping[str, str]) -> list[Column]:
    positions = {name: position for position, name in enumerate(header) if name}
    columns = []
    for name, meaning in told.items():
        position = positions.get(normalise_cell(name))
        if position is None:
            raise ColumnMissing(meaning=meaning.upper())
        columns.append(Column(position, header[position], meaning))
    return columns


def _recognised(header: Sequence[str]) -> list[Column]:
    columns: list[Column] = []
    unknown: list[int] = []
    for position, name in enumerate(header):
        plain = _plain(name)
        meaning = KNOWN.get(plain)
        if meaning is None:
            if name and plain not in PASSED_OVER:
                unknown.append(position)
        elif any(column.meaning == meaning for column in columns):
            unknown.append(position)
        else:
            columns.append(Column(position, name, meaning))
    if unknown:
        raise ColumnsUnknown(columns=", ".join(column_letters(position) for position in unknown))
    if not is_identifying({column.meaning for column in columns}):
        columns = [_claim_code_if_alone(column) for column in columns]
    return columns


def _claim_code_if_alone(column: Column) -> Column:
    if _plain(column.name) != ALONE_A_CLAIM_CODE:
        return column
    return Column(column.position, column.name, CredentialKind.CLAIM_CODE)


def _plain(name: str) -> str:
    return name.casefold().translate(PUNCTUATION)
