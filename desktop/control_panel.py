"""The city's control of checking as a whole: its rulings, its exemptions, and the list that goes to the districts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop.control_dialogs import AdoptDialog, ExemptDialog, SignDialog
from desktop.control_lines import list_line
from desktop.pages import Desk, hint, result_line
from desktop.plain import Label
from desktop.rows_model import RowsModel, table_view
from survey import control, controlfile
from survey.errors import SurveyError
from survey.persons import may

_RULING = ("check", "action", "day", "reason", "official")
_EXEMPTION = ("unit", "name", "check", "period", "reason", "official")


class ControlPanel(QWidget):
    """The city decides here; a district sees what it follows and adopts the city's next list."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        texts, city = desk.texts, desk.store.is_city
        decides = self._decides = city and may(desk.store, "merge")
        self._hints: dict[str, QLabel] = {}
        self._line = Label()
        self._line.setObjectName("controlLine")
        self._line.setWordWrap(True)
        self._result = result_line("controlResult")
        top = QHBoxLayout()
        top.addWidget(self._line, 1)
        if decides:
            top.addWidget(self._button("sign", self._ask_sign))
        elif not city and may(desk.store, "edit"):
            top.addWidget(self._button("adopt", self._ask_adopt))
        self.rulings = RowsModel([texts(f"rules.control.{name}") for name in _RULING])
        self.exemptions = RowsModel([texts(f"rules.control.{name}") for name in _EXEMPTION])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._result)
        rulings = table_view(self.rulings, "rulings", texts("rules.control.rulings"), (150, 130, 120, 300, 110), 3)
        exemptions = table_view(
            self.exemptions, "exemptions", texts("rules.control.exemptions"), (180, 240, 150, 80, 200, 110), 4
        )
        self._lift = self._button("lift", lambda: self._lift_ruling(rulings))
        self._unexempt = self._button("unexempt", lambda: self._take_back(exemptions))
        for view, button in ((rulings, self._lift), (exemptions, self._unexempt)):
            view.selectionModel().currentChanged.connect(partial(_allow, button))
        exempt = self._button("exempt", self._ask_exempt)
        self._part(column, "rulings", rulings, [self._lift] if decides else [])
        self._part(column, "exemptions", exemptions, [exempt, self._unexempt] if decides else [])

    def refresh(self) -> None:
        """What has been decided, and under which list."""
        store, texts = self._desk.store, self._desk.texts
        actions = {action: texts(f"control.action.{action}") for action in controlfile.ACTIONS}
        ruled, exempted = control.rulings(store), control.exemptions(store)
        self.rulings.set_rows(
            [(one.check, actions[one.action], one.valid_from, one.reason, one.official) for one in ruled], ruled
        )
        names = dict(store.execute("SELECT uscc, name FROM unit WHERE uscc IN (SELECT uscc FROM exemption)"))
        self.exemptions.set_rows(
            [
                (one.uscc, str(names.get(one.uscc, "")), one.check, one.period, one.reason, one.official)
                for one in exempted
            ],
            exempted,
        )
        for name, found in (("rulings", ruled), ("exemptions", exempted)):
            said = [] if found else [texts("rules.control.empty")]
            said += [texts(f"rules.control.{name}_hint")] if self._decides else []
            self._hints[name].setText("".join(said))
        for button in (self._lift, self._unexempt):
            button.setEnabled(False)
        self._line.setText(list_line(store, texts))

    def sign(self, target: Path, official: str) -> None:
        """Writes the list for the districts."""
        try:
            signed = control.sign_off(self._desk.store, target, official=official)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.refresh()
        self._result.setText(self._desk.texts("rules.control.signed", number=signed.number, path=target))
        self._result.show()

    def adopt(self, path: Path) -> None:
        """Shows what a list would change, and takes it over on the person's word."""
        try:
            dialog = AdoptDialog(self._desk, path, self.window())
        except SurveyError as error:
            self._desk.fail(error)
            return
        dialog.accepted.connect(self.changed)
        dialog.open()

    def _part(self, column: QVBoxLayout, name: str, view: QTableView, buttons: list[QPushButton]) -> None:
        title = Label(self._desk.texts(f"rules.control.{name}"))
        title.setProperty("kind", "section")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(title)
        self._hints[name] = hint("")
        row.addWidget(self._hints[name], 1)
        for button in buttons:
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(view, 1)

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"rules.control.{name}"))
        button.setObjectName(f"control_{name}")
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _lift_ruling(self, view: QTableView) -> None:
        one = self.rulings.object(view.currentIndex())
        if one is not None:
            self._do(lambda: control.lift(self._desk.store, one.check, one.valid_from))

    def _take_back(self, view: QTableView) -> None:
        one = self.exemptions.object(view.currentIndex())
        if one is not None:
            self._do(lambda: control.unexempt(self._desk.store, one.uscc, one.check, one.period))

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.changed.emit()

    def _ask_exempt(self) -> None:
        dialog = ExemptDialog(self._desk, self.window())
        dialog.accepted.connect(self.changed)
        dialog.open()

    def _ask_sign(self) -> None:
        dialog = SignDialog(self._desk, self.window())
        dialog.accepted.connect(lambda: self._ask_target(dialog.official.text()))
        dialog.open()

    def _ask_target(self, official: str) -> None:
        texts = self._desk.texts
        number = int(self._desk.store.desk.get("control_number", "0")) + 1
        start = self._desk.settings.folder / f"{texts('rules.control.file', number=number)}.json"
        name, _ = QFileDialog.getSaveFileName(
            self, texts("rules.control.sign"), str(start), texts("rules.control.files")
        )
        if name:
            self.sign(Path(name), official)

    def _ask_adopt(self) -> None:
        texts = self._desk.texts
        name, _ = QFileDialog.getOpenFileName(
            self, texts("rules.control.adopt"), str(self._desk.settings.folder), texts("rules.control.files")
        )
        if name:
            self.adopt(Path(name))


def _allow(button: QPushButton, chosen: QModelIndex, _before: QModelIndex) -> None:
    """A decision is taken back once one is chosen."""
    button.setEnabled(chosen.isValid())
