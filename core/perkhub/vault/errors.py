"""Why the vault refused.

OutOfStock                  fewer codes can be sold than were asked for
VariantNotStocked           its buyers choose the face value: no code could be kept for whoever comes
LotNotOpen                  the lot was recalled before
ImportRefused               the table as a whole cannot be taken in
├── ColumnsUnknown          a column has a name that says nothing to us, and nobody said what it means
├── ColumnMissing           a column that was named in the request is not in row 1
├── ColumnsNotIdentifying   nothing in a row would tell its code from others
├── RowsRefused             some rows were refused, and nobody said that the others may go in without them
└── EveryRowRefused         no row is left to take in
"""

from perkhub.kit.errors import DomainError


class OutOfStock(DomainError):
    code = "OUT_OF_STOCK"
    en = "Not enough of this is left."
    zh = "库存不足。"

    def __init__(self, *, available: int | None = None, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, available=available)


class VariantNotStocked(DomainError):
    code = "VARIANT_NOT_STOCKED"
    en = "Buyers choose the face value of this variant, so its codes are obtained for each order and never kept in stock."
    zh = "该规格的面值由买家选择,卡密须按订单采购,不能导入库存。"


class LotNotOpen(DomainError):
    code = "LOT_NOT_OPEN"
    en = "This lot was recalled already."
    zh = "该批次已被召回。"


class ImportRefused(DomainError):
    """Nothing of the table was taken in."""


class ColumnsUnknown(ImportRefused):
    code = "COLUMNS_UNKNOWN"
    en = "What is in column {columns}? Its name in row 1 is not known. Say in `columns` what each column means."
    zh = "无法识别 {columns} 列的列名,请在 columns 中说明各列的含义。"

    def __init__(self, *, columns: str) -> None:
        super().__init__(path=("columns",), columns=columns)


class ColumnMissing(ImportRefused):
    code = "COLUMN_MISSING"
    en = "The column that was named for {meaning} is not in row 1 of the table."
    zh = "表格第 1 行中没有指定为 {meaning} 的列。"

    def __init__(self, *, meaning: str) -> None:
        super().__init__(path=("columns",), meaning=meaning)


class ColumnsNotIdentifying(ImportRefused):
    code = "COLUMNS_NOT_IDENTIFYING"
    en = "One column must be a card number, a claim code, a link or a barcode: a PIN alone does not tell codes apart."
    zh = "表格须包含卡号、兑换码、链接或条码列,仅凭密码无法区分卡券。"

    def __init__(self) -> None:
        super().__init__(path=("columns",))


class RowsRefused(ImportRefused):
    code = "ROWS_REFUSED"
    en = "{count} rows were refused, so nothing was taken in. Mend them, or import again with `skipRefusedRows`."
    zh = "有 {count} 行未通过检查,未导入任何数据。请修正后重试,或选择跳过有误的行。"

    def __init__(self, *, count: int) -> None:
        super().__init__(path=("uploadId",), count=count)


class EveryRowRefused(ImportRefused):
    code = "EVERY_ROW_REFUSED"
    en = "All {count} rows were refused; there is nothing to take in."
    zh = "全部 {count} 行均未通过检查,没有可导入的数据。"

    def __init__(self, *, count: int) -> None:
        super().__init__(path=("uploadId",), count=count)
