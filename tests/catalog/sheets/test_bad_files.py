"""Files as strangers send them: refused with the reason, or read as what they mean; nothing is guessed, nothing half taken."""

import io
import zipfile

import pytest

from perkhub.catalog import SheetImportState, listings_of_variants, product_by_slug, variants_of_products
from perkhub.kit import db
from tests.catalog.sheets.desk import HEADER, bring_in, catalog_stays, counts, csv, numbered, told, xlsx
from tests.factories import Shop
from tests.fixtures.workbooks import by_hand, inline, ole, with_false_size

FAILED = SheetImportState.FAILED
SLUG = f'<row r="1">{inline("A1", "slug")}{inline("B1", "name_zh")}</row>'


def bomb() -> bytes:
    row = f'<row r="2">{inline("A2", "x" * 30_000)}</row>'
    return by_hand(SLUG + row * 20_000)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (xlsx(numbered(50))[:2_000], "a.xlsx", "FILE_DAMAGED"),
        (ole("EncryptedPackage"), "a.xlsx", "FILE_PASSWORD_PROTECTED"),
        (ole("Workbook"), "a.xls", "FILE_OLD_FORMAT"),
        (bomb(), "a.xlsx", "FILE_SUSPICIOUS"),
        (by_hand(f'{SLUG}<row r="2">{inline("A2", "a")}{inline("XFD2", "far")}</row>'), "a.xlsx", "TABLE_TOO_WIDE"),
        (by_hand(f'{SLUG}<row r="1048576">{inline("A1048576", "far")}</row>'), "a.xlsx", "TABLE_TOO_LONG"),
        (with_false_size(xlsx(numbered(3)), "xl/worksheets/sheet1.xml", 10), "a.xlsx", "FILE_DAMAGED"),
        (b"%PDF-1.7 \x00 no table", "a.pdf", "FILE_UNREADABLE"),
        (b"\xff\xfe\x00\x00s\x00\x00\x00", "a.csv", "FILE_ENCODING_UNKNOWN"),
        (csv(numbered(3), header=HEADER) + b'"never ends', "a.csv", "QUOTES_BROKEN"),
        (csv([], header=HEADER), "a.csv", "ROWS_MISSING"),
        (csv(numbered(1), header=("slug", "slug", "c", "d", "e", "f")), "a.csv", "HEADER_REPEATED"),
        ("名称,渠道\nx,retail\n".encode(), "a.csv", "SHEET_COLUMNS_UNKNOWN"),
        (csv(numbered(1), header=HEADER).replace("月卡".encode(), b"x" * 40_000), "a.csv", "CELL_TOO_LONG"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_refused_with_the_reason(shop: Shop, content: bytes, name: str, code: str):
    await shop.channel()
    async with catalog_stays():
        done = await bring_in(content, name=name)
    assert done.failure is not None
    assert (done.state, done.failure.code) == (FAILED, code)
    assert await db.value("SELECT count(*) FROM upload") == 0


def with_cells(*cells: str) -> bytes:
    """One product whose cells are written out; the header names slug, name_zh, sku, variant_name_zh, channel and price."""
    header = "".join(inline(f"{letter}1", name) for letter, name in zip("ABCDEF", HEADER, strict=True))
    return by_hand(f'<row r="1">{header}</row><row r="2">{"".join(cells)}</row>')


NAMED = (inline("A2", "p"), inline("B2", "名"), inline("C2", "P-1"), inline("D2", "月卡"), inline("E2", "retail"))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="F2"><f>1+1</f></c>',
        '<c r="F2" t="e"><v>#REF!</v></c>',
        '<c r="F2"><v>1234567890123456</v></c>',
        '<c r="F2" t="b"><v>1</v></c>',
        inline("F2", "１９，９"),
        inline("F2", "19.9元"),
    ],
)
async def test_a_price_that_is_none_is_told_by_row_and_column(shop: Shop, cell: str):
    await shop.channel()
    async with catalog_stays():
        done = await bring_in(with_cells(*NAMED, cell))
    assert (done.state, told(done)) == (FAILED, [(2, "price", "INVALID_INPUT")])


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="F2"><f>19+0.9</f><v>19.9</v></c>',
        '<c r="F2"><v>19.900000000000002</v></c>',
        '<c r="F2"><v>1.99E1</v></c>',
        inline("F2", "１９.９"),
        inline("F2", " 19.90\u00a0"),
        inline("F2", "19.9\u200b"),
    ],
)
async def test_a_price_that_a_spreadsheet_shows_as_one_is_one(shop: Shop, cell: str):
    await shop.channel()
    done = await bring_in(with_cells(*NAMED, cell))
    if told(done):  # a float with a tail is not guessed at
        assert (cell.count("2</v>"), told(done)) == (1, [(2, "price", "INVALID_INPUT")])
        return
    product = await product_by_slug("p")
    assert product is not None
    [variant] = await variants_of_products([product.id])
    [listing] = await listings_of_variants([variant.id])
    assert str(listing.unit_price.normalize()) == "19.9"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_text_tables_come_in_as_chinese_spreadsheets_write_them(shop: Shop, encoding: str, delimiter: str):
    await shop.channel()
    header = ("商品标识", "商品名称", "规格编码", "规格名称", "渠道", "售价")
    done = await bring_in(csv(numbered(3), header=header, encoding=encoding, delimiter=delimiter), name="商品.csv")
    assert (told(done), counts(done)) == ([], (3, 0, 0, 0))
    product = await product_by_slug("p-2")
    assert product is not None
    assert product.name == {"zh": "商品2"}


def test_the_bomb_is_one():
    parts = zipfile.ZipFile(io.BytesIO(bomb())).infolist()
    assert sum(part.file_size for part in parts) > 100 * sum(part.compress_size for part in parts)
