"""A form as it is on paper: head with its legal block, rows, foot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from desktop.cell_model import Marks
from desktop.form_fields import FormFields
from desktop.form_grid import FormGrid
from desktop.form_model import FormModel
from desktop.icons import Icons
from desktop.list_grid import ListGrid
from desktop.list_model import ListModel
from desktop.pages import ShortLabel
from desktop.plain import Label
from desktop.session import Session
from desktop.theme import Colours
from survey.form import Form
from survey.texts import Texts

_TALL = 380


class FormSheet(QWidget):
    """One form of the scheme, filled with a unit's answers.

    `refused` says why a text was not taken, `said` what a person should know; `moved` names the item
    and line under the cursor; `pasted` brings what was pasted.
    """

    refused = Signal(str)
    said = Signal(str)
    moved = Signal(str, int)
    pasted = Signal(str)

    def __init__(
        self, form: Form, session: Session, texts: Texts, icons: Icons, colours: Colours, enter: Callable[[], str]
    ) -> None:
        super().__init__()
        self.setObjectName(f"sheet_{form.id}")
        self.form = form
        self._scheme = session.store.scheme
        self._texts = texts
        self.editor: FormGrid | ListGrid | FormFields
        self.model: FormModel | ListModel | None = None
        if form.layout == "fields":
            self.editor = source = FormFields(form, session, texts, icons)
            source.said.connect(self.said)
        else:
            self.editor = self._grid(session, colours, enter)
        self.editor.setObjectName(f"form_{form.id}")
        self.editor.setAccessibleName(texts.pick(form.title, form.title_en))
        self.editor.refused.connect(self.refused)
        self.editor.moved.connect(self.moved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 10, 0, 0)
        layout.setSpacing(8)
        self._paper = (QWidget(), self._foot())
        self._paper[0].setLayout(self._head())
        layout.addWidget(self._paper[0])
        layout.addWidget(self.editor, 1)
        layout.addWidget(self._paper[1])

    def _grid(self, session: Session, colours: Colours, enter: Callable[[], str]) -> FormGrid | ListGrid:
        grid: FormGrid | ListGrid
        if self.form.is_list:
            lines = ListModel(self.form, session, self._texts, colours)
            grid = ListGrid(lines, self._texts, colours, enter)
            self.model = lines
        else:
            rows = FormModel(self.form, session, self._texts, colours)
            grid = FormGrid(rows, self._texts, colours, enter)
            self.model = rows
        self.model.setParent(self)
        self.model.refused.connect(self.refused)
        grid.delegate.said.connect(self.said)
        grid.pasted.connect(self.pasted)
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the rows come first: head and foot give way."""
        super().resizeEvent(event)
        for part in self._paper:
            part.setVisible(self.height() >= _TALL)

    def load(self) -> None:
        """Another unit's answers, or another period's."""
        (self.model or self.editor).load()  # type: ignore[union-attr]
        self.editor.go_to_first()

    def refresh(self, marks: Marks) -> None:
        """The same unit after a change."""
        if isinstance(self.editor, FormFields):
            self.editor.refresh()
            self.editor.mark(marks)
        elif self.model:
            self.model.mark(marks)

    def name_unit(self, uscc: str, name: str, period: str) -> None:
        """The unit block at the upper left."""
        own = self.form.respondent != "unit"
        self._unit.setText("" if own else self._texts("entry.block_uscc", value=uscc))
        self._name.setText(self._texts("entry.block_desk" if own else "entry.block_name", value=name))
        self._period.setText(self._texts("entry.block_period", period=period))

    def _head(self) -> QGridLayout:
        """Unit block at the left, title in the middle, legal block at the right."""
        form, texts = self.form, self._texts
        title = Label(texts.pick(form.title, form.title_en))
        title.setProperty("kind", "formTitle")
        self._unit, self._name = ShortLabel("legal"), ShortLabel("legal")
        self._period, scope = Label(), ShortLabel("legal")
        self._period.setProperty("kind", "legal")
        unit = self._scheme.unit(form.unit, texts)
        scope.setText(texts("entry.unit_of_measure", unit=unit) if unit else texts.pick(form.scope, form.scope_en))
        middle = QVBoxLayout()
        middle.setSpacing(2)
        middle.addStretch(1)
        for label in (title, self._period):
            middle.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addStretch(1)
        for short in (self._unit, self._name, scope):
            left.addWidget(short)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.addLayout(left, 0, 0)
        grid.addLayout(middle, 0, 1)
        grid.addWidget(self._legal(), 0, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        return grid

    def _legal(self) -> QLabel:
        texts, form = self._texts, self.form
        facts = self._scheme.legal.facts(texts)
        block = Label(texts("entry.legal", table_no=form.table_no or form.id, **facts))
        block.setProperty("kind", "legal")
        return block

    def _foot(self) -> QLabel:
        texts = self._texts
        legal = self._scheme.legal
        signers = "　　　　".join(texts("page.signer", value=one) for one in legal.signers(texts))
        foot = Label("\n".join(filter(None, (signers, texts.pick(legal.confidential, legal.confidential_en)))))
        foot.setProperty("kind", "foot")
        foot.setWordWrap(True)
        return foot
