"""Writing questionnaires against bare xlsxwriter that writes the same cells."""

from __future__ import annotations

import os
import random
from pathlib import Path
from time import perf_counter

import xlsxwriter
from conftest import code_of
from questionnaire_writer import MAIN, fill, sheet_xml, xml
from xlsxwriter.utility import xl_cell_to_rowcol

from survey import cells, questionnairebook
from survey import store as stores
from survey.scheme import Scheme
from survey.texts import Texts

UNITS = int(os.environ.get("QUESTIONNAIRES", "200"))
# A cell: row, column, its formula or '', its value.
Held = list[tuple[int, int, str, str | float]]


def held(path: Path) -> dict[str, Held]:
    """What stands in the cells of a workbook, its formulas too."""
    shared = ["".join(one.itertext()) for one in xml(path, "xl/sharedStrings.xml")]
    found: dict[str, Held] = {}
    for sheet in xml(path, "xl/workbook.xml").iter(f"{MAIN}sheet"):
        name = str(sheet.get("name"))
        found[name] = []
        for cell in sheet_xml(path, name).iter(f"{MAIN}c"):
            text = cell.findtext(f"{MAIN}v", "")
            value: str | float = shared[int(text)] if cell.get("t") == "s" else text
            if text and cell.get("t") is None:
                value = float(text)
            found[name].append((*xl_cell_to_rowcol(cell.get("r")), cell.findtext(f"{MAIN}f", ""), value))
    return found


def bare(path: Path, sheets: dict[str, Held]) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    look = book.add_format({"border": 1})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, column, formula, value in rows:
            if formula:
                sheet.write_formula(row, column, formula, look, value)
            elif isinstance(value, float):
                sheet.write_number(row, column, value, look)
            elif value:
                sheet.write_string(row, column, value, look)
            else:
                sheet.write_blank(row, column, None, look)
    book.close()


def test_questionnaires_against_bare_xlsxwriter(cluster: Scheme, texts: Texts, tmp_path: Path) -> None:
    store = stores.create(tmp_path / "desk.census", cluster, "2025", "440305")
    dice = random.Random(1)
    units = [cells.add_unit(store, code_of(at), f"演示数据{at}", "2025") for at in range(1, UNITS + 1)]
    with store.atomic():
        for unit in units:
            fill(store, unit, "2025", dice)
    start = perf_counter()
    made = questionnairebook.write_each(store, units, "2025", tmp_path / "out", texts)
    ours = perf_counter() - start
    store.close()
    sheets = held(made[0])
    start = perf_counter()
    for _ in units:
        bare(tmp_path / "bare.xlsx", sheets)
    floor = perf_counter() - start
    size = sum(path.stat().st_size for path in made) / len(made) / 1024
    count = sum(map(len, sheets.values()))
    print(
        f"\n{UNITS} questionnaires of {count:,} cells, {size:.0f} kB: {ours:.1f} s, {ours / UNITS * 1000:.0f} ms each"
    )
    print(f"the same cells with bare xlsxwriter {floor:.1f} s, ratio {ours / floor:.2f}")
    assert ours < 3 * floor
