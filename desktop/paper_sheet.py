"""Sheets of A4 with what stands on them: painted on screen, on the printer, in a PDF, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QLineF, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from desktop.paper_block import Box, Piece, Rule, Words
from desktop.paper_options import Paper
from desktop.paper_type import Typeface
from survey.files import UNTOLD, Told, replacing

_INK = QColor("#000000")
_ABOVE, _EM = 0.88, 10.0
_SHORT, _LONG = 5953, 8419
_TICK = ((0.2, 0.5), (0.42, 0.76), (0.84, 0.2))


@runtime_checkable
class Turned(Protocol):
    """Pages that may lie on their side."""

    def landscape(self, number: int) -> bool: ...


class Pages(Protocol):
    """What can be shown page by page, counted from 0."""

    @property
    def count(self) -> int: ...

    def paint(self, painter: QPainter, page: int, target: QRectF, /) -> None: ...


@dataclass(frozen=True)
class Sheet:
    """One page."""

    paper: Paper
    pieces: tuple[Piece, ...]


def size_of(pages: Pages, number: int) -> QSizeF:
    """A page's size in tenths of a point."""
    turned = isinstance(pages, Turned) and pages.landscape(number)
    return QSizeF(_LONG, _SHORT) if turned else QSizeF(_SHORT, _LONG)


def paint_sheet(painter: QPainter, sheet: Sheet, face: Typeface, target: QRectF) -> None:
    """Draws a sheet so that it fills the target."""
    painter.save()
    painter.translate(target.topLeft())
    painter.scale(target.width() / sheet.paper.width, target.height() / sheet.paper.height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for piece in sheet.pieces:
        if isinstance(piece, Words):
            _paint_words(painter, piece, face)
        elif isinstance(piece, Rule):
            painter.setPen(_pen(piece.weight))
            painter.drawLine(QLineF(piece.x, piece.y, piece.to_x, piece.to_y))
        else:
            _paint_box(painter, piece)
    painter.restore()


def _pen(weight: float) -> QPen:
    return QPen(_INK, weight, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)


def _paint_words(painter: QPainter, words: Words, face: Typeface) -> None:
    painter.setFont(face.font(words.points, words.bold))
    painter.setPen(_INK)
    pitch, em = face.pitch(words.points), words.points * _EM
    base = words.y + (pitch - em) / 2 + em * _ABOVE
    for at, line in enumerate(words.lines):
        free = words.width - face.width(line, words.points, words.bold)
        x = words.x + {"left": 0.0, "center": free / 2, "right": free}[words.align]
        painter.drawText(QPointF(x, base + at * pitch), line)


def _paint_box(painter: QPainter, box: Box) -> None:
    painter.setPen(_pen(6))
    painter.drawRect(QRectF(box.x, box.y, box.side, box.side))
    if box.ticked:
        painter.setPen(QPen(_INK, box.side * 0.16, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline([QPointF(box.x + box.side * x, box.y + box.side * y) for x, y in _TICK])


def image_of(pages: Pages, number: int, width: int = 1240) -> QImage:
    """A page as a picture on white paper; `width` is that of upright A4."""
    size = size_of(pages, number) * (width / _SHORT)
    image = QImage(round(size.width()), round(size.height()), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    pages.paint(painter, number, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    return image


class _NoDeviceError(Exception):
    """The device cannot be opened: nothing has been printed, and nobody tells of it."""


def paint_all(device: QPagedPaintDevice, papers: Iterable[Pages], told: Told) -> bool:
    """Every page of every paper onto a device, each the way it lies; False where the device cannot be opened.

    What cannot be `told` of is not printed; once the device has begun it stays told, however far it comes.
    """
    painter = QPainter()
    try:
        for pages in papers:
            for number in range(pages.count):
                _paint_page(painter, device, pages, number, told)
    except _NoDeviceError:
        return False
    finally:
        if painter.isActive():
            painter.end()
    return True


def _paint_page(painter: QPainter, device: QPagedPaintDevice, pages: Pages, number: int, told: Told) -> None:
    size = size_of(pages, number)
    turned = size.width() > size.height()
    device.setPageOrientation(QPageLayout.Orientation.Landscape if turned else QPageLayout.Orientation.Portrait)
    if painter.isActive():
        device.newPage()
    else:
        with told:
            if not painter.begin(device):
                raise _NoDeviceError
    # On paper of another shape the page keeps its own.
    fitted = size.scaled(QSizeF(device.width(), device.height()), Qt.AspectRatioMode.KeepAspectRatio)
    pages.paint(painter, number, QRectF(QPointF(0, 0), fitted))


@contextmanager
def pdf(path: Path, title: str, told: Told) -> Iterator[QPdfWriter]:
    """A PDF being written; as `replacing` has it."""
    with replacing(path, told) as beside:
        writer = QPdfWriter(str(beside))
        writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Point)
        writer.setResolution(720)
        writer.setTitle(title)
        writer.setCreator("Census Desk")
        yield writer


def write_pdf(path: Path, papers: Iterable[Pages], title: str, told: Told) -> None:
    """Papers one after the other in one PDF."""
    with pdf(path, title, told) as writer:
        if not paint_all(writer, papers, UNTOLD):
            raise OSError(str(path))
