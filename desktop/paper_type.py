"""How text stands on paper: its widths and its lines, measured in tenths of a point."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetricsF

from indicators.pagelayout import lines
from survey.texts import visible

# From one line to the next, in heights of a character.
LEADING = 1.28


class Typeface:
    """Measures and breaks text in one family; a thread that lays paper out has its own."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._fonts: dict[tuple[float, bool], tuple[QFont, QFontMetricsF]] = {}
        self._widths: dict[tuple[str, float, bool], float] = {}
        self._lines: dict[tuple[str, float, float, bool], tuple[str, ...]] = {}

    def font(self, points: float, bold: bool = False) -> QFont:
        return self._look(points, bold)[0]

    def width(self, text: str, points: float, bold: bool = False) -> float:
        """How wide a line is."""
        key = (text, points, bold)
        if key not in self._widths:
            self._widths[key] = self._look(points, bold)[1].horizontalAdvance(text)
        return self._widths[key]

    def pitch(self, points: float) -> float:
        """How high a line is."""
        return points * 10 * LEADING

    def lines(self, text: str, width: float, points: float, bold: bool = False) -> tuple[str, ...]:
        """The text broken so that every line fits; a comma begins no line, a word breaks only where it must."""
        if not text:
            return ()
        text = visible(text)
        if "\n" not in text and self.width(text, points, bold) <= width:
            return (text,)
        key = (text, width, points, bold)
        if key not in self._lines:
            self._lines[key] = lines(text, width, self.font(points, bold))
        return self._lines[key]

    def _look(self, points: float, bold: bool) -> tuple[QFont, QFontMetricsF]:
        key = (points, bold)
        if key not in self._fonts:
            font = QFont(self._family)
            font.setPixelSize(round(points * 10))
            font.setBold(bold)
            # Hinting would make the same line wider on one device than on another.
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            # Local forms of the digits stand beside Latin letters; a PDF could not be searched for them.
            font.setFeature(QFont.Tag("locl"), 0)
            self._fonts[key] = (font, QFontMetricsF(font))
        return self._fonts[key]
