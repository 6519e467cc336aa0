"""The one-page brief (领导参阅页): the targets, three charts, what moved most and what is at risk, on upright A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop import brief_words
from desktop.brief_words import Line
from desktop.chart import Chart
from desktop.drawing import PAPER, Area, Shape, Stroke, lines, overflow, paint
from desktop.figure_charts import FigureCharts
from desktop.fonts import FAMILY
from desktop.paper_block import Align
from desktop.paper_sheet import image_of, write_pdf
from desktop.paper_type import Typeface
from survey.files import Told
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.outlook import Outlook

_WIDE, _HIGH, _MARGIN = 5953.0, 8419.0, 510.0
_INNER = _WIDE - 2 * _MARGIN
_GAP, _PAD = 90.0, 24.0
# The sizes of type that are tried until all is on one page, and how high charts are at most.
_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
_CHART_MOST = 2300.0
# What is given up where there is much to say: lines of the lists, the height of charts, the plan's own sentences.
_WAYS = ((6, 1700.0, True), (4, 1500.0, True), (4, 1300.0, False), (2, 1000.0, False))
_COLUMNS: tuple[tuple[float, Align], ...] = (
    (3.8, "left"), (1.4, "right"), (1.5, "right"), (1.4, "right"), (1.3, "right"), (1.2, "center"),
)  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Shapes from the top of a part, and how high it is."""

    shapes: Sequence[Shape]
    height: float


