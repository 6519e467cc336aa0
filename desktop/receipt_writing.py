"""What the city gives back in the window: receipts for chosen senders, and hand-over slips to print."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QFormLayout, QLineEdit, QPushButton, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.fonts import load_fonts
from desktop.pages import Desk
from desktop.preview_dialog import PreviewDialog
from desktop.saving import ask_workbook
from desktop.slip_paper import SlipPaper
from survey import receiptbook, receipts, slips
from survey.controlfile import is_day
from survey.errors import SurveyError
from survey.files import safe
from survey.progress import Progress
from survey.slips import Slip
from survey.store import open as open_file


def write_receipts(desk: Desk, parent: QWidget, sender: str = "", told: Callable[[str], None] | None = None) -> None:
    """Asks for whom and until when, and writes receipts; `told` is given the sentence of what was written."""
    if not receipts.senders(desk.store, desk.store.period):
        desk.fail(SurveyError("receipt.nothing", period=desk.store.period))
        return
    ReceiptsDialog(desk, parent, sender, told or (lambda _line: None)).open()


def open_slip(desk: Desk, parent: QWidget, sender: str = "") -> SlipDialog | None:
    """The hand-over slip of a sender's return that came in, or without a sender that of the desk's last return."""
    try:
        found = (
            slips.of_sender(desk.store, sender, desk.texts) if sender else slips.of_last_return(desk.store, desk.texts)
        )
    except SurveyError as error:
        desk.fail(error)
        return None
    load_fonts()
    dialog = SlipDialog(found, desk, parent)
    dialog.open()
    return dialog


class ReceiptsDialog(AskDialog):
    """For whom, and until when queries are to be answered."""

    def __init__(self, desk: Desk, parent: QWidget, sender: str, told: Callable[[str], None]) -> None:
        texts = desk.texts
        super().__init__("receiptsDialog", texts("receipt.write.title"), texts("receipt.write.hint"), texts, parent)
        self._desk = desk
        self._told = told
        self.whom = QComboBox()
        self.whom.setObjectName("receiptSender")
        self.whom.addItem(texts("receipt.write.all"), "")
        for one in receipts.senders(desk.store, desk.store.period):
            self.whom.addItem(receipts.label(desk.store, one, texts.lang), one)
        self.whom.setCurrentIndex(max(self.whom.findData(sender), 0))
        self.deadline = QLineEdit()
        self.deadline.setObjectName("receiptDeadline")
        self.deadline.setPlaceholderText(texts("receipt.write.day"))
        form = QFormLayout()
        form.addRow(texts("receipt.write.for"), self.whom)
        form.addRow(texts("receipt.write.until"), self.deadline)
        self.body.addLayout(form)
        self.slip: QPushButton = self.buttons.addButton(texts("slip.show"), QDialogButtonBox.ButtonRole.ActionRole)
        self.slip.setObjectName("slip")
        self.slip.clicked.connect(self._slip)
        self.accept_button.setText(texts("receipt.write.go"))
        self.whom.currentIndexChanged.connect(self._one_or_all)
        self._one_or_all()

    def save(self) -> None:
        """Asks where to, and begins; raises SurveyError where the day is none."""
        sender, day = str(self.whom.currentData()), self.deadline.text().strip()
        if day and not is_day(day):
            raise SurveyError("receipt.deadline", found=day)
        if target := self._target(sender):
            self._write(sender, day, target)

    def _target(self, sender: str) -> Path | None:
        desk, title = self._desk, self.windowTitle()
        if sender:
            name = receiptbook.file_name(desk.store, sender, desk.texts).removesuffix(".xlsx")
            return ask_workbook(desk, self, title, name)
        chosen = QFileDialog.getExistingDirectory(self, title, str(desk.settings.folder))
        if chosen:
            desk.settings.folder = Path(chosen)
        return Path(chosen) if chosen else None

    def _write(self, sender: str, day: str, target: Path) -> None:
        file, texts, who = self._desk.path, self._desk.texts, self._desk.settings.who
        told, changed = self._told, self._desk.changed

        def work(progress: Progress) -> str:
            with closing(open_file(file)) as store:
                if sender:
                    receiptbook.write(store, sender, target, texts, deadline=day, who=who)
                    return texts("receipt.write.done", path=target)
                written = receiptbook.write_all(store, target, texts, deadline=day, who=who, progress=progress)
                return texts("receipt.write.done_all", path=target, count=len(written))

        def done(line: str) -> None:
            told(line)
            changed()

        self._desk.worker.start(work, done, self._desk.fail)

    def _slip(self) -> None:
        open_slip(self._desk, self, str(self.whom.currentData()))

    def _one_or_all(self) -> None:
        self.slip.setEnabled(bool(self.whom.currentData()))


class SlipDialog(PreviewDialog):
    """A hand-over slip as it will be printed."""

    def __init__(self, slip: Slip, desk: Desk, parent: QWidget) -> None:
        self._paper = SlipPaper(slip, desk.store.scheme, desk.texts)
        super().__init__(self._paper, desk, parent, "slip", self._paper.title)
        self._name = safe(f"{self._paper.title}-{slip.giver}-{slip.period}-{slip.sequence}")
        self.setObjectName("slipDialog")
        pdf = QPushButton(desk.texts("slip.pdf"))
        pdf.setObjectName("pdf")
        pdf.setAutoDefault(False)
        pdf.clicked.connect(self._ask_pdf)
        self.bar.addWidget(pdf)

    def _ask_pdf(self) -> None:
        settings = self._desk.settings
        proposal = str(settings.folder / f"{self._name}.pdf")
        name, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), proposal, "PDF (*.pdf)")
        if name:
            self.write_pdf(Path(name if name.lower().endswith(".pdf") else f"{name}.pdf"))

    def write_pdf(self, path: Path) -> None:
        """The slip as a PDF, and a line that says so."""
        self._desk.settings.folder = path.parent
        try:
            self._paper.write_pdf(path, self.telling("printed", path.name))
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._line.setText(self._texts("slip.saved", path=path))
