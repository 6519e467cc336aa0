"""Everybody can use it: contrast measured, every control named and reached by the keyboard, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop.theme import DARK, LIGHT, Colours
from survey.scheme import Scheme
from survey.texts import LANGUAGES

pytestmark = offscreen

# WCAG 2.1, 1.4.3 and 1.4.11: text against its ground, and the parts of controls.
_TEXT, _PART = 4.5, 3.0
_ON = {
    "ink": ("ground", "side", "raised", "field", "stripe", "hover", "select"),
    "muted": ("ground", "side", "raised", "field", "stripe"),
    "accent": ("ground", "raised", "field"),
    "bad": ("ground", "raised", "field", "bad_ground"),
    "warn": ("ground", "raised", "field", "warn_ground"),
    "good": ("ground", "raised", "field"),
}
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def luminance(name: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    colour = QColor(name)
    parts = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(colours: Colours) -> None:
    found = {
        (text, ground): round(contrast(getattr(colours, text), getattr(colours, ground)), 2)
        for text, grounds in _ON.items()
        for ground in grounds
    }
    found["on_accent", "accent"] = contrast(colours.on_accent, colours.accent)
    found["on_accent", "accent_deep"] = contrast(colours.on_accent, colours.accent_deep)
    assert {pair: value for pair, value in found.items() if value < _TEXT} == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_where_the_keyboard_is_can_be_seen(colours: Colours) -> None:
    for ground in (colours.ground, colours.raised, colours.field):
        assert contrast(colours.accent, ground) >= _PART


@pytest.fixture(
    params=[("440305", "zh"), ("440305", "en"), (None, "zh"), (None, "en")], ids=lambda one: f"{one[0]}-{one[1]}"
)
def desk(request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    """A district's and a city's window, in either language."""
    district, lang = request.param
    made = Desk(qtbot, qapp, tmp_path, lang)
    made.open(file_of(tmp_path, small, {code_of(1): {"name": "A", "revenue": 1000, "main_revenue": 1300}}, district))
    return made


def pages(desk: Desk) -> list[str]:
    return list(desk.window.sidebar.shown)


def controls(root: QWidget) -> list[QWidget]:
    """What takes the keyboard and can be seen."""
    return [
        one
        for one in root.findChildren(QWidget)
        if one.isVisible()
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(one, QMenu)
    ]


def called(widget: QWidget) -> str:
    """What a screen reader says of a control."""
    found = QAccessible.queryAccessibleInterface(widget)
    name = found.text(QAccessible.Text.Name) if found else ""
    own = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    return (name or widget.accessibleName() or own or widget.toolTip()).strip()


def test_every_control_has_a_name_and_a_role(desk: Desk) -> None:
    nameless = []
    for page in pages(desk):
        shown = desk.go(page)
        if page == "units":
            shown.open_unit(1, form=1)
        for one in controls(desk.window):
            face = QAccessible.queryAccessibleInterface(one)
            if face is None or face.role() is QAccessible.Role.NoRole:
                nameless.append((page, type(one).__name__, one.objectName(), "role"))
            if not called(one):
                nameless.append((page, type(one).__name__, one.objectName(), "name"))
    assert nameless == []


def test_the_keyboard_reaches_every_control_of_every_page(desk: Desk) -> None:
    for page in pages(desk):
        desk.go(page)
        QApplication.processEvents()
        wanted = {one for one in controls(desk.window) if not isinstance(one.parent(), QAbstractItemView)}
        desk.window.sidebar.setFocus()
        reached: set[QWidget] = set()
        for _ in range(4 * len(wanted) + 20):
            here = QApplication.focusWidget()
            if here is None:
                break
            reached.add(here)
            QTest.keyClick(here, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is here:
                # A table of entry keeps Tab for its cells: with Ctrl it is left.
                QTest.keyClick(here, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
        proxies = {one for one in wanted if one.focusProxy() in reached}
        # Of radio-like groups one is reached by Tab, the others by arrows.
        grouped = {
            one for one in wanted if isinstance(one, QAbstractButton) and one.group() and one.group().exclusive()
        }
        missed = sorted(f"{type(one).__name__} {one.objectName()}" for one in wanted - reached - proxies - grouped)
        assert missed == [], page


def test_the_english_window_speaks_no_chinese_of_its_own(desk: Desk) -> None:
    if desk.texts.lang != "en":
        pytest.skip("the other language")
    scheme = desk.window.desk.store.scheme
    # What the scheme and the data say in Chinese alone is theirs.
    theirs = "".join(scheme.files.values())
    spoken = []
    for page in pages(desk):
        shown = desk.go(page)
        for one in shown.findChildren(QWidget):
            text = one.text() if isinstance(one, QAbstractButton | QLabel) else ""
            spoken += [
                (page, one.objectName(), said[:60])
                for said in (text, one.toolTip(), one.accessibleName())
                if one.isVisible() and any(run not in theirs for run in _HAN.findall(said))
            ]
    assert spoken == []


def test_qts_own_words_are_chinese() -> None:
    translator = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    assert translator.load("qtbase_zh_CN", folder)
    for context, word in (
        ("QPlatformTheme", "Cancel"),
        ("QPlatformTheme", "OK"),
        ("QFileDialog", "Open"),
        ("QPrintDialog", "Print"),
    ):
        assert _HAN.search(translator.translate(context, word)), (context, word)
    assert QLocale(QLocale.Language.Chinese).name().startswith("zh")
    assert set(LANGUAGES) == {"zh", "en"}
