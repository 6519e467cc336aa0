"""Writes the hostile files into a folder: `python make.py FOLDER`. Every name in them is invented, 演示数据.

What each must come to stands in expected.toml. A new file is a function below a `@file` with its name.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
import struct
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

CODES = ("91440300MA9000011D", "91440300MA900002X5", "91440300MA90000385", "91440300MA90000460", "91440300MA9000054T")
HEAD = ("统一社会信用代码", "单位详细名称", "所在区", "营业收入", "从业人员期末人数")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WHEN = (2025, 1, 1, 0, 0, 0)

Part = str | bytes
Writer = Callable[[], bytes]
FILES: dict[str, Writer] = {}


def file(name: str) -> Callable[[Writer], Writer]:
    """The function below makes the file of this name."""

    def keep(writer: Writer) -> Writer:
        FILES[name] = writer
        return writer

    return keep


def unit(number: int, revenue: Any = 100, staff: Any = 5) -> list[Any]:
    return [CODES[number - 1], f"演示数据{number}", "南山区", revenue, staff]


LIST = [list(HEAD), unit(1), unit(2)]


# Packages of the XML formats


def letters(at: int) -> str:
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def cell(row: int, column: int, value: Any) -> str:
    """A cell; a text that begins with < is taken as its XML with @ for its place."""
    place = f"{letters(column)}{row}"
    if isinstance(value, str):
        if value.startswith("<"):
            return value.replace("@", place)
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""
    return f'<c r="{place}"><v>{value!r}</v></c>'


def sheet(rows: Sequence[Sequence[Any]], after: str = "", *, first: int = 1, main: str = MAIN, begin: str = "") -> str:
    body = "".join(
        f'<row r="{number}">{"".join(cell(number, at, value) for at, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, first)
    )
    return f'{XML}{begin}<worksheet xmlns="{main}"><sheetData>{body}</sheetData>{after}</worksheet>'


def parts(
    sheets: Mapping[str, Part], *, office: str = OFFICE, main: str = MAIN, properties: str = "", more: str = ""
) -> dict[str, Part]:
    """The parts of a workbook with these sheets by name."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    books = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    found: dict[str, Part] = {
        "[Content_Types].xml": f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{books}"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{main}" xmlns:r="{office}">{properties}<sheets>{listed}</sheets>'
        f"{more}</workbook>",
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
    }
    return found | {f"xl/worksheets/sheet{at}.xml": content for at, content in enumerate(sheets.values(), 1)}


def packed(content: Mapping[str, Part] | Sequence[tuple[str, Part]], level: int = 6) -> bytes:
    """A zip of parts; pairs may name one twice."""
    pairs = content.items() if isinstance(content, Mapping) else content
    found = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, part in pairs:
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, part, compresslevel=level)
    return found.getvalue()


def workbook(rows: Sequence[Sequence[Any]], after: str = "") -> bytes:
    return packed(parts({"名录": sheet(rows, after)}))


