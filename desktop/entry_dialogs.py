"""What the entry page asks: a reason, a note, where to go, what of a pasted block to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.code_edit import Choice
from desktop.pages import hint, restyle
from desktop.paste import Landing
from desktop.plain import Label, quoted
from survey.codes import fold
from survey.errors import SurveyError, sentence
from survey.form import Item
from survey.initials import initials
from survey.record import show_value
from survey.scheme import Scheme
from survey.texts import Texts

_LANDINGS = 500
# Beginnings of explanations; the officer completes them.
_TEMPLATES = ("orders", "new_line", "merger", "price", "base", "classification", "confirmed")


class AskDialog(QDialog):
    """Facts on top, then what is asked, then accept and cancel; `problem` says why it cannot be accepted."""

    def __init__(self, name: str, title: str, facts: str, texts: Texts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self._texts = texts
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.problem = Label()
        self.problem.setObjectName("problem")
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.buttons = QDialogButtonBox()
        self.accept_button = self.buttons.addButton(texts("entry.accept"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setObjectName("accept")
        restyle(self.accept_button, "primary")
        self.accept_button.setDefault(True)
        self.buttons.addButton(texts("entry.cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(10)
        if facts:
            line = Label(facts)
            line.setWordWrap(True)
            outer.addWidget(line)
        outer.addLayout(self.body)
        outer.addWidget(self.problem)
        outer.addWidget(self.buttons)

    def save(self) -> None:
        """Does what was asked; raises SurveyError where that cannot be."""

    def _accept(self) -> None:
        try:
            self.save()
        except SurveyError as error:
            self.problem.setText(sentence(error, self._texts))
            self.problem.show()
            return
        self.accept()


class ReasonDialog(AskDialog):
    """A reason in the officer's own words, begun from a template or from last year's."""

    def __init__(
        self,
        title: str,
        facts: str,
        keep: Callable[[str], None],
        texts: Texts,
        parent: QWidget,
        *,
        begun: str = "",
        last: str = "",
        uses: Callable[[str], int] | None = None,
        templates: bool = True,
    ) -> None:
        super().__init__("reasonDialog", title, facts, texts, parent)
        self._keep = keep
        self._uses = uses
        self.text = QPlainTextEdit(begun)
        self.text.setObjectName("reason")
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(96)
        self._count = hint("")
        self._count.setObjectName("reasonHint")
        self.templates = QComboBox()
        self.templates.setObjectName("templates")
        self.templates.setAccessibleName(texts("entry.templates"))
        self.templates.addItem(texts("entry.templates"), "")
        if last:
            self.templates.addItem(texts("entry.last_reason", text=last), last)
        for name in _TEMPLATES:
            text = texts(f"entry.template.{name}")
            self.templates.addItem(text, text)
        self.templates.activated.connect(self._begin)
        if templates:
            self.body.addWidget(self.templates)
        self.body.addWidget(self.text)
        if templates:
            self.body.addWidget(self._count)
        self.text.textChanged.connect(self._tell)
        self._tell()
        self.text.setFocus()

    def save(self) -> None:
        self._keep(self.text.toPlainText())

    def _begin(self) -> None:
        text = str(self.templates.currentData() or "")
        if text:
            self.text.setPlainText(text)
            self.text.moveCursor(self.text.textCursor().MoveOperation.End)
            self.text.setFocus()

    def _tell(self) -> None:
        text = self.text.toPlainText()
        used = self._uses(text) if self._uses and text.strip() else 0
        key = "entry.reason_used" if used > 1 else "entry.reason_length"
        self._count.setText(self._texts(key, count=used, length=sum(letter.isalnum() for letter in text)))


class NoteDialog(AskDialog):
    """A note on a cell, and where the paper that proves it is kept."""

    def __init__(self, facts: str, keep: Callable[[str, str], None], texts: Texts, parent: QWidget) -> None:
        super().__init__("noteDialog", texts("entry.note"), facts, texts, parent)
        self._keep = keep
        self.text = QPlainTextEdit()
        self.text.setObjectName("noteText")
        self.text.setAccessibleName(texts("entry.note"))
        self.text.setTabChangesFocus(True)
        self.attachment = QLineEdit()
        self.attachment.setObjectName("attachment")
        self.attachment.setPlaceholderText(texts("entry.attachment"))
        self.attachment.setAccessibleName(texts("entry.attachment"))
        self.body.addWidget(self.text)
        self.body.addWidget(self.attachment)
        self.text.setFocus()

    def save(self) -> None:
        if not self.text.toPlainText().strip():
            raise SurveyError("note_empty")
        self._keep(self.text.toPlainText(), self.attachment.text())


class ValueDialog(ReasonDialog):
    """Another value for the period before, with its reason."""

    def __init__(self, item: Item, shown: str, keep: Callable[[str, str], None], texts: Texts, parent: QWidget) -> None:
        facts = texts("entry.correct_facts", label=texts.pick(item.label, item.label_en), value=shown)
        super().__init__(texts("entry.correct"), facts, lambda reason: keep(self.value.text(), reason), texts, parent)
        self.value = QLineEdit(shown)
        self.value.setObjectName("beforeValue")
        self.value.setAccessibleName(texts("entry.correct"))
        self.body.insertWidget(0, self.value)
        self.value.selectAll()
        self.value.setFocus()


class GoToDialog(AskDialog):
    """An item by its code, its name, its label or its initials."""

    def __init__(self, scheme: Scheme, items: Sequence[Item], texts: Texts, parent: QWidget) -> None:
        super().__init__("goToDialog", texts("entry.go_to"), "", texts, parent)
        self.item = ""
        self._choices = [Choice(item.name, self._line(scheme, item, texts), spellings_of(item)) for item in items]
        self.text = QLineEdit()
        self.text.setObjectName("goTo")
        self.text.setPlaceholderText(texts("entry.go_to_hint"))
        self.text.setAccessibleName(texts("entry.go_to"))
        self.list = QListWidget()
        self.list.setObjectName("goToList")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(self.text)
        self.body.addWidget(self.list)
        self.list.setMinimumHeight(240)
        self.text.textChanged.connect(self._fill)
        self.list.itemDoubleClicked.connect(self._accept)
        self._fill("")

    def save(self) -> None:
        marked = self.list.currentItem()
        if marked is None:
            raise SurveyError("no_such_item", text=self.text.text())
        self.item = str(marked.data(Qt.ItemDataRole.UserRole))

    def _line(self, scheme: Scheme, item: Item, texts: Texts) -> str:
        form = scheme.form(item.form)
        return f"{item.key}  {texts.pick(item.label, item.label_en)}  ·  {texts.pick(form.title, form.title_en)}"

    def _fill(self, text: str) -> None:
        typed = fold(text)
        exact = [one for one in self._choices if typed and typed in one.found_by[:2]]
        starts = [one for one in self._choices if one not in exact and any(by.startswith(typed) for by in one.found_by)]
        holds = [one for one in self._choices if one not in exact + starts and any(typed in by for by in one.found_by)]
        self.list.clear()
        for one in [*exact, *starts, *holds][:200]:
            entry = QListWidgetItem(one.shown)
            entry.setData(Qt.ItemDataRole.UserRole, one.code)
            self.list.addItem(entry)
        self.list.setCurrentRow(0)

    def keyPressEvent(self, event: object) -> None:
        key = event.key()  # type: ignore[attr-defined]
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            by = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]


def spellings_of(item: Item) -> tuple[str, ...]:
    """Everything an item can be found by."""
    plain = (item.code, item.key, item.name, item.label, item.label_en)
    return (*(fold(one) for one in plain if one), initials(item.label))


class PasteDialog(AskDialog):
    """What lands where, and what is refused; nothing is written before it is accepted."""

    def __init__(self, found: Sequence[Landing], scheme: Scheme, texts: Texts, parent: QWidget) -> None:
        taken = sum(one.taken for one in found)
        refused = sum(bool(one.problem) for one in found)
        same = sum(one.cell is not None and not one.problem and not one.taken for one in found)
        facts = texts("paste.facts", taken=taken, refused=refused, same=same)
        super().__init__("pasteDialog", texts("paste.title"), facts, texts, parent)
        self.setMinimumSize(860, 440)
        self.accept_button.setText(texts("paste.accept", taken=taken))
        self.accept_button.setEnabled(bool(taken))
        heads = ("item", "line", "now", "pasted", "verdict")
        self.table = QTableWidget(0, len(heads))
        self.table.setObjectName("landings")
        self.table.setAccessibleName(texts("paste.title"))
        self.table.setHorizontalHeaderLabels([texts(f"paste.head.{head}") for head in heads])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        for at, width in enumerate((230, 44, 120, 120)):
            self.table.setColumnWidth(at, width)
        self.table.horizontalHeader().setSectionResizeMode(len(heads) - 1, QHeaderView.ResizeMode.Stretch)
        # What needs a decision first; nobody reads a thousand rows.
        shown = sorted(
            (one for one in found if one.cell or one.problem),
            key=lambda landing: (not landing.problem, not landing.taken),
        )
        for one in shown[:_LANDINGS]:
            self._add(one, scheme)
        self.body.addWidget(self.table, 1)
        if len(shown) > _LANDINGS:
            self.body.addWidget(hint(texts("paste.more", count=len(shown) - _LANDINGS)))

    def _add(self, one: Landing, scheme: Scheme) -> None:
        texts, row = self._texts, self.table.rowCount()
        self.table.insertRow(row)
        cells = ["", "", "", one.text, one.problem]
        if one.cell:
            item = one.cell.item
            cells[0] = f"{item.code}  {texts.pick(item.label, item.label_en)}"
            cells[1] = str(one.cell.line or "")
            cells[2] = show_value(item, one.old, scheme.lists, texts.lang)
            if not one.problem:
                cells[3] = show_value(item, one.new, scheme.lists, texts.lang)
                cells[4] = texts("paste.will" if one.taken else "paste.same")
        for at, text in enumerate(cells):
            entry = QTableWidgetItem(text)
            entry.setToolTip(quoted(text))
            self.table.setItem(row, at, entry)
