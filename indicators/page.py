"""The printed summary: one painter of pages for the preview, the printer, the PDF and pictures.

Everything is measured in tenths of a point on A4, so every device gets the same page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from indicators.table import Figure, Row, Summary, Table
from indicators.tableheads import depth, head_cells, letters, panels
from survey.files import replacing
from survey.form import Legal
from survey.texts import Texts

_MARGIN, _FOOT = 510, 420
_PAD_X, _PAD_Y = 45, 34
_GAP = 260
_MASTHEAD, _TITLE, _SIGNATURE = 1230, 330, 900
_INK, _MUTED, _LINE, _HEAD = QColor("#1f2933"), QColor("#5b6875"), QColor("#9aa7b4"), QColor("#eef2f6")
_TONES = {"met": QColor("#1b7f4d"), "on_track": QColor("#2f6db5"), "behind": QColor("#b54708")}
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}
# Wider tables lie on their side, and the widest go on below themselves; what is set in moves by so much a level.
_UPRIGHT, _WIDEST, _INDENT = 12.5, 17.0, 160
# So many rows stay together where a table begins and where it ends.
_TOGETHER = 3


@dataclass(frozen=True)
class _Sheet:
    """A4, upright or on its side."""

    landscape: bool = False

    @property
    def size(self) -> QSizeF:
        return QSizeF(8419, 5953) if self.landscape else QSizeF(5953, 8419)

    @property
    def width(self) -> float:
        return self.size.width() - 2 * _MARGIN

    @property
    def room(self) -> float:
        """What a page holds from its upper margin down to its number."""
        return self.size.height() - 2 * _MARGIN - _FOOT

    def widths(self, table: Table) -> list[float]:
        """How wide the columns of a table are."""
        return [self.width * column.weight / table.width for column in table.columns]


@dataclass(frozen=True)
class _Block:
    """Something of a certain height that is drawn at a place down the page; `keep` must fit below it."""

    kind: str
    height: float
    table: Table | None = None
    row: Row | None = None
    text: str = ""
    keep: float = 0


@dataclass(frozen=True)
class _Page:
    sheet: _Sheet
    blocks: list[_Block]


class PageSet:
    """The pages of a summary; `paint` draws any of them, counted from 0, into a rectangle of a device."""

    def __init__(self, summary: Summary, legal: Legal, texts: Texts, family: str) -> None:
        self._summary = summary
        self._legal = legal
        self._texts = texts
        self._family = family

    @property
    def count(self) -> int:
        return len(self._pages)

    def landscape(self, number: int) -> bool:
        """Whether a page lies on its side."""
        return self._pages[number].sheet.landscape

    def paint(self, painter: QPainter, page: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        sheet = self._pages[page].sheet
        painter.save()
        painter.translate(target.topLeft())
        painter.scale(target.width() / sheet.size.width(), target.height() / sheet.size.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = float(_MARGIN)
        for block in self._pages[page].blocks:
            self._draw(painter, sheet, block, y)
            y += block.height
        self._page_number(painter, sheet, page)
        painter.restore()

    def image(self, page: int, width: int = 1240) -> QImage:
        """A page as a picture on white paper; `width` is that of an upright page in pixels."""
        size = self._pages[page].sheet.size * (width / _Sheet().size.width())
        image = QImage(round(size.width()), round(size.height()), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        self.paint(painter, page, QRectF(0, 0, image.width(), image.height()))
        painter.end()
        return image

    def write_pdf(self, path: Path) -> None:
        """All pages as a PDF; raises SurveyError `cannot_write`, with what was there left as it is."""
        with replacing(path) as beside:
            writer = QPdfWriter(str(beside))
            writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
            writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Point)
            writer.setResolution(720)
            writer.setTitle(self._summary.title)
            writer.setCreator("Census Desk")
            self._turn(writer, 0)
            painter = QPainter()
            if not painter.begin(writer):
                raise OSError(str(path))
            for page in range(self.count):
                if page:
                    self._turn(writer, page)
                    writer.newPage()
                self.paint(painter, page, QRectF(0, 0, writer.width(), writer.height()))
            painter.end()

    def _turn(self, writer: QPdfWriter, page: int) -> None:
        turned = self.landscape(page)
        writer.setPageOrientation(QPageLayout.Orientation.Landscape if turned else QPageLayout.Orientation.Portrait)

    # Layout

    def _font(self, points: float, *, bold: bool = False) -> QFont:
        font = QFont(self._family)
        font.setPixelSize(round(points * 10))
        font.setBold(bold)
        return font

    @cached_property
    def _pages(self) -> list[_Page]:
        pages: list[_Page] = []
        left = 0.0
        for sheet, block in self._blocks():
            if not pages or sheet != pages[-1].sheet or (block.height + block.keep > left and pages[-1].blocks):
                pages.append(_Page(sheet, []))
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

    def _blocks(self) -> Iterator[tuple[_Sheet, _Block]]:
        sheet = _Sheet()
        for number, table in enumerate(self._summary.tables):
            sheet = _Sheet(table.width > _UPRIGHT)
            if number:
                yield sheet, _Block("gap", _GAP)
            else:
                yield sheet, _Block("masthead", _MASTHEAD)
            parts = panels(table, _WIDEST)
            notes = list(self._notes(sheet, table))
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
        yield sheet, _Block("signature", _SIGNATURE)

    def _of_table(self, sheet: _Sheet, table: Table, below: float, whole: float, *, again: bool) -> Iterator[_Block]:
        """A part of a table; `below` is what its last row takes along, `whole` how high it may be and not be torn."""
        head, title = self._head(sheet, table), self._title(table, again=again)
        heights = [self._row_height(sheet, table, row) for row in table.rows]
        if again:
            yield _Block("gap", _GAP)
        # A title never stands alone at the foot of a page: its head and some rows go with it.
        every = head.height + sum(heights) + below
        fits = title.height + every <= whole
        yield replace(title, keep=every if fits else head.height + sum(heights[:_TOGETHER]))
        yield head
        for at, (row, height) in enumerate(zip(table.rows, heights, strict=True)):
            following = heights[at + 1 :]
            # The last rows go with what is below them, a heading with the first row that it is about.
            last = sum(following) + below if len(following) < _TOGETHER else 0.0
            keep = last or (following[0] if row.heading and following else 0.0)
            yield _Block("row", height, table, row, keep=keep)

    def _title(self, table: Table, *, again: bool) -> _Block:
        text = self._texts("tables.continued", title=table.title) if again else table.title
        return _Block("title", _TITLE, table, text=f"{table.number}　{text}")

    def _notes(self, sheet: _Sheet, table: Table) -> Iterator[_Block]:
        for note in table.notes:
            yield _Block("note", self._height(note, sheet.width, self._font(7.5)) + 30, text=note)

    def _head(self, sheet: _Sheet, table: Table) -> _Block:
        return _Block("head", sum(self._levels(sheet, table)), table)

    def _levels(self, sheet: _Sheet, table: Table) -> list[float]:
        """How high the heads are on every level, the row of letters the last."""
        font, widths = self._font(8, bold=True), sheet.widths(table)
        levels = [0.0] * depth(table)
        # Those of one level first: what reaches over several needs only what those leave.
        for cell in sorted(head_cells(table), key=lambda cell: cell.rows):
            width = sum(widths[cell.column : cell.column + cell.columns]) - 2 * _PAD_X
            needed = self._height(cell.text, width, font) + 2 * _PAD_Y
            last = cell.row + cell.rows - 1
            levels[last] = max(levels[last], needed - sum(levels[cell.row : last]))
        return [*levels, *([self._height("1", 1e4, self._font(7)) + _PAD_Y] if table.lettered else [])]

    def _row_height(self, sheet: _Sheet, table: Table, row: Row) -> float:
        font = self._font(8, bold=row.total or row.heading)
        if row.heading:
            return self._height(_text(row.cells[0]), sheet.width - 2 * _PAD_X, font) + 2 * _PAD_Y
        heights = [
            self._height(_text(cell), width - 2 * _PAD_X - _inset(row, at), font)
            for at, (cell, width) in enumerate(zip(row.cells, sheet.widths(table), strict=True))
        ]
        return max(heights) + 2 * _PAD_Y

    def _height(self, text: str, width: float, font: QFont) -> float:
        return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), _wrap(text, width, font), text).height()

    # Drawing

    def _draw(self, painter: QPainter, sheet: _Sheet, block: _Block, y: float) -> None:
        match block.kind:
            case "masthead":
                self._draw_masthead(painter, sheet, y)
            case "title" if block.table:
                self._draw_title(painter, sheet, block, block.table, y)
            case "head" if block.table:
                self._draw_head(painter, sheet, block.table, y)
            case "row" if block.table and block.row:
                self._draw_row(painter, sheet, block, block.table, block.row, y)
            case "note":
                place = QRectF(_MARGIN, y + 25, sheet.width, block.height)
                self._write(painter, place, block.text, self._font(7.5), _MUTED)
            case "signature":
                self._draw_signature(painter, sheet, y)

    def _draw_masthead(self, painter: QPainter, sheet: _Sheet, y: float) -> None:
        summary, texts, width = self._summary, self._texts, sheet.width
        lines = [texts(f"page.{name}", value=line) for name, line in self._legal.facts(texts).items()]
        font = self._font(7.5)
        block = max(QFontMetricsF(font).horizontalAdvance(line) for line in lines)
        for at, line in enumerate(lines):
            place = QRectF(_MARGIN + width - block, y + at * 115, block + 10, 115)
            self._write(painter, place, line, font, _MUTED)
        title = texts("page.title", period=summary.period)
        self._write(painter, QRectF(_MARGIN, y + 500, width, 330), title, self._font(18, bold=True), align="center")
        subtitle = QRectF(_MARGIN, y + 820, width, 170)
        self._write(painter, subtitle, summary.title, self._font(9), _MUTED, align="center")
        foot = QRectF(_MARGIN, y + 1020, width, 150)
        self._write(painter, foot, texts("page.place", value=summary.place), self._font(8.5))
        self._write(painter, foot, texts("page.edition"), self._font(8.5), _MUTED, align="right")

    def _draw_title(self, painter: QPainter, sheet: _Sheet, block: _Block, table: Table, y: float) -> None:
        self._write(painter, QRectF(_MARGIN, y, sheet.width, 300), block.text, self._font(11.5, bold=True))
        if table.unit:
            unit = self._texts("tables.unit", unit=table.unit)
            place = QRectF(_MARGIN, y, sheet.width, 250)
            self._write(painter, place, unit, self._font(8), _MUTED, align="right", middle=True)

    def _draw_head(self, painter: QPainter, sheet: _Sheet, table: Table, y: float) -> None:
        widths, levels = sheet.widths(table), self._levels(sheet, table)
        lefts, tops = ([*accumulate(sizes, initial=start)] for sizes, start in ((widths, _MARGIN), (levels, y)))
        painter.fillRect(QRectF(_MARGIN, y, sheet.width, tops[depth(table)] - y), _HEAD)
        painter.setPen(QPen(_INK, 12))
        painter.drawLine(QPointF(_MARGIN, y), QPointF(_MARGIN + sheet.width, y))
        for cell in head_cells(table):
            left, top = lefts[cell.column], tops[cell.row]
            right, bottom = lefts[cell.column + cell.columns], tops[cell.row + cell.rows]
            # A head over others is underlined as far as it reaches.
            short = _PAD_X if cell.row + cell.rows < depth(table) else 0
            painter.setPen(QPen(_LINE, 5))
            painter.drawLine(QPointF(left + short, bottom), QPointF(right - short, bottom))
            align = table.columns[cell.column].align if cell.columns == 1 else "center"
            place = QRectF(left + _PAD_X, top, right - left - 2 * _PAD_X, bottom - top)
            font = self._font(8, bold=True)
            self._write(painter, place, cell.text, font, align="left" if align == "left" else "center", middle=True)
        for at, letter in enumerate(letters(table)):
            place = QRectF(lefts[at], tops[-2], widths[at], levels[-1])
            self._write(painter, place, letter, self._font(7), _MUTED, align="center", middle=True)
        painter.setPen(QPen(_LINE, 5))
        painter.drawLine(QPointF(_MARGIN, tops[-1]), QPointF(_MARGIN + sheet.width, tops[-1]))

    def _draw_row(self, painter: QPainter, sheet: _Sheet, block: _Block, table: Table, row: Row, y: float) -> None:
        if row.total:
            painter.fillRect(QRectF(_MARGIN, y, sheet.width, block.height), _HEAD)
        painter.setPen(QPen(_LINE, 5))
        below = y + block.height
        painter.drawLine(QPointF(_MARGIN, below), QPointF(_MARGIN + sheet.width, below))
        x = float(_MARGIN)
        if row.heading:
            place = QRectF(x + _PAD_X, y, sheet.width - 2 * _PAD_X, block.height)
            self._write(painter, place, _text(row.cells[0]), self._font(8, bold=True), middle=True)
            return
        for at, (cell, column, width) in enumerate(zip(row.cells, table.columns, sheet.widths(table), strict=True)):
            inset = _inset(row, at)
            place = QRectF(x + _PAD_X + inset, y, width - 2 * _PAD_X - inset, block.height)
            toned = row.tone in _TONES and at == len(row.cells) - 1
            colour = _TONES[row.tone] if toned else _INK
            font = self._font(8, bold=toned or row.total)
            self._write(painter, place, _text(cell), font, colour, align=column.align, middle=True)
            x += width

    def _draw_signature(self, painter: QPainter, sheet: _Sheet, y: float) -> None:
        texts = self._texts
        foot = self._legal.signers(texts)
        font = self._font(8.5)
        width = sheet.width / max(len(foot), 1)
        for at, signer in enumerate(foot):
            place = QRectF(_MARGIN + at * width, y + 220, width, 160)
            self._write(painter, place, texts("page.signer", value=signer), font)
        notice = texts.pick(self._legal.confidential, self._legal.confidential_en)
        self._write(painter, QRectF(_MARGIN, y + 480, sheet.width, 300), notice, self._font(7.5), _MUTED)

    def _page_number(self, painter: QPainter, sheet: _Sheet, page: int) -> None:
        place = QRectF(_MARGIN, sheet.size.height() - _MARGIN - 150, sheet.width, 150)
        painter.setPen(QPen(_LINE, 5))
        above = place.top() - 40
        painter.drawLine(QPointF(_MARGIN, above), QPointF(_MARGIN + sheet.width, above))
        text = self._texts("page.number", page=page + 1, count=self.count)
        self._write(painter, place, text, self._font(7.5), _MUTED, align="center")
        self._write(painter, place, f"{self._summary.place}  {self._summary.period}", self._font(7.5), _MUTED)

    def _write(
        self,
        painter: QPainter,
        place: QRectF,
        text: str,
        font: QFont,
        colour: QColor = _INK,
        *,
        align: str = "left",
        middle: bool = False,
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        vertical = Qt.AlignmentFlag.AlignVCenter if middle else Qt.AlignmentFlag.AlignTop
        painter.drawText(place, int(_ALIGN[align] | vertical) | _wrap(text, place.width(), font), text)


def _wrap(text: str, width: float, font: QFont) -> int:
    """How a text wraps: between words, and never before a closing mark; anywhere where a word is too long."""
    words = int(Qt.TextFlag.TextWordWrap)
    needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), words, text).width()
    return words if needed <= width else words | int(Qt.TextFlag.TextWrapAnywhere)


def _inset(row: Row, at: int) -> float:
    """How far the text of a row's column is set in."""
    return _INDENT * row.level if at == row.labelled else 0


def _text(cell: str | Figure) -> str:
    return cell.text() if isinstance(cell, Figure) else cell
