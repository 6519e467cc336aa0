"""Pages on paper and in files, with a Qt that draws without a screen where there is none."""

from __future__ import annotations

import os

from PySide6.QtGui import QGuiApplication

from desktop.brief_paper import BriefPaper
from desktop.fonts import FAMILY, load_fonts
from indicators.outlook import Outlook
from indicators.page import PageSet
from indicators.tables import Summary
from survey.form import Legal
from survey.store import Store
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


def brief(outlook: Outlook, store: Store, texts: Texts) -> BriefPaper:
    """The one-page brief of an outlook."""
    ready_to_draw()
    scheme = store.scheme
    place = scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
    return BriefPaper(outlook, scheme, place, texts)
