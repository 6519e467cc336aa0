"""Pages on paper and in files, with a Qt that draws without a screen where there is none."""

from __future__ import annotations

import os

from PySide6.QtGui import QGuiApplication

from desktop.fonts import FAMILY, load_fonts
from indicators.page import PageSet
from indicators.tables import Summary
from survey.form import Legal
from survey.texts import Texts

_held: list[QGuiApplication] = []


def ready_to_draw() -> None:
    """Also on the command line, where no window is open."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # Qt is gone as soon as nobody holds its application.
        _held.append(QGuiApplication([]))
    load_fonts()


def page_set(summary: Summary, legal: Legal, texts: Texts) -> PageSet:
    """The printed pages of a summary."""
    ready_to_draw()
    return PageSet(summary, legal, texts, FAMILY)
