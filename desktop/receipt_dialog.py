"""A receipt in the window: what the desk above says to a return, and room to answer what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.journal_words import told_lines
from desktop.pages import Desk, hint, restyle, result_line
from desktop.plain import Label
from desktop.receipt_answer import AnswerRoom
from desktop.rows_model import RowsModel, table_view
from survey import receipttaking
from survey.errors import Cancelled, SurveyError, sentence
from survey.progress import Progress
from survey.receiptfile import AskedLine, Receipt
from survey.receipttaking import ReceiptReport
from survey.store import open as open_file

_SIZE = (1180, 640)
_TABS = ("asked", "corrected", "decided", "shared")
_WIDTHS = {
    "asked": (250, 220, 110, 340, 200), "corrected": (250, 240, 120, 120, 320),
    "decided": (250, 240, 120, 120, 320), "shared": (250, 200, 160, 320),
}  # fmt: skip
_STRETCH = {"asked": 3, "corrected": 4, "decided": 4, "shared": 3}
_RIGHT = {"asked": (2,), "corrected": (2, 3), "decided": (2, 3), "shared": ()}


def choose_receipt(desk: Desk, parent: QWidget) -> ReceiptDialog | None:
    """Asks for a receipt and shows it; None where the person thinks better of it."""
    title = desk.texts("receipt.window.choose")
    name, _ = QFileDialog.getOpenFileName(parent, title, str(desk.settings.folder), "Excel (*.xlsx)")
    if not name:
        return None
    desk.settings.folder = Path(name).parent
    return open_receipt(desk, parent, Path(name))


def open_receipt(desk: Desk, parent: QWidget, path: Path | None = None) -> ReceiptDialog:
    """Shows a receipt, or the one that was taken last."""
    dialog = ReceiptDialog(desk, parent, path)
    dialog.open()
    return dialog


class ReceiptDialog(QDialog):
    """A dry run first; on the officer's word it is taken, and its queries can be answered here."""

    def __init__(self, desk: Desk, parent: QWidget, path: Path | None = None) -> None:
        # Pages are closed to the person while something runs; this stays open, so that it can be stopped.
        super().__init__(parent.window())
        self.setObjectName("receiptDialog")
        self._desk, self._path, self._texts = desk, path, desk.texts
        self._receipt: Receipt | None = None
        self._running = False
        self.setWindowTitle(self._texts("receipt.window.title"))
        resize_within(self, *_SIZE)
        self.verdict, self.said = Label(), Label(self._texts("receipt.window.reading"))
        self.verdict.setObjectName("receiptVerdict")
        self.verdict.setProperty("kind", "title")
        self.said.setWordWrap(True)
        self.facts = hint("")
        self.outcome = result_line("receiptOutcome")
        self.tabs = QTabWidget()
        self.tabs.setObjectName("receiptTabs")
        self.tabs.setAccessibleName(self._texts("receipt.sheet"))
        self.models: dict[str, RowsModel] = {}
        self.tables: dict[str, QTableView] = {}
        for name in _TABS:
            self._table(name)
        self.room = AnswerRoom(self._texts)
        self.room.hide()
        self.room.answered.connect(self._reply)
        self.tables["asked"].selectionModel().currentChanged.connect(self._ask)
        self.tabs.currentChanged.connect(self._turn)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 14)
        outer.setSpacing(8)
        for widget in (self.verdict, self.said, self.facts, self.outcome):
            outer.addWidget(widget)
        outer.addWidget(self.tabs, 1)
        outer.addWidget(self.room)
        outer.addWidget(self._buttons())
        self._begin()

    def _table(self, name: str) -> None:
        heads = self._texts(f"receipt.window.heads.{name}").split("|")
        self.models[name] = RowsModel(heads, right=_RIGHT[name])
        label = self._texts(f"receipt.window.tab.{name}", count=0)
        self.tables[name] = table_view(self.models[name], f"receipt_{name}", label, _WIDTHS[name], _STRETCH[name])
        self.tabs.addTab(self.tables[name], label)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.take = buttons.addButton(self._texts("receipt.window.take"), QDialogButtonBox.ButtonRole.ApplyRole)
        self.take.setObjectName("takeReceipt")
        restyle(self.take, "primary")
        self.take.setEnabled(False)
        self.take.setVisible(self._path is not None)
        self.take.clicked.connect(self._take)
        close = buttons.addButton(self._texts("receipt.window.close"), QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.take, close):
            button.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        return buttons

    def reject(self) -> None:
        """What is running is stopped first."""
        if self._running:
            self._desk.worker.cancel()
            return
        super().reject()

    # The receipt

    def _begin(self) -> None:
        if self._path is not None:
            self._run(dry_run=True)
        elif last := receipttaking.last(self._desk.store):
            self._show(last, taken=True)

    def _take(self) -> None:
        self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> None:
        file, path, who = self._desk.path, self._path, self._desk.settings.who
        assert path is not None

        def work(_progress: Progress) -> ReceiptReport:
            with closing(open_file(file)) as store:
                return receipttaking.take(store, path, who=who, dry_run=dry_run)

        self._running = True
        self.take.setEnabled(False)
        self._desk.worker.start(work, self._tried if dry_run else self._taken, self._failed)

    def _tried(self, report: ReceiptReport) -> None:
        self._running = False
        self._show(report.receipt, taken=False)
        self._tell(report)
        self.take.setEnabled(True)
        self.take.setFocus()

    def _taken(self, report: ReceiptReport) -> None:
        self._running = False
        self.take.hide()
        self._show(report.receipt, taken=True)
        self._tell(report)
        self._desk.changed()

    def _tell(self, report: ReceiptReport) -> None:
        """What does not go without saying."""
        texts = self._texts
        lines = told_lines(report.rewritten, report.own, texts)
        lines += [texts(f"receipt.cli.{name}") for name in ("unknown", "repeated") if getattr(report, name)]
        lines += [texts("receipt.cli.gone", **vars(one)) for one in report.gone]
        lines += [
            texts("receipt.cli.refused", row=one.row, found=one.found, reason=one.reason(texts))
            for one in report.refused
        ]
        self.outcome.setText("\n".join(lines))
        self.outcome.setVisible(bool(lines))

    def _show(self, receipt: Receipt, *, taken: bool) -> None:
        texts, colours = self._texts, self._desk.colours
        self._receipt = receipt
        tone = {"accepted": colours.good, "draft": colours.warn, "rejected": colours.bad}[receipt.verdict]
        self.verdict.setText(texts(f"receipt.verdict.{receipt.verdict}"))
        self.verdict.setStyleSheet(f"color: {tone}")
        counted = {"units": receipt.units, "corrected": len(receipt.corrected), "asked": len(receipt.asked)}
        self.said.setText(texts(f"receipt.said.{receipt.verdict}", reason=receipt.reason, **counted))
        self.facts.setText(
            texts(
                "receipt.window.facts", maker=receipt.maker, sequence=receipt.sequence, name=receipt.name,
                received=receipt.received[:16].replace("T", " "), deadline=receipt.deadline or "—",
            )
        )  # fmt: skip
        self._rows(receipt)
        for at, name in enumerate(_TABS):
            count = len(getattr(receipt, name))
            self.tabs.setTabText(at, texts(f"receipt.window.tab.{name}", count=count))
            self.tabs.setTabVisible(at, bool(count))
        self.tabs.setVisible(any(getattr(receipt, name) for name in _TABS))
        self.room.setVisible(taken and bool(receipt.asked))
        if taken and receipt.asked:
            self.tables["asked"].selectRow(self._next_open())
            self.room.answer.setFocus()

    def _rows(self, receipt: Receipt) -> None:
        texts, said = self._texts, receipttaking.answered(self._desk.store, receipt)
        self.models["asked"].set_rows(
            [
                (_whose(one), _line(one.items), _line(one.values), one.text, said.get(one.origin, (0, ""))[1])
                for one in receipt.asked
            ],
            receipt.asked,
        )
        self.models["corrected"].set_rows(
            [
                (_whose(one), one.item, one.before, one.after, f"{one.reason}　{one.who}　{one.at}".strip())
                for one in receipt.corrected
            ]
        )
        self.models["decided"].set_rows(
            [
                (_whose(one), one.item, one.offered, one.kept,
                 f"{texts(f'receipt.state.{one.state}')}　{one.reason}".strip())
                for one in receipt.decided
            ]
        )  # fmt: skip
        self.models["shared"].set_rows(
            [
                (_whose(one), "、".join(one.others), one.counted,
                 texts("receipt.decided" if one.decided else "receipt.undecided"))
                for one in receipt.shared
            ]
        )  # fmt: skip

    # Answers

    def _turn(self, at: int) -> None:
        taken = self.take.isHidden()
        self.room.setVisible(_TABS[at] == "asked" and taken and bool(self._receipt and self._receipt.asked))

    def _ask(self, index: QModelIndex) -> None:
        asked = self.models["asked"].object(index)
        if isinstance(asked, AskedLine):
            self.room.show_question(asked.text, self.models["asked"].rows()[index.row()][-1])

    def _reply(self, text: str) -> None:
        """Keeps the answer; where a check doubts the value, it is taken as its explanation."""
        asked = self.models["asked"].object(self.tables["asked"].currentIndex())
        file, who, receipt = self._desk.path, self._desk.settings.who, self._receipt
        if asked is None or receipt is None or self._running:
            return

        def work(_progress: Progress) -> None:
            with closing(open_file(file)) as store:
                number, _ = receipttaking.answered(store, receipt).get(asked.origin, (0, ""))
                if not number:
                    raise SurveyError("query_gone")
                receipttaking.reply(store, number, text, who=who)

        self._running = True
        self._desk.worker.start(work, lambda _none: self._replied(), self._not_kept)

    def _replied(self) -> None:
        self._running = False
        assert self._receipt is not None
        self._rows(self._receipt)
        self.tables["asked"].selectRow(self._next_open())
        self.room.answer.setFocus()
        self._desk.changed()

    def _next_open(self) -> int:
        """The first query without an answer, or the last of all."""
        rows: Sequence[Sequence[str]] = self.models["asked"].rows()
        return next((at for at, row in enumerate(rows) if not row[-1]), len(rows) - 1)

    def _not_kept(self, error: BaseException) -> None:
        self._running = False
        if isinstance(error, SurveyError):
            self.room.tell(sentence(error, self._texts))
        else:
            self._desk.fail(error)

    def _failed(self, error: BaseException) -> None:
        """A wrong file is said and the dialog closes: there is nothing to look at."""
        self._running = False
        super().reject()
        if not isinstance(error, Cancelled):
            self._desk.fail(error)


def _whose(one: object) -> str:
    return f"{one.name}  {one.uscc}"  # type: ignore[attr-defined]


def _line(lines: str) -> str:
    """The first of several lines."""
    first, _, rest = lines.partition("\n")
    return f"{first} …" if rest else first
