"""The board as a table: a sender a row, its forms side by side, each cell with its count and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.merge_facts import sender_name
from desktop.moments import moment
from desktop.pages import Desk
from desktop.plain import quoted
from desktop.rows_model import HeadedModel, Index

if TYPE_CHECKING:
    from survey.board import Board, Cell, Line

FIRST = ("sender", "state", "sent", "units")
SHOWN = Qt.ItemDataRole.UserRole + 1
ROW_HEIGHT, LOW_ROW_HEIGHT = 40, 34
_PAD = 8


@dataclass(frozen=True)
class Shown:
    """A cell: what is counted, below it a word for what is open or how it stands; tones are names of colours."""

    text: str
    word: str = ""
    tone: str = "ink"
    word_tone: str = "muted"
    right: bool = False
    bold: bool = False


class BoardModel(HeadedModel):
    """The lines of the board, and one for all together."""

    def __init__(self, desk: Desk) -> None:
        super().__init__([desk.texts(f"board.head.{name}") for name in FIRST])
        self._desk = desk
        self._lines: Sequence[Line] = ()
        self._forms: Sequence[str] = ()
        self._checked = False
        self._rows: list[list[Shown]] = []
        self._tips: list[list[str]] = []

    def show_board(self, board: Board) -> None:
        """Replaces everything shown."""
        self.beginResetModel()
        self._lines, self._forms = board.lines, [form.id for form in board.forms]
        self._checked = bool(board.found.at)
        first = [self._desk.texts(f"board.head.{name}") for name in FIRST]
        self._heads = [*first, *self._forms]
        self._right = set(range(len(FIRST) - 1, len(self._heads)))
        self._rows = [self._row(line) for line in board.lines]
        titles = {form.id: self._desk.texts.pick(form.title, form.title_en) for form in board.forms}
        self._tips = [self._row_tips(line, titles) for line in board.lines]
        if board.lines:
            self._rows.append(self._total(board))
            self._tips.append([""] * len(self._heads))
        self.endResetModel()

    def line(self, index: Index) -> Line | None:
        """The sender of a row; None where all are counted together."""
        return self._lines[index.row()] if index.isValid() and index.row() < len(self._lines) else None

    def form(self, index: Index) -> str:
        """The form of a column, or ''."""
        at = index.column() - len(FIRST)
        return self._forms[at] if index.isValid() and at >= 0 else ""

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = self._rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return " ".join(filter(None, (shown.text, shown.word)))
            case Qt.ItemDataRole.ToolTipRole:
                return quoted(self._tips[index.row()][index.column()]) or None
            case _ if role == SHOWN:
                return shown
        return None

    def _row(self, line: Line) -> list[Shown]:
        return [*self._head_cells(line), *(self._form_cell(line.cells[form]) for form in self._forms)]

    def _head_cells(self, line: Line) -> list[Shown]:
        texts = self._desk.texts
        tone = {"received": "good", "draft": "warn", "late": "warn", "due": "muted"}.get(line.state, "bad")
        word, word_tone = "", "muted"
        if line.rejected and line.standing:
            word, word_tone = texts("board.new_rejected"), "bad"
        elif line.overdue and line.state != "overdue":
            word, word_tone = texts("board.overdue"), "bad"
        sent = Shown("—", tone="faint")
        if now := line.standing:
            sent = Shown(texts("board.sent", sequence=now.sequence, name="").strip(), moment(now.at)[5:])
        elif line.rejected:
            sent = Shown(
                texts("board.sent", sequence=line.rejected.sequence, name="").strip(), moment(line.rejected.at)[5:]
            )
        twice = texts("board.contested", count=f"{line.contested:,}") if line.contested else ""
        units = Shown(f"{line.counted:,}" if line.standing else "—", twice, "ink" if line.standing else "faint", "warn")
        return [
            Shown(sender_name(self._desk.store, line.sender, texts), bold=True),
            Shown(texts(f"board.state.{line.state}"), word, tone, word_tone, bold=True), sent,
            Shown(units.text, units.word, units.tone, units.word_tone, right=True),
        ]  # fmt: skip

    def _row_tips(self, line: Line, titles: dict[str, str]) -> list[str]:
        texts = self._desk.texts
        sender = sender_name(self._desk.store, line.sender, texts)
        path = line.standing.path if line.standing else ""
        reason = texts("board.rejected", name=line.rejected.name, reason=line.rejected.reason) if line.rejected else ""
        tips = [sender, reason, "\n".join(filter(None, (path, reason))), ""]
        for form in self._forms:
            cell = line.cells[form]
            facts = {"sender": sender, "form": form, "title": titles[form]}
            counts = {"rows": f"{cell.rows or 0:,}", "errors": f"{cell.errors:,}", "doubts": f"{cell.doubts:,}"}
            key = "board.cell_tip_none" if cell.rows is None else "board.cell_tip"
            tips.append(texts(key, conflicts=f"{cell.conflicts:,}", **facts, **counts))
        return tips

    def _total(self, board: Board) -> list[Shown]:
        texts = self._desk.texts
        received = f"{board.count('received', 'late')} / {len(board.lines)}"
        twice = texts("board.contested", count=f"{board.contested:,}") if board.contested else ""
        head = [
            Shown(texts("board.total"), bold=True), Shown(received, bold=True), Shown(""),
            Shown(f"{board.counted:,}", twice, word_tone="warn", right=True, bold=True),
        ]  # fmt: skip
        return [*head, *(self._form_cell(board.of_form(form), bold=True) for form in self._forms)]

    def _form_cell(self, cell: Cell, *, bold: bool = False) -> Shown:
        """The rows of a form, and the gravest of what is open in it; nothing is clear that was not checked."""
        if cell.rows is None:
            return Shown("—", tone="faint", right=True)
        texts = self._desk.texts
        word, tone = texts("board.clear") if cell.rows and self._checked else "", "good"
        for name, count, colour in (
            ("errors", cell.errors, "bad"), ("conflicts", cell.conflicts, "warn"), ("doubts", cell.doubts, "warn"),
        ):  # fmt: skip
            if count:
                word, tone = texts(f"board.{name}", count=f"{count:,}"), colour
                break
        return Shown(f"{cell.rows:,}", word, "ink" if cell.rows else "faint", tone, right=True, bold=bold)


class BoardDelegate(QStyledItemDelegate):
    """Two lines a cell: the count, and below it in colour the word that says the same."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._colours = desk.colours

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        shown: Shown = index.data(SHOWN)
        metrics = option.fontMetrics  # type: ignore[attr-defined]
        width = max(metrics.horizontalAdvance(text) for text in (shown.text, shown.word))
        return QSize(width + 2 * _PAD + 2, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        shown: Shown = index.data(SHOWN)
        blank = QStyleOptionViewItem(option)
        self.initStyleOption(blank, index)
        blank.text = ""  # type: ignore[attr-defined]
        view = option.widget  # type: ignore[attr-defined]
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, blank, painter, view)
        painter.save()
        area: QRect = option.rect.adjusted(_PAD, 0, -_PAD, 0)  # type: ignore[attr-defined]
        half = area.height() // 2
        upper = QRect(area.left(), area.top() + 1, area.width(), half) if shown.word else area
        self._draw(painter, upper, shown.text, shown.tone, right=shown.right, bold=shown.bold)
        if shown.word:
            lower = QRect(area.left(), area.top() + half - 1, area.width(), half)
            self._draw(painter, lower, shown.word, shown.word_tone, right=shown.right, small=True)
        painter.restore()

    def _draw(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        tone: str,
        *,
        right: bool,
        bold: bool = False,
        small: bool = False,
    ) -> None:
        font = QFont(painter.font())
        font.setBold(bold)
        font.setPixelSize(12 if small else 13)
        painter.setFont(font)
        painter.setPen(QColor(getattr(self._colours, tone)))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), cut)
