"""Import, checking, return, merge and indicators, as a person goes through them."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import WAIT, Desk, file_of, offscreen, stored
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QTableView
from pytestqt.qtbot import QtBot
from python_calamine import CalamineWorkbook

from desktop.import_page import ImportPage
from desktop.indicators_page import IndicatorsPage
from desktop.mapping_dialog import MappingDialog
from desktop.merge_page import MergePage
from desktop.preview_dialog import PreviewDialog
from desktop.repair_dialog import RepairDialog
from desktop.return_page import ReturnPage
from desktop.review_page import ReviewPage
from desktop.turnover_dialog import TurnoverDialog
from desktop.unit_card import UnitCardDialog
from survey import columns, notes
from survey import store as stores
from survey.header import head_key
from survey.importreport import Damage
from survey.repairs import Proposal
from survey.scheme import Scheme

pytestmark = offscreen

A, B = code_of(1), code_of(2)
_SOUND = {"name": "甲公司", "district": "440305", "segment": "design", "revenue": 1000, "main_revenue": 900,
          "rd_expenditure": 5, "employees": 3}  # fmt: skip


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


def text(desk: Desk, name: str) -> str:
    label = desk.find(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def rows(desk: Desk, name: str) -> list[list[str]]:
    view = desk.find(QTableView, name)
    assert isinstance(view, QTableView)
    model = view.model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def click(desk: Desk, name: str) -> None:
    page = desk.window.page(desk.window.place().page)
    desk.qtbot.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)
    desk.settle()


# Import


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """One new enterprise, one cell that cannot be read."""
    path = tmp_path / "list.csv"
    path.write_text(f"统一社会信用代码,单位详细名称,营业收入\n{A},甲公司,十二\n{B},乙公司,1200\n", encoding="utf-8")
    return path


def test_an_import_is_tried_first_and_done_on_the_person_s_word(
    desk: Desk, tmp_path: Path, small: Scheme, table: Path
) -> None:
    path = file_of(tmp_path, small, {})
    desk.open(path)
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    assert not page.take.isEnabled()
    page.look_at([table])
    desk.settle()
    assert (text(desk, "import_new"), text(desk, "import_unread")) == ("2", "1")
    [[file, _sheet, cell, found, reason]] = rows(desk, "rejections")
    assert (file, cell, found) == ("list.csv", "C2", "十二")
    assert "营业收入" in reason
    assert desk.window.page("units").list.model.rowCount() == 0  # type: ignore[attr-defined]
    click(desk, "take")
    assert stored(path, B)["revenue"] == 1200
    assert not page.take.isEnabled()
    assert text(desk, "importResult").startswith("已导入")


def test_a_file_dropped_on_the_page_is_looked_at(desk: Desk, tmp_path: Path, small: Scheme, table: Path) -> None:
    desk.open(file_of(tmp_path, small, {}))
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    page.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    desk.settle()
    assert text(desk, "import_new") == "2"


def test_the_units_that_came_in_are_listed_when_one_goes_back(
    desk: Desk, tmp_path: Path, small: Scheme, table: Path
) -> None:
    desk.open(file_of(tmp_path, small, {}))
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    page.look_at([table])
    desk.settle()
    click(desk, "take")
    desk.go("units")
    assert [row[1] for row in rows(desk, "units")] == ["甲公司", "乙公司"]


# Checking


@pytest.fixture
def wrong(desk: Desk, tmp_path: Path, small: Scheme) -> Desk:
    """One sound enterprise, one with a part above its whole."""
    units = {A: _SOUND, B: {**_SOUND, "name": "乙公司", "main_revenue": 1300, "rd_expenditure": 0}}
    desk.open(file_of(tmp_path, small, units))
    return desk


def test_the_whole_file_is_checked_and_the_gravest_findings_come_first(wrong: Desk) -> None:
    wrong.go("check")
    click(wrong, "run")
    assert (text(wrong, "class_A"), text(wrong, "class_D")) == ("1", "1")
    assert [row[0] for row in rows(wrong, "review")] == ["强制性", "提示性"]
    assert "差 300 千元" in text(wrong, "reviewDetail")


def test_findings_are_listed_by_class(wrong: Desk) -> None:
    wrong.go("check")
    click(wrong, "run")
    chosen = wrong.find(QComboBox, "filter")
    assert isinstance(chosen, QComboBox)
    chosen.setCurrentIndex(chosen.findData("D"))
    assert [row[3] for row in rows(wrong, "review")] == ["F04"]


def test_a_finding_leads_to_the_cell_of_its_unit(wrong: Desk) -> None:
    wrong.go("check")
    click(wrong, "run")
    view = wrong.find(QTableView, "review")
    assert isinstance(view, QTableView)
    view.setFocus()
    wrong.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert text(wrong, "unitName") == "乙公司"
    assert wrong.cursor() == "revenue"


def test_the_report_has_every_finding(wrong: Desk, tmp_path: Path) -> None:
    page = wrong.go("check")
    assert isinstance(page, ReviewPage)
    page.write(tmp_path / "report.xlsx")
    wrong.settle()
    assert "report.xlsx" in text(wrong, "reviewLine")
    listed = CalamineWorkbook.from_path(str(tmp_path / "report.xlsx")).get_sheet_by_name("审核明细").to_python()
    assert [(row[1], row[3]) for row in listed[1:]] == [(B, "F01"), (B, "F04")]


def test_findings_say_when_answers_have_changed_since(wrong: Desk) -> None:
    page = wrong.go("check")
    assert isinstance(page, ReviewPage)
    click(wrong, "run")
    page.chosen.emit(1, "revenue")
    wrong.qtbot.keyClick(wrong.type("5000"), Qt.Key.Key_Return)
    wrong.go("check")
    assert text(wrong, "reviewLine") == wrong.texts("review.outdated")


def test_a_checked_unit_has_its_status_in_the_list(wrong: Desk) -> None:
    wrong.go("check")
    click(wrong, "run")
    wrong.go("units")
    assert [row[3] for row in rows(wrong, "units")] == ["已审", "有误"]


# Return and merge


def send(desk: Desk, target: Path) -> None:
    page = desk.go("return")
    assert isinstance(page, ReturnPage)
    page.send(target)
    desk.settle()


def test_a_return_is_written_with_its_control_totals(wrong: Desk, tmp_path: Path) -> None:
    send(wrong, tmp_path / "return.xlsx")
    assert (tmp_path / "return.xlsx").stat().st_size > 0
    totals = {row[0]: row[1] for row in rows(wrong, "totals")}
    assert totals["T-02.301  营业收入"] == "2,000"
    assert "1 项强制性审核未通过（1 个单位）" in text(wrong, "sendResult")
    assert "草稿" in text(wrong, "sendResult")


def test_a_final_return_that_is_blocked_offers_two_ways(wrong: Desk, tmp_path: Path) -> None:
    page = wrong.go("return")
    assert isinstance(page, ReturnPage)
    page.send(tmp_path / "return.xlsx", final=True)
    wrong.settle()
    assert not (tmp_path / "return.xlsx").exists()
    assert "还不能正式上报：1 个单位有 1 项强制性审核未通过" in text(wrong, "sendResult")
    click(wrong, "draft")
    assert (tmp_path / "return.xlsx").exists()
    assert "草稿" in text(wrong, "sendResult")
    assert not page.findChild(QPushButton, "draft").isVisible()


def test_who_is_blocked_is_led_to_the_checks(wrong: Desk, tmp_path: Path) -> None:
    page = wrong.go("return")
    assert isinstance(page, ReturnPage)
    page.send(tmp_path / "return.xlsx", final=True)
    wrong.settle()
    click(wrong, "go_check")
    assert wrong.window.page("check").isVisible()


def test_an_empty_district_has_nothing_to_return_and_is_told_so(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    from PySide6.QtWidgets import QMessageBox

    desk.open(file_of(tmp_path, small, {}))
    send(desk, tmp_path / "return.xlsx")
    box = desk.find(QMessageBox, "trouble")
    assert isinstance(box, QMessageBox)
    assert "没有可上报的内容" in box.text()
    assert not (tmp_path / "return.xlsx").exists()
    box.close()


def test_the_city_has_no_return_page_and_an_officer_s_part_no_merge(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    part = tmp_path / "part.census"
    stores.create(part, small, "2025", "440305", part="东片").close()
    desk.open(part)
    assert desk.window.findChild(MergePage) is None
    desk.open(file_of(tmp_path, small, {}, None))
    assert desk.window.place().page == "board"
    with pytest.raises(KeyError):
        desk.window.page("return")


@pytest.fixture
def city(wrong: Desk, tmp_path: Path, small: Scheme) -> Desk:
    """The city's empty file; `return.xlsx` is there to be merged."""
    send(wrong, tmp_path / "return.xlsx")
    wrong.open(file_of(tmp_path, small, {}, None))
    wrong.go("merge")
    return wrong


