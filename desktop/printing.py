"""Pages on paper and in files: the fonts they need, and a Qt that draws without a screen."""

from __future__ import annotations

import os

from PySide6.QtGui import QFontDatabase, QGuiApplication

from desktop import paths
from indicators.page import PageSet
from indicators.tables import Summary
from survey.form import Legal
from survey.texts import Texts

FAMILY = "Noto Sans SC"

_held: list[QGuiApplication] = []


def page_set(summary: Summary, legal: Legal, texts: Texts) -> PageSet:
    """The printed pages of a summary; also works on the command line, where no window is open."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # Qt is gone as soon as nobody holds its application.
        _held.append(QGuiApplication([]))
    load_fonts()
    return PageSet(summary, legal, texts, FAMILY)


def load_fonts() -> None:
    """The fonts the program brings, so that Chinese prints alike on every machine."""
    if FAMILY not in QFontDatabase.families():
        for font in sorted((paths.assets() / "fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(font))
