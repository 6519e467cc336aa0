"""A unit's card: all its periods, the units around it, where its answers came from, what was changed last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from desktop.pages import Desk
from survey import unitcard
from survey.form import Item
from survey.history import Event
from survey.record import show_value
from survey.scalar import Value
from survey.statuses import PLACE
from survey.unitcard import UnitCard


class UnitCardDialog(QDialog):
    """Reads only; Esc closes it."""

    def __init__(self, desk: Desk, unit: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("unitCard")
        self._desk = desk
        self._texts = desk.texts
        card = unitcard.read(desk.store, unit)
        self.setWindowTitle(card.name or card.uscc)
        self.resize(760, 620)
        self.page = QTextBrowser()
        self.page.setObjectName("cardPage")
        self.page.setAccessibleName(self._texts("card.title"))
        self.page.setOpenLinks(False)
        self.page.setHtml(self._html(card))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addWidget(self.page)

    def _html(self, card: UnitCard) -> str:
        place = self._desk.store.scheme.districts.label(card.district, self._texts.lang)
        head = f"<h2>{escape(card.name)}</h2><p>{escape(card.uscc)}　{escape(place)}</p>"
        return "".join([head, self._periods(card), self._links(card), self._sources(card), self._changes(card)])

    def _periods(self, card: UnitCard) -> str:
        texts = self._texts
        heads = [texts("card.period"), texts("card.status"), *(self._label(item) for item in card.key)]
        rows = [
            [
                line.period,
                "　".join(part for part in (texts(f"status.{line.status}"), line.reason) if part),
                *(self._shown(item, line.figures[item.name]) for item in card.key),
            ]
            for line in card.periods
        ]
        return self._section("periods", _table(heads, rows))

    def _links(self, card: UnitCard) -> str:
        rows = []
        for link in card.links:
            told = self._texts("card.names" if link.outward else "card.named_by", label=self._label(link.item))
            rows.append([told, link.code, link.name])
        return self._section("links", _table([], rows)) if rows else ""

    def _sources(self, card: UnitCard) -> str:
        rows = [[at[:16].replace("T", " "), name, self._texts("card.row", row=row)] for name, at, row in card.sources]
        return self._section("sources", _table([], rows)) if rows else ""

    def _changes(self, card: UnitCard) -> str:
        rows = [self._change(event) for event in card.changes]
        return self._section("changes", _table([], rows)) if rows else ""

    def _change(self, event: Event) -> list[str]:
        items = self._desk.store.scheme.items
        item = items.get(event.item)
        if item is None:
            known = event.item == PLACE
            label = self._texts("card.status") if known else event.item
            old, new = (
                self._texts(f"status.{value}") if known else str(value or "") for value in (event.old, event.new)
            )
        else:
            label = self._label(item)
            old, new = (self._shown(item, value) or self._texts("check.blank") for value in (event.old, event.new))
        return [event.at[:16].replace("T", " "), event.who, event.period, label, f"{old} → {new}"]

    def _section(self, name: str, content: str) -> str:
        return f"<h3>{escape(self._texts(f'card.{name}'))}</h3>{content}"

    def _label(self, item: Item) -> str:
        return self._texts.pick(item.label, item.label_en)

    def _shown(self, item: Item, value: Value) -> str:
        return show_value(item, value, self._desk.store.scheme.lists, self._texts.lang)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag} align='left'>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table cellspacing='0' cellpadding='5'>{line(heads, 'th') if heads else ''}{body}</table>"