def written(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook as the library writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        book.set_properties({"created": datetime(*WHEN[:6])})
        fill(book)
        book.close()
        return path.read_bytes()


def list_page(book: xlsxwriter.Workbook, rows: Sequence[Sequence[Any]] = LIST, name: str = "名录") -> Any:
    page = book.add_worksheet(name)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    return page


GOOD = workbook(LIST)


# What it is


def as_text(rows: Sequence[Sequence[Any]] = LIST, delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows)


file("good.xlsx")(lambda: GOOD)
file("workbook_named.csv")(lambda: GOOD)
file("workbook_named.txt")(lambda: GOOD)
file("workbook_named.et")(lambda: GOOD)
file("workbook_named.xls")(lambda: GOOD)
file("text_named.xlsx")(lambda: as_text().encode())
file("gb18030.csv")(lambda: as_text().encode("gb18030"))
file("utf8_mark.csv")(lambda: as_text().encode("utf-8-sig"))
file("unicode_text.txt")(lambda: as_text(delimiter="\t").encode("utf-16"))
file("unicode_big.txt")(lambda: b"\xfe\xff" + as_text(delimiter="\t").encode("utf-16-be"))
file("unicode_no_mark.csv")(lambda: as_text().encode("utf-16-le"))
file("begins_like_a_zip.csv")(("PK公司名录\r\n" + as_text()).encode)
file("semicolons.csv")(lambda: as_text(delimiter=";").encode())
file("quoted_lines.csv")(lambda: as_text([HEAD, unit(1)]).replace("演示数据1", '"演示\n数据1"').encode())
file("title_commas.csv")(("企业名录，2025年\r\n" + as_text(delimiter="\t")).encode)
file("noughts.csv")(lambda: as_text().encode() + b"\0\0\0")
file("endless_line.csv")(lambda: as_text().encode() + b"x," * 3_000_000)
file("long_cell.csv")(lambda: as_text().encode() + b"y" * 300_000 + b",1\r\n")
file("open_quote.csv")(lambda: as_text().encode() + b'"' + b"1,2\r\n" * 100_000)
file("latin.csv")(lambda: b"\xff\xfd\xe9\xff,a\r\n\xff\xe9,b\r\n")
file("page.xls")("<html><body><table><tr><td>统一社会信用代码</td></tr></table></body></html>".encode)
file("fragment.xls")(lambda: b"\xef\xbb\xbf\r\n<table border=1><tr><td>a</td></tr></table>")
file("office_page.xls")(lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html></html>")
file("spreadsheet_2003.xls")(
    (
        XML + '<?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    ).encode
)
file("other.xml")((XML + "<list/>").encode)
file("paper.xlsx")(lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
file("letter.xlsx")(lambda: packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}))
file("slides.xlsx")(lambda: packed({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<presentation/>"}))
file("rich_text.xls")(lambda: b"{\\rtf1\\ansi text}")
file("picture.xlsx")(lambda: b"\x89PNG\r\n\x1a\n" + bytes(64))
file("photo.csv")(lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(64))
file("archive.xlsx")(lambda: packed({"list.xlsx": GOOD}))
file("nested.xlsx")(lambda: packed({"a.zip": packed({"b.zip": packed({"c.zip": packed({"list.xlsx": GOOD})})})}))
file("seven.xlsx")(lambda: b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(64))
file("program.xlsx")(lambda: b"MZ\x90\0\x03\0\0\0" + bytes(128))
file("program_elf.et")(lambda: b"\x7fELF\x02\x01\x01" + bytes(128))
file("script.csv")(lambda: b"#!/bin/sh\nrm -rf /\n")
file("empty.xlsx")(lambda: b"")
file("noughts.xlsx")(lambda: bytes(4096))
file("~$list.xlsx")(lambda: b"\x05demo" + bytes(160))
file("very_old.xls")(lambda: struct.pack("<4H", 0x0409, 6, 0, 0x10) + bytes(64))


def database(application: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        made = sqlite3.connect(path)
        made.execute(f"PRAGMA application_id = {application}")
        made.execute("CREATE TABLE t (a)")
        made.commit()
        made.close()
        return path.read_bytes()


file("database.xlsx")(lambda: database(7))
file("desk.census")(lambda: database(0x43454E53))


# Compound files: the old workbooks, and what wraps an encrypted one


def compound(name: str, content: bytes) -> bytes:
    """A compound file with one stream."""
    content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
    count = len(content) // 512
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    chain = [table, end, *range(3, 2 + count), end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        wide = title.encode("utf-16-le") + b"\0\0"
        return wide.ljust(64, b"\0") + struct.pack(
            "<HBB3I16sI8s8sIQ", len(wide), kind, 1, free, free, child, b"", 0, b"", b"", start, size
        )

    directory = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(content)) + bytes(256)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    return head + fat + directory + content


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(content)) + content


def binary_book(rows: Sequence[Sequence[Any]], locked: bytes = b"") -> bytes:
    """The stream of an Excel 97 workbook with one sheet."""
    texts = [value for row in rows for value in row if isinstance(value, str)]
    shared = struct.pack("<2I", len(texts), len(texts))
    for text in texts:
        shared += struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<4H2I", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    def book(offset: int) -> bytes:
        name = "名录"
        listed = struct.pack("<IHBB", offset, 0, len(name), 1) + name.encode("utf-16-le")
        return (
            begin(5)
            + locked
            + record(0x42, struct.pack("<H", 1200))
            + record(0x85, listed)
            + record(0xFC, shared)
            + record(0x0A)
        )

    cells = b""
    for number, row in enumerate(rows):
        for at, value in enumerate(row):
            if isinstance(value, str):
                cells += record(0xFD, struct.pack("<3HI", number, at, 0, texts.index(value)))
            else:
                cells += record(0x203, struct.pack("<3Hd", number, at, 0, value))
    extent = record(0x200, struct.pack("<2I3H", 0, len(rows), 0, max(map(len, rows)), 0))
    return book(len(book(0))) + begin(0x10) + extent + cells + record(0x0A)


OLD = compound("Workbook", binary_book(LIST))
file("old.xls")(lambda: OLD)
file("old_named.xlsx")(lambda: OLD)
file("old_named.csv")(lambda: OLD)
file("old_named.et")(lambda: OLD)
file("old_cut.xls")(lambda: OLD[: len(OLD) // 2])
file("old_locked.xls")(lambda: compound("Workbook", binary_book(LIST, record(0x2F, bytes(6)))))
file("encrypted.xlsx")(lambda: compound("EncryptedPackage", bytes(8192)))
file("old_letter.xls")(lambda: compound("WordDocument", bytes(4096)))


# Zips that lie or burst


def zeros(size: int) -> bytes:
    return b"0" * size


def patched(content: bytes, name: str, field: int, value: int, *, local: bool = False) -> bytes:
    """A zip with a field of four bytes in the header of a part changed: central, or local too."""
    mark, at_name = b"PK\1\2", 46
    start = content.index(mark)
    while content[start + at_name :].startswith(name.encode()) is False:
        start = content.index(mark, start + 4)
    changed = bytearray(content)
    struct.pack_into("<I", changed, start + field, value)
    if local:
        offset = struct.unpack_from("<I", content, start + 42)[0]
        struct.pack_into("<I", changed, offset + field - 2, value)
    return bytes(changed)


SHEET = "xl/worksheets/sheet1.xml"


@file("bomb.xlsx")
def bomb() -> bytes:
    return packed(parts({"名录": sheet(LIST).encode() + zeros(300 << 20)}), level=9)


@file("bomb_that_lies.xlsx")
def bomb_that_lies() -> bytes:
    text = sheet(LIST).encode()
    lying = patched(packed(parts({"名录": text + zeros(50 << 20)}), level=9), SHEET, 24, len(text), local=True)
    return patched(lying, SHEET, 16, zlib.crc32(text), local=True)


@file("many_members.xlsx")
def many_members() -> bytes:
    return packed({**parts({"名录": sheet(LIST)}), **{f"xl/media/{at}.bin": b"" for at in range(30_000)}})


file("size_wrong.xlsx")(lambda: patched(GOOD, SHEET, 24, 10))
file("sum_wrong.xlsx")(lambda: patched(GOOD, SHEET, 16, 1))
file("size_huge.xlsx")(lambda: patched(GOOD, SHEET, 24, 0xF0000000))
file("offset_wrong.xlsx")(lambda: patched(GOOD, SHEET, 42, 0))
file("locked_part.xlsx")(lambda: patched(GOOD, SHEET, 8, 0x00000001))
file("cut_half.xlsx")(lambda: GOOD[: len(GOOD) // 2])
file("cut_end.xlsx")(lambda: GOOD[:-10])
file("cut_head.xlsx")(lambda: GOOD[100:])
file("only_head.xlsx")(lambda: GOOD[:20])
file("before.xlsx")(lambda: b"\r\n" * 50 + GOOD)
file("after.xlsx")(lambda: GOOD + b"\r\n" * 50)
file("part_twice.xlsx")(lambda: packed([*parts({"名录": sheet(LIST)}).items(), (SHEET, sheet([HEAD, unit(3)]))]))
file("backslashes.xlsx")(
    lambda: GOOD.replace(b"xl/worksheets/sheet1.xml", b"xl\\worksheets\\sheet1.xml").replace(b"xl/work", b"xl\\work")
)
file("absurd_names.xlsx")(
    lambda: packed({**parts({"名录": sheet(LIST)}), "../../../etc/passwd": b"x", "a/" * 3000 + "b": b"", "C:\\x": b""})
)


@file("zip64.xlsx")
def zip64() -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts({"名录": sheet(LIST)}).items():
            with archive.open(zipfile.ZipInfo(name, WHEN), "w", force_zip64=True) as target:
                target.write(part if isinstance(part, bytes) else part.encode())
    return found.getvalue()


# XML that harms


def with_head(begin: str, text: str) -> bytes:
    return packed(parts({"名录": sheet([HEAD, [CODES[0], text, "南山区", 1, 1]], begin=begin)}))


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>" for at in range(8)
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
file("entity_bomb.xlsx")(lambda: packed(parts({"名录": sheet(LIST, begin=f"{LAUGHS}]>").replace("演示数据1", "&i;")})))
file("entity_outside.xlsx")(
    lambda: packed(
        parts(
            {
                "名录": sheet(LIST, begin='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>').replace(
                    "数据1", "&e;"
                )
            }
        )
    )
)
file("entity_in_workbook.xlsx")(
    lambda: packed(
        parts({"名录": sheet(LIST)})
        | {"xl/workbook.xml": f'{XML}<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd"><workbook xmlns="{MAIN}"/>'}
    )
)
file("deep.xlsx")(
    lambda: packed(parts({"名录": sheet(LIST)}) | {"xl/workbook.xml": XML + "<a>" * 100_000 + "</a>" * 100_000})
)
file("deep_sheet.xlsx")(lambda: workbook(LIST, "<extLst>" + "<a>" * 100_000 + "</a>" * 100_000 + "</extLst>"))


@file("string_bomb.xlsx")
def string_bomb() -> bytes:
    rows = [list(HEAD), *(['<c r="@" t="s"><v>0</v></c>'] * 5 for _ in range(5000))]
    found = parts({"名录": sheet(rows)})
    found["xl/sharedStrings.xml"] = f'{XML}<sst xmlns="{MAIN}"><si><t>{"长" * 2_000_000}</t></si></sst>'
    return packed(found)


@file("string_missing.xlsx")
def string_missing() -> bytes:
    return workbook([*LIST, ['<c r="@" t="s"><v>999999</v></c>']])


# Packages that are not as they should be


def without(*names: str) -> bytes:
    return packed({name: part for name, part in parts({"名录": sheet(LIST)}).items() if name not in names})


file("no_workbook.xlsx")(lambda: without("xl/workbook.xml"))
file("no_types.xlsx")(lambda: without("[Content_Types].xml"))
file("no_root_relations.xlsx")(lambda: without("_rels/.rels"))
file("no_relations.xlsx")(lambda: without("xl/_rels/workbook.xml.rels"))
file("no_sheet_part.xlsx")(lambda: without(SHEET))
file("no_sheets.xlsx")(lambda: packed(parts({})))
file("empty_sheet.xlsx")(lambda: workbook([]))
file("absolute_targets.xlsx")(
    lambda: packed(
        {
            name: part.replace('Target="worksheets', 'Target="/xl/worksheets') if isinstance(part, str) else part
            for name, part in parts({"名录": sheet(LIST)}).items()
        }
    )
)
file("targets_outside.xlsx")(
    lambda: packed(
        parts({"名录": sheet(LIST)})
        | {
            "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
            f'Type="{OFFICE}/worksheet" Target="../../../../etc/passwd"/></Relationships>'
        }
    )
)
file("workbook_elsewhere.xlsx")(
    lambda: packed(
        {
            name.replace("xl/", "xl/book/").replace("workbook.xml", "main.xml"): str(part).replace(
                "xl/workbook.xml", "xl/book/main.xml"
            )
            for name, part in parts({"名录": sheet(LIST)}).items()
        }
    )
)
file("strict.xlsx")(
    lambda: packed(parts({"名录": sheet(LIST, main=STRICT_MAIN)}, office=STRICT_OFFICE, main=STRICT_MAIN))
)
file("prefixes.xlsx")(
    lambda: packed(
        parts(
            {
                "名录": sheet(LIST).replace("<worksheet xmlns=", "<x:worksheet xmlns:x=").replace("<", "<x:")
                .replace("<x:/", "</x:").replace("<x:?", "<?").replace("<x:x:", "<x:")
            }
        )
    )
)  # fmt: skip
file("same_name_twice.xlsx")(
    lambda: packed(
        {
            name: part.replace('"乙"', '"名录"') if isinstance(part, str) else part
            for name, part in parts({"名录": sheet([HEAD, unit(1)]), "乙": sheet([HEAD, unit(2)])}).items()
        }
    )
)
file("odd_names.xlsx")(
    lambda: packed(parts({"A&B <名录>\n" + "很长" * 60: sheet(LIST), "'; DROP TABLE unit; --": sheet([["说明"]])}))
)
file("macro.xlsm")(
    lambda: packed(parts({"名录": sheet(LIST)}) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(4096)})
)
file("links_outside.xlsx")(
    lambda: packed(
        parts({"名录": sheet([*LIST, unit(3, '<c r="@"><f>[1]Sheet1!A1</f><v>70</v></c>')])})
        | {
            "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>',
            "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="rId1" Type="{OFFICE}/externalLinkPath" Target="http://192.0.2.1/x.xlsx" '
            'TargetMode="External"/></Relationships>',
        }
    )
)


@file("only_charts.xlsx")
def only_charts() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_chartsheet("图")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "={1,2}"})
        page.set_chart(chart)

    return written(fill)


# Sheets that are too large, or only look so


@file("far_cell.xlsx")
def far_cell() -> bytes:
    content = sheet(LIST).replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    return packed(parts({"名录": content}))


@file("far_format.xlsx")
def far_format() -> bytes:
    content = sheet(LIST).replace("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    return packed(parts({"名录": content}))


@file("beyond_the_sheet.xlsx")
def beyond_the_sheet() -> bytes:
    content = sheet(LIST).replace(
        "</sheetData>", '<row r="99999999"><c r="ZZZZ99999999"><v>1</v></c></row></sheetData>'
    )
    return packed(parts({"名录": content}))


@file("diagonal.xlsx")
def diagonal() -> bytes:
    rows = "".join(f'<row r="{at}"><c r="{letters(at)}{at}"><v>1</v></c></row>' for at in range(10, 16_000))
    return packed(parts({"名录": sheet(LIST).replace("</sheetData>", rows + "</sheetData>")}))


@file("phantom_rows.xlsx")
def phantom_rows() -> bytes:
    rows = "".join(f'<row r="{at}" ht="15"><c r="A{at}" s="0"/></row>' for at in range(4, 1_048_577))
    return packed(parts({"名录": sheet(LIST).replace("</sheetData>", rows + "</sheetData>")}), level=1)


@file("all_columns.xlsx")
def all_columns() -> bytes:
    return workbook([[*HEAD, *(f"列{at}" for at in range(16_384 - len(HEAD)))], unit(1), unit(2)])


file("dimension_lies.xlsx")(
    lambda: packed(parts({"名录": sheet(LIST).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')}))
)
file("dimension_a1.xlsx")(
    lambda: packed(parts({"名录": sheet(LIST).replace("<sheetData>", '<dimension ref="A1"/><sheetData>')}))
)


# Cells


def revenue(xml: str) -> list[Any]:
    """A unit whose revenue is written so."""
    return [CODES[0], "演示数据1", "南山区", xml, 5]


file("formula_without_value.xlsx")(lambda: workbook([HEAD, revenue('<c r="@"><f>B3+B4</f></c>'), unit(2)]))
file("formula_empty_value.xlsx")(
    lambda: workbook([HEAD, revenue('<c r="@"><f>SUM(&quot;1&quot;,2)</f><v></v></c>'), unit(2)])
)
file("formula_empty_text.xlsx")(lambda: workbook([HEAD, revenue('<c r="@" t="str"><f>""</f><v></v></c>'), unit(2)]))
file("formula_text.xlsx")(lambda: workbook([HEAD, revenue('<c r="@" t="str"><f>TEXT(1,0)</f><v>70</v></c>'), unit(2)]))
file("formula_shared.xlsx")(lambda: workbook([HEAD, revenue('<c r="@"><f t="shared" si="0"/><v/></c>'), unit(2)]))
file("errors.xlsx")(
    lambda: workbook(
        [
            HEAD,
            revenue('<c r="@" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
            [CODES[1], '<c r="@" t="e"><v>#N/A</v></c>', '<c r="@" t="e"><v>#REF!</v></c>', 1, 1],
            ['<c r="@" t="e"><v>#NAME?</v></c>', "演示数据3", "南山区", 1, 1],
        ]
    )
)
file("error_in_head.xlsx")(lambda: workbook([[*HEAD, '<c r="@" t="e"><v>#REF!</v></c>'], unit(1)]))
file("not_finite.xlsx")(
    lambda: workbook(
        [HEAD, *([code, "演示", "南山区", f'<c r="@"><v>{value}</v></c>', 5]
                 for code, value in zip(CODES, ("NaN", "INF", "1E308", "-0", "-0.0"), strict=True))]
    )
)  # fmt: skip
file("booleans.xlsx")(lambda: workbook([HEAD, revenue('<c r="@" t="b"><v>1</v></c>')]))
RUNS = f"<is><r><t>{CODES[0][:9]}</t></r><r><rPr><b/></rPr><t>{CODES[0][9:]}</t></r></is>"
file("inline.xlsx")(
    lambda: workbook(
        [
            HEAD,
            [
                f'<c r="@" t="inlineStr">{RUNS}</c>', "演示数据1", "南山区", '<c r="@" t="str"><v>70</v></c>',
                '<c r="@" t="n"><v>5</v></c>',
            ],
        ]
    )
)  # fmt: skip


@file("rich_shared.xlsx")
def rich_shared() -> bytes:
    found = parts(
        {"名录": sheet([HEAD, [CODES[0], '<c r="@" t="s"><v>0</v></c>', '<c r="@" t="s"><v>1</v></c>', 1, 1]])}
    )
    found["xl/sharedStrings.xml"] = (
        f'{XML}<sst xmlns="{MAIN}"><si><r><t>演示</t></r><r><rPr><b/></rPr><t xml:space="preserve">数据1 </t></r></si>'
        '<si><t>南山区</t><rPh sb="0" eb="1"><t>nanshan</t></rPh><phoneticPr fontId="1"/></si></sst>'
    )
    return packed(found)


file("no_places.xlsx")(
    lambda: packed(
        parts(
            {
                "名录": f'{XML}<worksheet xmlns="{MAIN}"><sheetData>'
                + "".join(
                    "<row>"
                    + "".join(
                        f'<c t="inlineStr"><is><t>{value}</t></is></c>'
                        if isinstance(value, str)
                        else f"<c><v>{value}</v></c>"
                        for value in row
                    )
                    + "</row>"
                    for row in LIST
                )
                + "</sheetData></worksheet>"
            }
        )
    )
)


def dated(properties: str, *values: str) -> bytes:
    """Founding dates: numbers in the format of days."""
    head = [HEAD[0], HEAD[1], "成立时间"]
    rows = [[code, "演示", value] for code, value in zip(CODES, values, strict=False)]
    found = parts({"名录": sheet([head, *rows])}, properties=properties)
    found["xl/styles.xml"] = (
        f'{XML}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>"
    )
    found["xl/_rels/workbook.xml.rels"] = str(found["xl/_rels/workbook.xml.rels"]).replace(
        "</Relationships>", f'<Relationship Id="rId9" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )
    return packed(found)


DAY = '<c r="@" s="1"><v>{}</v></c>'
file("days_1900.xlsx")(lambda: dated("", DAY.format(45657), '<c r="@" t="d"><v>2024-12-31</v></c>', "2024年12月31日"))
file("days_1904.xlsx")(lambda: dated('<workbookPr date1904="1"/>', DAY.format(44195)))
file("days_as_numbers.xlsx")(lambda: dated("", '<c r="@"><v>45657</v></c>'))


@file("day_for_number.xlsx")
def day_for_number() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = list_page(book)
        page.write_datetime(1, 3, datetime(2025, 1, 2), book.add_format({"num_format": "m-d"}))

    return written(fill)


# Codes


@file("codes.xlsx")
def codes() -> bytes:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in CODES[2])
    spoilt: list[Any] = [
        CODES[0].lower(), f"{CODES[1][:8]} {CODES[1][8:]}", wide, f"{CODES[3][:9]}\u200b{CODES[3][9:]}",
        9.14403001922038e17, "9.14403E+17", "914403001922038000", CODES[4][:-1], "9144O300MA9000O54T",
        CODES[4][:-1] + "A", "12345", "无代码", '<c r="@" t="e"><v>#VALUE!</v></c>', "",
    ]  # fmt: skip
    return workbook([HEAD, *([code, "演示数据", "南山区", 1, 1] for code in spoilt)])


file("code_in_two.xlsx")(
    lambda: workbook([[HEAD[0], "", HEAD[3]], [CODES[0][:10], CODES[0][10:], 7], [CODES[1], "", 8]])
)
file("numbers_as_text.xlsx")(
    lambda: workbook(
        [HEAD, *([code, "演示", "南山区", value, 1]
                 for code, value in zip(CODES, ("１，２３４", "'1234", "1,234万元", "￥1,000", "1.2.3"), strict=True))]
    )
)  # fmt: skip


# Lists


file("unit_above.xlsx")(lambda: workbook([["单位：万元"], *LIST]))
file("unit_in_heading.xlsx")(lambda: workbook([[*HEAD[:3], "营业收入（亿元）", HEAD[4]], unit(1), unit(2)]))
file("head_in_row_15.xlsx")(lambda: workbook([*[["企业名录"]] * 14, *LIST]))
file("head_in_row_30.xlsx")(lambda: workbook([*[["企业名录"]] * 29, *LIST]))
file("head_twice.xlsx")(lambda: workbook([HEAD, unit(1), HEAD, unit(2)]))
file("same_heading_twice.xlsx")(lambda: workbook([[*HEAD, "营业收入"], [*unit(1), 999], unit(2)]))
file("totals.xlsx")(lambda: workbook([*LIST, ["合计", "", "", 200, 10]]))
file("unit_twice.xlsx")(lambda: workbook([*LIST, unit(1, 7)]))
file("no_code.xlsx")(lambda: workbook([["单位详细名称", "营业收入"], ["演示", 1]]))
file("merged.xlsx")(
    lambda: workbook(
        [HEAD, unit(1, 500), [*unit(2)[:2], "", "", 5]],
        '<mergeCells><mergeCell ref="C2:C3"/><mergeCell ref="D2:D3"/></mergeCells>',
    )
)
file("merged_wildly.xlsx")(
    lambda: workbook(LIST, '<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="A2:A3"/></mergeCells>')
)
file("hidden_sheet.xlsx")(
    lambda: packed(
        {
            name: part.replace('name="旧"', 'name="旧" state="veryHidden"') if isinstance(part, str) else part
            for name, part in parts({"名录": sheet(LIST), "旧": sheet([HEAD, unit(3)])}).items()
        }
    )
)
file("return.xlsx")(
    lambda: packed(parts({"T-01": sheet([["_uscc", "_name"]]), "_manifest": sheet([["format", "census-desk-return"]])}))
)
file("query.xlsx")(
    lambda: packed(parts({"查询单": sheet([["_key"]]), "_query": sheet([["format", "census-desk-query"]])}))
)


def make(folder: Path) -> list[Path]:
    """Writes every file, and the folder that is given as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, writer in FILES.items():
        (folder / name).write_bytes(writer())
    (folder / "folder.xlsx").mkdir(exist_ok=True)
    return [folder / name for name in (*FILES, "folder.xlsx")]


# Questionnaires


def stamp(**changed: str) -> dict[str, str]:
    """The stamp of a questionnaire that was sent to whoever is not in the register yet."""
    facts = {
        "format": "census-desk-questionnaire", "format_version": "1", "scheme": "test", "version": "0.1",
        "period": "2025", "desk": "440305", "unit": "", "name": "", "file": "0", "created": "2025-01-01T08:00:00+08:00",
    } | changed  # fmt: skip
    told = "\n".join("\t".join(line) for line in facts.items())
    return {**facts, "digest": hashlib.sha256(told.encode()).hexdigest()}


def asked(
    answers: Mapping[str, Any],
    on_sheet: Mapping[str, str],
    in_names: Mapping[str, str] | None = None,
    *,
    key: str = "_key",
    copy: bool = False,
) -> bytes:
    """A questionnaire with its hidden names; cells that begin with < are XML as in `cell`."""
    rows = [
        ["", key, "", "_value"],
        *([[f"{at}", item, "", value] for at, (item, value) in enumerate(answers.items())]),
    ]
    hidden = sheet([list(line) for line in on_sheet.items()])
    named = on_sheet if in_names is None else in_names
    defined = "".join(
        f'<definedName name="_census_{name}" hidden="1">"{escape(text)}"</definedName>' for name, text in named.items()
    )
    sheets: dict[str, Part] = {"表一": sheet(rows)}
    if copy:
        sheets["表一 (2)"] = sheet([rows[0], *([*row[:3], 7] for row in rows[1:])])
    if on_sheet:
        sheets["_questionnaire"] = hidden
    return packed(parts(sheets, more=f"<definedNames>{defined}</definedNames>" if defined else ""))


ANSWERS = {"uscc": CODES[0], "name": "演示数据1", "revenue": 5, "employees": 3}
for _name, _content in {
    "asked.xlsx": lambda: asked(ANSWERS, stamp()),
    "asked_names_only.xlsx": lambda: asked(ANSWERS, {}, stamp()),
    "asked_sheet_only.xlsx": lambda: asked(ANSWERS, stamp(), {}),
    "asked_older.xlsx": lambda: asked(ANSWERS, stamp(version="0.0")),
    "asked_newer.xlsx": lambda: asked(ANSWERS, stamp(format_version="2")),
    "asked_other_survey.xlsx": lambda: asked(ANSWERS, stamp(scheme="other")),
    "asked_other_period.xlsx": lambda: asked(ANSWERS, stamp(period="2019")),
    "asked_other_desk.xlsx": lambda: asked(ANSWERS, stamp(desk="440304")),
    "asked_unknown_unit.xlsx": lambda: asked({**ANSWERS, "uscc": CODES[4]}, stamp(unit=CODES[4], name="演示数据5")),
    "asked_two_units.xlsx": lambda: asked({**ANSWERS, "uscc": CODES[1]}, stamp(unit=CODES[0])),
    "asked_two_stamps.xlsx": lambda: asked(ANSWERS, stamp(), stamp(unit=CODES[0])),
    "asked_tampered.xlsx": lambda: asked(ANSWERS, stamp() | {"name": "别人"}),
    "asked_no_names_of_cells.xlsx": lambda: asked(ANSWERS, stamp(), key="x"),
    "asked_nothing.xlsx": lambda: asked({"uscc": CODES[0], "name": "演示数据1", "revenue": ""}, stamp()),
    "asked_nobody.xlsx": lambda: asked({"revenue": 5}, stamp()),
    "asked_sheet_copied.xlsx": lambda: asked({**ANSWERS, "revenue": 7, "employees": 3}, stamp(), copy=True),
    "asked_dirt.xlsx": lambda: asked(
        {
            **ANSWERS,
            "revenue": '<c r="@"><f>B1*2</f></c>',
            "employees": '<c r="@" t="e"><v>#REF!</v></c>',
            "rd_expenditure": "1,234万元",
            "total_profit": "１,２３４",
            "nothing": 1,
            "segment": "炼钢",
        },
        stamp(),
    ),
}.items():
    file(_name)(_content)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