class BriefPaper:
    """One page; painted on screen, on the printer and into a PDF as all pages are."""

    count = 1

    def __init__(
        self, outlook: Outlook, scheme: Scheme, place: str, texts: Texts, *, day: date | None = None
    ) -> None:  # fmt: skip
        self.title = texts("brief.title", period=outlook.period)
        self._outlook = outlook
        self._scheme = scheme
        self._place = place
        self._texts = texts
        self._day = day or datetime.now().date()
        self._face = Typeface(FAMILY)

    def paint(self, painter: QPainter, _number: int, target: QRectF) -> None:
        """Draws the page so that A4 fills the target."""
        painter.save()
        painter.translate(target.topLeft())
        painter.scale(target.width() / _WIDE, target.height() / _HIGH)
        paint(painter, self.shapes, self._face)
        painter.restore()

    def image(self, number: int = 0, width: int = 1240) -> QImage:
        """The page as a picture on white paper."""
        return image_of(self, number, width)

    def write_pdf(self, path: Path, told: Told) -> None:
        """The page as a PDF; raises SurveyError `cannot_write`, with what was there left as it is."""
        write_pdf(path, [self], self.title, told)

    def overflow(self) -> list[str]:
        """What is cut or stands outside the margins; none, unless the layout is wrong."""
        inside = [shape.moved(-_MARGIN, -_MARGIN) for shape in self.shapes]
        return overflow(inside, self._face, _INNER, _HIGH - 2 * _MARGIN)

    @cached_property
    def shapes(self) -> list[Shape]:
        """Everything on the page in its place."""
        room = _HIGH - 2 * _MARGIN
        for (most, least, quoted), size in product(_WAYS, _SIZES):
            above = [self._masthead(), self._section("targets", size), self._board(size, quoted=quoted)]
            below = [self._lists(size, most), self._notes(size), self._foot()]
            heads = self._section("charts", size)
            left = room - sum(part.height + _GAP for part in [*above, *below, heads])
            if left >= least:
                break
        return self._placed([*above, heads, self._charts(min(max(left, least), _CHART_MOST), size)], below)

    def _placed(self, above: Sequence[_Part], below: Sequence[_Part]) -> list[Shape]:
        found: list[Shape] = []
        y = _MARGIN
        for part in [*above, *below[:-1]]:
            found += [shape.moved(_MARGIN, y) for shape in part.shapes]
            y += part.height + _GAP
        foot = below[-1]
        return found + [shape.moved(_MARGIN, _HIGH - _MARGIN - foot.height) for shape in foot.shapes]

    # Parts

    def _masthead(self) -> _Part:
        texts, face = self._texts, self._face
        shapes: list[Shape] = list(lines(face, self.title, (0, 0, _INNER), 18, PAPER.ink, align="center", bold=True))
        y = len(shapes) * face.pitch(18) + 20
        about = self._texts.pick(self._scheme.title, self._scheme.title_en)
        subtitle = lines(face, about, (0, y, _INNER), 9, PAPER.muted, align="center")
        y += len(subtitle) * face.pitch(9) + 40
        place = lines(face, texts("page.place", value=self._place), (0, y, _INNER * 0.45), 8.5, PAPER.ink)
        mark = lines(face, texts("brief.internal"), (_INNER * 0.45, y, _INNER * 0.55), 8.5, PAPER.muted, align="right")
        y += max(len(place), len(mark)) * face.pitch(8.5) + 20
        return _Part([*shapes, *subtitle, *place, *mark, Stroke(((0, y), (_INNER, y)), PAPER.ink, 14)], y)

    def _section(self, name: str, size: float) -> _Part:
        head = lines(self._face, self._texts(f"brief.{name}"), (0, 0, _INNER), size + 2, PAPER.ink, bold=True)
        return _Part(head, len(head) * self._face.pitch(size + 2) - _GAP / 2)

    def _board(self, size: float, *, quoted: bool) -> _Part:
        rows = brief_words.board(self._outlook, self._texts)
        found: list[Shape] = []
        y = 0.0
        for number, (cells, tone) in enumerate(rows):
            shown = cells if quoted else (cells[0].partition("\n")[0], *cells[1:])
            part = self._row(shown, size, head=number == 0, colour=PAPER.tone(tone))
            if number == 0:
                found.append(Area(0, y, _INNER, part.height, "#eef2f6"))
            found += [shape.moved(0, y) for shape in part.shapes]
            y += part.height
            found.append(Stroke(((0, y), (_INNER, y)), PAPER.grid, 5))
        return _Part(found, y)

    def _row(self, cells: Sequence[str], size: float, *, head: bool, colour: str) -> _Part:
        """A row of the board; its last cell is the status."""
        by = _INNER / sum(width for width, _ in _COLUMNS)
        x, tall = 0.0, self._face.pitch(size)
        found: list[Shape] = []
        for at, (cell, (width, align)) in enumerate(zip(cells, _COLUMNS, strict=True)):
            last = at == len(cells) - 1
            wide, (words, _, quote) = width * by - 2 * _PAD, cell.partition("\n")
            ink = colour if last and not head else PAPER.ink
            text = lines(self._face, words, (x + _PAD, _PAD, wide), size, ink, align=align, bold=head or last)
            y = len(text) * self._face.pitch(size)
            below = lines(self._face, quote, (x + _PAD, _PAD + y, wide), size - 1, PAPER.muted)
            tall = max(tall, y + len(below) * self._face.pitch(size - 1))
            found += [*text, *below]
            x += width * by
        return _Part(found, tall + 2 * _PAD)

    def _charts(self, height: float, size: float) -> _Part:
        made = self._three()
        wide = (_INNER - (len(made) - 1) * 2 * _GAP) / max(len(made), 1)
        found: list[Shape] = []
        for at, chart in enumerate(made):
            drawn = chart.shapes(wide, height, self._face, PAPER, size - 1)
            found += [shape.moved(at * (wide + 2 * _GAP), 0) for shape in drawn]
        return _Part(found, height if made else 0)

    def _three(self) -> list[Chart]:
        """The course of the first goal, and its figure by the first two dimensions of the units."""
        from indicators.outlook import filters

        known = self._outlook.catalogue.indicators
        name = next((goal.target.indicator for goal in self._outlook.goals if goal.target.indicator in known), "")
        if not name:
            return []
        charts = FigureCharts(self._outlook, self._scheme, self._texts)
        found = [charts.course(name)]
        for dimension in filters(self._outlook.catalogue):
            kinds = charts.kinds(name, dimension)
            if "shares" in kinds and len(found) == 2:
                found.append(charts.shares(name, dimension))
            elif "bars" in kinds:
                found.append(charts.bars(name, dimension))
        return found

    def _lists(self, size: float, most: int) -> _Part:
        half = (_INNER - 2 * _GAP) / 2
        sides = (("moved", brief_words.moved(self._outlook, self._texts, most)),
                 ("risks", brief_words.risks(self._outlook, self._texts, most)))  # fmt: skip
        parts = [self._list(name, listed, half, size) for name, listed in sides]
        right = [shape.moved(half + 2 * _GAP, 0) for shape in parts[1].shapes]
        return _Part([*parts[0].shapes, *right], max(part.height for part in parts))

    def _list(self, name: str, listed: Sequence[Line], width: float, size: float) -> _Part:
        pitch = self._face.pitch(size)
        found: list[Shape] = list(
            lines(self._face, self._texts(f"brief.{name}"), (0, 0, width), size + 2, PAPER.ink, bold=True)
        )
        y = len(found) * self._face.pitch(size + 2) + 20
        for one in listed or [Line(self._texts("brief.nothing"))]:
            figures = min(self._face.width(one.figures, size, True) + 4, width * 0.4)
            text = lines(self._face, one.text, (0, y, width - figures - _PAD), size, PAPER.ink)
            colour = PAPER.tone(one.tone) if one.tone else PAPER.ink
            place = (width - figures, y, figures)
            beside = lines(self._face, one.figures, place, size, colour, align="right", bold=True)
            found += [*text, *beside]
            y += max(len(text), len(beside)) * pitch + 16
        return _Part(found, y)

    def _notes(self, size: float) -> _Part:
        found: list[Shape] = []
        small, y = max(size - 1, 6.0), 0.0
        for note in brief_words.notes(self._outlook, self._texts):
            text = lines(self._face, note, (0, y, _INNER), small, PAPER.muted)
            found += text
            y += len(text) * self._face.pitch(small)
        return _Part(found, y)

    def _foot(self) -> _Part:
        signers = self._texts("brief.signers").split("|")
        day = self._texts("brief.day", day=self._day.isoformat())
        wide = _INNER / (len(signers) + 1)
        found: list[Shape] = [Stroke(((0, 0), (_INNER, 0)), PAPER.grid, 5)]
        for at, text in enumerate([*signers, day]):
            align: Align = "right" if at == len(signers) else "left"
            found += lines(self._face, text, (at * wide, 40, wide), 8.5, PAPER.ink, align=align)
        return _Part(found, 40 + self._face.pitch(8.5))
