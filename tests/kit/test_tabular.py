"""What strangers upload: read as it stands, or refused with a typed error that echoes nothing, the parent unharmed."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psutil
import pytest
import xlsxwriter

from perkhub.kit.tabular import errors
from perkhub.kit.tabular.cells import normalise_cell
from perkhub.kit.tabular.errors import WorkbookRefused
from perkhub.kit.tabular.reading import Table, read_table
from perkhub.kit.tabular.table import CellFault, CellProblem, Limits, column_letters
from tests.fixtures.workbooks import PACKAGE, RELATION, SPREADSHEET, by_hand, inline, ole, packed, with_false_size, workbook

SECRET = "MARKER-7H4Q-2291"  # stands in cells, headers and sheet names; must never come out in an error or a log
HEADER = ["number", "pin"]


@dataclass
class Read:
    columns: list[str]
    rows: dict[int, list[str]]
    problems: list[CellProblem]

    def faults(self) -> dict[str, CellFault]:
        return {problem.address: problem.fault for problem in self.problems}


async def pieces(data: bytes, size: int = 50_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, filename: str = "codes.xlsx", sheet: str | None = None, **limits: Any) -> Read:
    found = Read([], {}, [])
    async with read_table(pieces(data), filename=filename, limits=Limits(**limits), sheet=sheet) as table:
        found.columns = table.columns
        async for chunk in table.chunks():
            found.rows.update(chunk.numbered())
            found.problems.extend(chunk.problems)
    return found


async def read_csv(text: str | bytes, **limits: Any) -> Read:
    return await read(text.encode() if isinstance(text, str) else text, "codes.csv", **limits)


def children() -> list[psutil.Process]:
    mine = psutil.Process().children()
    return [child for child in mine if "perkhub.kit.tabular.child" in " ".join(child.cmdline())]


ROW1 = f'<row r="1">{inline("A1", "number")}{inline("B1", "pin")}</row>'
SECRET_ROW = f'<row r="2">{inline("A2", SECRET)}</row>'
GOOD = workbook([HEADER, [SECRET, "0042"]])
BOMB = {"xl/worksheets/sheet1.xml": bytes(64 << 20)}
FAR = "<row r='1048576'><c r='{at}'><v>1</v>{close}</row>"
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
SLOW = "<c r='A3'><f>" * 60_000  # each opens, none closes

REFUSED: dict[str, tuple[bytes, str, type[WorkbookRefused], dict[str, Any]]] = {
    "empty": (b"", "codes.xlsx", errors.FileEmpty, {}),
    "empty text": (b"", "codes.csv", errors.FileEmpty, {}),
    "more bytes than allowed": (GOOD, "codes.xlsx", errors.FileTooLarge, {"file_bytes": 100}),
    "a text called workbook": (SECRET.encode(), "codes.xlsx", errors.FileUnreadable, {}),
    "a page called workbook": (f"<html><table><td>{SECRET}".encode(), "codes.xls", errors.FileUnreadable, {}),
    "a picture called text": (b"\x89PNG\r\n\x1a\n\0\0\0" + SECRET.encode(), "codes.csv", errors.FileUnreadable, {}),
    "another zip": (packed({"word/document.xml": SECRET}), "codes.xlsx", errors.FileUnreadable, {}),
    "an empty zip": (packed({}), "codes.xlsx", errors.FileUnreadable, {}),
    "cut off": (GOOD[: len(GOOD) // 2], "codes.xlsx", errors.FileDamaged, {}),
    "only the first bytes": (GOOD[:10], "codes.xlsx", errors.FileDamaged, {}),
    "broken XML": (by_hand(ROW1 + SECRET_ROW + "<row"), "codes.xlsx", errors.FileDamaged, {}),
    "a list of sheets that is none": (by_hand(ROW1, parts={"xl/workbook.xml": f"<{SECRET}"}), "a.xlsx", errors.FileDamaged, {}),
    "a sheet that is not there": (
        by_hand(ROW1, parts={"xl/_rels/workbook.xml.rels": "<x/>"}),
        "a.xlsx",
        errors.FileDamaged,
        {},
    ),
    "a false size": (with_false_size(GOOD, "xl/worksheets/sheet1.xml", 100), "codes.xlsx", errors.FileDamaged, {}),
    "a password": (ole("EncryptionInfo", "EncryptedPackage"), "codes.xlsx", errors.FilePasswordProtected, {}),
    "old format": (ole("Workbook"), "codes.xls", errors.FileOldFormat, {}),
    "older format": (ole("Book"), "codes.xls", errors.FileOldFormat, {}),
    "another OLE file": (ole("WordDocument"), "codes.doc", errors.FileUnreadable, {}),
    "a zip bomb": (by_hand("", parts=BOMB), "codes.xlsx", errors.FileSuspicious, {}),
    "larger than allowed unpacked": (GOOD, "codes.xlsx", errors.FileSuspicious, {"unpacked_bytes": 1_000}),
    "a zip in the zip": (
        by_hand(ROW1, parts={"xl/embeddings/a.zip": packed({"a": SECRET})}),
        "a.xlsx",
        errors.FileSuspicious,
        {},
    ),
    "too many parts": (by_hand(ROW1, parts={f"x{i}": "" for i in range(50)}), "a.xlsx", errors.FileSuspicious, {"parts": 40}),
    "entities": (by_hand(ROW1 + SECRET_ROW, before=ENTITIES), "codes.xlsx", errors.FileSuspicious, {}),
    "far corner": (by_hand(ROW1 + FAR.format(at="XFD1048576", close="</c>")), "codes.xlsx", errors.TableTooWide, {}),
    "far corner, unseen": (by_hand(ROW1 + FAR.format(at="XFD1048576", close="</c >")), "a.xlsx", errors.FileTooDemanding, {}),
    "far down": (
        by_hand(ROW1 + FAR.format(at="BL1048576", close="</c>")),
        "a.xlsx",
        errors.FileTooDemanding,
        {"memory_megabytes": 400},
    ),
    "too slow": (by_hand(ROW1 + SLOW), "codes.xlsx", errors.FileTooDemanding, {"seconds": 1}),
    "too wide": (workbook([HEADER, ["1"] * 65]), "codes.xlsx", errors.TableTooWide, {}),
    "too long": (workbook([HEADER, *([SECRET] for _ in range(10))]), "codes.xlsx", errors.TableTooLong, {"rows": 10}),
    "a long cell": (workbook([HEADER, [SECRET * 300]]), "codes.xlsx", errors.CellTooLong, {}),
    "no header": (workbook([[], [], HEADER, [SECRET]]), "codes.xlsx", errors.HeaderMissing, {}),
    "nothing at all": (workbook([]), "codes.xlsx", errors.HeaderMissing, {}),
    "two columns of one name": (workbook([[SECRET, "", SECRET], ["1", "2", "3"]]), "codes.xlsx", errors.HeaderRepeated, {}),
    "only a header": (workbook([HEADER]), "codes.xlsx", errors.RowsMissing, {}),
    "only blanks below": (workbook([HEADER, [" ", "\u3000"], ["\u200b"]]), "codes.xlsx", errors.RowsMissing, {}),
    "only hidden sheets": (by_hand(ROW1, parts={"xl/workbook.xml": "<workbook/>"}), "codes.xlsx", errors.SheetMissing, {}),
    "text: unknown encoding": (b"number\n\xff" + SECRET.encode(), "codes.csv", errors.FileEncodingUnknown, {}),
    "text: UTF-32": (f"number\n{SECRET}".encode("utf-32"), "codes.csv", errors.FileEncodingUnknown, {}),
    "text: UTF-8 with a mark, broken": (b"\xef\xbb\xbfnumber\n\xff", "codes.csv", errors.FileEncodingUnknown, {}),
    "text: UTF-16 without a mark": (f"number\n{SECRET}".encode("utf-16-le"), "codes.csv", errors.FileUnreadable, {}),
    "text: NUL": (f"number\n{SECRET}\0".encode(), "codes.csv", errors.FileUnreadable, {}),
    "text: a long cell": (f"number\n{SECRET * 300}".encode(), "codes.csv", errors.CellTooLong, {}),
    "text: a quote without end": (f'number\n"{SECRET}\n'.encode(), "codes.csv", errors.QuotesBroken, {}),
    "text: a quote amid": (f'number\n"{SECRET}"x\n'.encode(), "codes.csv", errors.QuotesBroken, {}),
    "text: too wide": (f"number\n{',' * 70}{SECRET}".encode(), "codes.csv", errors.TableTooWide, {}),
    "text: too wide a header": ((SECRET + ",").join(map(str, range(70))).encode(), "codes.csv", errors.TableTooWide, {}),
    "text: too long": (f"number\n{SECRET}\n{SECRET}".encode(), "codes.csv", errors.TableTooLong, {"rows": 2}),
    "text: only blanks": (b"\n\n \n", "codes.csv", errors.HeaderMissing, {}),
    "text: only a header": (b"number,pin\n,\n\n", "codes.csv", errors.RowsMissing, {}),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_bad_file_is_refused_by_name_and_nothing_is_echoed(case: str, capfd: Any, caplog: Any):
    data, filename, error, limits = REFUSED[case]
    with pytest.raises(WorkbookRefused) as caught:
        await read(data, filename, **limits)
    refused = caught.value
    assert type(refused) is error
    assert refused.path == ("file",)
    out, err = capfd.readouterr()
    told = [str(refused), repr(refused), refused.message("zh"), str(refused.data), out, err, caplog.text]
    told += [repr(refused.__cause__), repr(refused.__context__)]
    assert not [text for text in told if SECRET[:6] in text]
    assert "{" not in refused.message("en") + refused.message("zh")
    assert children() == []


async def test_rows_have_the_numbers_that_people_see():
    found = await read(workbook([HEADER, ["A1", "0042"], [], ["", " "], ["B2", "7"], [], []]))
    assert found == Read(HEADER, {2: ["A1", "0042"], 5: ["B2", "7"]}, [])


async def test_a_large_gap_is_skipped_and_counted():
    found = await read(by_hand(ROW1 + FAR.format(at="A1048576", close="</c>")))
    assert found.rows == {1048576: ["1", ""]}


async def test_more_rows_than_a_chunk():
    rows = [[f"N{number}", str(number)] for number in range(2, 5003)]
    found = await read(workbook([HEADER, *rows]))
    assert len(found.rows) == 5001
    assert all(row == [f"N{number}", str(number)] for number, row in found.rows.items())


async def test_columns_that_do_not_begin_at_a():
    cells = f'<row r="1">{inline("C1", "number")}</row><row r="2">{inline("C2", "42")}</row>'
    found = await read(by_hand(cells))
    assert (found.columns, found.rows) == (["", "", "number"], {2: ["", "", "42"]})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800000001, "13800000001"),
        (999_999_999_999_999, "999999999999999"),
        (-5, "-5"),
        (0.0, "0"),
        (12.5, "12.5"),
        (0.000001, "0.000001"),
        (True, "TRUE"),
        ("007", "007"),
        ("13800000001234567890", "13800000001234567890"),
        ("\u00a0\ufeff 12 34\u200b\u3000", "12 34"),
        ("１２３ＡＢ", "１２３ＡＢ"),
        ("王五", "王五"),
        ("=1+1", "=1+1"),
        ("line one\nline two", "line one\nline two"),
    ],
)
async def test_a_value_becomes_one_text(value: Any, text: str):
    found = await read(workbook([HEADER, [value, "x"]]))
    assert found == Read(HEADER, {2: [text, "x"]}, [])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("<v>1234567890123456</v>", CellFault.DIGITS_LOST),
        ("<v>1.23456789012346E+17</v>", CellFault.DIGITS_LOST),
        ("<v>0.30000000000000004</v>", CellFault.DIGITS_LOST),
        ("<f>A1</f>", CellFault.FORMULA_WITHOUT_VALUE),
        ("<f>A1</f><v></v>", CellFault.FORMULA_WITHOUT_VALUE),
        ("<f t='shared' si='0'/><v/>", CellFault.FORMULA_WITHOUT_VALUE),
    ],
)
async def test_what_cannot_be_told_is_never_guessed(cell: str, fault: CellFault):
    rows = f'{ROW1}<row r="2">{inline("A2", "x")}<c r="B2">{cell}</c></row>'
    found = await read(by_hand(rows))
    assert found == Read(HEADER, {2: ["x", ""]}, [CellProblem(2, 1, fault)])


async def test_dates_formulas_and_errors():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy/mm/dd hh:mm"})
        sheet.write_row(0, 0, ["day", "moment", "formula", "text", "error", "said"])
        sheet.write_datetime(1, 0, date(2027, 12, 31), day)
        sheet.write_datetime(1, 1, datetime(2027, 12, 31, 13, 5), moment)
        sheet.write_formula(1, 2, "=6*7", None, 42)
        sheet.write_formula(1, 3, '="0"&"42"', None, "042")
        sheet.write_formula(1, 4, "=NA()", None, "#N/A")
        sheet.write_string(1, 5, "#DIV/0!")
    found = await read(out.getvalue())
    assert found.rows == {2: ["2027-12-31", "2027-12-31T13:05:00", "42", "042", "", ""]}
    assert found.faults() == {"E2": CellFault.ERROR_VALUE, "F2": CellFault.ERROR_VALUE}


async def test_zeros_that_are_only_shown_are_no_zeros():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        padded, price = book.add_format({"num_format": "000000"}), book.add_format({"num_format": "#,##0.00"})
        sheet.write_row(0, 0, ["pin", "price", "full"])
        sheet.write_number(1, 0, 42, padded)
        sheet.write_number(1, 1, 7.5, price)
        sheet.write_number(1, 2, 123456, padded)
    found = await read(out.getvalue())
    assert found.rows == {2: ["", "7.5", "123456"]}
    assert found.faults() == {"A2": CellFault.LEADING_ZEROS}


async def test_merged_cells_say_why_they_are_empty():
    merged = '<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="A5:B6"/></mergeCells>'
    rows = f'<row r="2">{inline("A2", "x")}{inline("B2", "1")}</row><row r="3">{inline("B3", "2")}</row>'
    found = await read(by_hand(ROW1 + rows + f'<row r="5">{inline("A5", "y")}</row>', after=merged))
    assert found.rows == {2: ["x", "1"], 3: ["", "2"], 5: ["y", ""]}
    assert found.faults() == {"A3": CellFault.MERGED, "B5": CellFault.MERGED}


async def test_content_without_a_column_name_is_told():
    found = await read(workbook([HEADER, ["1", "2", "", SECRET]]))
    assert found.rows == {2: ["1", "2"]}
    assert found.faults() == {"D2": CellFault.BEYOND_HEADER}


async def test_styled_cells_without_content_are_nothing():
    found = await read(by_hand(f'{ROW1}{SECRET_ROW}<row r="3"><c r="XFD3" s="0"/></row>'))
    assert found.rows == {2: [SECRET, ""]}


async def test_the_first_visible_sheet_or_the_named_one():
    book = workbook([HEADER, ["1", "2"]], sheets=("Notes", "Codes"), hidden=("Notes",))
    assert (await read(book)).rows == {2: ["1", "2"]}
    assert (await read(book, sheet="Codes")).rows == {2: ["1", "2"]}
    with pytest.raises(errors.SheetMissing):
        await read(book, sheet="Notes")


async def test_a_chart_is_no_sheet_and_targets_may_be_absolute():
    relation = '<Relationship Id="rId{}" Type="{}/{}" Target="{}"/>'
    relations = relation.format(1, RELATION, "chartsheet", "chartsheets/sheet1.xml")
    relations += relation.format(2, RELATION, "worksheet", "/xl/worksheets/Sheet1.xml")
    sheets = '<sheet name="Chart" sheetId="1" r:id="rId1"/><sheet name="Codes" sheetId="2" r:id="rId2"/>'
    parts = {
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATION}"><sheets>{sheets}</sheets></workbook>',
        "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{SPREADSHEET}"/>',
    }
    assert (await read(by_hand(ROW1 + SECRET_ROW, parts=parts))).rows == {2: [SECRET, ""]}


TEXT = "卡号,密码\nA１,王五\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
async def test_text_in_the_encodings_people_have(encoding: str):
    found = await read_csv(TEXT.encode(encoding))
    assert found == Read(["卡号", "密码"], {2: ["A１", "王五"]}, [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_text_with_each_delimiter(delimiter: str):
    found = await read_csv(f'"number,;|x"{delimiter}pin\r\n1,5{delimiter}0042\r\n'.replace("1,5", '"1,5"'))
    assert found.rows == {2: ["1,5", "0042"]}


async def test_text_rows_are_records_and_not_lines():
    found = await read_csv('number,pin\n"a\nb",1\n\nc,2,,\nd\n=\t,"=""007"""\n')
    assert found.rows == {2: ["a\nb", "1"], 4: ["c", "2"], 5: ["d", ""], 6: ["=", "007"]}


