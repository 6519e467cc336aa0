"""Questionnaires for tests: invented answers of every kind, and a workbook's sheets, cells and XML."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

from survey import cells
from survey.codes import uscc_with_check
from survey.form import Item
from survey.questionnairefile import Answer, Stamp, decode
from survey.reader import Reader
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_AMOUNTS = (0, 1, 2, 3, 10, 50, 120, 2019, 25_000, 1_000_000)


def invented(item: Item, scheme: Scheme, dice: random.Random) -> Value:
    """Any answer that the item can have."""
    match item.type:
        case "integer":
            return dice.choice(_AMOUNTS) * (-1 if item.minimum is None and dice.random() < 0.1 else 1)
        case "decimal":
            return dice.choice(_AMOUNTS) / dice.choice((1, 4, 10))
        case "flag":
            return dice.randint(0, 1)
        case "code":
            return dice.choice(list(scheme.lists[item.list].codes))
        case "date":
            return dice.choice(("2015", "2015-03", "2015-03-01", "2025-12-31"))
        case "uscc":
            body = f"91440300MA{dice.randrange(10_000_000):07}"
            return uscc_with_check(body) if dice.random() < 0.7 else f"{body}A"
    return dice.choice(("0755-1", "518000", "甲", "A1"))


def fill(store: Store, unit: int, period: str, dice: random.Random, share: float = 0.7, lines: int = 3) -> None:
    """Answers to most items of a unit; codes that narrow one another agree more often than not."""
    scheme = store.scheme
    written: list[tuple[str, int, Value]] = []
    for form in scheme.forms_of("unit"):
        for line in range(1, lines + 1) if form.is_list else (0,):
            asked = [one for one in form.items if not one.computed and one.name not in ("uscc", "name")]
            written += [(one.name, line, invented(one, scheme, dice)) for one in asked if dice.random() < share]
    cells.write_all(store, unit, period, written)


def read(path: Path) -> tuple[Stamp, list[Answer]]:
    """A questionnaire as whoever takes it in reads it."""
    with Reader() as reader, reader.read(path, decode) as parts:
        stamp, answers, _ = parts
    return stamp, answers


def sheets(path: Path) -> Mapping[str, list[list[Any]]]:
    """Every cell of a workbook."""
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def xml(path: Path, part: str) -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(part))


def sheet_xml(path: Path, name: str) -> etree._Element:
    """The XML of a sheet by its name."""
    names = [one.get("name") for one in xml(path, "xl/workbook.xml").iter(f"{MAIN}sheet")]
    return xml(path, f"xl/worksheets/sheet{names.index(name) + 1}.xml")


def rules(path: Path, sheet: str) -> Iterator[tuple[str, etree._Element]]:
    """What may be typed, by the cells it holds for."""
    for one in sheet_xml(path, sheet).iter(f"{MAIN}dataValidation"):
        yield str(one.get("sqref")), one


def locked(path: Path, sheet: str, cell: str) -> bool:
    """Whether a cell may not be changed."""
    formats = xml(path, "xl/styles.xml").find(f"{MAIN}cellXfs")
    assert formats is not None
    found = next(one for one in sheet_xml(path, sheet).iter(f"{MAIN}c") if one.get("r") == cell)
    protection = formats[int(found.get("s", "0"))].find(f"{MAIN}protection")
    return protection is None or protection.get("locked") != "0"
