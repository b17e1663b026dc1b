"""Why a table was refused. No error ever holds what stood in a cell, a header or a sheet's name.

WorkbookRefused
├── FileEmpty                   no byte in it
├── FileTooLarge                more bytes than an upload may have
├── FileUnreadable              neither a workbook nor a text table
├── FileDamaged                 a workbook, but cut off or broken
├── FilePasswordProtected       encrypted
├── FileOldFormat               .xls of before 2007
├── FileSuspicious              unpacks to far more than it should, or carries what a table has no use for
├── FileEncodingUnknown         a text table in an encoding we do not read
├── FileTooDemanding            reading it took more memory or time than is allowed
├── TableTooLong                more rows than allowed
├── TableTooWide                more columns than allowed
├── CellTooLong                 a cell holds more than allowed
├── QuotesBroken                a quotation mark of a text table stands where none may, or never ends
├── SheetMissing                no visible sheet, or none of the asked name
├── HeaderMissing               row 1 does not name the columns
├── HeaderRepeated              two columns have one name
└── RowsMissing                 nothing below row 1
"""

from typing import Any

from perkhub.kit.errors import DomainError


class WorkbookRefused(DomainError):
    """The file as a whole cannot be taken; nothing of it was."""

    def __init__(self, *, path: tuple[str, ...] = ("file",), **data: Any) -> None:
        super().__init__(path=path, **data)


class FileEmpty(WorkbookRefused):
    code = "FILE_EMPTY"
    en = "The file is empty."
    zh = "文件为空。"


class FileTooLarge(WorkbookRefused):
    code = "FILE_TOO_LARGE"
    en = "The file has more than {megabytes} MB. Split it."
    zh = "文件超过 {megabytes} MB，请拆分后上传。"


class FileUnreadable(WorkbookRefused):
    code = "FILE_UNREADABLE"
    en = "This is neither an Excel workbook (.xlsx) nor a text table (.csv)."
    zh = "该文件既不是 Excel 工作簿（.xlsx），也不是文本表格（.csv）。"


class FileDamaged(WorkbookRefused):
    code = "FILE_DAMAGED"
    en = "The file is damaged or was cut off. Open it, save it again, and upload it once more."
    zh = "文件已损坏或不完整，请打开并重新保存后再上传。"


class FilePasswordProtected(WorkbookRefused):
    code = "FILE_PASSWORD_PROTECTED"
    en = "The workbook is protected by a password. Remove the password and save it again."
    zh = "工作簿受密码保护，请移除密码并重新保存。"


class FileOldFormat(WorkbookRefused):
    code = "FILE_OLD_FORMAT"
    en = "This is a workbook of the old format (.xls). Save it as .xlsx."
    zh = "这是旧格式（.xls）的工作簿，请另存为 .xlsx。"


class FileSuspicious(WorkbookRefused):
    code = "FILE_SUSPICIOUS"
    en = "The workbook unpacks to far more than a table needs, or has other files inside. Copy the table into a new workbook."
    zh = "工作簿解压后体积异常，或内嵌了其他文件，请将表格复制到新的工作簿中。"


class FileEncodingUnknown(WorkbookRefused):
    code = "FILE_ENCODING_UNKNOWN"
    en = "The text is in an unknown encoding. Save the table as “CSV UTF-8”."
    zh = "无法识别文本编码，请将表格另存为“CSV UTF-8”。"


class FileTooDemanding(WorkbookRefused):
    code = "FILE_TOO_DEMANDING"
    en = "Reading the file takes more memory or time than is allowed. Split it, and clear cells far from the table."
    zh = "读取该文件超出内存或时间限制，请拆分文件，并清除远离表格的单元格。"


class TableTooLong(WorkbookRefused):
    code = "TABLE_TOO_LONG"
    en = "The table has more than {limit} rows. Split it."
    zh = "表格超过 {limit} 行，请拆分。"


class TableTooWide(WorkbookRefused):
    code = "TABLE_TOO_WIDE"
    en = "The table has more than {limit} columns, or a stray cell far to the right. Clear what does not belong to it."
    zh = "表格超过 {limit} 列，或右侧远处有多余的单元格，请清除无关内容。"


class CellTooLong(WorkbookRefused):
    code = "CELL_TOO_LONG"
    en = "A cell in row {row} has more than {limit} characters (in a text table perhaps a quotation mark that does not end)."
    zh = "第 {row} 行有单元格超过 {limit} 个字符（文本表格可能是引号未闭合）。"


class QuotesBroken(WorkbookRefused):
    code = "QUOTES_BROKEN"
    en = "A quotation mark in row {row} stands where none may, or does not end."
    zh = "第 {row} 行的引号位置有误或未闭合。"


class SheetMissing(WorkbookRefused):
    code = "SHEET_MISSING"
    en = "The workbook has no such visible sheet."
    zh = "工作簿中没有该可见工作表。"


class HeaderMissing(WorkbookRefused):
    code = "HEADER_MISSING"
    en = "Row 1 is empty; it must name the columns."
    zh = "第 1 行为空，应为各列的名称。"


class HeaderRepeated(WorkbookRefused):
    code = "HEADER_REPEATED"
    en = "Columns {first} and {second} have the same name in row 1."
    zh = "第 1 行中 {first} 列与 {second} 列的名称相同。"


class RowsMissing(WorkbookRefused):
    code = "ROWS_MISSING"
    en = "There is nothing below row 1."
    zh = "第 1 行以下没有数据。"


REFUSALS: dict[str, type[WorkbookRefused]] = {refusal.code: refusal for refusal in WorkbookRefused.__subclasses__()}
