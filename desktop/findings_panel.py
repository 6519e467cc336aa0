"""The findings beside the form: grouped by class, each in full words, a click leads to the cell."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.icons import Icons
from desktop.pages import Nothing, class_name
from desktop.theme import Colours
from survey.checks import Finding, sentence
from survey.form import CHECK_CLASSES
from survey.scheme import Scheme
from survey.texts import Texts


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
    """What the open unit's answers do not pass."""

    chosen = Signal(str)

    def __init__(self, scheme: Scheme, texts: Texts, icons: Icons, colours: Colours) -> None:
        super().__init__()
        self._scheme = scheme
        self._texts = texts
        self._badges = {one: icons.badge(one, colours.of_class(one), colours.field) for one in CHECK_CLASSES}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(6)
        title = QLabel(texts("entry.findings"))
        title.setProperty("kind", "section")
        self.summary = QLabel()
        self.summary.setObjectName("findingsSummary")
        self.summary.setProperty("kind", "hint")
        self.summary.setWordWrap(True)
        self.tree = _Tree()
        self.tree.setObjectName("findings")
        self.tree.setHeaderHidden(True)
        self.tree.setWordWrap(True)
        self.tree.setIndentation(14)
        self.tree.setItemDelegate(_Wrapped(self.tree))
        self.tree.setUniformRowHeights(False)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setAccessibleName(texts("entry.findings"))
        self.tree.itemClicked.connect(self._choose)
        self.tree.itemActivated.connect(self._choose)
        self._none = Nothing(icons, "done", texts("entry.all_passed"), texts("entry.all_passed_line"), "allPassed")
        self._either = QStackedLayout()
        self._either.addWidget(self.tree)
        self._either.addWidget(self._none)
        layout.addWidget(title)
        layout.addWidget(self.summary)
        layout.addLayout(self._either, 1)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Replaces what is shown; what could not be evaluated is only counted."""
        failed = [finding for finding in findings if finding.verdict == "fail"]
        self.tree.clear()
        for category in CHECK_CLASSES:
            found = [finding for finding in failed if finding.category == category]
            if found:
                self._group(category, found)
        self.tree.expandAll()
        open_checks = len(findings) - len(failed)
        key = "some" if failed else "none"
        self._either.setCurrentWidget(self.tree if failed else self._none)
        self.summary.setText(self._texts(f"entry.findings_{key}", failed=len(failed), open=open_checks))

    def _group(self, category: str, findings: Sequence[Finding]) -> None:
        head = QTreeWidgetItem([f"{class_name(self._texts, category)}  {len(findings)}"])
        head.setFirstColumnSpanned(True)
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        head.setIcon(0, self._badges[category])
        self.tree.addTopLevelItem(head)
        for finding in findings:
            text = sentence(finding, self._scheme, self._texts)
            line = QTreeWidgetItem(head, [text])
            line.setToolTip(0, f"{finding.check}  {text}")
            line.setData(0, Qt.ItemDataRole.UserRole, self.target(finding))

    def target(self, finding: Finding) -> str:
        """The item that a click leads to: the first of the check's own form."""
        keys = [key for key in finding.items if key.startswith(finding.form + ".")] or list(finding.items)
        return self._scheme.item_at(keys[0]).name

    def _choose(self, item: QTreeWidgetItem) -> None:
        name = item.data(0, Qt.ItemDataRole.UserRole)
        if name:
            self.chosen.emit(str(name))
