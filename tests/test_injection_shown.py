"""What enterprises, files and schemes are called is shown letter by letter: in windows, on paper, in the manual."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, code_of
from desktop_desk import Desk, offscreen
from lxml import html
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QInputDialog,
    QLabel,
    QMessageBox,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop import manual_page
from desktop.fonts import FAMILY, load_fonts
from desktop.form_paper import FormPaper
from desktop.manual import CATALOGUE, CHECKS, Manual
from desktop.paper_block import Words
from desktop.paper_copy import Filled
from desktop.paper_type import Typeface
from desktop.plain import Box, Label, keyless, quoted
from desktop.trouble import Trouble
from desktop.unit_card import UnitCardDialog
from survey import cells, notes, queries
from survey import scheme as schemes
from survey import store as stores
from survey.errors import SurveyError
from survey.record import read_value
from survey.scheme import Scheme
from survey.texts import Texts, visible

pytestmark = offscreen

MARKED = (
    "<img src=x onerror=alert(1)>", "<b>粗体公司</b>", "&lt;甲&gt;公司", "A&B <i>公司</i>", "=cmd|' /C calc'!A0 <u>x",
    "+1 <a href=http://x.example>y</a>", "`*_[x](http://x.example)_*`", "<!-- x -->",
)  # fmt: skip
TURNED = "甲\u202e司公\u2066乙\x1b[31m\u200f"
_TELLING = re.compile(r"onerror|粗体公司|&lt;甲|A&B|calc|x\.example|<!--")


def reads(shown: str) -> str:
    """What a person reads of a text that Qt guesses about."""
    if not GuiQt.mightBeRichText(shown):
        return shown
    document = QTextDocument()
    document.setHtml(shown)
    return document.toPlainText()


def unread(shown: str) -> bool:
    """Whether a text tells of one of the names, and a person would not read that name in it."""
    told = reads(shown)
    return bool(_TELLING.search(shown)) and not any(name in told for name in MARKED)


def filled(path: Path, scheme: Scheme, district: str | None) -> Path:
    store = stores.create(path, scheme, "2025", district)
    for number, name in enumerate(MARKED, 1):
        unit = cells.add_unit(store, code_of(number), name, "2025")
        cells.write(store, unit, "2025", "revenue", -number, who=name, reason=name)
        cells.write(store, unit, "2025", "main_revenue", 5)
        notes.add(store, unit, "2025", name, attachment=name)
    queries.ask_all(store, [row[0] for row in store.execute("SELECT id FROM unit")], "2025")
    store.close()
    return path


@pytest.fixture(params=["440305", None], ids=["district", "city"])
def desk(request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    """A window on a file of enterprises that are called like markup; so is the file, and its folder."""
    folder = tmp_path / "<b>x&lt;"
    folder.mkdir()
    made = Desk(qtbot, qapp, tmp_path)
    made.open(filled(folder / "<i>d<&amp;.census", small, request.param))
    return made


def disobedient(root: QWidget) -> Iterator[str]:
    """Whatever a part of a window would not show as it is."""
    for one in root.findChildren(QWidget):
        where = f"{type(one).__name__} {one.objectName()}"
        if isinstance(one, QLabel) and one.textFormat() is not Qt.TextFormat.PlainText and one.text():
            yield f"{where}: {one.text()}"
        if isinstance(one, QAbstractButton) and _TELLING.search(one.text()) and "&" in one.text().replace("&&", ""):
            yield f"{where}: {one.text()}"
        if unread(one.toolTip()):
            yield f"{where}: {one.toolTip()}"
        if isinstance(one, QAbstractItemView) and one.model():
            model = one.model()
            for row in range(min(model.rowCount(), 40)):
                for column in range(model.columnCount()):
                    tip = model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
                    if unread(str(tip or "")):
                        yield f"{where}: {tip}"


def test_every_page_shows_names_as_they_are(desk: Desk) -> None:
    pages = list(desk.window.sidebar.shown)
    assert len(pages) > 4
    for name in pages:
        page = desk.go(name)
        if name == "check":
            page.check()
            desk.settle()
        if name == "units":
            page.open_unit(1, form=1)
            desk.qtbot.waitUntil(page.isVisible)
        assert list(disobedient(desk.window)) == [], name


def test_the_card_of_a_unit_tells_its_name_and_its_notes(desk: Desk) -> None:
    assert desk.window.desk
    for unit, name in enumerate(MARKED, 1):
        card = UnitCardDialog(desk.window.desk, unit, desk.window)
        desk.qtbot.addWidget(card)
        text = card.findChild(QTextBrowser).toPlainText()
        assert text.count(name) >= 3
        assert card.findChild(QTextBrowser).document().toHtml().count("<img") == 0
        assert list(disobedient(card)) == []


@pytest.mark.parametrize("name", MARKED)
def test_boxes_labels_and_tips_show_what_they_are_given(qtbot: QtBot, texts: Texts, name: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    box = Box(parent, name, name, QMessageBox.Icon.Warning)
    box.setInformativeText(name)
    trouble = Trouble(SurveyError("no_file", path=Path(name)), texts, parent, {})
    for one in (box, trouble):
        # What a box is made of is there when it is shown.
        one.show()
        shown = [label for label in one.findChildren(QLabel) if label.text()]
        assert shown
        assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}
        one.close()
    assert Label(name).text() == name
    assert reads(quoted(name)) == name
    assert keyless("A&B") == "A&&B"


def test_an_input_dialog_reads_as_it_was_asked(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    told: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        told.extend(reads(label.text()) for label in dialog.findChildren(QLabel))
        dialog.reject()

    for name in MARKED:
        QTimer.singleShot(0, look)
        QInputDialog.getText(parent, name, quoted(name))
    assert told == list(MARKED)


def test_what_turns_the_reading_direction_shows_as_a_sign(texts: Texts, small: Scheme, tmp_path: Path) -> None:
    assert visible(TURNED) == "甲\ufffd司公\ufffd乙\ufffd[31m\ufffd"
    assert "\u202e" not in texts("error.no_file", path=Path(TURNED))
    assert Label(TURNED).text() == visible(TURNED)
    store = stores.create(tmp_path / "d.census", small, "2025", "440305")
    unit = cells.add_unit(store, code_of(1), "甲", "2025")
    item = small.item("name")
    cells.write(store, unit, "2025", "name", read_value(item, TURNED, small.lists))
    assert store.unit_list("2025")[0].name == "甲司公乙[31m"
    store.close()


# Paper, and the manual


@pytest.mark.parametrize("name", [*MARKED, TURNED])
def test_paper_shows_names_as_they_are(qapp: QApplication, cluster: Scheme, texts: Texts, name: str) -> None:
    load_fonts()
    paper = FormPaper(cluster.form("IC-01"), cluster, texts, Typeface(FAMILY), Filled(code_of(1), name, "2025"))
    printed = ["".join(one.lines) for sheet in paper.sheets for one in sheet.pieces if isinstance(one, Words)]
    close = visible(name).replace(" ", "")
    assert any(close in line.replace(" ", "") for line in printed)


def sly(data: Path, name: str) -> Scheme:
    """The scheme of the tests with labels, a message and a reason that are called like markup."""
    files = schemes.read_files(data / "scheme")
    marked = name.replace("\\", "\\\\").replace('"', '\\"')
    for file in ("forms/T-01.toml", "forms/T-02.toml", "indicators.toml"):
        files[file] = re.sub(
            r'\b(label|title|definition)(_en)? = "[^"]*"',
            lambda found: f'{found[1]}{found[2] or ""} = "{marked}"',
            files[file],
        )
    head, *rows = files["checks.csv"].strip().split("\n")
    at = head.split(",").index("message")
    quoted_name = '"' + name.replace('"', '""') + '"'
    told = [row.split(",") if '"' not in row else None for row in rows]
    files["checks.csv"] = "\n".join(
        [head, *(row if parts is None else ",".join([*parts[:at], quoted_name, *parts[at + 1 :]])
                 for row, parts in zip(rows, told, strict=True))]
    )  # fmt: skip
    return schemes.read(files)


@pytest.mark.parametrize("name", [*MARKED, "| a | b |", "![x](http://x.example/y.png)", "\\", "www.x.example"])
def test_the_manual_shows_what_a_scheme_says(tmp_path: Path, data: Path, texts: Texts, name: str) -> None:
    scheme = sly(data, name)
    manual_page.write(tmp_path / "manual.html", texts, scheme)
    page = html.parse(str(tmp_path / "manual.html"), html.HTMLParser(encoding="utf-8")).getroot()
    manual = Manual(texts, scheme)
    sections = [one for one in page.iter("section") if one.get("id", "").split("-")[0] in (CHECKS, CATALOGUE)]
    assert len(sections) > 3
    assert sum(one.text_content().count(name) for one in sections) >= 6
    assert any(name in manual.title(one) for one in manual.names(whole=True))
    assert not list(page.iter("script"))
    for one in sections:
        assert not list(one.iter("img"))
        assert not [link.get("href") for link in one.iter("a") if not link.get("href", "#").startswith("#")]


# What holds all of that up


def test_nothing_in_the_window_leaves_it_to_qt_to_guess() -> None:
    """Labels and boxes are the program's own; what Qt guesses about is quoted; markup is written in few places."""
    wrong = []
    for path in sorted((ROOT / "desktop").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.FunctionDef) and "ToolTipRole" in ast.dump(node):
                wrong += [where] if not _calls(node) & {"quoted", "as_said", "super"} else []
            if not isinstance(node, ast.Call) or path.name == "plain.py":
                continue
            name = ast.unparse(node.func)
            if name in ("QLabel", "QMessageBox", "QErrorMessage", "QProgressDialog", "QGroupBox", "QStaticText"):
                wrong.append(where)
            if re.fullmatch(r"QMessageBox\.(about|critical|information|question|warning)|QToolTip\.showText", name):
                wrong.append(where)
            if name.endswith((".setToolTip", ".setStatusTip", ".setWhatsThis")) and not _calls(node.args[-1]):
                wrong.append(where)
            if name.startswith("QInputDialog.get") and "quoted" not in _calls(node):
                wrong.append(where)
            if name.endswith((".setHtml", ".insertHtml", ".append")) and "Html" in name:
                wrong += [where] if path.name not in ("cell_panel.py", "unit_card.py", "rule_detail.py") else []
            if name.endswith(".setMarkdown"):
                wrong += [where] if path.name not in ("manual_page.py", "manual_window.py") else []
    assert wrong == []


def _calls(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
