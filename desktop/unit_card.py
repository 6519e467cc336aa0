"""A unit's card: all its periods, the units around it, where its answers came from, what was changed last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from desktop.pages import Desk
from desktop.plain import Label
from survey import links, unitcard
from survey.duplicates import PLACE as COUNTED
from survey.errors import SurveyError, sentence
from survey.form import Item
from survey.history import Event
from survey.links import Tie
from survey.record import show_value
from survey.scalar import Value
from survey.statuses import PLACE
from survey.unitcard import UnitCard


def open_card(desk: Desk, unit: int, parent: QWidget) -> None:
    """Shows a unit's card until it is closed."""
    dialog = UnitCardDialog(desk, unit, parent)
    dialog.exec()
    dialog.deleteLater()


class UnitCardDialog(QDialog):
    """Answers are only read here; ties to other units are noted and taken away. Esc closes it."""

    def __init__(self, desk: Desk, unit: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("unitCard")
        self._desk = desk
        self._texts = desk.texts
        self._unit = unit
        self.resize(760, 640)
        self.page = QTextBrowser()
        self.page.setObjectName("cardPage")
        self.page.setAccessibleName(self._texts("card.title"))
        self.page.setOpenLinks(False)
        # The keyboard reads, marks and follows what is offered in the page, as the mouse does.
        self.page.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.page.anchorClicked.connect(self._take_away)
        self.problem = Label()
        self.problem.setObjectName("cardProblem")
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.page, 1)
        column.addLayout(self._tie_row())
        column.addWidget(self.problem)
        self._ties: tuple[Tie, ...] = ()
        self._load()
        self.page.setFocus()

    def _tie_row(self) -> QHBoxLayout:
        self.kind = QComboBox()
        self.kind.setObjectName("tieKind")
        self.kind.setAccessibleName(self._texts("card.tie_kind"))
        for kind in links.KINDS:
            self.kind.addItem(self._texts(f"card.kind.{kind}"), kind)
        self.other = QLineEdit()
        self.other.setObjectName("tieOther")
        self.other.setAccessibleName(self._texts("card.tie_other"))
        self.other.setPlaceholderText(self._texts("card.tie_other"))
        self.other.returnPressed.connect(self._add)
        self.add = QPushButton(self._texts("card.tie_add"))
        self.add.setObjectName("tieAdd")
        self.add.setProperty("kind", "plain")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.kind)
        row.addWidget(self.other, 1)
        row.addWidget(self.add)
        return row

    def _load(self) -> None:
        card = unitcard.read(self._desk.store, self._unit)
        self._ties = card.ties
        self.setWindowTitle(card.name or card.uscc)
        self.page.setHtml(self._html(card))

    def _add(self) -> None:
        """Notes a tie; what is wrong with it is said below."""
        try:
            who = self._desk.settings.who
            links.add(self._desk.store, self._unit, str(self.kind.currentData()), self.other.text(), who=who)
        except SurveyError as error:
            self.problem.setText(sentence(error, self._texts))
            self.problem.show()
            return
        self.problem.hide()
        self.other.clear()
        self._load()

    def _take_away(self, address: QUrl) -> None:
        links.remove(self._desk.store, self._ties[int(address.fragment())])
        self._load()

    def _html(self, card: UnitCard) -> str:
        place = self._desk.store.scheme.districts.label(card.district, self._texts.lang)
        head = f"<h2>{escape(card.name)}</h2><p>{escape(card.uscc)}　{escape(place)}</p>"
        parts = (self._periods, self._links, self._tied, self._notes, self._sources, self._changes)
        return head + "".join(part(card) for part in parts)

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

    def _tied(self, card: UnitCard) -> str:
        rows = []
        for at, tie in enumerate(card.ties):
            outward = tie.unit == card.uscc
            told = self._texts(f"card.{'kind' if outward else 'kind_of_other'}.{tie.kind}")
            code, name = (tie.other, tie.other_name) if outward else (tie.unit, tie.unit_name)
            unknown = "" if name else self._texts("card.not_here")
            away = f"<a href='#{at}'>{escape(self._texts('card.tie_remove'))}</a>"
            rows.append([*map(escape, (told, code, name or unknown, tie.who, tie.at[:10])), away])
        return self._section("ties", _table([], rows, escaped=True)) if rows else ""

    def _notes(self, card: UnitCard) -> str:
        items = self._desk.store.scheme.items
        rows = [
            [
                note.at[:16].replace("T", " "),
                note.who,
                period,
                self._label(items[note.item]) if note.item in items else "",
                "　".join(part for part in (note.text, note.attachment) if part),
            ]
            for period, note in card.notes
        ]
        return self._section("notes", _table([], rows)) if rows else ""

    def _sources(self, card: UnitCard) -> str:
        rows = [
            [at[:16].replace("T", " "), name, self._texts("card.row", row=row) if row else ""]
            for name, at, row in card.sources
        ]
        return self._section("sources", _table([], rows)) if rows else ""

    def _changes(self, card: UnitCard) -> str:
        rows = [self._change(event) for event in card.changes]
        return self._section("changes", _table([], rows)) if rows else ""

    def _change(self, event: Event) -> list[str]:
        items = self._desk.store.scheme.items
        item = items.get(event.item)
        if item is None:
            label, old, new = self._decided(event)
        else:
            label = self._label(item)
            old, new = (self._shown(item, value) or self._texts("check.blank") for value in (event.old, event.new))
        return [event.at[:16].replace("T", " "), event.who, event.period, label, f"{old} → {new}"]

    def _decided(self, event: Event) -> tuple[str, str, str]:
        """What was decided about the unit as a whole: its status, or whether it counts."""
        old, new = str(event.old or ""), str(event.new or "")
        if event.item == PLACE:
            return self._texts("card.status"), self._texts(f"status.{old}"), self._texts(f"status.{new}")
        if event.item == COUNTED:
            counted, other = self._texts("lookalike.side.counted"), self._texts("lookalike.side.not_counted")
            said = [counted if one == "unit" else other for one in (old, new)]
            return self._texts("lookalike.side.counts"), said[0], said[1]
        return event.item, old, new

    def _section(self, name: str, content: str) -> str:
        return f"<h3>{escape(self._texts(f'card.{name}'))}</h3>{content}"

    def _label(self, item: Item) -> str:
        return self._texts.pick(item.label, item.label_en)

    def _shown(self, item: Item, value: Value) -> str:
        return show_value(item, value, self._desk.store.scheme.lists, self._texts.lang)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, escaped: bool = False) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        shown = (cell if escaped else escape(cell) for cell in cells)
        return "<tr>" + "".join(f"<{tag} align='left'>{cell}</{tag}>" for cell in shown) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table cellspacing='0' cellpadding='5'>{line(heads, 'th') if heads else ''}{body}</table>"
