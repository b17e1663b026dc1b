"""Why a sheet of products was refused as a whole, or a file is not to be had.

SheetRefused
├── SheetColumnsUnknown     a column has a name that says nothing to us
├── SheetColumnRepeated     two columns mean the same
├── SheetKeyMissing         no column says which product a row is about
├── SheetRowsRefused        some rows have faults, and nothing was to be taken then
└── SheetProductsUntaken    of no product anything could be taken
"""

from perkhub.kit.errors import DomainError


class SheetRefused(DomainError):
    """Nothing of the sheet was taken in."""


class SheetColumnsUnknown(SheetRefused):
    code = "SHEET_COLUMNS_UNKNOWN"
    en = "What is in column {columns}? See the template for the names that are known."
    zh = "无法识别列:{columns}。可用的列名请参考模板。"

    def __init__(self, *, columns: str) -> None:
        super().__init__(path=("uploadId",), columns=columns)


class SheetColumnRepeated(SheetRefused):
    code = "SHEET_COLUMN_REPEATED"
    en = "Column {again} “{column}” means the same as one before."
    zh = "{again} 列“{column}”与前面的列含义相同。"

    def __init__(self, *, column: str, again: str) -> None:
        super().__init__(path=("uploadId",), column=column[:40], again=again)


class SheetKeyMissing(SheetRefused):
    code = "SHEET_KEY_MISSING"
    en = "One column must be `slug` or `external_reference`: by these a product is found."
    zh = "表格须包含“商品标识”或“商品外部编号”列,用于匹配商品。"

    def __init__(self) -> None:
        super().__init__(path=("uploadId",))


class SheetRowsRefused(SheetRefused):
    code = "SHEET_ROWS_REFUSED"
    en = "{count} products have faults, so nothing was taken in. Mend them, or choose another error policy."
    zh = "有 {count} 个商品未通过检查,未导入任何数据。请修正后重试,或选择其他错误处理方式。"

    def __init__(self, *, count: int) -> None:
        super().__init__(path=("uploadId",), count=count)


class SheetProductsUntaken(SheetRefused):
    code = "SHEET_PRODUCTS_UNTAKEN"
    en = "Of none of the {count} products anything could be taken."
    zh = "全部 {count} 个商品均未通过检查,没有可导入的数据。"

    def __init__(self, *, count: int) -> None:
        super().__init__(path=("uploadId",), count=count)
