"""The columns of a sheet of products: what they are called in English and Chinese, and of what they speak.

A column that is not there leaves what it speaks of as it is; an empty cell takes away what can be taken away.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto

from perkhub.catalog.sheets.errors import SheetColumnRepeated, SheetColumnsUnknown, SheetKeyMissing
from perkhub.kit.tabular.cells import normalise_cell
from perkhub.kit.tabular.table import column_letters


class Of(StrEnum):
    """What a column speaks of."""

    PRODUCT = auto()
    VARIANT = auto()
    LISTING = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its key, which is its English name, with its Chinese one and a word for whoever fills it in."""

    key: str
    of: Of
    zh: str
    about: str
    about_zh: str


P, V, L = Of.PRODUCT, Of.VARIANT, Of.LISTING
COLUMNS = (
    Column("external_reference", P, "商品外部编号", "your own system's id; finds the product", "贵方系统中的编号,用于匹配商品"),
    Column("slug", P, "商品标识", "a-z, 0-9 and '-'; finds the product too", "a-z、0-9 和“-”,也用于匹配商品"),
    Column("kind", P, "商品类型", "CODE, LINK, TOP_UP, MEMBERSHIP, VOUCHER or SERVICE", "卡密、链接、直充、会员、兑换券或服务"),
    Column("name_zh", P, "商品名称", "in Chinese", "中文"),
    Column("name_en", P, "商品英文名称", "in English", "英文"),
    Column("brand", P, "品牌", "the brand's slug", "品牌标识"),
    Column("categories", P, "分类", "slugs, by semicolon, the first first", "分类标识,以分号分隔,首个为主分类"),
    Column("tags", P, "标签", "by semicolon", "以分号分隔"),
    Column("description_zh", P, "商品描述", "in Chinese", "中文"),
    Column("description_en", P, "商品英文描述", "in English", "英文"),
    Column("how_to_use_zh", P, "使用说明", "in Chinese", "中文"),
    Column("how_to_use_en", P, "英文使用说明", "in English", "英文"),
    Column("minimum_validity_days", P, "最短有效天数", "0 to 3650", "0 至 3650"),
    Column("validity", P, "有效期类型", "AS_PRINTED, FROM_DELIVERY or UNTIL", "以卡券为准、自发放起或截至"),
    Column("validity_days", P, "有效天数", "with FROM_DELIVERY", "自发放起的天数"),
    Column("valid_until", P, "有效期至", "with UNTIL: 2027-12-31", "截止日期,如 2027-12-31"),
    Column("refund", P, "退款政策", "UNSEEN, WITHIN_DAYS or NEVER", "未查看可退、限期可退或不可退"),
    Column("refund_days", P, "退款天数", "with WITHIN_DAYS", "限期可退的天数"),
    Column("version", P, "商品版本", "refuses the product if it has moved", "版本不符时拒绝该商品"),
    Column("sku", V, "规格编码", "finds the variant", "用于匹配规格"),
    Column("variant_external_reference", V, "规格外部编号", "your own system's id; finds the variant too", "也用于匹配规格"),
    Column("variant_name_zh", V, "规格名称", "in Chinese", "中文"),
    Column("variant_name_en", V, "规格英文名称", "in English", "英文"),
    Column("face_value", V, "面值", "100", "如 100"),
    Column("face_currency", V, "面值币种", "CNY", "如 CNY"),
    Column("position", V, "规格排序", "lower ones come first", "数值小的在前"),
    Column("variant_version", V, "规格版本", "refuses the product if it has moved", "版本不符时拒绝该商品"),
    Column("channel", L, "渠道", "the channel's key", "渠道标识"),
    Column("price", L, "售价", "in the channel's currency", "渠道币种"),
    Column("published_from", L, "上架时间", "2027-01-31 10:00, in the channel's zone", "如 2027-01-31 10:00(渠道时区)"),
    Column("published_until", L, "下架时间", "a day counts whole", "仅填日期时包含当天"),
    Column("quota", L, "限量", "units on sale in all", "可售总量"),
    Column("limit_per_customer", L, "每人限购", "across orders", "跨订单累计"),
    Column("reference_price", L, "划线价", "shown struck through", "显示为划线价"),
    Column("reference_reason", L, "划线价依据", "where it comes from", "划线价来源"),
    Column("listing_version", L, "上架版本", "refuses the product if it has moved", "版本不符时拒绝该商品"),
)
BY_KEY = {column.key: column for column in COLUMNS}
# Columns under a name of the house or of another system: the first part says what they are, the second is that name.
FREE = {
    "attribute": (P, "属性"),
    "metadata": (P, "元数据"),
    "private_metadata": (P, "内部元数据"),
    "variant_attribute": (V, "规格属性"),
    "variant_metadata": (V, "规格元数据"),
    "variant_private_metadata": (V, "规格内部元数据"),
}
PUNCTUATION = str.maketrans("", "", " _-/()（）*#")
NAMES = {
    **{column.key.replace("_", ""): column.key for column in COLUMNS},
    **{column.zh: column.key for column in COLUMNS},
}
FREE_NAMES = {**{name.replace("_", ""): name for name in FREE}, **{zh: name for name, (_, zh) in FREE.items()}}
FREE_FORM = re.compile(r"([^.:]+)[.:](.+)")
FINDING = ("slug", "external_reference")
MOST_UNKNOWN_TOLD = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A column of a table: where it stands, what stands in row 1, and what it means; `name` of a free one."""

    position: int
    header: str
    key: str
    of: Of
    name: str | None = None


@dataclass(frozen=True)
class Layout:
    """What the columns of a table mean."""

    columns: tuple[Found, ...]
    unnamed: tuple[int, ...]
    by_key: dict[str, Found] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {column.key: column for column in self.columns if column.name is None})

    def free(self, key: str) -> Iterator[Found]:
        """The columns of this kind, which have names of their own."""
        return (column for column in self.columns if column.key == key and column.name is not None)

    def positions(self, of: Of) -> tuple[int, ...]:
        """Where that is spoken of."""
        return tuple(column.position for column in self.columns if column.of is of)


def find_layout(header: Sequence[str]) -> Layout:
    """The layout of a table with this header.

    Raises:
        SheetColumnsUnknown, SheetColumnRepeated, SheetKeyMissing.
    """
    found: dict[tuple[str, str | None], Found] = {}
    unknown: list[str] = []
    for position, name in enumerate(header):
        if not name:
            continue
        column = _recognised(position, name)
        if column is None:
            unknown.append(f"{column_letters(position)} “{name[:40]}”")
        elif (column.key, column.name) in found:
            raise SheetColumnRepeated(column=name, again=column_letters(position))
        else:
            found[column.key, column.name] = column
    if unknown:
        raise SheetColumnsUnknown(columns=", ".join(unknown[:MOST_UNKNOWN_TOLD]))
    if not any((key, None) in found for key in FINDING):
        raise SheetKeyMissing
    return Layout(tuple(found.values()), tuple(position for position, name in enumerate(header) if not name))


def _recognised(position: int, header: str) -> Found | None:
    free = FREE_FORM.fullmatch(header)
    if free is not None and (key := FREE_NAMES.get(_plain(free[1]))):
        return Found(position, header, key, FREE[key][0], free[2].strip())
    known = NAMES.get(_plain(header))
    return None if known is None else Found(position, header, known, BY_KEY[known].of)


def _plain(name: str) -> str:
    return normalise_cell(name).casefold().translate(PUNCTUATION)


def header_of(key: str, language: str, name: str | None = None) -> str:
    """What a column is called in row 1 of what we write."""
    if name is None:
        return BY_KEY[key].zh if language == "zh" else key
    return f"{FREE[key][1] if language == 'zh' else key}.{name}"
