"""A plain table on paper: heads on every page, the page's number and the date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cached_property

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop.fonts import FAMILY
from desktop.paper_block import MIDDLE, THICK, Block, Piece, beside, overflow, stack, words
from desktop.paper_grid import Grid, closed, paginate
from desktop.paper_options import Paper
from desktop.paper_sheet import Sheet, image_of, paint_sheet
from desktop.paper_type import Typeface
from survey.texts import Texts

_POINTS, _TITLE, _SMALL = 8.5, 14.0, 7.5
_PAD_X, _PAD_Y = 36.0, 18.0


class TablePaper:
    """Rows of texts as pages; `widths` are the columns' shares, columns named in `right` stand to the right."""

    def __init__(
        self,
        title: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        texts: Texts,
        *,
        subtitle: str = "",
        right: Collection[int] = (),
        landscape: bool = False,
        day: date | None = None,
    ) -> None:
        self.title = title
        self._heads = heads
        self._rows = rows
        self._texts = texts
        self._subtitle = subtitle
        self._right = right
        self._day = day or datetime.now().date()
        self._paper = Paper(landscape)
        self._face = Typeface(FAMILY)
        by = self._paper.inner / sum(widths)
        self._grid = Grid(tuple(width * by for width in widths), _PAD_X, _PAD_Y)

    @property
    def count(self) -> int:
        return len(self._ends)

    def landscape(self, _number: int = 0) -> bool:
        """Whether a page lies on its side."""
        return self._paper.landscape

    def paint(self, painter: QPainter, number: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        paint_sheet(painter, self.sheet(number), self._face, target)

    def image(self, number: int, width: int = 1240) -> QImage:
        """A page as a picture on white paper."""
        return image_of(self, number, width)

    def overflow(self) -> list[str]:
        """The lines that do not fit where they stand; none, unless the layout is wrong."""
        sheets = (self.sheet(number) for number in range(self.count))
        paper = self._paper
        return [line for sheet in sheets for line in overflow(sheet.pieces, self._face, paper.width, paper.height)]

    def sheet(self, number: int) -> Sheet:
        """A page with every piece in its place; laid out when it is asked for."""
        start = self._ends[number - 1] if number else 0
        top = self._title if number == 0 else self._again
        rows = [self._row(row) for row in self._rows[start : self._ends[number]]]
        margin = self._paper.margin
        table = closed(stack([self._head, *rows]))
        pieces: list[Piece] = [*top.moved(margin, margin), *table.moved(margin, margin + top.height)]
        foot = self._foot(number)
        pieces += foot.moved(margin, self._paper.height - margin - foot.height)
        return Sheet(self._paper, tuple(pieces))

    @cached_property
    def _ends(self) -> list[int]:
        heights = [self._height(row) for row in self._rows]
        room = self._paper.room - self._head.height
        return paginate(heights, [False] * len(heights), room - self._title.height, room - self._again.height, 0)

    def _height(self, row: Sequence[str]) -> float:
        lines = (len(self._face.lines(text, self._grid.inner(at), _POINTS)) for at, text in enumerate(row) if text)
        return max([1, *lines]) * self._face.pitch(_POINTS) + 2 * _PAD_Y

    @cached_property
    def _title(self) -> Block:
        width = self._paper.inner
        parts = [words(self._face, self.title, width, _TITLE, bold=True, align="center")]
        line = beside(
            (
                words(self._face, self._subtitle, width * 0.7, _SMALL),
                words(self._face, self._texts("paper.rows", count=f"{len(self._rows):,}"), width * 0.3, _SMALL,
                      align="right"),
            )
        )  # fmt: skip
        whole = stack([*parts, line], gap=40)
        return Block(width, whole.height + 25, whole.pieces)

    @cached_property
    def _again(self) -> Block:
        text = self._texts("paper.again", title=self.title)
        line = words(self._face, text, self._paper.inner, _POINTS, bold=True, align="center")
        return Block(line.width, line.height + 25, line.pieces)

    @cached_property
    def _head(self) -> Block:
        cells = [
            words(self._face, text, self._grid.inner(at), _POINTS, bold=True, align="center")
            for at, text in enumerate(self._heads)
        ]
        return self._grid.row(cells, above=THICK, below=MIDDLE)

    def _row(self, row: Sequence[str]) -> Block:
        cells = [
            words(self._face, text, self._grid.inner(at), _POINTS, align="right" if at in self._right else "left")
            for at, text in enumerate(row)
        ]
        return self._grid.row(cells)

    def _foot(self, number: int) -> Block:
        third = self._paper.inner / 3
        page = self._texts("page.number", page=number + 1, count=self.count)
        day = self._texts("paper.printed", day=self._day.isoformat())
        return beside(
            (
                Block(third, 0),
                words(self._face, page, third, _SMALL, align="center"),
                words(self._face, day, third, _SMALL, align="right"),
            )
        )
