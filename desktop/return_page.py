"""The district's return: what would go to the city, then the workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QWidget

from desktop.pages import Desk, Nothing, Page, card, result_line
from desktop.passphrase_dialog import NewWordDialog
from desktop.plain import Label
from desktop.receipt_dialog import ReceiptDialog, choose_receipt, open_receipt
from desktop.receipt_writing import open_slip
from desktop.rows_model import RowsModel, table_view
from desktop.saving import ask_workbook
from survey.enrolment import ABOVE, enrolled
from survey.errors import SurveyError
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.returns import ReturnSummary


class ReturnPage(Page):
    """Writes the return and shows its control totals; `settle` asks for the page where findings are settled."""

    settle = Signal(str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("send.title"), texts("send.hint"))
        self._desk = desk
        self._written: Path | None = None
        self._target: Path | None = None
        self._password = ""
        self.show_folder = self.button(texts("send.folder"), "folder", self._show_folder)
        self.show_folder.setEnabled(False)
        self.receive = self.button(texts("receipt.window.receive"), "receive", self._receive)
        self.slip = self.button(texts("slip.show"), "slip", self._slip)
        self.locked = self.button(texts("send.locked"), "locked", lambda: self._choose(locked=True))
        self.write = self.button(texts("send.write"), "write", self._choose, primary=True)
        self._cards: dict[str, QLabel] = {}
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in ("units", "due", "errors", "to_explain"):
            frame, label = card(texts(f"status.{name}"), "0")
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self.body.addLayout(cards)
        self.body.addWidget(self._last_receipt())
        self._line = result_line("sendResult")
        self.body.addWidget(self._line)
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        for name, action in (("go_check", lambda: self.settle.emit("check")), ("draft", self._send_draft)):
            button = QPushButton(texts(f"send.{name}"))
            button.setObjectName(name)
            button.clicked.connect(action)
            ways.addWidget(button)
        ways.addStretch(1)
        self._ways.hide()
        self.body.addWidget(self._ways)
        heads = [texts("return.fact.control"), texts("return.fact.total"), texts("return.fact.unit")]
        self.model = RowsModel(heads, right=(1,))
        self.table = table_view(self.model, "totals", texts("return.fact.control"), (380, 200, 160), 0)
        self._before = Nothing(desk.icons, "return", texts("send.ready"), texts("send.not_yet"), "notYet")
        self._before.offer(texts("send.write"), "writeHere", self._choose, primary=True)
        self._either = QStackedWidget()
        self._either.addWidget(self._before)
        self._either.addWidget(self.table)
        self.body.addWidget(self._either, 1)

    def _last_receipt(self) -> QWidget:
        """A line about the receipt that was taken last; hidden where there is none."""
        self._receipt = QWidget()
        told = QHBoxLayout(self._receipt)
        told.setContentsMargins(0, 0, 0, 0)
        self._receipt_line = Label()
        self._receipt_line.setObjectName("lastReceipt")
        self.view_receipt = QPushButton(self._desk.texts("receipt.window.view"))
        self.view_receipt.setObjectName("viewReceipt")
        self.view_receipt.clicked.connect(lambda _checked=False: self._open(open_receipt(self._desk, self)))
        told.addWidget(self._receipt_line)
        told.addWidget(self.view_receipt)
        told.addStretch(1)
        return self._receipt

    def refresh(self) -> None:
        """The counts of the desk."""
        counts = self._desk.store.counts(self._desk.store.period)
        for name, label in self._cards.items():
            label.setText(f"{counts.get(name, 0):,}")
        self._show_receipt()

    def _show_receipt(self) -> None:
        """What the desk above said last, and how much it still asks."""
        from survey import receipttaking

        store, texts = self._desk.store, self._desk.texts
        last = receipttaking.last(store)
        self._receipt.setVisible(last is not None)
        if last:
            verdict = texts(f"receipt.verdict.{last.verdict}").replace("　", "")
            waiting = sum(not answer for _, answer in receipttaking.answered(store, last).values())
            self._receipt_line.setText(
                texts("receipt.window.last", sequence=last.sequence, verdict=verdict, open=waiting)
            )

    def _receive(self) -> None:
        self._open(choose_receipt(self._desk, self))

    def _slip(self) -> None:
        open_slip(self._desk, self)

    def _open(self, dialog: ReceiptDialog | None) -> None:
        if dialog:
            dialog.finished.connect(lambda _code: self.refresh())

    def send(self, target: Path, *, final: bool = False, password: str = "") -> None:
        """Writes the return to a file; `final`: what would only be a draft is not written, and two ways are offered.

        Where there is a `password`, Excel asks for it.
        """
        file, texts = self._desk.path, self._desk.texts
        self._target, self._password = target, password
        self._ways.hide()

        def work(progress: Progress) -> ReturnSummary:
            from survey import returns, store

            opened = store.open(file)
            try:
                return returns.write(opened, target, texts, final=final, password=password, progress=progress)
            finally:
                opened.close()

        self._desk.worker.start(work, self._show, self._refused)

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, SurveyError) or error.code != "return_blocked":
            self._desk.fail(error)
            return
        self._line.setText(self._desk.texts("send.blocked", **error.facts))
        self._line.show()
        self._ways.show()
        self._desk.changed()
        self.refresh()

    def _send_draft(self) -> None:
        if self._target:
            self.send(self._target, password=self._password)

    def _choose(self, *, locked: bool = False) -> None:
        store, texts = self._desk.store, self._desk.texts
        place = store.scheme.districts.label(store.district or "", texts.lang)
        name = f"{store.district}-{place}-{store.period}"
        known = enrolled(store).get(ABOVE)
        sealed = texts("send.sealed") if known and known.box and not locked else ""
        password = self._new_password() if locked else ""
        if locked and not password:
            return
        if target := ask_workbook(self._desk, self, texts("send.write"), name, sealed=sealed):
            self.send(target, final=True, password=password)

    def _new_password(self) -> str:
        """What Excel is to ask for; '' where the person thinks better of it."""
        texts = self._desk.texts
        title, about, ok = texts("send.locked"), texts("send.locked_about"), texts("send.locked_ok")
        dialog = NewWordDialog("lockDialog", title, about, ok, texts, self)
        try:
            return dialog.word if dialog.exec() else ""
        finally:
            dialog.deleteLater()

    def _show(self, summary: ReturnSummary) -> None:
        texts, scheme, manifest = self._desk.texts, self._desk.store.scheme, summary.manifest
        self._written = summary.path
        self.show_folder.setEnabled(True)
        facts = {
            "path": summary.path,
            "units": manifest.units,
            "sequence": manifest.sequence,
            "digest": manifest.digest[:16],
        }
        lines = [texts("cli.returned", **facts)]
        lines += [texts("cli.return_draft", **summary.open_facts)] if manifest.draft else []
        self._line.setText("\n".join(lines))
        self._line.show()
        self._either.setCurrentWidget(self.table)
        rows = []
        for form_id, totals in manifest.totals.items():
            for code, total in totals.items():
                item = scheme.form(form_id).by_code[code]
                if total:
                    unit = scheme.unit(item.unit, texts)
                    rows.append((f"{item.key}  {texts.pick(item.label, item.label_en)}", f"{total:,.15g}", unit))
        self.model.set_rows(rows)
        self._desk.changed()
        self.refresh()

    def _show_folder(self) -> None:
        if self._written:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))