async def test_text_that_a_spreadsheet_has_spoilt():
    found = await read_csv("number,pin,x\n1.23457E+15,#N/A,a\x07b\n")
    assert found.faults() == {"A2": CellFault.DIGITS_LOST, "B2": CellFault.ERROR_VALUE, "C2": CellFault.CONTROL_CHARACTER}


async def test_one_column_without_a_line_end():
    assert (await read_csv("number\nABC")).rows == {2: ["ABC"]}


def test_normal_form():
    assert normalise_cell(" １２３４－ＡＢ\u200b\u00a0") == "1234-AB"
    assert normalise_cell(" plain ") == "plain"


def test_addresses_and_texts():
    assert [column_letters(n) for n in (0, 25, 26, 63, 701, 702)] == ["A", "Z", "AA", "BL", "ZZ", "AAA"]
    for fault in CellFault:
        problem = CellProblem(7, 1, fault)
        assert "B7" in problem.message("en")
        assert "B7" in problem.message("zh")


BIG = "number,pin\n" + "".join(f"{SECRET}{number},{number}\n" for number in range(100_000))


async def test_the_child_is_limited_and_gone_when_the_reader_stops_early():
    async with read_table(pieces(BIG.encode()), filename="codes.csv", limits=Limits(memory_megabytes=300)) as table:
        (child,) = children()
        limits = {name: child.rlimit(getattr(psutil, name)) for name in ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_FSIZE")}
        assert limits == {"RLIMIT_AS": (300 << 20,) * 2, "RLIMIT_CORE": (0, 0), "RLIMIT_FSIZE": (0, 0)}
        assert child.environ() == {}
        assert SECRET not in " ".join(child.cmdline())
        async for chunk in table.chunks():
            assert len(chunk.rows) <= 1_000
            break
    assert children() == []


async def test_the_child_is_gone_when_the_reader_is_cancelled():
    async def stand_still() -> None:
        async with read_table(pieces(BIG.encode()), filename="codes.csv", limits=Limits()) as table:
            reading.set_result(table)
            await asyncio.sleep(60)

    reading: asyncio.Future[Table] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(stand_still())
    await reading
    assert len(children()) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert children() == []


async def test_the_child_is_gone_when_the_upload_breaks_off():
    async def broken() -> AsyncIterator[bytes]:
        yield BIG.encode()
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        async with read_table(broken(), filename="codes.csv", limits=Limits()):
            raise AssertionError("never reached")
    assert children() == []


async def test_a_child_that_is_killed_is_a_refusal():
    async def kill_it() -> None:
        async with read_table(pieces(BIG.encode()), filename="codes.csv", limits=Limits()) as table:
            (child,) = children()
            child.kill()
            async for _ in table.chunks():
                pass

    with pytest.raises(errors.FileTooDemanding):
        await kill_it()
    assert children() == []