def test_returns_are_previewed_and_merged_on_the_person_s_word(city: Desk, tmp_path: Path) -> None:
    page = city.window.page("merge")
    assert isinstance(page, MergePage)
    page.look_at([tmp_path / "return.xlsx"])
    city.settle()
    assert [row[1:] for row in rows(city, "returns")] == [
        ["return.xlsx", "南山区", "1", "2", "0", "0", "0", "0", "0", "可以并入（草稿）"]
    ]
    assert city.window.page("units").list.model.rowCount() == 0  # type: ignore[attr-defined]
    click(city, "take")
    assert [row[-1] for row in rows(city, "returns")] == ["已并入（草稿）"]
    city.go("units")
    assert [row[1:3] for row in rows(city, "units")] == [["甲公司", "南山区"], ["乙公司", "南山区"]]


def test_a_return_merged_before_offers_nothing_new(city: Desk, tmp_path: Path) -> None:
    page = city.window.page("merge")
    assert isinstance(page, MergePage)
    page.look_at([tmp_path / "return.xlsx"])
    city.settle()
    click(city, "take")
    page.look_at([tmp_path / "return.xlsx"])
    city.settle()
    assert not page.take.isEnabled()
    assert text(city, "mergeResult") == city.texts("merge.nothing_new")


def test_a_return_that_cannot_be_merged_says_why_in_full(city: Desk, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"not a workbook")
    page = city.window.page("merge")
    assert isinstance(page, MergePage)
    page.look_at([tmp_path / "broken.xlsx"])
    city.settle()
    assert "broken.xlsx" in text(city, "mergeDetail")
    assert not page.take.isEnabled()


