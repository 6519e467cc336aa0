"""What there is to know about the cell under the cursor: its instruction, its history, the notes on it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from desktop.conflict_words import cell_line
from desktop.history_words import reason
from desktop.merge_facts import sender_name
from desktop.moments import moment
from desktop.session import Session
from survey.form import Item
from survey.history import Event
from survey.notes import Note
from survey.record import show_value
from survey.scalar import Value
from survey.texts import Texts


class CellPanel(QWidget):
    """Follows the cursor; `note` and `correct` ask for a note and for another value of last year."""

    note = Signal()
    correct = Signal()

    def __init__(self, session: Session, texts: Texts) -> None:
        super().__init__()
        self._session = session
        self._texts = texts
        self.cell: tuple[str, int] | None = None
        self.page = QTextBrowser()
        self.page.setObjectName("cellPage")
        self.page.setAccessibleName(texts("entry.cell"))
        self.page.setOpenLinks(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.page, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, signal in (("note", self.note), ("correct", self.correct)):
            button = QPushButton(texts(f"entry.{name}"))
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, asked=signal: asked.emit())
            row.addWidget(button, 1)
        column.addLayout(row)

    def show_cell(self, name: str, line: int) -> None:
        """Another cell."""
        self.cell = (name, line)
        self.refresh()

    def refresh(self) -> None:
        """The same cell after a change."""
        if self.cell is None or not self.isVisible():
            return
        name, line = self.cell
        item = self._session.store.scheme.item(name)
        parts = [
            self._instruction(item, line), self._origin(name, line), self._notes(name, line),
            self._conflicts(item, line), self._history(item, line),
        ]  # fmt: skip
        self.page.setHtml("".join(parts))

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def _instruction(self, item: Item, line: int) -> str:
        texts = self._texts
        label = f"{item.code}  {texts.pick(item.label, item.label_en)}"
        unit = self._session.store.scheme.unit(item.unit, texts)
        note = texts.pick(item.note, item.note_en) or texts("entry.no_instruction")
        facts = [note]
        if item.computed:
            facts.append(texts("entry.computed_as", text=item.computed))
        facts.append(texts("entry.source", source=item.source or texts("entry.own_source")))
        place = texts("entry.line_number", line=line) if line else ""
        head = f"<h3>{escape(label)}</h3><p>{escape('　'.join(one for one in (unit, place) if one))}</p>"
        return head + "".join(f"<p>{escape(fact)}</p>" for fact in facts)

    def _origin(self, name: str, line: int) -> str:
        """The file and the cell that the present answer came from, or where it stood in a return before."""
        origin, texts, key = self._session.origin(name, line), self._texts, "entry.origin"
        if origin is None:
            origin, key = self._session.returned_in(name, line), "entry.origin_changed"
        elif origin.sender:
            key = "entry.origin_return"
        if origin is None:
            return ""
        where = origin.cell or (texts("card.row", row=origin.row) if origin.row else "")
        sender = sender_name(self._session.store, origin.sender, texts)
        facts = {"source": origin.source, "where": where, "at": moment(origin.at), "sequence": origin.sequence}
        return f"<p>{escape(texts(key, sender=sender, **facts))}</p>"

    def _conflicts(self, item: Item, line: int) -> str:
        """What a sender said of the cell against what is kept here, and what was decided."""
        found = self._session.conflicts(item.name, line)
        if not found:
            return ""
        rows = "".join(f"<p>{escape(cell_line(one, self._session.store, self._texts))}</p>" for one in found)
        return f"<h4>{escape(self._texts('conflicts.cell_head'))}</h4>{rows}"

    def _notes(self, name: str, line: int) -> str:
        found = [one for one in self._session.notes() if (one.item, one.line) in ((name, line), ("", 0))]
        if not found:
            return ""
        return f"<h4>{escape(self._texts('entry.notes'))}</h4>" + "".join(self._note(one) for one in found)

    def _note(self, note: Note) -> str:
        where = "" if note.item else self._texts("entry.note_on_unit")
        paper = self._texts("entry.attached", place=note.attachment) if note.attachment else ""
        lines = [where + note.text, paper, _moment(note.at, note.who)]
        return "<p>" + "<br>".join(escape(line) for line in lines if line) + "</p>"

    def _history(self, item: Item, line: int) -> str:
        events = self._session.history(item.name, line)
        if not events:
            return ""
        rows = "".join(self._event(item, event) for event in events)
        return f"<h4>{escape(self._texts('entry.history'))}</h4>{rows}"

    def _event(self, item: Item, event: Event) -> str:
        old, new = (self._value(item, value) for value in (event.old, event.new))
        lines = [
            f"{old} → {new}",
            _moment(event.at, event.who),
            "　".join(one for one in (reason(event.reason, self._texts), event.source) if one),
        ]
        return "<p>" + "<br>".join(escape(line) for line in lines if line) + "</p>"

    def _value(self, item: Item, value: Value) -> str:
        scheme = self._session.store.scheme
        return show_value(item, value, scheme.lists, self._texts.lang) or self._texts("check.blank")


def _moment(at: str, who: str) -> str:
    return f"{moment(at)}　{who}".rstrip()
