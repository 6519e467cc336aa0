"""Receipts and hand-over slips on the command line, on paper and in the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import WAIT, Desk, offscreen
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.cli import main
from desktop.fonts import load_fonts
from desktop.receipt_dialog import ReceiptDialog
from desktop.receipt_writing import ReceiptsDialog, SlipDialog
from desktop.slip_paper import SlipPaper
from survey import cells, queries, receiptbook, returns, slips
from survey import merge as merging
from survey import store as stores
from survey.received import standing
from survey.scheme import Scheme
from survey.texts import LANGUAGES, Texts, load

pytestmark = offscreen
B, P = "440305", "2025"
GOOD = "上年底新建的生产线今年满产"


@pytest.fixture
def home(tmp_path: Path, small: Scheme, texts: Texts) -> Path:
    """A district's file, its return, and the city's file that has merged it, corrected a value and asks."""
    desk = stores.create(tmp_path / "desk.census", small, P, B)
    for number in (1, 2):
        unit = cells.add_unit(desk, code_of(number), f"演示数据{number}", P)
        cells.write(desk, unit, "2024", "revenue", 2000)
        for name, value in {"revenue": 9000, "main_revenue": 1000, "district": B}.items():
            cells.write(desk, unit, P, name, value)
    returns.write(desk, tmp_path / "return.xlsx", texts)
    desk.close()
    city = stores.create(tmp_path / "city.census", small, P, None)
    merging.merge(city, [tmp_path / "return.xlsx"])
    second = city.find_unit(code_of(2))
    assert second is not None
    cells.write(city, second, P, "main_revenue", 1100, who="市", reason="与企业核实")
    queries.ask_all(city, queries.units_of(city), P, "市")
    queries.ask_freely(city, second, P, "请说明主营收入的构成", "市")
    city.close()
    return tmp_path


@pytest.fixture
def receipt(home: Path, texts: Texts) -> Path:
    city = stores.open(home / "city.census")
    receiptbook.write(city, B, home / "receipt.xlsx", texts, deadline="2026-03-31", who="市")
    city.close()
    return home / "receipt.xlsx"


def call(*arguments: object, code: int) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


# The command line


def test_a_receipt_is_written_taken_and_told(home: Path) -> None:
    told = call("receipt", home / "city.census", home / "r.xlsx", "--sender", B, "--who", "市", code=0)
    assert "南山区 第 1 次上报，已接收（草稿，不算正式上报），待答复查询 3 条" in told
    dry = call("receive", home / "desk.census", home / "r.xlsx", "--dry-run", code=1)
    assert "没有写入" in dry
    told = call("receive", home / "desk.census", home / "r.xlsx", "--json", home / "r.json", code=1)
    assert "市里更正 1 项" in told
    assert "新查询 3 条，已有 0 条" in told
    assert f"更正　{code_of(2)}　演示数据2　T-02.302 主营业务收入　1,000 → 1,100　与企业核实" in told
    facts = json.loads((home / "r.json").read_text(encoding="utf-8"))
    assert (facts["asked"], facts["receipt"]["verdict"]) == (3, "draft")
    assert "以前读取过" in call("receive", home / "desk.census", home / "r.xlsx", code=1)


def test_for_whom_a_receipt_is_must_be_said_and_known(home: Path) -> None:
    assert "--all" in call("receipt", home / "city.census", home / "r.xlsx", code=2)
    assert "SZDP00" not in call("receipt", home / "city.census", home / "r.xlsx", "--sender", "SZDP00", code=2)
    assert "2026-03-31" in call(
        "receipt", home / "city.census", home / "r.xlsx", "--sender", B, "--deadline", "明天", code=2
    )
    assert "1 次上报" in call("receipt", home / "city.census", home / "all", "--all", code=0)
    assert [path.name for path in (home / "all").iterdir()] == ["440305-南山区-2025-回执.xlsx"]


def test_a_receipt_among_files_to_import_is_told_by_name(home: Path, receipt: Path) -> None:
    assert "receipt.xlsx”是市里（或上一级）的回执" in call("import", home / "desk.census", receipt, "--dry-run", code=2)


def test_a_slip_is_written_on_either_side_with_the_same_check_code(home: Path) -> None:
    given = call("slip", home / "desk.census", home / "given.pdf", code=0)
    taken = call("slip", home / "city.census", home / "taken.pdf", "--sender", B, "--note", "U 盘交接", code=0)
    assert given.rpartition("核对码")[2] == taken.rpartition("核对码")[2]
    assert all((home / name).read_bytes().startswith(b"%PDF") for name in ("given.pdf", "taken.pdf"))
    assert "还没有导出过上报表" in call("slip", home / "city.census", home / "x.pdf", code=2)


# Paper


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_slip_fits_its_page(home: Path, assets: Path, lang: str) -> None:
    load_fonts()
    texts = load(assets / "i18n", lang)
    store = stores.open(home / "desk.census")
    paper = SlipPaper(slips.of_last_return(store, texts), store.scheme, texts, note="演示数据" * 30)
    assert paper.overflow() == []
    drawn = " ".join(line for piece in paper.sheet(0).pieces if hasattr(piece, "lines") for line in piece.lines)
    assert slips.of_last_return(store, texts).check_code in drawn
    assert "18,000" in drawn
    store.close()


def test_a_slip_of_the_shipped_scheme_fits_its_page(cluster: Scheme, texts: Texts) -> None:
    load_fonts()
    rows = {form.id: 123_456 for form in cluster.forms}
    totals = {f"{form.id}.{item.code}": 1e12 for form in cluster.forms for item in form.items if item.numeric}
    counts = {"units": 10_000, "due": 9_990, "reported": 9_000}
    slip = slips.Slip("某市某区某街道", "某市发展和改革委员会", P, "很长的文件名" * 12 + ".xlsx", 12, "a" * 64,
                      "2026-01-02T03:04:05", "2026-01-02T03:04:05", "0123abcd" * 8, 10_000, True, False, counts, rows,
                      totals)  # fmt: skip
    paper = SlipPaper(slip, cluster, texts)
    assert paper.overflow() == []
    signed = max(getattr(piece, "to_y", 0.0) for piece in paper.sheet(0).pieces)
    printed = max(piece.y for piece in paper.sheet(0).pieces if hasattr(piece, "lines"))
    assert signed < printed


# The window


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, home: Path) -> Desk:
    return Desk(qtbot, qapp, home)


def chosen(monkeypatch: pytest.MonkeyPatch, how: str, path: Path) -> None:
    """What the person chooses in the system's own dialog."""
    answer = str(path) if how == "getExistingDirectory" else (str(path), "")
    monkeypatch.setattr(QFileDialog, how, lambda *_arguments: answer)


