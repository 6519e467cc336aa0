"""What is asked before a sample is drawn: how many, how, by which seed."""

from __future__ import annotations

from secrets import randbelow

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.pages import Desk, hint
from survey import doublesample
from survey.doublesample import Sample
from survey.errors import SurveyError
from survey.explanations import check_text

_LARGEST_SEED = 1_000_000
_SEED_DIGITS = 18
# The lines of explanation are long.
_WIDE = 680


class DrawDialog(AskDialog):
    """Draws when it is accepted; a second draw of a period asks why."""

    def __init__(self, desk: Desk, period: str, before: Sample | None, parent: QWidget) -> None:
        texts = desk.texts
        facts = texts("second.draw_again_facts" if before else "second.draw_facts")
        super().__init__("drawDialog", texts("second.draw"), facts, texts, parent)
        self.setMinimumWidth(_WIDE)
        self._desk = desk
        self._period = period
        self._weight = doublesample.weight_item(desk.store.scheme)
        self._frame = len(doublesample.frame(desk.store, period))
        self.amount = self._line("drawSize", texts("second.size"), "5%")
        self.by = QComboBox()
        self.by.setObjectName("drawBy")
        self.by.setAccessibleName(texts("second.by_how"))
        for name in ("weighted", "random") if self._weight else ("random",):
            self.by.addItem(texts(f"second.by_{name}"), name)
        self.seed = self._line("drawSeed", texts("second.seed"), str(randbelow(_LARGEST_SEED)))
        self.seed.setMaxLength(_SEED_DIGITS)
        self.reason = QPlainTextEdit()
        self.reason.setObjectName("drawReason")
        self.reason.setAccessibleName(texts("second.reason"))
        self.reason.setTabChangesFocus(True)
        self.reason.setMaximumHeight(72)
        self._asks_why = before is not None
        self._count, self._how = hint(""), hint("")
        self._count.setObjectName("drawCount")
        self._lay_out()
        self.amount.textChanged.connect(self._tell)
        self.by.currentIndexChanged.connect(self._tell)
        self._tell()
        self.amount.selectAll()

    def save(self) -> None:
        """Draws the sample and remembers it."""
        share, count = self._wanted()
        if not self.seed.text().strip().isdecimal():
            raise SurveyError("second_size", found=self.seed.text())
        reason = check_text(self.reason.toPlainText()) if self._asks_why else ""
        doublesample.draw(
            self._desk.store, self._period, share=share, count=count, by=self.by.currentData(),
            seed=int(self.seed.text()), who=self._desk.settings.who, reason=reason,
        )  # fmt: skip

    def _line(self, name: str, label: str, text: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setObjectName(name)
        line.setAccessibleName(label)
        return line

    def _lay_out(self) -> None:
        texts, form = self._texts, QFormLayout()
        form.addRow(texts("second.size"), self.amount)
        form.addRow("", self._count)
        form.addRow(texts("second.by_how"), self.by)
        form.addRow("", self._how)
        form.addRow(texts("second.seed"), self.seed)
        form.addRow("", hint(texts("second.seed_hint")))
        if self._asks_why:
            form.addRow(texts("second.reason"), self.reason)
        self.body.addLayout(form)

    def _wanted(self) -> tuple[float, int]:
        """A share such as 5 %, or a count of units; raises SurveyError `second_size`."""
        text = self.amount.text().strip().replace("％", "%")
        try:
            number = float(text.removesuffix("%"))
        except ValueError:
            raise SurveyError("second_size", found=text) from None
        if text.endswith("%"):
            if not 0 < number <= 100:
                raise SurveyError("second_size", found=text)
            return number / 100, 0
        if number < 1 or not number.is_integer():
            raise SurveyError("second_size", found=text)
        return 0, int(number)

    def _tell(self) -> None:
        """How many units that is."""
        scheme, texts = self._desk.store.scheme, self._texts
        try:
            share, count = self._wanted()
        except SurveyError:
            self._count.setText(texts("second.size_hint"))
        else:
            units = min(count, self._frame) if count else doublesample.wanted(share, self._frame)
            self._count.setText(texts("second.count", count=units, frame=self._frame))
        by = self.by.currentData()
        label = scheme.label(self._weight, texts.lang) if self._weight else ""
        self._how.setText(texts(f"second.how_{by}", item=label))