def test_a_unit_from_two_districts_is_told_before_it_is_merged(city: Desk, tmp_path: Path, small: Scheme) -> None:
    other = tmp_path / "other"
    other.mkdir()
    city.open(file_of(other, small, {A: {**_SOUND, "district": "440304"}}, "440304"))
    send(city, tmp_path / "second.xlsx")
    city.open(tmp_path / "city.census")
    page = city.go("merge")
    assert isinstance(page, MergePage)
    page.look_at([tmp_path / "return.xlsx"])
    city.settle()
    click(city, "take")
    page.look_at([tmp_path / "second.xlsx"])
    city.settle()
    assert "有 1 家单位别处也报了" in text(city, "mergeWarning")
    page.preview.unit_view.selectRow(0)
    assert "福田区、南山区 都报了这家单位，现计入 福田区" in text(city, "unitLine")
    click(city, "take")
    city.go("board")
    assert text(city, "board_contested") == "1"


# Indicators


@pytest.fixture
def figures(desk: Desk, tmp_path: Path, small: Scheme) -> Desk:
    """A city's two enterprises with 12 and 3 hundred million yuan."""
    units = {A: {**_SOUND, "revenue": 1_200_000}, B: {**_SOUND, "name": "乙公司", "revenue": 300_000}}
    desk.open(file_of(tmp_path, small, units, None))
    desk.go("indicators")
    return desk


def test_targets_are_shown_with_the_words_of_the_plan(figures: Desk) -> None:
    [[label, wording, target, value, share, *_]] = rows(figures, "board")
    assert (label, wording) == ("营业收入", "“产业营收突破2500亿元”")
    assert (target, value, share) == ("> 2,500 亿元", "15.00 亿元", "0.6")


def test_a_figure_lists_the_units_behind_it_and_a_unit_opens(figures: Desk) -> None:
    assert [row[0] for row in rows(figures, "behind")] == ["甲公司", "乙公司"]
    view = figures.find(QTableView, "behind")
    assert isinstance(view, QTableView)
    view.setCurrentIndex(view.model().index(1, 0))
    view.setFocus()
    figures.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert text(figures, "unitName") == "乙公司"


def test_a_units_figure_opens_the_unit_at_its_item(figures: Desk) -> None:
    view = figures.find(QTableView, "behind")
    assert isinstance(view, QTableView)
    view.setCurrentIndex(view.model().index(0, 3))
    view.setFocus()
    figures.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert text(figures, "unitName") == "甲公司"
    assert figures.cursor() == "revenue"


