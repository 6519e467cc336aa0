"""Where everything stands on the printed pages: what is kept together, what goes on, how high it all is.

Everything is measured in tenths of a point on A4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

from indicators.table import Figure, Row, Summary, Table
from indicators.tableheads import HeadCell, depth, head_cells, panels
from survey.texts import Texts

MARGIN, _FOOT = 510, 420
PAD_X, _PAD_Y = 45, 34
_GAP = 260
_MASTHEAD, _TITLE, _SIGNATURE = 1230, 330, 900
# Wider tables lie on their side, and the widest go on below themselves; what is set in moves by so much a level.
_UPRIGHT, _WIDEST, _INDENT = 12.5, 17.0, 160
# So many rows stay together where a table begins and where it ends.
_TOGETHER = 3
_HEAD_SIZES = (8, 7.5, 7, 6.5)
_SEPARATOR = "\u2028"
# Chinese is broken between any two characters.
_WORD = re.compile(r"[!-\u2e7f]+")


@dataclass(frozen=True)
class Sheet:
    """A4, upright or on its side."""

    landscape: bool = False

    @property
    def size(self) -> QSizeF:
        return QSizeF(8419, 5953) if self.landscape else QSizeF(5953, 8419)

    @property
    def width(self) -> float:
        return self.size.width() - 2 * MARGIN

    @property
    def room(self) -> float:
        """What a page holds from its upper margin down to its number."""
        return self.size.height() - 2 * MARGIN - _FOOT

    def widths(self, table: Table) -> list[float]:
        """How wide the columns of a table are."""
        return [self.width * column.weight / table.width for column in table.columns]


@dataclass(frozen=True)
class Block:
    """Something of a certain height that is drawn at a place down the page; `keep` must fit below it."""

    kind: str
    height: float
    table: Table | None = None
    row: Row | None = None
    text: str = ""
    keep: float = 0


@dataclass(frozen=True)
class Page:
    sheet: Sheet
    blocks: list[Block]


class PageLayout:
    """The pages of a summary, every block in its place."""

    def __init__(self, summary: Summary, texts: Texts, family: str) -> None:
        self._summary = summary
        self._texts = texts
        self._family = family

    def font(self, points: float, *, bold: bool = False) -> QFont:
        """The face of the pages in a size."""
        font = QFont(self._family)
        font.setPixelSize(round(points * 10))
        font.setBold(bold)
        return font

    @cached_property
    def pages(self) -> list[Page]:
        """The pages with their blocks from the top."""
        pages: list[Page] = []
        left = 0.0
        for sheet, block in self._blocks():
            if not pages or sheet != pages[-1].sheet or (block.height + block.keep > left and pages[-1].blocks):
                pages.append(Page(sheet, []))
                left = sheet.room
                if block.kind == "row" and block.table is not None:
                    again = [self._title(block.table, again=True), self._head(sheet, block.table)]
                    pages[-1].blocks.extend(again)
                    left -= sum(one.height for one in again)
                elif block.kind == "gap":
                    continue
            pages[-1].blocks.append(block)
            left -= block.height
        return pages

    def _blocks(self) -> Iterator[tuple[Sheet, Block]]:
        sheet = Sheet()
        for number, table in enumerate(self._summary.tables):
            sheet = Sheet(table.width > _UPRIGHT)
            if number:
                yield sheet, Block("gap", _GAP)
            else:
                yield sheet, Block("masthead", _MASTHEAD)
            parts = panels(table, _WIDEST)
            notes = list(self.notes(sheet, table))
            # Neither notes nor signatures stand alone on a page: the last row goes with them.
            below = sum(block.height for block in notes) + (_SIGNATURE if table is self._summary.tables[-1] else 0)
            for part in parts:
                last = below if part is parts[-1] else 0.0
                # What fits on a page of its own is not torn; the first table stands below the masthead in any case.
                whole = sheet.room if number or part is not parts[0] else 0.0
                yield from (
                    (sheet, one) for one in self._of_table(sheet, part, last, whole, again=part is not parts[0])
                )
            yield from ((sheet, block) for block in notes)
        yield sheet, Block("signature", _SIGNATURE)

    def _of_table(self, sheet: Sheet, table: Table, below: float, whole: float, *, again: bool) -> Iterator[Block]:
        """A part of a table; `below` is what its last row takes along, `whole` how high it may be and not be torn."""
        head, title = self._head(sheet, table), self._title(table, again=again)
        heights = [self.row_height(sheet, table, row) for row in table.rows]
        if again:
            yield Block("gap", _GAP)
        # A title never stands alone at the foot of a page: its head and some rows go with it.
        every = head.height + sum(heights) + below
        fits = title.height + every <= whole
        yield replace(title, keep=every if fits else head.height + sum(heights[:_TOGETHER]))
        yield head
        for row, height, keep in zip(table.rows, heights, _kept(table, heights, below), strict=True):
            yield Block("row", height, table, row, keep=keep)

    def _title(self, table: Table, *, again: bool) -> Block:
        text = self._texts("tables.continued", title=table.title) if again else table.title
        return Block("title", _TITLE, table, text=f"{table.number}　{text}")

    def notes(self, sheet: Sheet, table: Table) -> Iterator[Block]:
        """The notes below a table."""
        for note in table.notes:
            yield Block("note", self._height(note, sheet.width, self.font(7.5)) + 30, text=note)

    def _head(self, sheet: Sheet, table: Table) -> Block:
        return Block("head", sum(self.levels(sheet, table)), table)

    def levels(self, sheet: Sheet, table: Table) -> list[float]:
        """How high the heads are on every level, the row of letters the last."""
        font, widths = self.head_font(sheet, table), sheet.widths(table)
        levels = [0.0] * depth(table)
        # Those of one level first: what reaches over several needs only what those leave.
        for cell in sorted(head_cells(table), key=lambda cell: cell.rows):
            width = _inner(widths, cell)
            needed = self._height(cell.text, width, font) + 2 * _PAD_Y
            last = cell.row + cell.rows - 1
            levels[last] = max(levels[last], needed - sum(levels[cell.row : last]))
        return [*levels, *([self._height("1", 1e4, self.font(7)) + _PAD_Y] if table.lettered else [])]

    def head_font(self, sheet: Sheet, table: Table) -> QFont:
        """The largest face in which no word of the heads is broken; where none is, the smallest."""
        widths = sheet.widths(table)
        words = [(word, _inner(widths, cell)) for cell in head_cells(table) for word in _WORD.findall(cell.text)]
        fonts = [self.font(size, bold=True) for size in _HEAD_SIZES]
        fitting = (
            one for one in fonts if all(QFontMetricsF(one).horizontalAdvance(word) <= room for word, room in words)
        )
        return next(fitting, fonts[-1])

    def row_height(self, sheet: Sheet, table: Table, row: Row) -> float:
        """How high a row is, as its cells wrap."""
        font = self.font(8, bold=row.total or row.heading)
        if row.heading:
            return self._height(text_of(row.cells[0]), sheet.width - 2 * PAD_X, font) + 2 * _PAD_Y
        heights = [
            self._height(text_of(cell), width - 2 * PAD_X - inset(row, at), font)
            for at, (cell, width) in enumerate(zip(row.cells, sheet.widths(table), strict=True))
        ]
        return max(heights) + 2 * _PAD_Y

    def _height(self, text: str, width: float, font: QFont) -> float:
        return QFontMetricsF(font).lineSpacing() * max(len(lines(text, width, font)), 1)


def _inner(widths: Sequence[float], cell: HeadCell) -> float:
    """What a head has room for."""
    return sum(widths[cell.column : cell.column + cell.columns]) - 2 * PAD_X


def _kept(table: Table, heights: list[float], below: float) -> list[float]:
    """What each row takes along: the last rows what is below them, others the first row that they are about."""
    kept: list[float] = []
    for at in reversed(range(len(heights))):
        after = heights[at + 1] + kept[-1] if kept else below
        about = table.rows[at].heading or any(one.level > table.rows[at].level for one in table.rows[at + 1 : at + 2])
        kept.append(after if about or len(kept) < _TOGETHER else 0.0)
    return kept[::-1]


def lines(text: str, width: float, font: QFont) -> tuple[str, ...]:
    """A text in lines that fit: broken between words, never before a closing mark, in a word only where it must be."""
    layout = QTextLayout(text.replace("\n", _SEPARATOR), font)
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip("\n "))
    layout.endLayout()
    return tuple(found)


def inset(row: Row, at: int) -> float:
    """How far the text of a row's column is set in."""
    return _INDENT * row.level if at == row.labelled else 0


def text_of(cell: str | Figure) -> str:
    """A cell as it is printed."""
    return cell.text() if isinstance(cell, Figure) else cell
