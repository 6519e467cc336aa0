"""The manual: a page for every page of the window in both languages, nothing stale, reached by F1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.book import CITY, DISTRICT, PARTS
from desktop.cli import main
from desktop.manual import CATALOGUE, CHECKS, PAGES, Manual
from desktop.manual_window import ManualWindow
from indicators import definition
from survey.scheme import Scheme
from survey.texts import LANGUAGES, load

pytestmark = offscreen

_LINK, _PICTURE = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)"), re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


@pytest.fixture(params=LANGUAGES)
def manual(request: pytest.FixtureRequest, assets: Path, cluster: Scheme) -> Manual:
    return Manual(load(assets / "i18n", request.param), cluster)


def test_every_page_of_the_window_has_one_in_the_manual() -> None:
    assert {*DISTRICT, *PARTS, *CITY} <= set(PAGES)


def test_every_page_is_there_and_every_link_and_picture_leads_somewhere(manual: Manual) -> None:
    for name in manual.names(whole=True):
        text = manual.text(name)
        assert text.startswith("# ")
        for link in _LINK.findall(text):
            if "](" not in link and not link.startswith("IC"):
                assert manual.text(link), (name, link)
        for picture in _PICTURE.findall(text):
            assert not QImage(str(manual.pictures / picture)).isNull(), (name, picture)


def test_every_page_but_the_first_can_be_reached(manual: Manual) -> None:
    named = {link for name in PAGES for link in _LINK.findall(manual.text(name))}
    reached_by_keys = {*DISTRICT, *PARTS, *CITY, "index", "cli", "formats"}
    assert set(PAGES) - reached_by_keys <= named


def test_every_check_and_every_indicator_is_listed(manual: Manual, cluster: Scheme) -> None:
    pages = {name: manual.said(name) for name in manual.names(whole=True)}
    checks = "".join(text for name, text in pages.items() if name.startswith(f"{CHECKS}/"))
    figures = "".join(text for name, text in pages.items() if name.startswith(f"{CATALOGUE}/"))
    assert [check.code for check in cluster.checks if f"| {check.code} |" not in checks] == []
    assert [one for one in definition.load(cluster).indicators if f"| {one} |" not in figures] == []


def test_every_command_is_named_in_the_manual(manual: Manual) -> None:
    text = (manual.pictures / "zh" / "cli.md").read_text(encoding="utf-8")
    assert [name for name in main.commands if f"`{name}`" not in text and name not in ("window", "demo")] == []


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    made = Desk(qtbot, qapp, tmp_path)
    made.open(file_of(tmp_path, small, {code_of(1): {"name": "甲公司", "revenue": 1000}}))
    return made


def opened(desk: Desk) -> ManualWindow:
    QTest.keyClick(desk.window, Qt.Key.Key_F1)
    found = desk.window.findChildren(ManualWindow)
    assert found
    return found[-1]


@pytest.mark.parametrize("name", ["units", "import", "check", "return", "indicators"])
def test_f1_opens_the_page_that_tells_of_what_is_in_front(desk: Desk, name: str) -> None:
    desk.go(name)
    window = opened(desk)
    assert window.page == name
    assert window.browser.toPlainText().strip()
    QTest.keyClick(window, Qt.Key.Key_Escape)


def test_no_picture_is_wider_than_its_page(desk: Desk) -> None:
    window = opened(desk)
    for width in (980, 700):
        window.resize(width, 480)
        for name in ("board", "units", "indicators"):
            window.show_page(name)
            QApplication.processEvents()
            assert window.browser.horizontalScrollBar().maximum() == 0, (name, width)


def test_links_lead_on_and_back(desk: Desk) -> None:
    desk.go("check")
    window = opened(desk)
    window.show_page(CHECKS)
    window.show_page(f"{CHECKS}/T-02")
    assert "T-02" in window.browser.toPlainText()
    window.back_button.click()
    assert window.page == CHECKS
    window.back_button.click()
    assert window.page == "check"
    assert not window.back_button.isEnabled()
    with pytest.raises(KeyError):
        window.show_page("nowhere")


def test_what_is_looked_for_narrows_the_pages(desk: Desk) -> None:
    window = opened(desk)
    every = window.pages.count()
    window.finder.setText("恢复码")
    found = [window.pages.item(at).data(Qt.ItemDataRole.UserRole) for at in range(window.pages.count())]
    assert 0 < len(found) < every
    assert "secrecy" in found
    window.finder.clear()
    assert window.pages.count() == every


def test_without_a_file_the_manual_opens_at_its_first_page(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    window = opened(desk)
    assert window.page == "index"
    window.show_page(CHECKS)
    assert "打开一个普查文件" in window.browser.toPlainText()


def test_the_whole_manual_is_written_as_one_page(tmp_path: Path, cluster: Scheme) -> None:
    out = tmp_path / "manual.html"
    result = CliRunner().invoke(main, ["manual", str(out)])
    assert result.exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert "IC02-01" in text
    ids = set(re.findall(r'<section id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids
    assert text.count("data:image/png;base64,") >= 6
    assert 'src="board.png' not in text
