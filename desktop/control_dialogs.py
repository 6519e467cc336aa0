"""What the city decides: a check switched off or held to another class, a unit exempted, the list signed or adopted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QWidget,
)

from desktop.control_lines import change_lines
from desktop.entry_dialogs import AskDialog
from desktop.pages import Desk
from desktop.plain import Label
from desktop.rule_trial import TrialPanel
from desktop.rules_model import check_message
from survey import control, controlfile, roster
from survey.checks import OFF
from survey.errors import SurveyError
from survey.form import Check
from survey.rulelist import Rule
from survey.store import now

_FOUND = 30


class _DecisionDialog(AskDialog):
    """A decision has an official and a reason."""

    def __init__(self, desk: Desk, name: str, title: str, facts: str, parent: QWidget) -> None:
        super().__init__(name, title, facts, desk.texts, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self.form = QFormLayout()
        self.form.setSpacing(8)
        self.body.addLayout(self.form)

    def ask(self, name: str, text: str = "") -> QLineEdit:
        """One more line of text under its name."""
        line = QLineEdit(text)
        self.add(name, line)
        return line

    def ask_reason(self) -> QPlainTextEdit:
        reason = QPlainTextEdit()
        reason.setTabChangesFocus(True)
        reason.setFixedHeight(64)
        self.add("reason", reason)
        return reason

    def add(self, name: str, widget: QWidget) -> None:
        """One more field under its name."""
        widget.setObjectName(f"control_{name}")
        label = self._desk.texts(f"rules.control.{name}")
        widget.setAccessibleName(label)
        self.form.addRow(label, widget)


class RulingDialog(_DecisionDialog):
    """Switches a check off or gives it another class, from a day on; the class can be tried first."""

    def __init__(self, desk: Desk, rule: Rule, parent: QWidget) -> None:
        texts, check = desk.texts, rule.check
        facts = f"{check.code}  {check_message(check, desk.store.scheme, texts)}"
        super().__init__(desk, "rulingDialog", texts("rules.rule"), facts, parent)
        self.setMinimumSize(720, 580)
        self._check = check
        self.action = QComboBox()
        for one in controlfile.ACTIONS:
            if one != rule.category or rule.off:
                self.action.addItem(texts(f"control.action.{one}"), one)
        self.add("action", self.action)
        self.day = self.ask("day", now()[:10])
        self.official = self.ask("official", desk.settings.who)
        self.reason = self.ask_reason()
        self.trial = TrialPanel(desk, desk.store.period, self._tried)
        self.body.addWidget(self.trial, 1)
        self.action.currentIndexChanged.connect(self.trial.refresh)
        self.trial.refresh()

    def save(self) -> None:
        control.rule(
            self._desk.store, self._check.code, self.action.currentData(), self.day.text().strip(),
            official=self.official.text(), reason=self.reason.toPlainText(),
        )  # fmt: skip

    def done(self, result: int) -> None:
        self.trial.cancel()
        super().done(result)

    def _tried(self) -> Check | None:
        """The check in its new class; nothing is to be tried of one that is switched off."""
        action = self.action.currentData()
        return None if action == OFF else replace(self._check, category=action)


class ExemptDialog(_DecisionDialog):
    """Lets a unit fail a check in a period; the unit is found by code, name or pinyin initials."""

    def __init__(self, desk: Desk, parent: QWidget, check: str = "") -> None:
        texts = desk.texts
        super().__init__(desk, "exemptDialog", texts("rules.exempt"), texts("rules.control.exempt_line"), parent)
        self.unit = self.ask("unit")
        self.unit.setPlaceholderText(texts("rules.control.unit_hint"))
        self.found = QListWidget()
        self.found.setFixedHeight(92)
        self.found.itemClicked.connect(self._take)
        self.found.itemActivated.connect(self._take)
        self.add("found", self.found)
        self.check = self.ask("check", check)
        self.period = self.ask("period", desk.store.period)
        self.official = self.ask("official", desk.settings.who)
        self.reason = self.ask_reason()
        self.unit.textEdited.connect(self._look)
        self._look("")
        self.unit.setFocus()

    def save(self) -> None:
        control.exempt(
            self._desk.store, self.uscc(), self.check.text().strip(), self.period.text().strip(),
            official=self.official.text(), reason=self.reason.toPlainText(),
        )  # fmt: skip

    def uscc(self) -> str:
        """The code of the unit that is meant: what is written, or the only unit that fits it."""
        text = self.unit.text().strip()
        if self._desk.store.find_unit(text) is None and self.found.count() == 1:
            return str(self.found.item(0).data(Qt.ItemDataRole.UserRole))
        return text

    def _look(self, text: str) -> None:
        store = self._desk.store
        units = roster.ids(store, store.period, roster.Wanted(search=text.strip()))[:_FOUND]
        rows = roster.rows(store, store.period, units)
        self.found.clear()
        for unit in units:
            entry = QListWidgetItem(f"{rows[unit].uscc}  {rows[unit].name}")
            entry.setData(Qt.ItemDataRole.UserRole, rows[unit].uscc)
            self.found.addItem(entry)

    def _take(self, chosen: QListWidgetItem) -> None:
        self.unit.setText(str(chosen.data(Qt.ItemDataRole.UserRole)))
        self.unit.setCursorPosition(0)


class SignDialog(_DecisionDialog):
    """Asks who signs the city's list off; `official` says it."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        number = int(desk.store.desk.get("control_number", "0")) + 1
        facts = desk.texts("rules.control.sign_line", number=number, rulings=len(control.rulings(desk.store)),
                           exemptions=len(control.exemptions(desk.store)))  # fmt: skip
        super().__init__(desk, "signDialog", desk.texts("rules.control.sign"), facts, parent)
        self.official = self.ask("official", desk.settings.who)

    def save(self) -> None:
        if not self.official.text().strip():
            raise SurveyError("official_missing")


class AdoptDialog(AskDialog):
    """Shows what the city's list would change before it takes the place of the one before."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget) -> None:
        texts, found = desk.texts, controlfile.read(path)
        facts = texts("rules.control.list", number=found.number, official=found.official, day=found.at[:10])
        super().__init__("adoptDialog", texts("rules.control.adopt"), facts, texts, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(640)
        self._desk, self._path = desk, path
        self.changes = QListWidget()
        self.changes.setObjectName("controlChanges")
        self.changes.setAccessibleName(texts("rules.control.changes"))
        self.changes.setWordWrap(True)
        self.changes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        lines = change_lines(control.changes(desk.store, found), texts)
        self.changes.addItems(lines or [texts("rules.control.no_change")])
        self.body.addWidget(Label(texts("rules.control.changes")))
        self.body.addWidget(self.changes)

    def save(self) -> None:
        control.adopt(self._desk.store, self._path, who=self._desk.settings.who)
