"""The checks: all that hold or are switched off, own ones written and tried, and the city's control of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.control_dialogs import ExemptDialog, RulingDialog
from desktop.control_panel import ControlPanel
from desktop.pages import Desk, Nothing, Page
from desktop.plain import Box, Label
from desktop.rows_model import RowsModel, table_view
from desktop.rule_detail import RuleDetail
from desktop.rule_editor import RuleEditor
from desktop.rules_filter import RulesFilter
from desktop.rules_model import COUNTS, HEADS, MESSAGE, WIDTHS, check_message, row, words
from survey import control, localchecks
from survey.checks import compile_checks
from survey.codes import fold
from survey.errors import SurveyError
from survey.form import CHECK_CLASSES
from survey.persons import may
from survey.results import Results, Tally
from survey.rulelist import Rule, rules


class RulesPage(Page):
    """Lists the checks; `rules_changed` says that others hold now."""

    rules_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("rules.title"), texts("rules.hint"))
        self._desk = desk
        # Whoever may look at units reads the checks; who may not write any finds no button that does.
        self._writes = may(desk.store, "edit")
        self._rules: list[Rule] = []
        self._words: dict[str, str] = {}
        self._tallies: Mapping[str, Tally] = {}
        self._badges = {
            one: desk.icons.badge(one, desk.colours.of_class(one), desk.colours.field) for one in CHECK_CLASSES
        }
        self.filter = RulesFilter(desk)
        self.filter.changed.connect(self._fill)
        self.new = self.button(texts("rules.new"), "newRule", lambda: self.edit({}), primary=True)
        self.new.setVisible(self._writes)
        self.control = ControlPanel(desk)
        self.control.changed.connect(self._changed)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("rulesTabs")
        self.tabs.setAccessibleName(texts("rules.title"))
        self.tabs.addTab(self._list_tab(), texts("rules.tab.list"))
        self.tabs.addTab(self.control, texts("rules.tab.control"))
        self.body.addWidget(self.tabs, 1)

    def refresh(self) -> None:
        """The checks and their last counts as they are now."""
        store, texts = self._desk.store, self._desk.texts
        store.reload_rules()
        self._rules = rules(store, store.period)
        self._words = {}
        results = Results(store, store.period)
        checks = compile_checks(store.scheme, store.period)
        # Counts of other checks than those in force would be taken for theirs.
        self._tallies = results.tallies(checks) if results.rules == checks.digest else {}
        self._lost.setVisible(bool(store.lost_checks))
        lost = texts("rules.join").join(f"{code} {text}" for code, text in store.lost_checks.items())
        self._lost_line.setText(texts("rules.lost", count=len(store.lost_checks), checks=lost))
        self._fill()
        self.control.refresh()

    def edit(self, row: Mapping[str, str], code: str = "") -> None:
        """Opens the editor on a row; with a code that check is changed, else there is a new one."""
        form = self.filter.shown().form or next(form.id for form in self._desk.store.scheme.forms)
        editor = RuleEditor(self._desk, {"scope": form, **row}, code, self.window())
        editor.saved.connect(self._saved)
        editor.open()

    # The list

    def _list_tab(self) -> QWidget:
        texts = self._desk.texts
        self.model = RowsModel([texts(f"rules.head.{name}") for name in HEADS], right=COUNTS)
        self.table = table_view(self.model, "rules", texts("rules.title"), WIDTHS, MESSAGE)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self.table.doubleClicked.connect(lambda _index: self._edit_chosen())
        self._nothing = Nothing(self._desk.icons, "search", texts("rules.none"), texts("rules.none_line"), "noRules")
        self._nothing.offer(texts("rules.all"), "showAll", self.filter.clear)
        self._either = QStackedWidget()
        self._either.addWidget(self.table)
        self._either.addWidget(self._nothing)
        self.detail = RuleDetail(self._desk)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.detail, 1)
        column.addLayout(self._actions())
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._either)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        whole = QWidget()
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 10, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._lost_banner())
        outer.addWidget(self.filter)
        outer.addWidget(splitter, 1)
        return whole

    def _lost_banner(self) -> QWidget:
        texts = self._desk.texts
        self._lost = QWidget()
        self._lost.setObjectName("lostRules")
        self._lost_line = Label()
        self._lost_line.setProperty("kind", "banner")
        self._lost_line.setWordWrap(True)
        mend, drop = QPushButton(texts("rules.mend")), QPushButton(texts("rules.delete"))
        mend.setObjectName("mendRule")
        drop.setObjectName("dropRule")
        mend.clicked.connect(lambda _checked=False: self._edit_code(next(iter(self._desk.store.lost_checks))))
        drop.clicked.connect(lambda _checked=False: self._ask_remove(next(iter(self._desk.store.lost_checks))))
        line = QHBoxLayout(self._lost)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._lost_line, 1)
        if self._writes:
            line.addWidget(mend)
            line.addWidget(drop)
        return self._lost

    def _actions(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        self._action: dict[str, QPushButton] = {}
        actions: dict[str, Callable[[], None]] = {}
        if self._writes:
            actions |= {"edit": self._edit_chosen, "delete": self._delete_chosen, "copy": self._copy_chosen}
        if self._desk.store.is_city and may(self._desk.store, "merge"):
            actions |= {"rule": self._rule_chosen, "lift": self._lift_chosen, "exempt": self._exempt_chosen}
        for name, action in actions.items():
            button = QPushButton(self._desk.texts(f"rules.{name}"))
            button.setObjectName(f"{name}Rule")
            button.clicked.connect(lambda _checked=False, do=action: do())
            if name == "rule":
                line.addStretch(1)
            line.addWidget(button)
            self._action[name] = button
        if not self._desk.store.is_city:
            line.addStretch(1)
        return line

    def _fill(self) -> None:
        store, texts = self._desk.store, self._desk.texts
        wanted = self.filter.shown()
        chosen = self.chosen()
        shown = [one for one in self._rules if wanted.fits(one) and (not wanted.text or self._holds(one, wanted.text))]
        colours = self._desk.colours
        self.model.set_rows(
            [row(one, store.scheme, self._tallies, texts) for one in shown],
            shown,
            icons=[self._badges[one.category] for one in shown],
            tones=[colours.bad if one.off else colours.warn if one.ruling else colours.muted for one in shown],
        )
        self._either.setCurrentWidget(self.table if shown else self._nothing)
        self.filter.tell(len(shown), len(self._rules))
        code = chosen.check.code if chosen else ""
        self._select(code if any(one.check.code == code for one in shown) else "")

    def _holds(self, rule: Rule, text: str) -> bool:
        """Whether a check is found by a text; pinyin is learnt when somebody first searches."""
        code = rule.check.code
        if code not in self._words:
            self._words[code] = words(rule.check, self._desk.store.scheme, self._desk.texts)
        return fold(text) in self._words[code]

    def _select(self, code: str) -> None:
        """Marks a check; the first without one."""
        shown = [self.model.object(self.model.index(at, 0)) for at in range(self.model.rowCount())]
        at = next((at for at, one in enumerate(shown) if one.check.code == code), 0)
        self.table.setCurrentIndex(self.model.index(at, 0))
        self._tell(self.table.currentIndex())

    def chosen(self) -> Rule | None:
        """The check that is marked."""
        found: Rule | None = self.model.object(self.table.currentIndex())
        return found

    def _tell(self, index: QModelIndex) -> None:
        rule: Rule | None = self.model.object(index)
        self.detail.show_rule(rule)
        for name, button in self._action.items():
            button.setEnabled(rule is not None and _can(name, rule))

    # Own checks

    def _edit_chosen(self) -> None:
        rule = self.chosen()
        if self._writes and rule and rule.origin == "local":
            self._edit_code(rule.check.code)

    def _edit_code(self, code: str) -> None:
        found = next((one for one in localchecks.all_of(self._desk.store) if one.code == code), None)
        if found is None:
            # Somebody else has taken it out meanwhile.
            self.refresh()
            return
        self.edit(found.row, code)

    def _copy_chosen(self) -> None:
        if rule := self.chosen():
            found = localchecks.row_of(self._desk.store, rule.check)
            said = check_message(rule.check, self._desk.store.scheme, self._desk.texts)
            self.edit({**found, "message": found["message"] or said})

    def _delete_chosen(self) -> None:
        if rule := self.chosen():
            self._ask_remove(rule.check.code)

    def _ask_remove(self, code: str) -> None:
        texts = self._desk.texts
        title, line = texts("rules.delete"), texts("rules.delete_line", code=code)
        box = Box(self.window(), title, line, QMessageBox.Icon.Question)
        box.setObjectName("removeRule")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stay = box.addButton(texts("entry.cancel"), QMessageBox.ButtonRole.RejectRole)
        drop = box.addButton(texts("rules.delete"), QMessageBox.ButtonRole.DestructiveRole)
        drop.setObjectName("removeIt")
        drop.clicked.connect(lambda _checked=False: self._remove(code))
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.open()

    def _remove(self, code: str) -> None:
        try:
            localchecks.remove(self._desk.store, code)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._changed()

    def _saved(self, code: str) -> None:
        self._changed()
        self._select(code)

    def _changed(self) -> None:
        self.refresh()
        self.rules_changed.emit()

    # The city's control

    def _rule_chosen(self) -> None:
        if rule := self.chosen():
            dialog = RulingDialog(self._desk, rule, self.window())
            dialog.accepted.connect(self._changed)
            dialog.open()

    def _lift_chosen(self) -> None:
        rule = self.chosen()
        ruling = (rule.coming[-1] if rule.coming else rule.ruling) if rule else None
        if ruling is None:
            return
        try:
            control.lift(self._desk.store, ruling.check, ruling.valid_from)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._changed()

    def _exempt_chosen(self) -> None:
        if rule := self.chosen():
            dialog = ExemptDialog(self._desk, self.window(), rule.check.code)
            dialog.accepted.connect(self._changed)
            dialog.open()


def _can(action: str, rule: Rule) -> bool:
    """Whether something can be done with a check."""
    if action in ("edit", "delete"):
        return rule.origin == "local"
    return action != "lift" or bool(rule.ruling or rule.coming)
