"""A sender in detail: its units with something open, by form, and its returns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.board_page import is_large
from desktop.fitting import resize_within
from desktop.merge_facts import sender_name
from desktop.pages import Desk
from desktop.plain import Label
from desktop.register_view import register_view, show_returns
from desktop.rows_model import RowsModel, table_view
from survey.progress import Progress
from survey.received import listed

if TYPE_CHECKING:
    from survey.board import Line
    from survey.form import Form
    from survey.unsettled import Troubled

_HEADS = ("uscc", "name", "errors", "doubts", "conflicts")
_MOST = 2_000


class SenderDialog(QDialog):
    """A double click on a unit, or Enter, opens it: `unit` is its number then. Esc closes."""

    def __init__(self, desk: Desk, line: Line, forms: Sequence[Form], form: str, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self._line = line
        self.unit = 0
        self.setObjectName("senderDialog")
        self.setWindowTitle(sender_name(desk.store, line.sender, texts))
        resize_within(self, 940, 600)
        self.forms = QComboBox()
        self.forms.setObjectName("senderForms")
        self.forms.setAccessibleName(texts("board.detail.all_forms"))
        for one in forms:
            cell = line.cells[one.id]
            facts = {"errors": f"{cell.errors:,}", "doubts": f"{cell.doubts:,}", "conflicts": f"{cell.conflicts:,}"}
            title = texts.pick(one.title, one.title_en)
            self.forms.addItem(f"{one.id}  {title}　{texts('board.open', **facts)}", one.id)
        self.forms.setCurrentIndex(max(self.forms.findData(form or self._gravest(forms)), 0))
        self.forms.activated.connect(lambda _at: self._load())
        self._count = Label()
        self._count.setObjectName("troubledCount")
        self._count.setProperty("kind", "section")
        self.model = RowsModel([texts(f"board.detail_head.{name}") for name in _HEADS], right=(2, 3, 4))
        self.view = table_view(self.model, "troubled", texts("board.details"), (180, 320, 80, 80, 80), 1)
        self.view.activated.connect(self._open)
        self.view.doubleClicked.connect(self._open)
        self.open_button = QPushButton(texts("board.detail.open"))
        self.open_button.setObjectName("openUnit")
        self.open_button.clicked.connect(lambda: self._open(self.view.currentIndex()))
        self._lay_out(self._returns())
        self._load()

    def _gravest(self, forms: Sequence[Form]) -> str:
        """The form with most errors open, or conflicts, or doubts."""
        cells = self._line.cells
        return max(forms, key=lambda one: (cells[one.id].errors, cells[one.id].conflicts, cells[one.id].doubts)).id

    def _returns(self) -> QWidget:
        store, texts = self._desk.store, self._desk.texts
        model, view = register_view(self._desk, "senderReturns", texts("board.detail.returns"), ("sender",))
        own = [one for one in listed(store, store.period) if one.sender == self._line.sender]
        show_returns(model, own, self._desk)
        self.returns = model
        return view

    def _lay_out(self, returns: QWidget) -> None:
        texts = self._desk.texts
        caption = Label(texts("board.detail.returns"))
        caption.setProperty("kind", "section")
        buttons = QDialogButtonBox()
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(texts("received.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.addWidget(self.forms, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._count)
        column.addWidget(self.view, 3)
        column.addWidget(caption)
        column.addWidget(returns, 1)
        column.addWidget(buttons)

    def reject(self) -> None:
        """Closes, once the units are counted."""
        if not self._desk.worker.busy:
            super().reject()

    def _load(self) -> None:
        """The units of the form that is chosen; those of a large sender are looked for beside the window."""
        from survey import store as stores
        from survey import unsettled

        store, file, sender, form = self._desk.store, self._desk.path, self._line.sender, str(self.forms.currentData())
        if not is_large(store):
            self._show(unsettled.units(store, store.period, sender, form, _MOST))
            return

        def work(_progress: Progress) -> tuple[list[Troubled], int]:
            with closing(stores.open(file, readonly=True)) as opened:
                return unsettled.units(opened, opened.period, sender, form, _MOST)

        self._desk.worker.start(work, self._show, self._desk.fail)

    def _show(self, found: tuple[list[Troubled], int]) -> None:
        rows, count = found
        self.model.set_rows(
            [
                (one.uscc, one.name, *(f"{n:,}" if n else "" for n in (one.errors, one.doubts, one.conflicts)))
                for one in rows
            ],
            rows,
        )
        key = "units_cut" if count > len(rows) else "units"
        self._count.setText(self._desk.texts(f"board.detail.{key}", count=f"{count:,}", shown=f"{len(rows):,}"))
        self.open_button.setEnabled(bool(rows))
        if rows:
            self.view.setCurrentIndex(self.model.index(0, 0))
            self.view.setFocus()

    def _open(self, index: QModelIndex) -> None:
        if one := self.model.object(index):
            self.unit = one.unit
            self.accept()