def test_figures_are_broken_down_by_a_group(figures: Desk) -> None:
    by = figures.find(QComboBox, "by")
    assert isinstance(by, QComboBox)
    by.setCurrentIndex(by.findData("district"))
    figures.settle()
    assert ["G1-01", "营业收入", "南山区", "15.00"] in [row[:4] for row in rows(figures, "values")]


def test_figures_are_computed_anew_after_a_change(figures: Desk) -> None:
    figures.go("units")
    figures.window.page("units").open_unit(1)  # type: ignore[attr-defined]
    figures.entry.go_to("revenue")
    figures.qtbot.keyClick(figures.type("2200000"), Qt.Key.Key_Return)
    figures.go("indicators")
    assert rows(figures, "board")[0][3] == "25.00 亿元"


def test_the_summary_is_written_as_workbook_and_pdf(figures: Desk, tmp_path: Path) -> None:
    page = figures.window.page("indicators")
    assert isinstance(page, IndicatorsPage)
    page.publication.write_workbook(tmp_path / "out.xlsx")
    figures.settle()
    page.publication.write_pdf(tmp_path / "out.pdf")
    figures.settle()
    assert (tmp_path / "out.xlsx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "out.pdf").read_bytes()[:4] == b"%PDF"
    assert str(tmp_path / "out.pdf") in text(figures, "indicatorsLine")


def test_the_summary_is_previewed_page_by_page(figures: Desk) -> None:
    click(figures, "preview")
    figures.qtbot.waitUntil(lambda: figures.window.findChild(PreviewDialog) is not None, timeout=WAIT)
    dialog = figures.find(PreviewDialog, "previewDialog")
    line = dialog.findChild(QLabel, "previewLine")
    assert isinstance(line, QLabel)
    assert line.text().startswith("共 ")
    dialog.close()


def test_a_proposed_repair_is_taken_by_a_click_and_looked_at_again(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, {code_of(1): {"name": "甲公司"}}))
    page = desk.go("import")
    table = tmp_path / "list.csv"
    table.write_text(f"统一社会信用代码,单位详细名称,营业收入\n{code_of(1)[:-1]},甲公司,7\n", encoding="utf-8-sig")
    page.look_at([table])  # type: ignore[attr-defined]
    desk.settle()
    assert code_of(1) in page.outcome.rejections.index(0, 4).data()  # type: ignore[attr-defined]
    assert page.repair.isVisible()  # type: ignore[attr-defined]
    asked: list[str] = []

    def tick() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, RepairDialog):
            QTimer.singleShot(20, tick)
            return
        asked.append(dialog.table.item(0, 0).checkState().name)
        dialog.single.click()
        dialog.accept_button.click()

    QTimer.singleShot(0, tick)
    page.repair.click()  # type: ignore[attr-defined]
    desk.settle()
    assert asked == ["Unchecked"]
    assert page.take.isEnabled()  # type: ignore[attr-defined]
    page.take.click()  # type: ignore[attr-defined]
    desk.settle()
    assert stored(tmp_path / "440305.census", code_of(1))["revenue"] == 7


def test_a_column_in_another_unit_is_converted_where_it_is_ticked(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, {code_of(1): {"name": "甲公司"}}))
    page = desk.go("import")
    table = tmp_path / "list.csv"
    table.write_text(f"单位：万元\n统一社会信用代码,营业收入\n{code_of(1)},7\n", encoding="utf-8-sig")
    page.look_at([table])  # type: ignore[attr-defined]
    desk.settle()
    assert "万元" in page.outcome.suspects.index(0, 2).data()  # type: ignore[attr-defined]
    page.outcome.suspects.take_all(take=True)  # type: ignore[attr-defined]
    page.take.click()  # type: ignore[attr-defined]
    desk.settle()
    assert stored(tmp_path / "440305.census", code_of(1))["revenue"] == 70


