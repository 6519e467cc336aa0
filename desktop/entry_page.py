"""Filling in a unit's forms: drawn from the scheme, saved at every cell, checked as one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desktop.findings_panel import FindingsPanel
from desktop.form_fields import FormFields
from desktop.form_grid import FormGrid, FormModel
from desktop.icons import Icons
from desktop.theme import Colours
from survey.checks import compile_checks
from survey.form import Form
from survey.record import previous_period
from survey.scalar import Value
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store


class EntryPage(QWidget):
    """One unit in one period."""

    closed = Signal()
    changed = Signal()

    def __init__(self, store: Store, texts: Texts, icons: Icons, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("page")
        self._store = store
        self._texts = texts
        self._unit = 0
        self._period = store.period
        self._now: dict[str, Value] = {}
        self._before: dict[str, Value] = {}
        self._checks = compile_checks(store.scheme, store.period)
        self._editors: dict[str, FormGrid | FormFields] = {}
        self._marking: dict[str, Callable[[dict[str, str]], None]] = {}
        self._loading: dict[str, Callable[[dict[str, Value], dict[str, Value], tuple[str, str]], None]] = {}
        self._tabs = QTabBar()
        self._tabs.setObjectName("forms")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._stack = QStackedWidget()
        self.message = QLabel()
        self.message.setObjectName("banner")
        self.message.setWordWrap(True)
        self.message.hide()
        self.panel = FindingsPanel(store.scheme, texts, icons, colours)
        for form in store.scheme.forms:
            self._tabs.addTab(f"{form.id} {texts.pick(form.title, form.title_en)}")
            self._stack.addWidget(self._form(form, colours))
        self._tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self.panel.chosen.connect(self.go_to)
        self._lay_out(icons)
        self._key(Qt.Key.Key_F8, self._next_finding)
        self._key("Ctrl+PgDown", lambda: self._turn(1))
        self._key("Ctrl+PgUp", lambda: self._turn(-1))
        self._key("Ctrl+S", lambda: self._say(texts("entry.saved")))

    def _key(self, key: Qt.Key | str, action: Callable[[], None]) -> None:
        QShortcut(QKeySequence(key), self).activated.connect(action)

    def open(self, unit: int, period: str) -> None:
        """Shows a unit's answers of a period beside those of the year before."""
        self._unit, self._period = unit, period
        before = previous_period(period)
        self._now = self._store.answers(unit, period)
        self._before = self._store.answers(unit, before)
        self._checks = compile_checks(self._store.scheme, period)
        register = self._store.register(unit)
        self._heading.setText(str(register["name@reg"] or self._texts("entry.unnamed")))
        self._subheading.setText(self._texts("entry.unit_line", uscc=register["uscc@reg"], period=period))
        for load in self._loading.values():
            load(self._now, self._before, (period, before))
        self.message.hide()
        self._check()

    def go_to(self, name: str) -> None:
        """Puts the cursor on an item, on whichever form it is."""
        form = self._store.scheme.form_of(name)
        self._tabs.setCurrentIndex(self._store.scheme.forms.index(form))
        self._editors[form.id].go_to(name)

    def _lay_out(self, icons: Icons) -> None:
        back = QPushButton(icons.icon("back"), self._texts("entry.back"))
        back.setObjectName("back")
        back.clicked.connect(self.closed)
        self._heading, self._subheading = QLabel(), QLabel()
        self._heading.setObjectName("heading")
        self._subheading.setObjectName("subheading")
        self._subheading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subheading)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self._tabs)
        column.addWidget(self._stack, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setSizes([760, 300])
        split.setChildrenCollapsible(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 12)
        outer.addLayout(top)
        outer.addWidget(self.message)
        outer.addWidget(split, 1)

    def _form(self, form: Form, colours: Colours) -> QWidget:
        """A form as it is on paper: head, rows, foot."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(self._form_head(form))
        scheme, texts = self._store.scheme, self._texts
        editor: FormGrid | FormFields
        if form.layout == "table":
            model = FormModel(form, scheme, texts, colours, self._commit)
            editor = FormGrid(model)
            editor.setAccessibleName(texts.pick(form.title, form.title_en))
            editor.delegate.refused.connect(self._warn)
            source: FormModel | FormFields = model
        else:
            editor = source = FormFields(form, scheme, texts, self._commit)
        source.refused.connect(self._warn)
        source.committed.connect(self._committed)
        self._editors[form.id] = editor
        self._marking[form.id], self._loading[form.id] = source.mark, source.load
        layout.addWidget(editor, 1)
        foot = QLabel(
            "　　".join(f"{one}：" for one in (scheme.legal.foot if texts.lang == "zh" else scheme.legal.foot_en))
        )
        foot.setObjectName("foot")
        layout.addWidget(foot)
        return page

    def _form_head(self, form: Form) -> QHBoxLayout:
        texts, legal = self._texts, self._store.scheme.legal
        title = QLabel(texts.pick(form.title, form.title_en))
        title.setObjectName("formTitle")
        unit = texts.pick(form.unit, self._store.scheme.units.get(form.unit, form.unit))
        scope = QLabel(texts("entry.unit_of_measure", unit=unit) if unit else texts.pick(form.scope, form.scope_en))
        scope.setObjectName("hint")
        scope.setWordWrap(True)
        left = QVBoxLayout()
        left.addWidget(title)
        left.addWidget(scope)
        left.addStretch(1)
        pending = texts("return.pending")
        block = QLabel(
            texts(
                "entry.legal",
                table_no=form.table_no or form.id,
                maker=texts.pick(legal.maker, legal.maker_en) or pending,
                approver=texts.pick(legal.approver, legal.approver_en) or pending,
                approval_no=legal.approval_no or pending,
                valid_until=legal.valid_until or pending,
            )
        )
        block.setObjectName("legal")
        row = QHBoxLayout()
        row.addLayout(left, 1)
        row.addWidget(block)
        return row

    def _commit(self, name: str, value: Value) -> None:
        """On disk before the cursor is in the next cell."""
        self._store.write_cell(self._unit, self._period, name, value)
        if value is None:
            self._now.pop(name, None)
        else:
            self._now[name] = value

    def _committed(self, name: str) -> None:
        self.message.hide()
        if name == "name":
            self._heading.setText(str(self._now.get("name", "")))
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        findings = self._checks.record(self._now, self._before, self._store.register(self._unit))
        failed = [finding for finding in findings if finding.verdict == "fail"]
        self.panel.show_findings(findings)
        self._wrong = [self.panel.target(finding) for finding in failed]
        marks: dict[str, str] = {}
        for finding in reversed(failed):
            for key in finding.items:
                form_id, _, code = key.partition(".")
                name = self._store.scheme.form(form_id).by_code[code].name
                marks[name] = "bad" if finding.category == "A" else marks.get(name, "note")
        for mark in self._marking.values():
            mark(marks)

    def _next_finding(self) -> None:
        if self._wrong:
            self._wrong.append(self._wrong.pop(0))
            self.go_to(self._wrong[-1])

    def _turn(self, by: int) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + by) % self._tabs.count())

    def _warn(self, text: str) -> None:
        self.message.setText(text)
        self.message.show()

    def _say(self, text: str) -> None:
        self._warn(text)
