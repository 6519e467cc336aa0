"""The printed summary: one painter of pages for the preview, the printer, the PDF and pictures.

Everything is measured in tenths of a point on A4, so every device gets the same page.
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
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

from indicators.pagelayout import MARGIN, PAD_X, Block, PageLayout, Sheet, inset, lines, text_of
from indicators.table import Row, Summary, Table
from indicators.tableheads import depth, head_cells, letters
from survey.files import Told, replacing
from survey.form import Legal
from survey.texts import Texts, visible

_INK, _MUTED, _LINE, _HEAD = QColor("#1f2933"), QColor("#5b6875"), QColor("#9aa7b4"), QColor("#eef2f6")
_TONES = {"met": QColor("#1b7f4d"), "on_track": QColor("#2f6db5"), "behind": QColor("#b54708")}
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}


class PageSet:
    """The pages of a summary; `paint` draws any of them, counted from 0, into a rectangle of a device."""

    def __init__(self, summary: Summary, legal: Legal, texts: Texts, family: str) -> None:
        self._summary = summary
        self._legal = legal
        self._texts = texts
        self.layout = PageLayout(summary, texts, family)

    @property
    def count(self) -> int:
        return len(self.layout.pages)

    def landscape(self, number: int) -> bool:
        """Whether a page lies on its side."""
        return self.layout.pages[number].sheet.landscape

    def paint(self, painter: QPainter, page: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        sheet = self.layout.pages[page].sheet
        painter.save()
        painter.translate(target.topLeft())
        painter.scale(target.width() / sheet.size.width(), target.height() / sheet.size.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = float(MARGIN)
        for block in self.layout.pages[page].blocks:
            self._draw(painter, sheet, block, y)
            y += block.height
        self._page_number(painter, sheet, page)
        painter.restore()

    def image(self, page: int, width: int = 1240) -> QImage:
        """A page as a picture on white paper; `width` is that of an upright page in pixels."""
        size = self.layout.pages[page].sheet.size * (width / Sheet().size.width())
        image = QImage(round(size.width()), round(size.height()), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        self.paint(painter, page, QRectF(0, 0, image.width(), image.height()))
        painter.end()
        return image

    def write_pdf(self, path: Path, told: Told) -> None:
        """All pages as a PDF; raises SurveyError `cannot_write`, with what was there left as it is."""
        with replacing(path, told) as beside:
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

    # Drawing

    def _draw(self, painter: QPainter, sheet: Sheet, block: Block, y: float) -> None:
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
                place = QRectF(MARGIN, y + 25, sheet.width, block.height)
                self._write(painter, place, block.text, self.layout.font(7.5), _MUTED)
            case "signature":
                self._draw_signature(painter, sheet, y)

    def _draw_masthead(self, painter: QPainter, sheet: Sheet, y: float) -> None:
        summary, texts, width = self._summary, self._texts, sheet.width
        lines = [texts(f"page.{name}", value=line) for name, line in self._legal.facts(texts).items()]
        font = self.layout.font(7.5)
        block = max(QFontMetricsF(font).horizontalAdvance(line) for line in lines)
        for at, line in enumerate(lines):
            place = QRectF(MARGIN + width - block, y + at * 115, block + 10, 115)
            self._write(painter, place, line, font, _MUTED)
        title = texts("page.title", period=summary.period)
        self._write(
            painter, QRectF(MARGIN, y + 500, width, 330), title, self.layout.font(18, bold=True), align="center"
        )
        subtitle = QRectF(MARGIN, y + 820, width, 170)
        self._write(painter, subtitle, summary.title, self.layout.font(9), _MUTED, align="center")
        foot = QRectF(MARGIN, y + 1020, width, 150)
        self._write(painter, foot, texts("page.place", value=summary.place), self.layout.font(8.5))
        self._write(
            painter, foot, summary.edition or texts("page.edition"), self.layout.font(8.5), _MUTED, align="right"
        )

    def _draw_title(self, painter: QPainter, sheet: Sheet, block: Block, table: Table, y: float) -> None:
        self._write(painter, QRectF(MARGIN, y, sheet.width, 300), block.text, self.layout.font(11.5, bold=True))
        if table.unit:
            unit = self._texts("tables.unit", unit=table.unit)
            place = QRectF(MARGIN, y, sheet.width, 250)
            self._write(painter, place, unit, self.layout.font(8), _MUTED, align="right", middle=True)

    def _draw_head(self, painter: QPainter, sheet: Sheet, table: Table, y: float) -> None:
        widths, levels = sheet.widths(table), self.layout.levels(sheet, table)
        lefts, tops = ([*accumulate(sizes, initial=start)] for sizes, start in ((widths, MARGIN), (levels, y)))
        painter.fillRect(QRectF(MARGIN, y, sheet.width, tops[depth(table)] - y), _HEAD)
        painter.setPen(QPen(_INK, 12))
        painter.drawLine(QPointF(MARGIN, y), QPointF(MARGIN + sheet.width, y))
        font = self.layout.head_font(sheet, table)
        for cell in head_cells(table):
            left, top = lefts[cell.column], tops[cell.row]
            right, bottom = lefts[cell.column + cell.columns], tops[cell.row + cell.rows]
            # A head over others is underlined as far as it reaches.
            short = PAD_X if cell.row + cell.rows < depth(table) else 0
            painter.setPen(QPen(_LINE, 5))
            painter.drawLine(QPointF(left + short, bottom), QPointF(right - short, bottom))
            align = table.columns[cell.column].align if cell.columns == 1 else "center"
            place = QRectF(left + PAD_X, top, right - left - 2 * PAD_X, bottom - top)
            self._write(painter, place, cell.text, font, align="left" if align == "left" else "center", middle=True)
        for at, letter in enumerate(letters(table)):
            place = QRectF(lefts[at], tops[-2], widths[at], levels[-1])
            self._write(painter, place, letter, self.layout.font(7), _MUTED, align="center", middle=True)
        painter.setPen(QPen(_LINE, 5))
        painter.drawLine(QPointF(MARGIN, tops[-1]), QPointF(MARGIN + sheet.width, tops[-1]))

    def _draw_row(self, painter: QPainter, sheet: Sheet, block: Block, table: Table, row: Row, y: float) -> None:
        if row.total:
            painter.fillRect(QRectF(MARGIN, y, sheet.width, block.height), _HEAD)
        painter.setPen(QPen(_LINE, 5))
        below = y + block.height
        painter.drawLine(QPointF(MARGIN, below), QPointF(MARGIN + sheet.width, below))
        x = float(MARGIN)
        if row.heading:
            place = QRectF(x + PAD_X, y, sheet.width - 2 * PAD_X, block.height)
            self._write(painter, place, text_of(row.cells[0]), self.layout.font(8, bold=True), middle=True)
            return
        for at, (cell, column, width) in enumerate(zip(row.cells, table.columns, sheet.widths(table), strict=True)):
            left = PAD_X + inset(row, at)
            place = QRectF(x + left, y, width - left - PAD_X, block.height)
            toned = row.tone in _TONES and at == len(row.cells) - 1
            colour = _TONES[row.tone] if toned else _INK
            font = self.layout.font(8, bold=toned or row.total)
            self._write(painter, place, text_of(cell), font, colour, align=column.align, middle=True)
            x += width

    def _draw_signature(self, painter: QPainter, sheet: Sheet, y: float) -> None:
        texts = self._texts
        foot = self._legal.signers(texts)
        font = self.layout.font(8.5)
        width = sheet.width / max(len(foot), 1)
        for at, signer in enumerate(foot):
            place = QRectF(MARGIN + at * width, y + 220, width, 160)
            self._write(painter, place, texts("page.signer", value=signer), font)
        notice = texts.pick(self._legal.confidential, self._legal.confidential_en)
        self._write(painter, QRectF(MARGIN, y + 480, sheet.width, 300), notice, self.layout.font(7.5), _MUTED)

    def _page_number(self, painter: QPainter, sheet: Sheet, page: int) -> None:
        place = QRectF(MARGIN, sheet.size.height() - MARGIN - 150, sheet.width, 150)
        painter.setPen(QPen(_LINE, 5))
        above = place.top() - 40
        painter.drawLine(QPointF(MARGIN, above), QPointF(MARGIN + sheet.width, above))
        text = self._texts("page.number", page=page + 1, count=self.count)
        self._write(painter, place, text, self.layout.font(7.5), _MUTED, align="center")
        self._write(painter, place, f"{self._summary.place}  {self._summary.period}", self.layout.font(7.5), _MUTED)

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
        text = visible(text)
        painter.setFont(font)
        painter.setPen(colour)
        vertical = Qt.AlignmentFlag.AlignVCenter if middle else Qt.AlignmentFlag.AlignTop
        painter.drawText(place, int(_ALIGN[align] | vertical), "\n".join(lines(text, place.width(), font)))