def test_heads_nobody_knows_are_told_once_and_remembered(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, {}))
    page = desk.go("import")
    table = tmp_path / "list.csv"
    table.write_text(f"企业编号,企业,年销售\n{code_of(1)},甲公司,7\n", encoding="utf-8-sig")
    asked: list[list[str]] = []

    def tell() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, MappingDialog):
            QTimer.singleShot(20, tell)
            return
        asked.append([dialog.editor(at).answer() for at in range(3)])
        for at, text in ((1, "单位详细名称"), (2, "301")):
            dialog.editor(at).setText(text)
        dialog.accept_button.click()

    QTimer.singleShot(0, tell)
    page.look_at([table])  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(asked), timeout=WAIT)
    desk.settle()
    assert asked == [["uscc", "name", ""]]
    assert page.take.isEnabled()  # type: ignore[attr-defined]
    page.look_at([table])  # type: ignore[attr-defined]
    desk.settle()
    page.take.click()  # type: ignore[attr-defined]
    desk.settle()
    found = stored(tmp_path / "440305.census", code_of(1))
    assert (found["name"], found["revenue"]) == ("甲公司", 7)


def test_the_page_says_that_columns_are_read_as_told_before(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    path = file_of(tmp_path, small, {})
    opened = stores.open(path)
    columns.remember(opened, head_key(["企业编号", "企业"]), {0: "uscc", 1: "name"})
    opened.close()
    desk.open(path)
    page = desk.go("import")
    table = tmp_path / "list.csv"
    table.write_text(f"企业编号,企业\n{code_of(1).lower()},甲公司\n", encoding="utf-8-sig")
    page.look_at([table])  # type: ignore[attr-defined]
    desk.settle()
    assert "以前指明的对应列" in text(desk, "importResult")
    assert "小写字母改为大写 1" in text(desk, "importResult")


def test_register_changes_are_shown_and_nothing_is_done_about_them(
    desk: Desk, tmp_path: Path, small: Scheme, table: Path
) -> None:
    path = file_of(tmp_path, small, {A: {"name": "旧名"}, code_of(5): {"name": "不在表中"}})
    desk.open(path)
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    page.look_at([table])
    desk.settle()
    shown: list[list[str]] = []

    def read() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, TurnoverDialog):
            QTimer.singleShot(20, read)
            return
        model = dialog.model
        shown.extend([model.index(row, at).data() for at in range(4)] for row in range(model.rowCount()))
        dialog.reject()

    QTimer.singleShot(0, read)
    page.turnover.click()
    assert shown == [
        ["更名", A, "旧名", "甲公司"], ["表中没有", code_of(5), "不在表中", ""], ["新单位", B, "", "乙公司"],
    ]  # fmt: skip
    assert stored(path, A)["name"] == "旧名"


def test_two_repairs_of_one_cell_cannot_both_be_taken(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    desk.open(file_of(tmp_path, small, {}))
    page = desk.go("import")
    proposals = (Proposal(A, "digits"), Proposal(B, "digits"))
    one = Damage("l.csv", "l", "A2", "9.14E+17", "scientific", "甲", taken=False, proposals=proposals)
    dialog = RepairDialog([one], page._desk.texts, page)  # type: ignore[attr-defined]
    assert not dialog.single.isEnabled()
    for row in range(2):
        dialog.table.item(row, 0).setCheckState(Qt.CheckState.Checked)  # type: ignore[union-attr]
    dialog.accept_button.click()
    assert dialog.taken == {}
    assert not dialog.problem.isHidden()
    dialog.table.item(1, 0).setCheckState(Qt.CheckState.Unchecked)  # type: ignore[union-attr]
    dialog.accept_button.click()
    assert dialog.taken == {("l.csv", "l", "A2", "9.14E+17"): A}


def test_ties_and_notes_stand_on_the_card_and_ties_are_added_and_taken_away(
    desk: Desk, tmp_path: Path, small: Scheme
) -> None:
    path = file_of(tmp_path, small, {A: {"name": "甲公司"}, B: {"name": "乙公司"}})
    opened = stores.open(path)
    unit = opened.find_unit(A)
    assert unit is not None
    notes.add(opened, unit, "2025", "电话核实", item="revenue", who="录入员")
    opened.close()
    desk.open(path)
    page = desk.go("import")
    card = UnitCardDialog(page._desk, unit, page)  # type: ignore[attr-defined]
    assert "电话核实" in card.page.toPlainText()
    card.other.setText("12345")
    card.add.click()
    assert not card.problem.isHidden()
    card.other.setText(B)
    desk.qtbot.keyClick(card.other, Qt.Key.Key_Return)
    assert card.problem.isHidden()
    assert "乙公司" in card.page.toPlainText()
    card.page.anchorClicked.emit(QUrl("#0"))
    assert "乙公司" not in card.page.toPlainText()
    card.close()
