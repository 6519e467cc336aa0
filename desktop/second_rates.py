"""The error rates of double entry as a table: in all, per operator, per form."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, table_view
from survey import doublerates
from survey.doublerates import Rate


class RatesPanel(QWidget):
    """Errors per 1,000 cells with the 95 % interval."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        texts = desk.texts
        heads = texts("second.heads.rates").split("|")
        self.model = RowsModel([*heads[:5], texts("second.interval")], right=(2, 3, 4, 5))
        self.table = table_view(self.model, "rates", texts("second.rates"), (150, 170, 90, 90, 120, 150), 1)
        self._line = hint(texts("second.rates_none"))
        self._line.setObjectName("ratesLine")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._line)
        column.addWidget(self.table, 1)

    def show_period(self, period: str) -> None:
        """The figures of a period as they are now."""
        found, texts = doublerates.statistics(self._desk.store, period), self._desk.texts
        groups = (
            ("total", (found.total,)),
            ("first", found.operators),
            ("form", found.forms),
            ("second", found.second),
        )
        self.model.set_rows(
            [self._row(one, texts(f"second.by.{name}")) for name, rates in groups for one in rates if one.cells]
        )
        self.table.setVisible(found.cells > 0)
        facts = {"cells": found.cells, "differing": found.differing, "open": found.open}
        self._line.setText(texts("second.rates_line", **facts) if found.cells else texts("second.rates_none"))

    def _row(self, one: Rate, kind: str) -> tuple[str, ...]:
        low, high = one.bounds or (0.0, 0.0)
        name = one.name
        if not name and kind != self._desk.texts("second.by.total"):
            name = self._desk.texts("second.unknown")
        if name in {form.id for form in self._desk.store.scheme.forms}:
            form = self._desk.store.scheme.form(name)
            name = f"{name}  {self._desk.texts.pick(form.title, form.title_en)}"
        return (
            kind, name or "—", f"{one.cells:,}", f"{one.errors:,}", f"{one.per_thousand or 0:,.1f}",
            f"{low:,.1f} – {high:,.1f}",
        )  # fmt: skip
