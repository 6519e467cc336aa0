"""The printed summary: one painter of pages for the preview, the printer, the PDF and pictures.

Everything is measured in tenths of a point on A4, so every device gets the same page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
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

from indicators.tables import Figure, Row, Summary, Table
from survey.files import replacing
from survey.form import Legal
from survey.texts import Texts

PAGE = QSizeF(5953, 8419)
_MARGIN, _FOOT = 510, 420
_WIDTH = PAGE.width() - 2 * _MARGIN
_BOTTOM = PAGE.height() - _MARGIN - _FOOT
_PAD_X, _PAD_Y = 45, 42
_GAP = 260
_SIGNATURE = 900
_INK, _MUTED, _LINE, _HEAD = QColor("#1f2933"), QColor("#5b6875"), QColor("#9aa7b4"), QColor("#eef2f6")
_TONES = {"met": QColor("#1b7f4d"), "on_track": QColor("#2f6db5"), "behind": QColor("#b54708")}
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}


@dataclass(frozen=True)
class _Block:
    """Something of a certain height that is drawn at a place down the page; `keep` must fit below it."""

    kind: str
    height: float
    table: Table | None = None
    row: Row | None = None
    text: str = ""
    keep: float = 0


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

    def paint(self, painter: QPainter, page: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        painter.save()
        painter.translate(target.topLeft())
        painter.scale(target.width() / PAGE.width(), target.height() / PAGE.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = float(_MARGIN)
        for block in self._pages[page]:
            self._draw(painter, block, y)
            y += block.height
        self._page_number(painter, page)
        painter.restore()

    def image(self, page: int, width: int = 1240) -> QImage:
        """A page as a picture on white paper."""
        height = round(width * PAGE.height() / PAGE.width())
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        self.paint(painter, page, QRectF(0, 0, width, height))
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
            painter = QPainter()
            if not painter.begin(writer):
                raise OSError(str(path))
            for page in range(self.count):
                if page:
                    writer.newPage()
                self.paint(painter, page, QRectF(0, 0, writer.width(), writer.height()))
            painter.end()

    # Layout

    def _font(self, points: float, *, bold: bool = False) -> QFont:
        font = QFont(self._family)
        font.setPixelSize(round(points * 10))
        font.setBold(bold)
        return font

    @cached_property
    def _pages(self) -> list[list[_Block]]:
        pages: list[list[_Block]] = [[]]
        left = _BOTTOM - _MARGIN
        for table, block in self._blocks():
            if block.height + block.keep > left and pages[-1]:
                pages.append([])
                left = _BOTTOM - _MARGIN
                if block.kind == "row" and table is not None:
                    again = self._head(table)
                    pages[-1].append(again)
                    left -= again.height
                elif block.kind == "gap":
                    continue
            pages[-1].append(block)
            left -= block.height
        return pages

    def _blocks(self) -> Iterator[tuple[Table | None, _Block]]:
        yield None, self._masthead()
        for number, table in enumerate(self._summary.tables):
            if number:
                yield None, _Block("gap", _GAP)
            head = self._head(table)
            # A title never stands alone at the foot of a page: its head and two rows go with it.
            first = sum(self._row_height(table, row) for row in table.rows[:2])
            yield None, _Block("title", 330, table, keep=head.height + first)
            yield table, head
            for row in table.rows:
                yield table, _Block("row", self._row_height(table, row), table, row)
            for note in table.notes:
                yield table, _Block("note", self._height(note, _WIDTH, self._font(7.5)) + 30, text=note)
        yield None, _Block("signature", _SIGNATURE)

    def _masthead(self) -> _Block:
        return _Block("masthead", 1230)

    def _head(self, table: Table) -> _Block:
        font = self._font(8, bold=True)
        heights = [
            self._height(column.head, width - 2 * _PAD_X, font)
            for column, width in zip(table.columns, _widths(table), strict=True)
        ]
        return _Block("head", max(heights) + 2 * _PAD_Y, table)

    def _row_height(self, table: Table, row: Row) -> float:
        font = self._font(8, bold=row.total)
        heights = [
            self._height(_text(cell), width - 2 * _PAD_X, font)
            for cell, width in zip(row.cells, _widths(table), strict=True)
        ]
        return max(heights) + 2 * _PAD_Y

    def _height(self, text: str, width: float, font: QFont) -> float:
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), int(flags), text).height()

    # Drawing

    def _draw(self, painter: QPainter, block: _Block, y: float) -> None:
        match block.kind:
            case "masthead":
                self._draw_masthead(painter, y)
            case "title" if block.table:
                title = f"{block.table.number}　{block.table.title}"
                self._write(painter, QRectF(_MARGIN, y, _WIDTH, 300), title, self._font(11.5, bold=True))
            case "head" if block.table:
                cells = [column.head for column in block.table.columns]
                self._draw_row(painter, block.table, cells, y, block.height, head=True)
            case "row" if block.table and block.row:
                cells = [_text(cell) for cell in block.row.cells]
                self._draw_row(painter, block.table, cells, y, block.height, row=block.row)
            case "note":
                self._write(painter, QRectF(_MARGIN, y + 25, _WIDTH, block.height), block.text, self._font(7.5), _MUTED)
            case "signature":
                self._draw_signature(painter, y)

    def _draw_masthead(self, painter: QPainter, y: float) -> None:
        summary, texts, legal = self._summary, self._texts, self._legal
        lines = [texts(f"page.{name}", value=line) for name, line in legal.facts(texts).items()]
        font = self._font(7.5)
        width = max(QFontMetricsF(font).horizontalAdvance(line) for line in lines)
        for at, line in enumerate(lines):
            self._write(
                painter, QRectF(PAGE.width() - _MARGIN - width, y + at * 115, width + 10, 115), line, font, _MUTED
            )
        title = QRectF(_MARGIN, y + 500, _WIDTH, 330)
        self._write(
            painter, title, texts("page.title", period=summary.period), self._font(18, bold=True), align="center"
        )
        subtitle = QRectF(_MARGIN, y + 820, _WIDTH, 170)
        self._write(painter, subtitle, summary.title, self._font(9), _MUTED, align="center")
        place = texts("page.place", value=summary.place)
        self._write(painter, QRectF(_MARGIN, y + 1020, _WIDTH, 150), place, self._font(8.5))
        edition = QRectF(_MARGIN, y + 1020, _WIDTH, 150)
        self._write(painter, edition, texts("page.edition"), self._font(8.5), _MUTED, align="right")

    def _draw_row(
        self,
        painter: QPainter,
        table: Table,
        cells: Sequence[str],
        y: float,
        height: float,
        *,
        head: bool = False,
        row: Row | None = None,
    ) -> None:
        widths = _widths(table)
        if head or (row and row.total):
            painter.fillRect(QRectF(_MARGIN, y, _WIDTH, height), _HEAD)
        painter.setPen(QPen(_LINE, 5))
        painter.drawLine(_MARGIN, round(y + height), round(_MARGIN + _WIDTH), round(y + height))
        if head:
            painter.setPen(QPen(_INK, 12))
            painter.drawLine(_MARGIN, round(y), round(_MARGIN + _WIDTH), round(y))
        font = self._font(8, bold=head or bool(row and row.total))
        x = float(_MARGIN)
        for at, (cell, column, width) in enumerate(zip(cells, table.columns, widths, strict=True)):
            place = QRectF(x + _PAD_X, y, width - 2 * _PAD_X, height)
            toned = row is not None and row.tone in _TONES and at == len(cells) - 1
            colour = _TONES[row.tone] if row is not None and toned else _INK
            look = self._font(8, bold=True) if toned else font
            align = "center" if head and column.align != "left" else column.align
            self._write(painter, place, cell, look, colour, align=align, middle=True)
            x += width

    def _draw_signature(self, painter: QPainter, y: float) -> None:
        texts = self._texts
        foot = self._legal.signers(texts)
        font = self._font(8.5)
        width = _WIDTH / max(len(foot), 1)
        for at, signer in enumerate(foot):
            place = QRectF(_MARGIN + at * width, y + 220, width, 160)
            self._write(painter, place, texts("page.signer", value=signer), font)
        notice = texts.pick(self._legal.confidential, self._legal.confidential_en)
        self._write(painter, QRectF(_MARGIN, y + 480, _WIDTH, 300), notice, self._font(7.5), _MUTED)

    def _page_number(self, painter: QPainter, page: int) -> None:
        place = QRectF(_MARGIN, PAGE.height() - _MARGIN - 150, _WIDTH, 150)
        painter.setPen(QPen(_LINE, 5))
        painter.drawLine(_MARGIN, round(place.top() - 40), round(_MARGIN + _WIDTH), round(place.top() - 40))
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
        wrap = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(place, int(_ALIGN[align] | vertical) | int(wrap), text)


def _widths(table: Table) -> list[float]:
    total = sum(column.weight for column in table.columns)
    return [_WIDTH * column.weight / total for column in table.columns]


def _text(cell: str | Figure) -> str:
    return cell.text() if isinstance(cell, Figure) else cell
