"""Writing an own check: read back as one types, marked where it cannot be read, linted and tried before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pages import Desk, class_name, restyle, result_line
from desktop.plain import Box, Label
from desktop.rule_field import CaretLine, RuleField, item_choices
from desktop.rule_trial import TrialPanel
from desktop.worker import Worker
from survey import localchecks
from survey.errors import Problem, SurveyError, sentence
from survey.form import CHECK_CLASSES, FAMILIES, Check
from survey.ruledraft import Draft, draft, lint, tidy, told

_READ_AFTER = 160
_LINT_AFTER = 500
_LINES = ("message", "message_en", "tolerance", "valid_from", "reason")


class RuleEditor(QDialog):
    """One own check, new or of a code; `saved` says that it is in the file."""

    saved = Signal(str)

    def __init__(self, desk: Desk, row: Mapping[str, str], code: str, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk, self._code = desk, code
        self._shown_code = code or localchecks.next_code(desk.store)
        self.setObjectName("ruleEditor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(texts("rules.edit_title" if code else "rules.new_title", code=self._shown_code))
        self.resize(920, 700)
        self.draft = Draft(None, "", ())
        self.problems: list[Problem] | None = None
        self._saving = False
        # What a check does not go with is looked for beside, so that typing never waits.
        self._linter = Worker(self)
        self._read_timer, self._lint_timer = _timer(self, self.read, _READ_AFTER), _timer(self, self._lint, _LINT_AFTER)
        self._make_fields()
        self._make_answers()
        self.trial = TrialPanel(desk, desk.store.period, lambda: self.draft.check)
        self._lay_out()
        self._fill(tidy({"class": "B", **row}))
        self._began = self.row()
        self._connect()
        self.read()
        self.expression.moveCursor(QTextCursor.MoveOperation.End)
        self.expression.setFocus()

    def row(self) -> dict[str, str]:
        """What is written, with the columns of `checks.csv`."""
        found = {name: box.currentData() for name, box in self.boxes.items()}
        found |= {name: line.text() for name, line in self.lines.items()}
        return tidy(found | {"when": self.when.text(), "expression": self.expression.text()})

    def read(self) -> None:
        """Reads what is written and says what it means, or where it cannot be read."""
        self._read_timer.stop()
        self.draft = draft(self._desk.store.scheme, self._shown_code, self.row(), self._desk.texts)
        self.problems = None
        self._tell()
        self.trial.refresh()
        if self.draft.check is not None:
            self._lint_timer.start()

    def save(self) -> None:
        """Saves the check once it is known whether it goes with the others; the person may save a faulty one."""
        self.read()
        if not self.draft.complete:
            self._say_fault(missing=True)
            return
        self._saving = True
        self._lint()

    def reject(self) -> None:
        """What is written is not thrown away by one Esc too many."""
        if self.row() == self._began:
            super().reject()
            return
        box, discard = self._question("unsaved", self._desk.texts("rules.unsaved"), "discard")
        discard.clicked.connect(lambda: self.done(QDialog.DialogCode.Rejected))
        box.open()

    def done(self, result: int) -> None:
        self.trial.cancel()
        self._linter.close()
        super().done(result)

    # Parts

    def _make_fields(self) -> None:
        texts, store = self._desk.texts, self._desk.store
        field = {name: texts(f"rules.field.{name}") for name in localchecks.COLUMNS}
        self.boxes = {name: _named(QComboBox(), name, field[name]) for name in ("scope", "class", "family", "missing")}
        for form in store.scheme.forms:
            self.boxes["scope"].addItem(f"{form.id}  {texts.pick(form.title, form.title_en)}", form.id)
        self.boxes["scope"].setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for one in CHECK_CLASSES:
            badge = self._desk.icons.badge(one, self._desk.colours.of_class(one), self._desk.colours.field)
            self.boxes["class"].addItem(badge, class_name(texts, one), one)
        for one in ("", *FAMILIES):
            self.boxes["family"].addItem(texts(f"check.family.{one or 'none'}"), one)
        for one in ("", "zero"):
            self.boxes["missing"].addItem(texts(f"rules.missing_rule.{one or 'unknown'}"), one)
        self.lines = {name: _named(QLineEdit(), name, field[name]) for name in _LINES}
        self.lines["tolerance"].setPlaceholderText("0")
        self.lines["valid_from"].setPlaceholderText(store.period)
        bad = self._desk.colours.bad
        self.when = RuleField("rule_when", field["when"], 1, bad)
        self.when.setPlaceholderText(texts("rules.when_hint"))
        self.expression = RuleField("rule_expression", field["expression"], 2, bad)
        self.expression.setPlaceholderText(texts("rules.expression_hint"))

    def _make_answers(self) -> None:
        colours = self._desk.colours
        self.caret = CaretLine(colours.bad, colours.ink)
        self.reading = result_line("reading")
        self.fault = result_line("fault")
        self.fault.setProperty("kind", "bad")
        self.lint = result_line("lint")
        self.buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.accept_button = self.buttons.addButton(self._desk.texts("rules.save"), role.AcceptRole)
        self.accept_button.setObjectName("accept")
        self.accept_button.setAutoDefault(False)
        restyle(self.accept_button, "primary")
        cancel = self.buttons.addButton(self._desk.texts("entry.cancel"), role.RejectRole)
        cancel.setObjectName("cancel")
        cancel.setAutoDefault(False)

    def _lay_out(self) -> None:
        texts = self._desk.texts
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        places = (
            ("scope", self.boxes["scope"], 0, 0, 1), ("class", self.boxes["class"], 0, 2, 1),
            ("family", self.boxes["family"], 0, 4, 1), ("when", self.when, 1, 0, 5),
            ("expression", self.expression, 2, 0, 5), ("message", self.lines["message"], 4, 0, 5),
            ("message_en", self.lines["message_en"], 5, 0, 5), ("tolerance", self.lines["tolerance"], 6, 0, 1),
            ("missing", self.boxes["missing"], 6, 2, 1), ("valid_from", self.lines["valid_from"], 6, 4, 1),
            ("reason", self.lines["reason"], 7, 0, 5),
        )  # fmt: skip
        for name, widget, row, column, span in places:
            label = Label(texts(f"rules.field.{name}"))
            label.setProperty("kind", "hint")
            label.setBuddy(widget)
            grid.addWidget(label, row, column)
            grid.addWidget(widget, row, column + 1, 1, span)
        for at, stretch in ((1, 3), (3, 2), (5, 2)):
            grid.setColumnStretch(at, stretch)
        answers = QVBoxLayout()
        answers.setSpacing(4)
        for answer in (self.caret, self.fault, self.reading, self.lint):
            answers.addWidget(answer)
        grid.addLayout(answers, 3, 1, 1, 5)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(12)
        outer.addLayout(grid)
        outer.addWidget(self.trial, 1)
        outer.addWidget(self.buttons)

    def _fill(self, row: Mapping[str, str]) -> None:
        for name, box in self.boxes.items():
            box.setCurrentIndex(max(box.findData(row[name]), 0))
        for name, line in self.lines.items():
            line.setText(row[name])
            line.setCursorPosition(0)
        self.when.setPlainText(row["when"])
        self.expression.setPlainText(row["expression"])
        self._offer_items()

    def _connect(self) -> None:
        for box in self.boxes.values():
            box.currentIndexChanged.connect(self._begin)
        for line in self.lines.values():
            line.textChanged.connect(self._begin)
        for field in (self.when, self.expression):
            field.textChanged.connect(self._begin)
        self.boxes["scope"].currentIndexChanged.connect(self._offer_items)
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)

    def _offer_items(self) -> None:
        found = item_choices(self._desk.store.scheme, self.boxes["scope"].currentData(), self._desk.texts)
        for field in (self.when, self.expression):
            field.set_choices(found)

    # Telling

    def _begin(self) -> None:
        # Whoever writes on has not asked for this to be saved.
        self._saving = False
        self._lint_timer.stop()
        self._read_timer.start()

    def _tell(self) -> None:
        written = self.expression.text().strip() or self.when.text().strip()
        self.reading.setText(self._desk.texts("rules.reads", text=self.draft.reading))
        self.reading.setVisible(self.draft.check is not None)
        self.lint.hide()
        self._say_fault(missing=False, quiet=not written)

    def _say_fault(self, *, missing: bool, quiet: bool = False) -> None:
        """The first fault under its field; what is only missing is said when one wants to save."""
        faults = [one for one in self.draft.faults if missing or one.column or self._is_written(one.field)]
        fault = None if quiet else next(iter(faults), None)
        for name, field in (("when", self.when), ("expression", self.expression)):
            mine = fault if fault and fault.field == name else None
            field.mark(mine.column if mine else None, mine.length if mine else 0)
        self.caret.hide()
        self.fault.setVisible(fault is not None)
        if fault is None:
            return
        self.fault.setText(fault.text)
        marked: dict[str, QPlainTextEdit] = {"when": self.when, "expression": self.expression}
        if fault.field in marked:
            self.caret.show_at(marked[fault.field].toPlainText(), fault.column)
        elif missing and fault.field in self.lines:
            self.lines[fault.field].setFocus()

    def _is_written(self, name: str) -> bool:
        return bool(self.row().get(name, ""))

    # What it goes with

    def _lint(self) -> None:
        self._lint_timer.stop()
        check, scheme, period = self.draft.check, self._desk.store.scheme, self._desk.store.period
        if check is None or self._linter.busy:
            return
        self._linter.start(lambda _progress: (check, lint(scheme, check, period)), self._linted, self._desk.fail)

    def _linted(self, found: tuple[Check, list[Problem]]) -> None:
        check, problems = found
        if check != self.draft.check:
            # Meanwhile something else is written.
            self._lint()
            return
        self.problems = problems
        lines = [told(one, self._desk.texts) for one in problems]
        self.lint.setText("\n".join(lines))
        restyle(self.lint, "banner" if any(not one.hint for one in problems) else "hint")
        self.lint.setVisible(bool(problems))
        if self._saving:
            self._saving = False
            faults = [line for one, line in zip(problems, lines, strict=True) if not one.hint]
            self._ask(faults) if faults else self._keep()

    def _ask(self, faults: list[str]) -> None:
        """Whether to save although it does not go with the others."""
        text = self._desk.texts("rules.faulty", faults="\n".join(faults))
        box, anyway = self._question("faulty", text, "save_anyway")
        anyway.setObjectName("saveAnyway")
        anyway.clicked.connect(self._keep)
        box.open()

    def _question(self, name: str, text: str, go_on: str) -> tuple[Box, QPushButton]:
        """A box that stays with the check unless the person presses its one other button, which is given too."""
        texts = self._desk.texts
        box = Box(self, texts("window.trouble"), text, QMessageBox.Icon.Warning)
        box.setObjectName(name)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stay = box.addButton(texts("window.stay"), QMessageBox.ButtonRole.RejectRole)
        other = box.addButton(texts(f"rules.{go_on}"), QMessageBox.ButtonRole.DestructiveRole)
        other.setObjectName(go_on)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        return box, other

    def _keep(self) -> None:
        try:
            check = localchecks.save(self._desk.store, self.row(), code=self._code, who=self._desk.settings.who)
        except SurveyError as error:
            self.fault.setText(sentence(error, self._desk.texts))
            self.fault.show()
            return
        self.saved.emit(check.code)
        self.accept()


def _named(widget: Any, name: str, label: str) -> Any:
    widget.setObjectName(f"rule_{name}")
    widget.setAccessibleName(label)
    return widget


def _timer(parent: QDialog, action: Any, after: int) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=after)
    timer.timeout.connect(action)
    return timer
