"""The board: which sender has returned, which form has something open, and where every file is."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget

from desktop.board_model import FIRST, LOW_ROW_HEIGHT, ROW_HEIGHT, BoardDelegate, BoardModel
from desktop.dropping import may_be_returns, paths_of
from desktop.entry_dialogs import AskDialog
from desktop.expected_dialog import edit_expected
from desktop.file_actions import copy_path, open_folder
from desktop.fitting import lower
from desktop.merge_facts import below_name
from desktop.moments import moment
from desktop.pages import Desk, Nothing, Page, card, restyle, result_line
from desktop.plain import Label
from desktop.receipt_writing import open_slip, write_receipts
from desktop.rows_model import table_view
from desktop.sender_bar import SenderBar
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.board import Board, Line
    from survey.store import Store
    from survey.unsettled import Found

_CARDS = ("received", "draft", "missing", "units", "errors", "doubts", "conflicts", "contested")
_WIDTHS = {"sender": 84, "state": 72, "sent": 92, "units": 58}
_FORM = 50
# So many units are counted while the person looks on.
_AT_ONCE = 50_000


class BoardPage(Page):
    """What has come and what is open; `dropped` gives returns that were dropped here, `wanted` asks to choose some.

    `chosen` asks for a unit, `go` for another page, `received` tells that a return was undone or rejected.
    """

    dropped = Signal(list)
    wanted = Signal()
    chosen = Signal(int, str)
    go = Signal(str)
    received = Signal()

    def __init__(self, desk: Desk) -> None:
        texts, below = desk.texts, below_name(desk.store, desk.texts)
        super().__init__(texts("board.title"), texts("board.hint", below=below))
        self._desk = desk
        self._board: Board | None = None
        self._found: Found | None = None
        self._counted: object = None
        self.setAcceptDrops(True)
        self.due = self.button("", "due", self._ask_due)
        self.button(texts("expected.button"), "expected", self._expect)
        self.button(texts("board.places"), "places", self._show_places)
        self.button(texts("board.register"), "register", self.show_register)
        self.button(texts("receipt.write.button"), "receipts", lambda: write_receipts(desk, self, told=self._say))
        self.button(texts("board.choose"), "chooseReturns", self.wanted.emit, primary=True)
        self._figures: dict[str, QLabel] = {}
        self._cards: list[QFrame] = []
        cards = QHBoxLayout()
        cards.setSpacing(8)
        for name in _CARDS:
            frame, figure = card(texts(f"board.card.{name}"), "0")
            figure.setObjectName(f"board_{name}")
            cards.addWidget(frame, 1)
            self._figures[name] = figure
            self._cards.append(frame)
        self.body.addLayout(cards)
        self.body.addLayout(self._about_checks())
        self.model = BoardModel(desk)
        self.view = table_view(self.model, "returnsBoard", texts("board.title"))
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.view.setItemDelegate(BoardDelegate(desk))
        self.view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.view.activated.connect(self._open_cell)
        self.view.doubleClicked.connect(self._open_cell)
        self.view.selectionModel().currentChanged.connect(self._choose)
        self.bar = SenderBar(desk)
        self.bar.offer(texts("board.details"), "senderDetails", self.show_details, sent=False)
        self.bar.offer(texts("receipt.write.button"), "senderReceipt", self._receipt)
        self.bar.offer(texts("slip.show"), "senderSlip", self._slip)
        self.bar.offer(texts("board.folder"), "senderFolder", lambda line: open_folder(_file_of(line)))
        self.bar.offer(texts("board.copy"), "senderPath", lambda line: copy_path(_file_of(line)))
        empty = texts("board.empty", below=below)
        self._empty = Nothing(desk.icons, "board", empty, texts("board.empty_line"), "boardEmpty")
        self._empty.setProperty("kind", "drop")
        self._either = QStackedWidget()
        self._either.addWidget(self._empty)
        self._either.addWidget(self.view)
        self.said = result_line("boardSaid")
        self.body.addWidget(self._either, 1)
        self.body.addWidget(self.said)
        self.body.addWidget(self.bar)

    def fit(self) -> None:
        """Where there is little room, the table comes first."""
        super().fit()
        for frame, figure in zip(self._cards, self._figures.values(), strict=True):
            column = frame.layout()
            assert column
            column.setContentsMargins(*((10, 3, 10, 4) if self.tight else (16, 10, 16, 10)))
            column.setSpacing(0 if self.tight else 6)
            restyle(figure, "tileTitle" if self.tight else "big")
        lower((self.view,), tight=self.tight)
        self.view.verticalHeader().setDefaultSectionSize(LOW_ROW_HEIGHT if self.tight else ROW_HEIGHT)

    def _say(self, line: str) -> None:
        """What came of what was done here."""
        self.said.setText(line)
        self.said.show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if may_be_returns(paths_of(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropped.emit(paths_of(event))

    def refresh(self) -> None:
        """The board as it stands; what checks have left open is counted anew where it has changed."""
        state = self._state()
        if state != self._counted and not self._desk.worker.busy:
            self._count(state)
        self._show()
        self.view.setFocus()

    def _receipt(self, line: Line) -> None:
        write_receipts(self._desk, self, line.sender, self._say)

    def _slip(self, line: Line) -> None:
        open_slip(self._desk, self, line.sender)

    def show_register(self) -> None:
        """Every return that came in, in order."""
        from desktop.register_dialog import RegisterDialog

        dialog = RegisterDialog(self._desk, self)
        dialog.exec()
        dialog.deleteLater()
        if dialog.done_any:
            self.received.emit()

    def show_details(self, line: Line, form: str = "") -> None:
        """The units of a sender with something open, in a form or in all, and its returns."""
        from desktop.sender_dialog import SenderDialog

        assert self._board
        dialog = SenderDialog(self._desk, line, self._board.forms, form, self)
        dialog.exec()
        dialog.deleteLater()
        if dialog.unit:
            self.chosen.emit(dialog.unit, "")

    def _about_checks(self) -> QHBoxLayout:
        """When the file was checked, and the way to check it."""
        self._checked = Label()
        self._checked.setObjectName("boardChecked")
        self._checked.setProperty("kind", "hint")
        self.check = QPushButton(self._desk.texts("board.go_check"))
        self.check.setObjectName("boardCheck")
        self.check.setProperty("kind", "small")
        self.check.clicked.connect(lambda: self.go.emit("check"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._checked)
        row.addWidget(self.check)
        row.addStretch(1)
        return row

    def _state(self) -> object:
        """What the counts of open findings depend on."""
        return self._desk.store.execute(
            "SELECT (SELECT max(at) FROM result), (SELECT max(at) FROM touched), (SELECT count(*) FROM merge),"
            " (SELECT count(*) FROM merge WHERE state = 'undone'), (SELECT max(at) FROM counted),"
            " (SELECT count(*) FROM counted)"
        ).fetchone()

    def _count(self, state: object) -> None:
        from survey import store as stores
        from survey import unsettled

        store, file = self._desk.store, self._desk.path
        self._counted = state
        if not is_large(store):
            self._found = unsettled.count(store, store.period)
            return

        def work(progress: Progress) -> Found:
            with closing(stores.open(file, readonly=True)) as opened:
                return unsettled.count(opened, opened.period, progress)

        def done(found: Found) -> None:
            self._found = found
            self._show()

        def failed(error: BaseException) -> None:
            self._counted = None
            self._desk.fail(error)

        self._desk.worker.start(work, done, failed)

    def _show(self) -> None:
        from survey.board import board

        texts, at = self._desk.texts, self.view.currentIndex()
        row, column = max(at.row(), 0), max(at.column(), 0)
        shown = self._board = board(self._desk.store, datetime.now().date(), self._found)
        self.model.show_board(shown)
        self._widen()
        self._either.setCurrentWidget(self.view if shown.lines else self._empty)
        self.bar.setVisible(bool(shown.lines))
        self.view.setCurrentIndex(self.model.index(row, column))
        self._choose(self.view.currentIndex())
        self.due.setText(texts("board.due_card", due=shown.due or texts("board.no_due")))
        self._tell_checks()
        self._tell_figures(shown)

    def _widen(self) -> None:
        """Every column is as wide as its words and its head ask for."""
        header = self.view.horizontalHeader()
        for at in range(self.model.columnCount()):
            least = _WIDTHS[FIRST[at]] if at < len(FIRST) else _FORM
            self.view.setColumnWidth(at, max(least, self.view.sizeHintForColumn(at), header.sectionSizeHint(at)))

    def _tell_checks(self) -> None:
        texts, found = self._desk.texts, self._found
        key = "checked_since" if found and found.touched else "checked"
        if found is None:
            told = texts("board.counting")
        elif not found.at:
            told = texts("board.unchecked")
        else:
            told = texts(f"board.{key}", at=moment(found.at), count=f"{found.touched:,}")
        self._checked.setText(told)
        self.check.setVisible(found is not None and (not found.at or bool(found.touched)))

    def _tell_figures(self, shown: Board) -> None:
        total = shown.total
        known = bool(self._found and self._found.at)
        figures = {
            "received": f"{shown.count('received', 'late')} / {len(shown.lines)}",
            "draft": f"{shown.count('draft'):,}", "missing": f"{shown.count('due', 'overdue', 'rejected'):,}",
            "units": f"{shown.counted:,}", "errors": f"{total.errors:,}" if known else "—",
            "doubts": f"{total.doubts:,}" if known else "—", "conflicts": f"{total.conflicts:,}",
            "contested": f"{shown.contested:,}",
        }  # fmt: skip
        for name, text in figures.items():
            self._figures[name].setText(text)

    def _choose(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        self.bar.show_line(self.model.line(index))

    def _open_cell(self, index: QModelIndex) -> None:
        if line := self.model.line(index):
            self.show_details(line, self.model.form(index))

    def _ask_due(self) -> None:
        dialog = DueDialog(self._desk, self)
        if dialog.exec():
            self.refresh()
        dialog.deleteLater()

    def _expect(self) -> None:
        edit_expected(self._desk, self)
        self.refresh()

    def _show_places(self) -> None:
        from desktop.places_dialog import PlacesDialog

        dialog = PlacesDialog(self._desk, self)
        dialog.exec()
        dialog.deleteLater()


class DueDialog(AskDialog):
    """By which day the returns are due."""

    def __init__(self, desk: Desk, parent: BoardPage) -> None:
        from survey.board import due_date

        texts, due = desk.texts, due_date(desk.store)
        super().__init__("dueDialog", texts("board.due"), texts("board.due_facts"), texts, parent)
        self._store = desk.store
        self.day = QLineEdit(due.isoformat() if due else "")
        self.day.setObjectName("dueDay")
        self.day.setPlaceholderText("2026-03-31")
        self.day.setAccessibleName(texts("board.due"))
        self.body.addWidget(self.day)
        self.day.setFocus()

    def save(self) -> None:
        from survey.board import set_due_date

        set_due_date(self._store, self.day.text())


def is_large(store: Store) -> bool:
    """Whether counting over all units would keep the person waiting."""
    return int(store.execute("SELECT coalesce(max(id), 0) FROM unit").fetchone()[0]) > _AT_ONCE


def _file_of(line: Line) -> str:
    return line.standing.path if line.standing else ""
