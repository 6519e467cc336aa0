"""A workbook as an enterprise might keep it, with everything that must outlive an annotated copy; 演示数据."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import xlsxwriter

SHEET, HIDDEN, CHART = "经营情况", "底稿", "图"
OWN_COMMENT = "财务部：已与税务核对"


def write(path: Path) -> Path:
    """Merged heads, formats, rules, a chart, a picture, protection, names, comments and a macro (演示数据)."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    macros = path.suffix == ".xlsm"
    if macros:
        book.add_vba_project(io.BytesIO(b"macro" * 100), is_stream=True)
    sheet, hidden = book.add_worksheet(SHEET), book.add_worksheet(HIDDEN)
    money = book.add_format({"num_format": "#,##0.00", "border": 1, "bold": True, "locked": False})
    tinted = book.add_format({"bg_color": "#CCFFCC", "font_color": "#003366"})
    sheet.merge_range("A1:D1", "演示数据：经营情况", book.add_format({"bold": True, "align": "center"}))
    for row in range(2, 20):
        sheet.write_string(row, 0, f"指标{row}")
        sheet.write_number(row, 1, row * 1000.5, money)
        sheet.write_formula(row, 2, f"=B{row + 1}*2", tinted, row * 2001)
    sheet.set_column("F:F", 12, book.add_format({"italic": True}))
    sheet.set_row(40, 20, tinted)
    sheet.write_comment("B4", OWN_COMMENT, {"author": "财务部"})
    sheet.conditional_format("B3:B19", {"type": "data_bar"})
    sheet.data_validation("D3", {"validate": "list", "source": ["是", "否"]})
    sheet.protect("secret", {"format_cells": True})
    sheet.set_header("&C内部资料")
    sheet.print_area("A1:D20")
    sheet.insert_image("H2", "picture.png", {"image_data": io.BytesIO(_picture())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"={SHEET}!$B$3:$B$19"})
    sheet.insert_chart("H10", chart)
    hidden.write_number("A1", 7)
    hidden.hide()
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": f"={SHEET}!$B$3:$B$9"})
    book.add_chartsheet(CHART).set_chart(pie)
    book.define_name("营业收入", f"={SHEET}!$B$3")
    book.define_name(f"{HIDDEN}!本表", f"={HIDDEN}!$A$1")
    book.close()
    return path


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, found: dict[str, bytes]) -> Path:
    """A workbook of these parts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def _picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
