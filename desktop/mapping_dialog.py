"""What the columns of a foreign table mean, told once and remembered for tables with the same heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from desktop.code_edit import Choice, CodeEdit
from desktop.entry_dialogs import AskDialog, spellings_of
from desktop.icons import Icons
from desktop.plain import quoted
from survey.codes import fold
from survey.columns import SheetHead
from survey.errors import SurveyError
from survey.header import column_letters
from survey.initials import initials
from survey.likeness import suggest
from survey.scheme import Scheme
from survey.texts import Texts

_SAMPLES = 3
_HEADS = ("column", "heading", "samples", "item")


class MappingDialog(AskDialog):
    """One row a column: its heading, what stands below, and the item it answers."""

    def __init__(
        self,
        heads: Sequence[SheetHead],
        known: dict[str, dict[int, str]],
        scheme: Scheme,
        keep: Callable[[str, dict[int, str]], None],
        texts: Texts,
        icons: Icons,
        parent: QWidget,
    ) -> None:
        super().__init__("mappingDialog", texts("import.map"), texts("import.map_line"), texts, parent)
        self.setMinimumSize(860, 480)
        self._heads = heads
        self._scheme = scheme
        self._known = known
        self._keep = keep
        self._icons = icons
        self._choices = _choices(scheme, texts)
        self._drafts: dict[str, dict[int, str]] = {}
        self._offered: dict[int, str] = {}
        self._shown = 0
        self.sheet = QComboBox()
        self.sheet.setObjectName("sheet")
        self.sheet.setAccessibleName(texts("import.head.sheet"))
        self.sheet.addItems([head.sheet for head in heads])
        self.sheet.setVisible(len(heads) > 1)
        self.table = QTableWidget(0, len(_HEADS))
        self.table.setObjectName("columns")
        self.table.setAccessibleName(texts("import.map"))
        self.table.setHorizontalHeaderLabels([texts(f"import.map_head.{head}") for head in _HEADS])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(34)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        for at, width in enumerate((44, 200, 230)):
            self.table.setColumnWidth(at, width)
        self.table.horizontalHeader().setSectionResizeMode(len(_HEADS) - 1, QHeaderView.ResizeMode.Stretch)
        self.body.addWidget(self.sheet)
        self.body.addWidget(self.table, 1)
        self.sheet.currentIndexChanged.connect(self._turn)
        self._fill()

    def told(self) -> dict[int, str]:
        """The items by column, as they stand in the dialog."""
        found: dict[int, str] = {}
        for at in range(self.table.rowCount()):
            answer = self.editor(at).answer()
            if answer:
                found[at] = answer
        return found

    def editor(self, column: int) -> CodeEdit:
        """The field that says what a column means."""
        widget = self.table.cellWidget(column, len(_HEADS) - 1)
        assert isinstance(widget, CodeEdit)
        return widget

    def save(self) -> None:
        """Keeps what was told of every sheet looked at; nothing, where one of them cannot be taken as it is."""
        told = {**self._drafts, self._heads[self._shown].key: self.told()}
        for at, head in enumerate(self._heads):
            if head.key in told:
                self.sheet.setCurrentIndex(at)
                self._judge(told[head.key])
        for key, columns in told.items():
            self._keep(key, columns)

    def _judge(self, told: dict[int, str]) -> None:
        names = {one.code for one in self._choices}
        wrong = [text for text in told.values() if text not in names]
        if wrong:
            raise SurveyError("no_such_item", text=wrong[0])
        if "uscc" not in told.values():
            raise SurveyError("no_code_column")
        if len(set(told.values())) < len(told):
            raise SurveyError("column_twice")

    def _turn(self) -> None:
        """Another sheet; what was told of this one is kept for when it is turned back to, or saved."""
        if (told := self.told()) != self._offered:
            self._drafts[self._heads[self._shown].key] = told
        self._fill()

    def _fill(self) -> None:
        self._shown = self.sheet.currentIndex()
        head = self._heads[self._shown]
        likely = self._drafts.get(head.key) or self._known.get(head.key)
        likely = likely or suggest(self._scheme, head.cells, head.samples)
        self.table.setRowCount(len(head.cells))
        for at, heading in enumerate(head.cells):
            samples = "　".join(row[at] for row in head.samples[:_SAMPLES] if at < len(row) and row[at].strip())
            for column, text in enumerate((column_letters(at), heading, samples)):
                entry = QTableWidgetItem(text)
                entry.setToolTip(quoted(text))
                self.table.setItem(at, column, entry)
            editor = CodeEdit(arrow=self._icons.icon("down"))
            editor.set_choices(self._choices)
            editor.setAccessibleName(heading)
            editor.setPlaceholderText(self._texts("import.not_taken"))
            editor.show_code(likely.get(at))
            self.table.setCellWidget(at, len(_HEADS) - 1, editor)
        self._offered = self.told()


def _choices(scheme: Scheme, texts: Texts) -> list[Choice]:
    items = [item for item in scheme.items.values() if not item.computed]
    choices = [
        Choice(item.name, f"{item.key}  {texts.pick(item.label, item.label_en)}", spellings_of(item)) for item in items
    ]
    for name in ("period", "line"):
        label = texts(f"import.{name}")
        choices.append(Choice(name, label, (name, fold(label), initials(label))))
    return choices
