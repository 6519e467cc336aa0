"""The recovery code of an encrypted file on paper: one page to be locked away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.fonts import FAMILY
from desktop.paper_block import Align, Block, stack, words
from desktop.paper_options import Paper
from desktop.paper_sheet import Sheet, paint_sheet
from desktop.paper_type import Typeface
from survey.texts import Texts

_TITLE, _POINTS, _CODE = 18.0, 10.5, 17.0
_GAP = 160.0


def code_lines(code: str) -> list[str]:
    """The groups of a recovery code, seven a line."""
    groups = code.split("-")
    return ["  ".join(groups[at : at + 7]) for at in range(0, len(groups), 7)]


class RecoveryPaper:
    """A page that says which file the code opens, and what it must not be mistaken for."""

    count = 1

    def __init__(self, code: str, path: Path, texts: Texts) -> None:
        self._code = code
        self._path = path
        self._texts = texts
        self._paper = Paper()
        self._face = Typeface(FAMILY)

    def paint(self, painter: QPainter, _number: int, target: QRectF) -> None:
        """Draws the page so that A4 fills the target."""
        margin = self._paper.margin
        paint_sheet(painter, Sheet(self._paper, tuple(self._body().moved(margin, margin))), self._face, target)

    def _body(self) -> Block:
        texts = self._texts
        at = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")[:16]
        return stack(
            [
                self._words(texts("recovery.title"), _TITLE, "center", bold=True),
                stack(
                    [
                        self._words(texts("recovery.file", file=self._path.name), _POINTS),
                        self._words(texts("recovery.at", at=at), _POINTS),
                    ],
                    gap=40,
                ),
                stack([self._words(line, _CODE, "center", bold=True) for line in code_lines(self._code)], gap=60),
                self._words(texts("recovery.use"), _POINTS),
                self._words(texts("recovery.keep"), _POINTS),
            ],
            gap=_GAP,
        )

    def _words(self, text: str, points: float, align: Align = "left", *, bold: bool = False) -> Block:
        return words(self._face, text, self._paper.inner, points, align=align, bold=bold)
