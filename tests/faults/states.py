"""The files that steps begin with."""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import date
from pathlib import Path

import xlsxwriter
from conftest import code_of
from doer import TEXTS, WORD, csv_export, receipting
from senders import Sender

from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.backup import back_up
from survey.encryption import protect
from survey.merge import merge

DATA = Path(__file__).parent.parent / "data"
UNITS = 60
AGAIN = {"csv": csv_export, "receipts": receipting}
_CITY = ("merge", "receipts")


def pristine(folder: Path, step: str, *, encrypted: bool) -> Path:
    """A folder as a step finds it."""
    made = folder / f"{step}{'-encrypted' if encrypted else ''}"
    made.mkdir()
    path = made / "desk.census"
    if step == "migration":
        path.write_bytes(gzip.decompress((DATA / "old" / "district-0.1.census.gz").read_bytes()))
        return made
    scheme = schemes.load(DATA / "scheme2")
    with closing(stores.create(path, scheme, "2025", None if step in _CITY else "440305")) as store, store.atomic():
        for number in range(UNITS if step not in _CITY else 0):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            cells.write(store, unit, "2025", "revenue", 1000 + number)
            cells.write(store, unit, "2025", "product_revenue", number, line=1)
    if step in ("passphrase", "restore"):
        back_up(path, date(2026, 3, 1))
        with closing(stores.open(path)) as store:
            cells.write(store, 1, "2025", "revenue", 7)
    if step in _CITY:
        sender = Sender(folder / f"sender-{encrypted}", scheme, "440305", TEXTS)
        with closing(sender.store):
            sender.says({number: number for number in range(UNITS)}).rename(made / "return.xlsx")
    if step == "receipts":
        with closing(stores.open(path)) as store:
            merge(store, [made / "return.xlsx"])
    if step in ("csv", "receipts"):
        with closing(stores.open(path)) as store:
            # Files stand there already, which say what was so before.
            AGAIN[step](store, made)
            cells.write(store, 1, "2025", "revenue", 8)
    if step == "import":
        _list(made / "list.xlsx")
    if encrypted:
        protect(path, WORD)
    return made


def _list(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["uscc", "name", "district", "revenue"])
        for number in range(UNITS, UNITS * 6):
            sheet.write_row(number - UNITS + 1, 0, [code_of(number), f"演示数据{number}", "440305", number])
