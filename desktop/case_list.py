"""催报名单: the units that have not reported, on paper or as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from desktop.fonts import load_fonts
from desktop.pages import Desk
from desktop.preview_dialog import PreviewDialog
from desktop.saving import ask_workbook
from desktop.table_paper import TablePaper
from survey import roster
from survey.errors import SurveyError
from survey.files import Told
from survey.plainbook import plain_book
from survey.record import show_value
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store
from survey.texts import Texts

# Whom to call, where the scheme asks for it under these names.
_CONTACTS = ("contact", "contact_person", "phone", "mobile")
_WIDTHS = {"number": 34.0, "uscc": 128.0, "name": 190.0, "district": 60.0, "status": 52.0}
_CONTACT_WIDTH = 90.0
_PART = 500
# Number, code and name stay in sight.
_FROZEN = 3


def call_rows(store: Store, units: Sequence[int], period: str, texts: Texts) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the list, all of them text."""
    asked = [store.scheme.item(name) for name in _CONTACTS if name in store.scheme.items]
    heads = [texts(f"cases.head.{name}") for name in _WIDTHS] + [texts.pick(one.label, one.label_en) for one in asked]
    rows: list[list[str]] = []
    for start in range(0, len(units), _PART):
        part = units[start : start + _PART]
        known = roster.rows(store, period, part)
        contacts = _contacts(store, part, period, [item.name for item in asked])
        for unit in part:
            row = known[unit]
            shown = [
                show_value(item, value, store.scheme.lists, texts.lang)
                for item, value in zip(asked, contacts.get(unit, (None,) * len(asked)), strict=True)
            ]
            district = store.scheme.districts.label(row.district, texts.lang)
            rows.append([str(len(rows) + 1), row.uscc, row.name, district, texts(f"status.{row.status}"), *shown])
    return heads, rows


def _contacts(store: Store, units: Sequence[int], period: str, names: Sequence[str]) -> dict[int, tuple[Value, ...]]:
    """The contacts as they were given, in this period or the last one that has them."""
    if not names:
        return {}
    table = store.scheme.form_of(names[0]).table
    rows = store.execute(
        f"SELECT r.unit, {', '.join(f'f.{quote(name)}' for name in names)} FROM response r"
        f" JOIN {table} f ON f.response = r.id WHERE r.period <= ? AND r.unit IN ({', '.join('?' * len(units))})"
        " ORDER BY r.period",
        (period, *units),
    )
    return {row[0]: row[1:] for row in rows}


def write_xlsx(path: Path, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], told: Told) -> None:
    """The list as a workbook of texts; a file of that name is replaced only when done."""
    widths = [round(max([len(head) * 2, *(len(row[at]) * 1.6 for row in rows[:200])])) + 2
              for at, head in enumerate(heads)]  # fmt: skip
    with plain_book(path, told) as book:
        table = book.table(title, heads, widths, frozen=_FROZEN)
        for row in rows:
            table.add(row)


class CallList(PreviewDialog):
    """The list as it will be printed, and a way to send it as a workbook."""

    def __init__(self, desk: Desk, units: Sequence[int], period: str, parent: QWidget) -> None:
        load_fonts()
        texts, store = desk.texts, desk.store
        self._title = texts("cases.call_title")
        self._heads, self._rows = call_rows(store, units, period, texts)
        widths = [*_WIDTHS.values(), *[_CONTACT_WIDTH] * (len(self._heads) - len(_WIDTHS))]
        place = store.scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
        subtitle = texts("cases.call_line", place=place, period=period, count=len(self._rows))
        paper = TablePaper(
            self._title, self._heads, self._rows, widths, texts, subtitle=subtitle, right=(0,), landscape=True
        )
        super().__init__(paper, desk, parent, "calls", self._title)
        self.setObjectName("callList")
        export = QPushButton(texts("cases.export"))
        export.setObjectName("exportList")
        export.clicked.connect(self._ask)
        self.bar.addWidget(export)

    def export(self, path: Path) -> None:
        """Writes the workbook."""
        told = self.telling("exported", path.name, units=len(self._rows))
        write_xlsx(path, self._title, self._heads, self._rows, told)

    def _ask(self) -> None:
        if target := ask_workbook(self._desk, self, self._title, self._title):
            try:
                self.export(target)
            except SurveyError as error:
                self._desk.fail(error)
