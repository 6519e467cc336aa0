"""Query lists on paper: each question over the whole width, its cells below, and lines to write the answer on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.paper_block import Align, Block, beside, inset, stack, words
from desktop.paper_grid import paginate
from desktop.paper_sheet import Sheet, size_of
from desktop.table_paper import TablePaper
from survey.queries import UnitQueries
from survey.querysheet import Cover
from survey.record import show_value
from survey.scheme import Scheme
from survey.texts import Texts

_WIDTHS = (4.0, 6.0, 6.0, 26.0, 12.0, 12.0, 9.0, 25.0)
_ALIGN: tuple[Align, ...] = ("left", "center", "center", "left", "right", "right", "center", "left")
_TITLE, _POINTS, _SMALL = 14.0, 8.5, 7.5
# A number, and a reason, are written by hand.
_CELL, _REMARK = 210.0, 330.0
_SIGN = 420.0


class QueryPaper(TablePaper):
    """The questions to one unit as pages to print, with room to answer and to sign."""

    def __init__(self, asked: UnitQueries, cover: Cover, scheme: Scheme, texts: Texts) -> None:
        self._cover = cover
        self._law = texts.pick(scheme.legal.confidential, scheme.legal.confidential_en)
        self._count = len(asked.blocks)
        # The heads of the workbook, but for the question and the remark: they have rows of their own.
        heads = texts("query.heads").split("|")
        rows = list(_rows(asked, scheme, texts))
        super().__init__(texts("query.title"), [*heads[:7], heads[8]], rows, _WIDTHS, texts, landscape=True)

    def sheet(self, number: int) -> Sheet:
        """A page; the last one is signed below its table."""
        plain = super().sheet(number)
        if number < self.count - 1:
            return plain
        start = self._ends[number - 1] if number else 0
        top = self._title if number == 0 else self._again
        used = top.height + self._head.height + sum(self._height(row) for row in self._rows[start:])
        margin = self._paper.margin
        return Sheet(plain.paper, (*plain.pieces, *self._signers.moved(margin, margin + used)))

    @cached_property
    def _ends(self) -> list[int]:
        heights = [self._height(row) for row in self._rows]
        room = self._paper.room - self._head.height
        first, rest = room - self._title.height, room - self._again.height
        return paginate(heights, list(self._glued(heights, first)), first, rest, self._signers.height)

    def _glued(self, heights: Sequence[float], room: float) -> Iterator[bool]:
        """A question stays with its cells and the room for its remark; what outgrows a page breaks between cells."""
        start = 0
        for end, row in enumerate(self._rows):
            if _is_remark(row):
                fits = sum(heights[start : end + 1]) <= room
                yield from (fits or at in (start, end - 1) for at in range(start, end))
                yield False
                start = end + 1

    def _height(self, row: Sequence[str]) -> float:
        return self._row(row).height

    def _row(self, row: Sequence[str]) -> Block:
        if len(row) == len(_WIDTHS):
            low = _CELL if not row[-1] else 0
            cells = [
                words(self._face, text, self._grid.inner(at), _POINTS, align=_ALIGN[at]) for at, text in enumerate(row)
            ]
            return self._grid.row(cells, low=low)
        number, text = row
        cells = [
            words(self._face, number, self._grid.inner(0), _POINTS, align="center"),
            words(self._face, text, self._grid.inner(1, len(_WIDTHS) - 1), _POINTS, bold=not _is_remark(row)),
        ]
        if _is_remark(row):
            # The word stands above the line that is written on.
            cells[1] = Block(cells[1].width, _REMARK, cells[1].pieces)
        return self._grid.row(cells, spans=(1, len(_WIDTHS) - 1))

    @cached_property
    def _title(self) -> Block:
        width, texts, cover = self._paper.inner, self._texts, self._cover
        lines = [
            words(self._face, self.title, width, _TITLE, bold=True, align="center"),
            self._pair(cover.whom, texts("query.period", period=cover.period)),
            self._pair(texts("query.desk", desk=cover.desk), texts("query.sent", day=cover.day, count=self._count)),
            *(words(self._face, line, width, _SMALL) for line in (self._law, texts("query.advice_paper")) if line),
        ]
        whole = stack(lines, gap=28)
        return Block(width, whole.height + 30, whole.pieces)

    @cached_property
    def _again(self) -> Block:
        line = self._pair(self._cover.whom, self._texts("paper.again", title=self.title))
        return Block(line.width, line.height + 25, line.pieces)

    def _pair(self, left: str, right: str) -> Block:
        width = self._paper.inner
        return beside(
            (
                words(self._face, left, width * 0.66, _POINTS),
                words(self._face, right, width * 0.34, _POINTS, align="right"),
            )
        )

    @cached_property
    def _signers(self) -> Block:
        who = self._texts("query.signers").split("|")
        share = self._paper.inner / len(who)
        line = beside(
            [inset(words(self._face, self._texts("paper.signer", who=one), share, _POINTS), 0, share) for one in who]
        )
        return Block(self._paper.inner, line.height + 140, tuple(line.moved(0, 90)))


class Bound:
    """Papers one after the other, counted through."""

    def __init__(self, papers: Iterable[TablePaper]) -> None:
        self._places = [(paper, number) for paper in papers for number in range(paper.count)]

    @property
    def count(self) -> int:
        return len(self._places)

    def landscape(self, number: int) -> bool:
        """Whether a page lies on its side."""
        paper, at = self._places[number]
        size = size_of(paper, at)
        return size.width() > size.height()

    def paint(self, painter: QPainter, number: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        paper, at = self._places[number]
        paper.paint(painter, at, target)


def _rows(asked: UnitQueries, scheme: Scheme, texts: Texts) -> Iterator[tuple[str, ...]]:
    """Of each question its text, its cells with what they hold, and the room for the remark."""
    for number, block in enumerate(asked.blocks, 1):
        yield str(number), block.query.text(scheme, texts)
        for cell in block.cells:
            item = cell.item
            yield (
                "", item.form, item.code, cell.label(texts),
                show_value(item, cell.now, scheme.lists, texts.lang),
                show_value(item, cell.before, scheme.lists, texts.lang),
                scheme.unit(item.unit, texts), texts("query.no_correction") if cell.fixed else "",
            )  # fmt: skip
        yield "", texts("query.remark")


def _is_remark(row: Sequence[str]) -> bool:
    return len(row) == 2 and not row[0]
