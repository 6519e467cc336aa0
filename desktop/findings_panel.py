"""The findings beside the form: grouped by class, each in full words, a click leads to the cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QResizeEvent
from PySide6.QtWidgets import (
    QPushButton,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.icons import Icons
from desktop.pages import Nothing, class_name, result_line
from desktop.plain import Label, quoted
from desktop.session import Session
from desktop.theme import Colours
from survey.checks import Finding, sentence
from survey.explanations import EXPLAINABLE
from survey.form import CHECK_CLASSES
from survey.scheme import Scheme
from survey.texts import Texts

# A list of a thousand lines may fail a thousand times; F8 walks them all.
_SHOWN = 200
_BEFORE_ALL = -0.5


class _Wrapped(QStyledItemDelegate):
    """Rows as tall as their sentence needs."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        hint = super().sizeHint(option, index)
        view = option.widget  # type: ignore[attr-defined]
        if not isinstance(view, QTreeWidget) or not index.parent().isValid():
            return hint
        width = view.viewport().width() - 2 * view.indentation() - 10
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        box = view.fontMetrics().boundingRect(QRect(0, 0, max(width, 60), 10_000), int(flags), text)
        return QSize(width, box.height() + 12)


class _Tree(QTreeWidget):
    """Its rows are measured anew when it gets another width."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


class FindingsPanel(QWidget):
    """What the open unit's answers do not pass; `chosen` names a cell, `explain` a finding to be explained."""

    chosen = Signal(str, int)
    explain = Signal(object)

    def __init__(self, session: Session, texts: Texts, icons: Icons, colours: Colours) -> None:
        super().__init__()
        self._session = session
        self._texts = texts
        self._good = QBrush(QColor(colours.good))
        self._badges = {one: icons.badge(one, colours.of_class(one), colours.field) for one in CHECK_CLASSES}
        self._failed: list[Finding] = []
        self._rows: dict[int, QTreeWidgetItem] = {}
        # The finding that was led to last; half-way between two where it has been put right since.
        self._at = _BEFORE_ALL
        session.opened.connect(self._begin_anew)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(6)
        self.summary = Label()
        self.summary.setObjectName("findingsSummary")
        self.summary.setProperty("kind", "hint")
        self.summary.setWordWrap(True)
        self.tree = self._tree()
        self._none = Nothing(icons, "done", texts("entry.all_passed"), texts("entry.all_passed_line"), "allPassed")
        self._either = QStackedWidget()
        self._either.addWidget(self.tree)
        self._either.addWidget(self._none)
        self._explain = QPushButton(texts("entry.explain"))
        self._explain.setObjectName("explain")
        self._explain.setEnabled(False)
        self._explain.clicked.connect(self._want_explanation)
        layout.addWidget(self.summary)
        layout.addWidget(self._either, 1)
        self._where = QPushButton(texts("entry.whereabouts"))
        self._where.setObjectName("whereabouts")
        self._where.setEnabled(False)
        self._where.clicked.connect(self._tell_where)
        self._told = result_line("whereaboutsTold")
        layout.addWidget(self._explain)
        layout.addWidget(self._where)
        layout.addWidget(self._told)

    @property
    def _scheme(self) -> Scheme:
        """The scheme as it is now: the desk's own checks may have changed."""
        return self._session.store.scheme

    def _tree(self) -> _Tree:
        tree = _Tree()
        tree.setObjectName("findings")
        tree.setHeaderHidden(True)
        tree.setWordWrap(True)
        tree.setIndentation(14)
        tree.setItemDelegate(_Wrapped(tree))
        tree.setUniformRowHeights(False)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setAccessibleName(self._texts("entry.findings"))
        tree.itemClicked.connect(self._choose)
        tree.itemActivated.connect(self._choose)
        tree.currentItemChanged.connect(self._offer)
        return tree

    def refresh(self) -> None:
        """Replaces what is shown; what could not be evaluated is only counted."""
        findings = self._session.findings
        stood = self._failed[int(self._at)] if self._at.is_integer() and self._at < len(self._failed) else None
        self._failed = [finding for finding in findings if finding.verdict == "fail"]
        self._at = self._place_of(stood)
        self.tree.clear()
        self._rows = {}
        for category in CHECK_CLASSES:
            found = [finding for finding in self._failed if finding.category == category]
            if found:
                self._group(category, found)
        self.tree.expandAll()
        open_checks = len(findings) - len(self._failed)
        explained = sum(self._session.explanation(one) is not None for one in self._failed)
        key = "some" if self._failed else "none"
        self._either.setCurrentWidget(self.tree if self._failed else self._none)
        self._told.hide()
        self._where.setVisible(bool(self._failed))
        self._explain.setVisible(any(one.category in EXPLAINABLE for one in self._failed))
        self.summary.setText(
            self._texts(f"entry.findings_{key}", failed=len(self._failed), open=open_checks, explained=explained)
        )

    def marks(self) -> dict[tuple[str, int], str]:
        """Which cells are painted: `bad` where class A fails, `note` where something is doubted, `explained`."""
        order = ("", "explained", "note", "bad")
        marks: dict[tuple[str, int], str] = {}
        for finding in self._failed:
            answer = self._session.explanation(finding)
            settled = self._session.exempt(finding) or (answer is not None and answer.fits)
            mark = "explained" if settled else "bad" if finding.category == "A" else "note"
            for key in finding.items:
                item = self._scheme.item_at(key)
                cell = (item.name, finding.line if self._scheme.form(item.form).is_list else 0)
                if order.index(mark) > order.index(marks.get(cell, "")):
                    marks[cell] = mark
        return marks

    def of_cell(self, name: str, line: int) -> list[Finding]:
        """The failed checks that a cell has part in and that can be explained."""
        item = self._scheme.item(name)
        # What stands once for the unit has part in the findings of every line.
        lines = (0, line) if self._scheme.form(item.form).is_list else None
        return [
            one
            for one in self._failed
            if one.category in EXPLAINABLE and item.key in one.items and (lines is None or one.line in lines)
        ]

    def step(self, by: int) -> None:
        """To the next finding, or the one before; it is marked in the list."""
        if not self._failed:
            return
        at = (math.floor(self._at) + 1 if by > 0 else math.ceil(self._at) - 1) % len(self._failed)
        self._at = float(at)
        row = self._rows.get(id(self._failed[at]))
        if row:
            self.tree.setCurrentItem(row)
        self.chosen.emit(*self.target(self._failed[at]))

    def _begin_anew(self) -> None:
        """Another unit: its first finding comes next."""
        self._failed, self._at = [], _BEFORE_ALL

    def _place_of(self, stood: Finding | None) -> float:
        """Where the finding that was led to stands now; half a step back where it has been put right."""
        if stood is None:
            return min(self._at, len(self._failed) - 0.5)
        known = [(one.check, one.line) for one in self._failed]
        key = (stood.check, stood.line)
        return float(known.index(key)) if key in known else min(self._at, len(known)) - 0.5

    def target(self, finding: Finding) -> tuple[str, int]:
        """The cell that a finding leads to: the item that implies the check, or the first of its own form."""
        implied = finding.check.partition("-")[2]
        if implied in finding.items:
            return self._scheme.item_at(implied).name, finding.line
        keys = [key for key in finding.items if key.startswith(finding.form + ".")] or list(finding.items)
        if not keys:
            # Only what lines come to is compared: the first item of the form it is made of.
            key = next(iter(finding.operands))
            return key.partition("([")[2].partition("]")[0].partition("@")[0], 0
        return self._scheme.item_at(keys[0]).name, finding.line

    def _group(self, category: str, findings: Sequence[Finding]) -> None:
        head = QTreeWidgetItem([f"{class_name(self._texts, category)}  {len(findings)}"])
        head.setFirstColumnSpanned(True)
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        head.setIcon(0, self._badges[category])
        self.tree.addTopLevelItem(head)
        for finding in findings[:_SHOWN]:
            text = sentence(finding, self._scheme, self._texts)
            if finding.line:
                text = self._texts("entry.on_line", form=finding.form, line=finding.line, text=text)
            answer = self._session.explanation(finding)
            if self._session.exempt(finding):
                text += "\n" + self._texts("entry.exempt")
            if answer:
                text += "\n" + self._texts("entry.explained" if answer.fits else "entry.outdated", text=answer.text)
            line = QTreeWidgetItem(head, [text])
            line.setToolTip(0, quoted(f"{finding.check}  {text}"))
            line.setData(0, Qt.ItemDataRole.UserRole, finding)
            self._rows[id(finding)] = line
            if answer and answer.fits:
                line.setForeground(0, self._good)
        if len(findings) > _SHOWN:
            QTreeWidgetItem(head, [self._texts("entry.more_findings", count=len(findings) - _SHOWN)])

    def _choose(self, item: QTreeWidgetItem) -> None:
        finding = item.data(0, Qt.ItemDataRole.UserRole)
        if isinstance(finding, Finding):
            self._at = float(self._failed.index(finding))
            self.chosen.emit(*self.target(finding))

    def _chosen_finding(self) -> Finding | None:
        finding = self._in_row()
        return finding if finding and finding.category in EXPLAINABLE else None

    def _offer(self) -> None:
        self._explain.setEnabled(self._chosen_finding() is not None)
        self._where.setEnabled(self._in_row() is not None)

    def _in_row(self) -> Finding | None:
        current = self.tree.currentItem()
        finding = current.data(0, Qt.ItemDataRole.UserRole) if current else None
        return finding if isinstance(finding, Finding) else None

    def _tell_where(self) -> None:
        if finding := self._in_row():
            self._told.setText(self._session.whereabouts(finding, self._texts))
            self._told.show()

    def _want_explanation(self) -> None:
        finding = self._chosen_finding()
        if finding:
            self.explain.emit(finding)
