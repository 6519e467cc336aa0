"""The target board: every goal of the plan with its sentence, its figure, its path and its course drawn in the row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from desktop import goal_words
from desktop.drawing import Look
from desktop.fitting import Fitting
from desktop.rows_model import RowsModel, table_view
from survey.texts import Texts

_ROW, _PAD = 42, 7
_WIDTHS = (166, 220, 116, 124, 82, 116, 112, 116, 100)
# What a narrow page leaves to the line below, the first first.
_SPARE = ("share", "path", "course", "gap")
_SENTENCE = 200


class CourseDelegate(QStyledItemDelegate):
    """Draws a goal's course over the years with the plan's path dashed behind it."""

    def __init__(self, look: Look, parent: QTableView) -> None:
        super().__init__(parent)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        model = index.model()
        goal = model.object(index) if isinstance(model, RowsModel) else None
        if goal is None:
            return
        place = QRectF(option.rect).adjusted(_PAD, _PAD, -_PAD, -_PAD)  # type: ignore[attr-defined]
        path, course = lines_in(place, goal.path, [(when, value) for when, value in goal.course if value is not None])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._look.muted), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(path)
        colour = QColor(self._look.tone(goal.status) if goal.status != "part" else self._look.series[0])
        painter.setPen(QPen(colour, 1.8))
        painter.drawPolyline(course)
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        for point in course[-1:]:
            painter.drawEllipse(point, 2.6, 2.6)
        painter.restore()


def lines_in(
    place: QRectF, path: Sequence[tuple[str, float]], course: Sequence[tuple[str, float]]
) -> tuple[list[QPointF], list[QPointF]]:
    """A path and a course as points in a place, on one scale of years and of values."""
    years = [int(when[:4]) for when, _ in [*path, *course]]
    values = [value for _, value in [*path, *course]]
    if not years:
        return [], []
    first, span = min(years), max(max(years) - min(years), 1)
    least, height = min(values), max(values) - min(values)

    def point(when: str, value: float) -> QPointF:
        up = (value - least) / height if height else 0.5
        return QPointF(
            place.left() + (int(when[:4]) - first) / span * place.width(), place.bottom() - up * place.height()
        )

    return [point(*one) for one in path], [point(*one) for one in course]


def board_view(model: RowsModel, texts: Texts, look: Look) -> QTableView:
    """The board; two lines a row, so that the plan's sentence can be read."""
    view = table_view(model, "board", texts("indicators.board"), _WIDTHS, goal_words.HEADS.index("wording"))
    view.setWordWrap(True)
    view.verticalHeader().setDefaultSectionSize(_ROW)
    view.setItemDelegateForColumn(goal_words.COURSE, CourseDelegate(look, view))
    Fitting(view, [goal_words.HEADS.index(name) for name in _SPARE], _SENTENCE)
    return view
