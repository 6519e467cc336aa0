"""The entry desk: lists that grow, blocks that land where they belong, steps back, reasons, history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, stored
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from desktop.entry_page import EntryPage
from desktop.form_model import BEFORE, CHANGE
from desktop.list_grid import ListGrid
from desktop.paste import rows_of
from desktop.unit_card import UnitCardDialog
from desktop.units_page import UnitsPage
from survey import cells, history
from survey import scheme as schemes
from survey import store as stores
from survey.formulas import Answers
from survey.scheme import Scheme

pytestmark = offscreen

A, B = code_of(1), code_of(2)
Key, Control, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def path(tmp_path: Path, lists: Scheme) -> Path:
    first = {"name": "甲公司", "district": "440305", "revenue@prev": 2000, "segment": "eda"}
    return file_of(tmp_path, lists, {A: first, B: {"name": "乙公司", "district": "440305"}})


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.window._settings.who = "录入员"
    opened.open(path)
    page = opened.window.page("units")
    assert isinstance(page, UnitsPage)
    page.open_unit(1)
    return opened


def entry(desk: Desk) -> EntryPage:
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    return page.entry


def lines_grid(desk: Desk) -> ListGrid:
    entry(desk).show_form(2)
    grid = entry(desk).sheet().editor
    assert isinstance(grid, ListGrid)
    grid.setFocus()
    return grid


def keys(desk: Desk, grid: object, text: str, end: Qt.Key = Key.Key_Tab) -> None:
    """Types into the cell under the cursor, Chinese as an input method does, and ends with a key."""
    if text.isascii():
        desk.qtbot.keyClicks(grid, text[0])
        desk.qtbot.keyClicks(grid.delegate.editor, text[1:])  # type: ignore[attr-defined]
    else:
        commit(grid, text)
    desk.qtbot.keyClick(grid.delegate.editor, end)  # type: ignore[attr-defined]


def commit(widget: object, text: str) -> None:
    """What an input method hands over."""
    composed = QInputMethodEvent()
    composed.setCommitString(text)
    QApplication.sendEvent(widget, composed)  # type: ignore[call-overload]


def answers(path: Path) -> Answers:
    store = stores.open(path, readonly=True)
    try:
        unit = store.find_unit(A)
        assert unit
        return cells.read(store, unit, "2025")
    finally:
        store.close()


def said(desk: Desk) -> str:
    label = entry(desk).findChild(QLabel, "message")
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def when_asked(desk: Desk, do: Callable[[QDialog], None]) -> list[str]:
    """Does something with the next dialog; gives its name once it has been seen."""
    seen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            QTimer.singleShot(20, look)
            return
        seen.append(dialog.objectName())
        do(dialog)

    QTimer.singleShot(0, look)
    return seen


# List forms


def test_a_list_grows_as_one_types_and_adds_up(desk: Desk, path: Path) -> None:
    grid = lines_grid(desk)
    for text in ("芯片", "设计", "120", "20"):
        keys(desk, grid, text)
    keys(desk, grid, "50")
    keys(desk, grid, "封装")
    keys(desk, grid, "fab")
    keys(desk, grid, "40", Key.Key_Return)
    found = answers(path).lines["T-03"]
    assert found[1] == {
        "product_name": "芯片", "product_segment": "design", "product_revenue": 120, "product_exports": 20,
        "product_home": 100, "product_share": 50.0,
    }  # fmt: skip
    assert found[2] == {"product_name": "封装", "product_segment": "fab", "product_revenue": 40}
    model = grid.model()
    totals = [str(model.index(model.rowCount() - 1, column).data()) for column in range(model.columnCount())]
    assert totals[:1] + totals[3:6] == ["合计", "160", "20", "100"]


def test_a_computed_cell_is_passed_over_and_cannot_be_typed_in(desk: Desk) -> None:
    grid = lines_grid(desk)
    grid.go_to("product_exports")
    keys(desk, grid, "1")
    assert grid.current() is not None
    assert grid.current().item.name == "product_share"  # type: ignore[union-attr]


def test_a_line_is_taken_out_and_brought_back(desk: Desk, path: Path) -> None:
    grid = lines_grid(desk)
    for name in ("甲", "乙"):
        grid.go_to("product_name", len(answers(path).lines.get("T-03", {})) + 1)
        keys(desk, grid, name)
    grid.go_to("product_name", 1)
    desk.qtbot.keyClick(grid, Key.Key_Delete, Control)
    assert [line["product_name"] for line in answers(path).lines["T-03"].values()] == ["乙"]
    desk.qtbot.keyClick(grid, Key.Key_Z, Control)
    assert [line["product_name"] for line in answers(path).lines["T-03"].values()] == ["甲", "乙"]


def test_enter_goes_right_in_a_list_where_one_likes_it_so(desk: Desk) -> None:
    desk.window._settings.enter = "right"
    grid = lines_grid(desk)
    keys(desk, grid, "芯片", Key.Key_Return)
    assert grid.current().item.name == "product_segment"  # type: ignore[union-attr]


# Codes


@pytest.mark.parametrize("typed", ["sj", "shej", "设计", "des", "IC设"])
def test_a_code_is_found_by_initials_labels_and_other_spellings(desk: Desk, path: Path, typed: str) -> None:
    grid = lines_grid(desk)
    grid.go_to("product_segment")
    keys(desk, grid, typed)
    wanted = None if typed == "shej" else "design"
    assert answers(path).lines.get("T-03", {}).get(1, {}).get("product_segment") == wanted
    desk.press(Key.Key_Escape)


def test_a_street_is_offered_within_its_district_only(desk: Desk) -> None:
    entry(desk).go_to("street")
    field = entry(desk).sheet().editor.findChild(QLineEdit, "street")
    desk.qtbot.keyClick(field, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    shown = [field.menu.item(at).text() for at in range(field.menu.count())]  # type: ignore[union-attr]
    assert [one.split()[1] for one in shown] == ["南头街道", "沙河街道"]
    desk.qtbot.keyClick(field, Key.Key_Escape)


def test_what_an_input_method_commits_is_saved(desk: Desk, path: Path) -> None:
    entry(desk).go_to("name")
    field = entry(desk).sheet().editor.findChild(QLineEdit, "name")
    assert isinstance(field, QLineEdit)
    field.clear()
    commit(field, "深圳某某半导体")
    desk.qtbot.keyClick(field, Key.Key_Return)
    assert stored(path, A)["name"] == "深圳某某半导体"


# Numbers in words


def test_a_number_in_words_is_shown_in_digits_before_it_is_taken(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    grid = entry(desk).sheet().editor
    keys(desk, grid, "1.2万", Key.Key_Return)
    editor = grid.delegate.editor  # type: ignore[union-attr]
    assert editor.text() == "12"
    assert "12 千元" in said(desk)
    assert "revenue" not in stored(path, A)
    desk.qtbot.keyClick(editor, Key.Key_Return)
    assert stored(path, A)["revenue"] == 12


def test_a_count_in_words_is_not_divided(desk: Desk, path: Path) -> None:
    entry(desk).go_to("employees")
    grid = entry(desk).sheet().editor
    keys(desk, grid, "1.2万", Key.Key_Return)
    desk.qtbot.keyClick(grid.delegate.editor, Key.Key_Return)  # type: ignore[union-attr]
    assert stored(path, A)["employees"] == 12000


# Blocks


def paste(desk: Desk, text: str, do: Callable[[QDialog], None] | None = None) -> list[str]:
    QGuiApplication.clipboard().setText(text)
    seen = when_asked(desk, do or QDialog.accept)
    desk.qtbot.keyClick(entry(desk).sheet().editor, Key.Key_V, Control)
    return seen


def test_a_column_from_a_spreadsheet_lands_below_the_cursor_as_one_step(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    shown: list[list[str]] = []

    def accept(dialog: QDialog) -> None:
        table = dialog.findChild(QTableWidget)
        assert table
        shown.extend([[table.item(row, at).text() for at in (0, 3, 4)] for row in range(table.rowCount())])  # type: ignore[union-attr]
        dialog.accept()

    assert paste(desk, "1,500\n1200\nabc\n7\n", accept) == ["pasteDialog"]
    assert shown[0][0] == "327  利润总额"
    assert "abc" in shown[0][2]
    assert ["301  营业收入", "1,500", desk.texts("paste.will")] in shown
    assert {"revenue": 1500, "main_revenue": 1200, "employees": 7}.items() <= stored(path, A).items()
    desk.press(Key.Key_Z, Control)
    assert not {"revenue", "main_revenue", "employees"} & set(stored(path, A))
    desk.press(Key.Key_Y, Control)
    assert stored(path, A)["main_revenue"] == 1200


def test_a_block_with_row_codes_goes_by_them_wherever_the_cursor_is(desk: Desk, path: Path) -> None:
    entry(desk).go_to("employees")
    paste(desk, "利润总额\t327\t50\n从业人员\t01\t9\n营业收入\t301\t１，０００\n利润率\t91\t77\n")
    found = stored(path, A)
    assert (found["total_profit"], found["employees"], found["revenue"]) == (50, 9, 1000)
    assert found["profit_rate"] == 5.0


def test_a_refused_preview_writes_nothing(desk: Desk, path: Path) -> None:
    before = stored(path, A)
    entry(desk).go_to("revenue")
    paste(desk, "1\n2\n", QDialog.reject)
    assert stored(path, A) == before


def test_a_block_fills_lines_and_makes_new_ones(desk: Desk, path: Path) -> None:
    lines_grid(desk).go_to("product_name", 1)
    paste(desk, "甲\tdesign\t10\n乙\t制造\t20\n丙\t无此环节\t30\n")
    found = answers(path).lines["T-03"]
    assert [found[at]["product_revenue"] for at in (1, 2, 3)] == [10, 20, 30]
    assert found[2]["product_segment"] == "fab"
    assert "product_segment" not in found[3]


def test_what_is_copied_pastes_into_a_spreadsheet(desk: Desk, path: Path) -> None:
    lines_grid(desk).go_to("product_name", 1)
    paste(desk, "甲\tdesign\t1000\n乙\tfab\t20\n")
    grid = lines_grid(desk)
    grid.go_to("product_name", 1)
    for _ in range(2):
        desk.qtbot.keyClick(grid, Key.Key_Right, Shift)
    desk.qtbot.keyClick(grid, Key.Key_Down, Shift)
    desk.qtbot.keyClick(grid, Key.Key_C, Control)
    assert QGuiApplication.clipboard().text() == "甲\t设计\t1000\n乙\t制造\t20"


def test_a_cell_with_quotation_marks_pastes_back_as_it_was(desk: Desk, path: Path) -> None:
    grid = lines_grid(desk)
    grid.go_to("product_name", 1)
    assert grid.model().setData(grid.currentIndex(), '"晶"芯片')
    desk.qtbot.keyClick(grid, Key.Key_C, Control)
    assert rows_of(QGuiApplication.clipboard().text()) == [['"晶"芯片']]


def test_a_cell_with_a_line_end_stays_one_cell(desk: Desk, path: Path) -> None:
    lines_grid(desk).go_to("product_name", 1)
    paste(desk, '"芯片\n二代"\tdesign\n乙\tfab\n')
    found = answers(path).lines["T-03"]
    assert [found[at]["product_name"] for at in (1, 2)] == ["芯片 二代", "乙"]


def test_a_block_of_thousands_is_shown_in_part_and_taken_whole(desk: Desk, path: Path) -> None:
    lines_grid(desk).go_to("product_name", 1)
    rows: list[int] = []

    def accept(dialog: QDialog) -> None:
        table = dialog.findChild(QTableWidget)
        assert table
        rows.append(table.rowCount())
        dialog.accept()

    paste(desk, "".join(f"产品{at}\tdesign\t{-at}\n" for at in range(1, 1001)), accept)
    assert rows == [500]
    assert len(answers(path).lines["T-03"]) == 1000
    panel = entry(desk).panel
    assert sum(one.verdict == "fail" for one in entry(desk).session.findings) >= 1000
    assert panel.tree.topLevelItem(0).childCount() == 201  # type: ignore[union-attr]
    desk.press(Key.Key_Z, Control)
    assert answers(path).lines == {}


# Steps back


def test_a_chain_of_steps_is_undone_and_done_again_across_forms(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    grid = entry(desk).sheet().editor
    for text in ("100", "90"):
        keys(desk, grid, text, Key.Key_Return)
    lines = lines_grid(desk)
    keys(desk, lines, "芯片")
    for _ in range(3):
        desk.press(Key.Key_Z, Control)
    assert not {"revenue", "main_revenue"} & set(stored(path, A))
    assert answers(path).lines == {}
    for _ in range(3):
        desk.press(Key.Key_Y, Control)
    assert stored(path, A)["main_revenue"] == 90
    assert answers(path).lines["T-03"][1]["product_name"] == "芯片"


def test_the_steps_of_today_can_be_undone_after_a_reopen(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    grid = entry(desk).sheet().editor
    for text in ("100", "90", "80"):
        keys(desk, grid, text, Key.Key_Return)
    desk.press(Key.Key_Z, Control)
    desk.open(path)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    page.open_unit(1)
    assert "total_profit" not in stored(path, A)
    desk.press(Key.Key_Y, Control)
    assert stored(path, A)["total_profit"] == 80
    for _ in range(3):
        desk.press(Key.Key_Z, Control)
    assert not {"revenue", "main_revenue", "total_profit"} & set(stored(path, A))


def test_a_step_after_an_undo_ends_what_could_be_done_again(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    grid = entry(desk).sheet().editor
    keys(desk, grid, "100", Key.Key_Return)
    desk.press(Key.Key_Z, Control)
    entry(desk).go_to("revenue")
    keys(desk, grid, "200", Key.Key_Return)
    desk.open(path)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    page.open_unit(1)
    assert not page.entry.session.undo.canRedo()
    desk.press(Key.Key_Z, Control)
    assert "revenue" not in stored(path, A)


# Last year


def test_last_year_and_the_change_stand_beside_the_answer(desk: Desk) -> None:
    entry(desk).go_to("revenue")
    keys(desk, entry(desk).sheet().editor, "2500", Key.Key_Return)
    model = desk.grid().model()
    row = model.row_of("revenue")
    assert [model.index(row, column).data() for column in (BEFORE, CHANGE)] == ["2,000", "+25.0"]


def test_last_year_is_corrected_with_a_reason_only(desk: Desk, path: Path) -> None:
    entry(desk).go_to("revenue")
    problems: list[str] = []

    def correct(dialog: QDialog) -> None:
        value, reason = dialog.findChild(QLineEdit, "beforeValue"), dialog.findChild(QPlainTextEdit, "reason")
        problem, accept = dialog.findChild(QLabel, "problem"), dialog.findChild(QPushButton, "accept")
        assert value
        assert reason
        assert problem
        assert accept
        value.setText("2,100")
        desk.qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)
        problems.append(problem.text())
        reason.setPlainText("企业更正了上年报表，已电话核实")
        desk.qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)

    assert when_asked(desk, correct) == []
    desk.press(Key.Key_F2, Shift)
    assert problems == [desk.texts("error.explanation_short", least=6, found=0)]
    assert stored(path, A, "2024")["revenue"] == 2100
    store = stores.open(path, readonly=True)
    (event, _first) = history.of_cell(store, 1, "2024", "revenue")
    store.close()
    assert (event.old, event.new, event.who, event.reason) == (2000, 2100, "录入员", "企业更正了上年报表，已电话核实")


def test_the_years_are_compared_the_largest_change_first(desk: Desk) -> None:
    from desktop.compare_dialog import CompareDialog, compared

    entry(desk).session.correct_before("employees", 10, "上年漏报，已核实补上")
    entry(desk).session.commit("revenue", 2500)
    entry(desk).session.commit("employees", 30)
    assert [one.item.name for one in compared(entry(desk).session)][-2:] == ["employees", "revenue"]

    def choose(dialog: QDialog) -> None:
        assert isinstance(dialog, CompareDialog)
        dialog.table.setCurrentCell(dialog.table.rowCount() - 1, 0)
        desk.qtbot.keyClick(dialog.table, Key.Key_Return)

    assert when_asked(desk, choose) == []
    desk.press(Key.Key_F11)
    assert entry(desk).cell() == ("revenue", 0)


# Findings


def doubt(desk: Desk) -> None:
    """Revenue moves so far that it is to be explained."""
    entry(desk).go_to("revenue")
    keys(desk, entry(desk).sheet().editor, "9000", Key.Key_Return)
    entry(desk).go_to("revenue")


def test_a_doubted_value_is_forced_with_a_reason(desk: Desk, path: Path) -> None:
    doubt(desk)
    told: list[str] = []

    def give(dialog: QDialog) -> None:
        reason, accept = dialog.findChild(QPlainTextEdit, "reason"), dialog.findChild(QPushButton, "accept")
        problem = dialog.findChild(QLabel, "problem")
        assert reason
        assert accept
        assert problem
        for text in ("情况属实", "情况属实情况属实", "上年底新建的生产线今年满产"):
            reason.setPlainText(text)
            desk.qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)
            told.append(problem.text())

    when_asked(desk, give)
    desk.press(Key.Key_F2)
    assert "至少要 6 个字" in told[0]
    assert "没有说明原因" in told[1]
    (finding,) = [one for one in entry(desk).session.findings if one.check == "F02" and one.verdict == "fail"]
    answer = entry(desk).session.explanation(finding)
    assert answer
    assert (answer.text, answer.who, answer.fits) == ("上年底新建的生产线今年满产", "录入员", True)
    index = desk.grid().model().index_of("revenue")
    assert desk.grid().model().mark_of(index) == "explained"


def test_an_explanation_no_longer_fits_when_the_answer_changes(desk: Desk) -> None:
    doubt(desk)
    session = entry(desk).session
    (finding,) = [one for one in session.findings if one.check == "F02" and one.verdict == "fail"]
    session.explain(finding, "上年底新建的生产线今年满产")
    session.commit("revenue", 9500)
    (finding,) = [one for one in session.findings if one.check == "F02" and one.verdict == "fail"]
    answer = session.explanation(finding)
    assert answer
    assert not answer.fits
    assert desk.grid().model().mark_of(desk.grid().model().index_of("revenue")) == "note"


def test_f8_walks_the_findings_and_f9_settles_the_unit(desk: Desk, path: Path) -> None:
    session = entry(desk).session
    doubt(desk)
    session.commit("main_revenue", 9999)
    desk.press(Key.Key_F8)
    first = entry(desk).cell()
    desk.press(Key.Key_F8)
    desk.press(Key.Key_F8, Shift)
    assert entry(desk).cell() == first
    desk.press(Key.Key_F9)
    assert said(desk).startswith("审核完毕：有误")
    session.commit("main_revenue", None)
    assert session.check() == "to_explain"
    (finding,) = [one for one in session.findings if one.check == "F02" and one.verdict == "fail"]
    session.explain(finding, "上年底新建的生产线今年满产")
    desk.press(Key.Key_F9)
    assert said(desk) == desk.texts("entry.checked.checked")
    store = stores.open(path, readonly=True)
    status = store.execute("SELECT status FROM response WHERE unit = 1 AND period = '2025'").fetchone()
    store.close()
    assert status == ("checked",)


def test_what_must_be_answered_is_where_its_finding_leads(desk: Desk) -> None:
    session = entry(desk).session
    session.commit("segment", "design")
    (finding,) = [one for one in session.findings if one.check == "REQ-T-01.105" and one.verdict == "fail"]
    assert entry(desk).panel.target(finding) == ("backbone", 0)


# Going about


def test_f6_goes_to_an_item_by_code_label_or_initials(desk: Desk) -> None:
    for typed in ("T-03.03", "chanpin", "lrze"):
        wanted = {"T-03.03": ("product_revenue", 1), "lrze": ("total_profit", 0)}.get(typed)

        def choose(dialog: QDialog, typed: str = typed, wanted: object = wanted) -> None:
            field = dialog.findChild(QLineEdit, "goTo")
            assert field
            desk.qtbot.keyClicks(field, typed)
            desk.qtbot.keyClick(field, Key.Key_Return)
            if wanted is None:
                problem = dialog.findChild(QLabel, "problem")
                assert problem
                assert typed in problem.text()
                dialog.reject()

        when_asked(desk, choose)
        desk.press(Key.Key_F6)
        if wanted:
            assert entry(desk).cell() == wanted


def test_f7_repeats_the_unit_before_and_the_line_above(desk: Desk, path: Path) -> None:
    entry(desk).session.commit("revenue", 4321)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    page.open_unit(2)
    entry(desk).go_to("revenue")
    desk.press(Key.Key_F7)
    assert stored(path, B)["revenue"] == 4321
    grid = lines_grid(desk)
    keys(desk, grid, "芯片")
    grid.go_to("product_name", 2)
    desk.qtbot.keyClick(grid, Key.Key_F7)
    store = stores.open(path, readonly=True)
    assert cells.read(store, 2, "2025").lines["T-03"][2]["product_name"] == "芯片"
    store.close()


# Notes and history


def test_a_note_and_its_paper_stand_beside_the_cell_with_its_history(desk: Desk) -> None:
    entry(desk).session.commit("revenue", 100)
    entry(desk).go_to("revenue")
    desk.press(Key.Key_F4)

    def write(dialog: QDialog) -> None:
        text, paper = dialog.findChild(QPlainTextEdit, "noteText"), dialog.findChild(QLineEdit, "attachment")
        accept = dialog.findChild(QPushButton, "accept")
        assert text
        assert paper
        assert accept
        text.setPlainText("与财务核对过")
        paper.setText("文件柜 3")
        desk.qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)

    when_asked(desk, write)
    desk.press(Key.Key_F3)
    shown = entry(desk).cell_panel.page.toPlainText()
    assert "与财务核对过" in shown
    assert "文件柜 3" in shown
    assert "空 → 100" in shown
    assert "录入员" in shown


# What follows from the answers


def test_what_the_standard_derives_stands_under_what_was_reported(desk: Desk) -> None:
    session = entry(desk).session
    session.commit("revenue", 400_000)
    session.commit("employees", 1000)
    session.commit("size_class", "small")
    entry(desk).show_form(0)
    hint = entry(desk).sheet().editor.findChild(QLabel, "hint_size_class")
    assert isinstance(hint, QLabel)
    assert hint.text() == desk.texts("entry.derived_other", value="大型")


def test_an_item_that_need_not_be_answered_says_so(desk: Desk) -> None:
    hint = entry(desk).sheet().editor.findChild(QLabel, "hint_backbone")
    assert isinstance(hint, QLabel)
    assert hint.text() == desk.texts("entry.skipped")


def test_a_continuing_unit_takes_over_what_it_said_of_itself(desk: Desk, path: Path) -> None:
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    session = entry(desk).session
    page.open_unit(2)
    session.correct_before("segment", "fab", "上年报表补录，已核对")
    session.correct_before("began", "2001-05", "上年报表补录，已核对")
    page.open_unit(2)
    button = entry(desk).findChild(QPushButton, "carry")
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (stored(path, B)["segment"], stored(path, B)["began"]) == ("fab", "2001-05")
    assert not button.isVisible()
    desk.press(Key.Key_Z, Control)
    assert "segment" not in stored(path, B)


# The legal block


def test_entry_closes_when_the_time_has_run_out_unless_somebody_says_why(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, data: Path
) -> None:
    files = schemes.read_files(data / "scheme2")
    files["scheme.toml"] = files["scheme.toml"].replace("[legal]", '[legal]\nvalid_until = "2020-12"')
    path = file_of(tmp_path, schemes.read(files), {A: {"name": "甲公司", "revenue": 5}})
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(path)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    page.open_unit(1)
    assert "2020-12" in said(desk)
    entry(desk).go_to("revenue")
    desk.qtbot.keyClicks(entry(desk).sheet().editor, "7")
    assert stored(path, A)["revenue"] == 5

    def give(dialog: QDialog) -> None:
        reason = dialog.findChild(QPlainTextEdit, "reason")
        assert reason
        reason.setPlainText("批准机关已同意延期一个月")
        dialog.findChild(QPushButton, "accept").click()  # type: ignore[union-attr]

    when_asked(desk, give)
    entry(desk).findChild(QPushButton, "unlock").click()  # type: ignore[union-attr]
    entry(desk).go_to("revenue")
    keys(desk, entry(desk).sheet().editor, "7", Key.Key_Return)
    assert stored(path, A)["revenue"] == 7
    store = stores.open(path, readonly=True)
    assert store.execute("SELECT name FROM source WHERE kind = 'override'").fetchone() == ("批准机关已同意延期一个月",)
    store.close()


# The desk's own forms


def test_the_district_fills_in_its_own_forms(desk: Desk, path: Path) -> None:
    page = desk.go("own")
    own = page.entry  # type: ignore[attr-defined]
    own.show_form(1)
    grid = own.sheet().editor
    grid.go_to("park_name", 1)
    keys(desk, grid, "甲园")
    keys(desk, grid, "运营")
    store = stores.open(path, readonly=True)
    found = cells.read(store, store.find_unit("440305") or 0, "2025")
    store.close()
    assert found.lines == {"Q-02": {1: {"park_name": "甲园", "park_status": "open"}}}
    assert found.values == {"parks": 1}


def test_a_finding_on_the_desks_own_form_leads_there(desk: Desk) -> None:
    own = desk.window.desk.store.desk_unit()  # type: ignore[union-attr]
    desk.window._open_unit(own, "park_name")
    page = desk.window.page("own")
    assert page.isVisible()
    assert page.entry.cell() == ("park_name", 1)  # type: ignore[attr-defined]


def test_the_card_shows_all_periods_sources_and_changes(desk: Desk) -> None:
    session = entry(desk).session
    session.commit("revenue", 1234)
    shown: list[str] = []

    def read(dialog: QDialog) -> None:
        assert isinstance(dialog, UnitCardDialog)
        shown.append(dialog.page.toPlainText())
        dialog.reject()

    when_asked(desk, read)
    desk.press(Key.Key_F12)
    for part in ("甲公司", A, "2025", "2024", "1,234", "2,000", "录入员", "空 → 1,234"):
        assert part in shown[0], part