def press(desk: Desk, name: str) -> None:
    desk.qtbot.mouseClick(desk.find(QPushButton, name), Qt.MouseButton.LeftButton)
    desk.settle()


def written(desk: Desk, field: QLineEdit, text: str) -> None:
    """What an input method writes, which no key alone stands for."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


def dialog(desk: Desk, kind: type[QDialog]) -> QDialog:
    desk.qtbot.waitUntil(lambda: desk.window.findChild(kind) is not None, timeout=WAIT)
    found = desk.window.findChild(kind)
    assert found is not None
    return found


def test_a_receipt_is_looked_at_taken_and_its_queries_answered(
    desk: Desk, home: Path, receipt: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(home / "desk.census")
    desk.go("return")
    assert not desk.find(QLabel, "lastReceipt").isVisible()
    chosen(monkeypatch, "getOpenFileName", receipt)
    press(desk, "receive")
    shown = dialog(desk, ReceiptDialog)
    assert isinstance(shown, ReceiptDialog)
    assert shown.verdict.text().startswith("已接收（草稿")
    assert [shown.tabs.tabText(at) for at in range(4) if shown.tabs.isTabVisible(at)] == ["查询（3）", "市里更正（1）"]
    assert not desk.find(QLineEdit, "receiptAnswer").isVisible()
    assert stored_queries(home) == []
    press(desk, "takeReceipt")
    assert len(stored_queries(home)) == 3
    answer = desk.find(QLineEdit, "receiptAnswer")
    assert isinstance(answer, QLineEdit)
    # What says nothing is not kept, and the person reads why.
    written(desk, answer, "属实")
    desk.qtbot.keyClick(answer, Qt.Key.Key_Return)
    desk.settle()
    assert "6 个字" in desk.find(QLabel, "problem").text()  # type: ignore[attr-defined]
    for text in (GOOD, GOOD, "自有产品与代工各半"):
        answer.selectAll()
        written(desk, answer, text)
        desk.qtbot.keyClick(answer, Qt.Key.Key_Return)
        desk.settle()
    assert sorted(stored_queries(home)) == sorted([GOOD, GOOD, "自有产品与代工各半"])
    shown.reject()
    assert "待答复查询 0 条" in desk.find(QLabel, "lastReceipt").text()  # type: ignore[attr-defined]
    # The answers go with the next return, and the city asks no more.
    store = stores.open(home / "desk.census")
    later = returns.write(store, home / "later.xlsx", texts, final=True).path
    store.close()
    city = stores.open(home / "city.census")
    [report] = merging.merge(city, [later])
    assert (report.error, report.enclosed.answered, report.enclosed.explained) == (None, 3, 2)
    assert list(queries.open_queries(city, queries.units_of(city), P)) == []
    merging.undo(city, standing(city, P)[B].id)
    assert sum(len(one.blocks) for one in queries.open_queries(city, queries.units_of(city), P)) == 3
    city.close()


def stored_queries(home: Path) -> list[str]:
    store = stores.open(home / "desk.census", readonly=True)
    try:
        return [row[0] for row in store.execute("SELECT answer FROM query WHERE origin <> ''")]
    finally:
        store.close()


def test_the_last_receipt_can_be_looked_at_again(
    desk: Desk, home: Path, receipt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("receive", home / "desk.census", receipt, code=1)
    desk.open(home / "desk.census")
    desk.go("return")
    assert "待答复查询 3 条" in desk.find(QLabel, "lastReceipt").text()  # type: ignore[attr-defined]
    press(desk, "viewReceipt")
    shown = dialog(desk, ReceiptDialog)
    assert isinstance(shown, ReceiptDialog)
    assert not shown.take.isVisible()
    assert shown.models["asked"].rowCount() == 3
    shown.reject()


def test_a_wrong_file_is_said_and_nothing_is_shown(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[BaseException] = []
    desk.open(home / "desk.census")
    page = desk.go("return")
    monkeypatch.setattr(type(desk.window), "fail", lambda _window, error: said.append(error))
    object.__setattr__(page._desk, "fail", said.append)
    chosen(monkeypatch, "getOpenFileName", home / "return.xlsx")
    press(desk, "receive")
    desk.qtbot.waitUntil(lambda: bool(said), timeout=WAIT)
    assert [str(error).partition(" ")[0] for error in said] == ["receipt.other"]
    assert not [one for one in desk.window.findChildren(ReceiptDialog) if one.isVisible()]


def test_the_slip_is_shown_and_saved_as_a_pdf(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open(home / "desk.census")
    desk.go("return")
    press(desk, "slip")
    shown = dialog(desk, SlipDialog)
    chosen(monkeypatch, "getSaveFileName", home / "slip")
    button = shown.findChild(QPushButton, "pdf")
    assert button is not None
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (home / "slip.pdf").read_bytes().startswith(b"%PDF")
    shown.close()


def test_the_city_writes_receipts_for_one_or_all(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open(home / "city.census")
    desk.go("merge")
    press(desk, "receipts")
    shown = dialog(desk, ReceiptsDialog)
    assert isinstance(shown, ReceiptsDialog)
    whom = shown.findChild(QComboBox, "receiptSender")
    assert whom is not None
    assert [whom.itemText(at) for at in range(whom.count())] == ["全部已上报的区", "南山区"]
    assert not shown.slip.isEnabled()
    day = shown.findChild(QLineEdit, "receiptDeadline")
    assert day is not None
    written(desk, day, "下周")
    desk.qtbot.mouseClick(shown.accept_button, Qt.MouseButton.LeftButton)
    assert "2026-03-31" in shown.problem.text()
    day.selectAll()
    desk.qtbot.keyClicks(day, "2026-04-30")
    chosen(monkeypatch, "getExistingDirectory", home / "all")
    desk.qtbot.mouseClick(shown.accept_button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert [path.name for path in (home / "all").iterdir()] == ["440305-南山区-2025-回执.xlsx"]
