"""What can be printed of forms and units: one function an action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.fonts import load_fonts
from desktop.pages import Desk
from desktop.preview_dialog import PreviewDialog
from desktop.print_choices import Job
from desktop.print_dialog import PrintDialog
from desktop.table_paper import TablePaper
from survey.record import show_value
from survey.sql import quote
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store, UnitRow

_ASKED = ("street", "segment")
_WIDTHS = {"number": 5.5, "uscc": 18.5, "name": 28, "district": 8, "street": 9, "segment": 8, "status": 8}
_AT_A_TIME = 500


def print_form(desk: Desk, unit: UnitRow, period: str, form: str, parent: QWidget) -> PrintDialog:
    """A form of a unit, or all of its forms."""
    return _open(desk, Job(period, (unit,), form), parent)


def print_units(desk: Desk, units: Sequence[UnitRow], period: str, parent: QWidget) -> PrintDialog:
    """The forms of many units."""
    return _open(desk, Job(period, tuple(units)), parent)


def print_blank(desk: Desk, period: str, parent: QWidget) -> PrintDialog:
    """Blank forms of nobody in particular."""
    return _open(desk, Job(period, blank=True), parent)


def print_register(desk: Desk, units: Sequence[UnitRow], period: str, parent: QWidget) -> PreviewDialog:
    """The list of units, shown before it is printed."""
    load_fonts()
    paper = register_paper(desk.store, units, period, desk.texts)
    dialog = PreviewDialog(paper, desk, parent, "register", paper.title)
    dialog.open()
    return dialog


def register_paper(
    store: Store, units: Sequence[UnitRow], period: str, texts: Texts, day: date | None = None
) -> TablePaper:
    """The list of units as a table: code, name, where, which segment, how far."""
    scheme = store.scheme
    known = {name: _answers(store, name, units, period, texts) for name in _ASKED if name in scheme.items}
    shown = [name for name in _WIDTHS if name not in _ASKED or name in known]
    rows = []
    for at, unit in enumerate(units):
        facts = {
            "number": str(at + 1),
            "uscc": unit.uscc,
            "name": unit.name,
            "district": scheme.districts.label(unit.district, texts.lang) if unit.district else "",
            "status": texts(f"status.{unit.status}"),
            **{name: answers.get(unit.id, "") for name, answers in known.items()},
        }
        rows.append([facts[name] for name in shown])
    place = scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
    return TablePaper(
        texts("paper.register.title"),
        [texts(f"paper.register.head.{name}") for name in shown],
        rows,
        [_WIDTHS[name] for name in shown],
        texts,
        subtitle=texts("paper.register.subtitle", place=place, period=texts("paper.year", year=period)),
        right=(0,),
        day=day,
    )


def _answers(store: Store, name: str, units: Sequence[UnitRow], period: str, texts: Texts) -> dict[int, str]:
    """One item's answers by unit, as a person reads them; many units are read at a time."""
    item = store.scheme.item(name)
    table = store.scheme.form(item.form).table
    found: dict[int, str] = {}
    for start in range(0, len(units), _AT_A_TIME):
        part = [unit.id for unit in units[start : start + _AT_A_TIME]]
        rows = store.execute(
            f"SELECT r.unit, f.{quote(name)} FROM {table} f JOIN response r ON r.id = f.response"
            f" WHERE r.period = ? AND r.unit IN ({', '.join('?' * len(part))})",
            (period, *part),
        )
        found.update((unit, show_value(item, value, store.scheme.lists, texts.lang)) for unit, value in rows)
    return found


def _open(desk: Desk, job: Job, parent: QWidget) -> PrintDialog:
    dialog = PrintDialog(desk, job, parent)
    dialog.open()
    return dialog
