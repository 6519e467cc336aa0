"""The checks in the window: found, read, written, tried, and controlled by the city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from conftest import code_of
from desktop_desk import WAIT, Desk, file_of, offscreen
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.control_dialogs import AdoptDialog, ExemptDialog, RulingDialog, SignDialog
from desktop.rule_editor import RuleEditor
from desktop.rule_field import RuleField
from desktop.rules_page import RulesPage
from survey import control, localchecks
from survey import store as stores
from survey.progress import Progress
from survey.review import Review
from survey.scheme import Scheme

pytestmark = offscreen

A, B = code_of(1), code_of(2)
SOUND = {"name": "甲公司", "district": "440305", "segment": "design", "revenue": 1000, "main_revenue": 900,
         "total_profit": 80, "rd_expenditure": 5, "employees": 3}  # fmt: skip
WHY = "该单位集团内结算，口径经核实不同"
W = TypeVar("W", bound=QWidget)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


def opened(desk: Desk, folder: Path, scheme: Scheme, district: str | None = "440305", **rules: str) -> RulesPage:
    """A desk with a sound enterprise and one whose main revenue is above its revenue, on the page of checks."""
    units = {A: SOUND, B: {**SOUND, "name": "乙公司", "main_revenue": 1300}}
    path = file_of(folder, scheme, units, district)
    if rules:
        with open_store(path) as store:
            localchecks.save(store, rules)
    desk.open(path)
    # The pages of the file before are still there until Qt has leisure.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page = desk.go("rules")
    assert isinstance(page, RulesPage)
    return page


@contextmanager
def open_store(path: Path) -> Iterator[stores.Store]:
    store = stores.open(path)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def district(desk: Desk, tmp_path: Path, small: Scheme) -> RulesPage:
    return opened(desk, tmp_path, small)


@pytest.fixture
def city(desk: Desk, tmp_path: Path, small: Scheme) -> RulesPage:
    return opened(desk, tmp_path, small, None)


def named(desk: Desk, kind: type[W], name: str) -> W:
    found = desk.window.findChild(kind, name)
    assert isinstance(found, kind), name
    return found


def rows(desk: Desk, name: str = "rules") -> list[list[str]]:
    model = named(desk, QTableView, name).model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def codes(desk: Desk) -> list[str]:
    return [row[1] for row in rows(desk)]


def choose(desk: Desk, code: str) -> None:
    view = named(desk, QTableView, "rules")
    view.setCurrentIndex(view.model().index(codes(desk).index(code), 0))


def click(desk: Desk, name: str) -> None:
    desk.qtbot.mouseClick(named(desk, QPushButton, name), Qt.MouseButton.LeftButton)
    desk.settle()


def detail(desk: Desk) -> str:
    return named(desk, QTextBrowser, "ruleDetail").toPlainText()


# The list


def test_checks_of_every_origin_are_listed_with_class_and_message(desk: Desk, district: RulesPage) -> None:
    by_code = {row[1]: row for row in rows(desk)}
    assert by_code["F01"][:6] == ["强制性", "F01", "未分类", "T-02", "营业收入不小于主营业务收入", "制度"]
    assert by_code["REQ-T-02.301"][4:6] == ["“营业收入”应填未填", "指标自带"]


def test_a_check_is_read_back_below_with_the_titles_of_its_rows(desk: Desk, district: RulesPage) -> None:
    choose(desk, "F02")
    assert "若 [营业收入]（上年） ≥ 1000 则 0.5 ≤ [营业收入] ÷ [营业收入]（上年） ≤ 2" in detail(desk)
    assert "([revenue] / [revenue@prev])" in detail(desk)
    assert "magnitude" in detail(desk)


def test_checks_are_found_by_words_titles_and_initials_and_by_class(desk: Desk, district: RulesPage) -> None:
    search = named(desk, QLineEdit, "rulesSearch")
    for typed in ("yjkf", "研究开发费用", "设计企业一般"):
        search.setText(typed)
        assert "F04" in codes(desk)
        assert "F01" not in codes(desk)
    search.clear()
    by_class = named(desk, QComboBox, "rulesBy_class")
    by_class.setCurrentIndex(by_class.findData("D"))
    assert codes(desk) == ["F04"]
    by_origin = named(desk, QComboBox, "rulesBy_origin")
    by_origin.setCurrentIndex(by_origin.findData("local"))
    assert codes(desk) == []
    click(desk, "showAll")
    assert len(codes(desk)) > 5


def test_counts_of_the_last_check_stand_beside_and_are_blank_before(
    desk: Desk, district: RulesPage, tmp_path: Path
) -> None:
    assert {tuple(row[6:9]) for row in rows(desk)} == {("", "", "")}
    with open_store(tmp_path / "440305.census") as store:
        Review(store, "2025").run()
    desk.go("rules")
    assert next(row for row in rows(desk) if row[1] == "F01")[6:9] == ["1", "1", "0"]


def test_official_checks_cannot_be_changed_or_deleted(desk: Desk, district: RulesPage) -> None:
    choose(desk, "F01")
    assert not named(desk, QPushButton, "editRule").isEnabled()
    assert not named(desk, QPushButton, "deleteRule").isEnabled()
    assert named(desk, QPushButton, "copyRule").isEnabled()
    assert desk.window.findChild(QPushButton, "ruleRule") is None


# The editor


def editor(desk: Desk) -> RuleEditor:
    desk.qtbot.waitUntil(lambda: desk.window.findChild(RuleEditor, "ruleEditor") is not None, timeout=WAIT)
    return named(desk, RuleEditor, "ruleEditor")


def write(dialog: RuleEditor, **texts: str) -> None:
    for name, text in texts.items():
        field = dialog.findChild(QWidget, f"rule_{name}")
        if isinstance(field, RuleField):
            field.setPlainText(text)
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(text))
        else:
            assert isinstance(field, QLineEdit)
            field.setText(text)


def said(dialog: RuleEditor, name: str) -> str:
    label = dialog.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def underlined(dialog: RuleEditor, name: str) -> list[str]:
    field = dialog.findChild(RuleField, f"rule_{name}")
    assert field is not None
    return [one.cursor.selectedText() for one in field.extraSelections()]


@pytest.fixture
def new(desk: Desk, district: RulesPage) -> RuleEditor:
    click(desk, "newRule")
    dialog = editor(desk)
    write(dialog, scope="T-02", **{"class": "A"})
    return dialog


def test_what_is_typed_is_read_back_a_moment_later(desk: Desk, new: RuleEditor) -> None:
    write(new, when="301 > 0", expression="301 >= 327")
    desk.qtbot.waitUntil(lambda: said(new, "reading") == "读作：若 [营业收入] > 0 则 [营业收入] ≥ [利润总额]")
    assert said(new, "fault") == ""


def test_what_cannot_be_read_is_underlined_with_a_caret_below(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 >= total_profitt")
    desk.qtbot.waitUntil(lambda: "是不是“total_profit”" in said(new, "fault"))
    assert underlined(new, "expression") == ["total_profitt"]
    assert (new.caret.isVisible(), new.caret.before, new.caret.after) == (True, "301 >= ", "total_profitt")
    assert said(new, "reading") == ""


def test_a_fault_of_the_condition_is_marked_in_the_condition(desk: Desk, new: RuleEditor) -> None:
    write(new, when="301 > nobody", expression="301 >= 302")
    desk.qtbot.waitUntil(lambda: underlined(new, "when") == ["nobody"])
    assert underlined(new, "expression") == []
    assert new.caret.before == "301 > "
    write(new, when="301 > 0")
    desk.qtbot.waitUntil(lambda: underlined(new, "when") == [])
    assert not new.caret.isVisible()


def test_an_empty_editor_says_nothing_until_one_saves(desk: Desk, new: RuleEditor) -> None:
    assert said(new, "fault") == ""
    new.save()
    assert said(new, "fault") == "请填写“则（应当成立）”。"
    write(new, expression="301 >= 327")
    new.save()
    assert said(new, "fault") == "请填写“提示语”。"


def test_an_item_is_found_by_its_initials_and_taken_by_enter(desk: Desk, new: RuleEditor) -> None:
    field = new.expression
    field.setFocus()
    desk.qtbot.waitUntil(field.hasFocus)
    desk.qtbot.keyClicks(field, "lrze")
    assert field.menu.currentItem().text() == "327  利润总额"
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (field.text(), field.menu.isVisible()) == ("327", False)
    desk.qtbot.keyClicks(field, " > szq")
    desk.qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "327 > [T-01.103]"
    assert new.isVisible()


def test_a_saved_check_is_asked_and_the_findings_are_outdated(desk: Desk, district: RulesPage, tmp_path: Path) -> None:
    desk.go("check").check()  # type: ignore[attr-defined]
    desk.settle()
    desk.go("rules")
    click(desk, "newRule")
    new = editor(desk)
    write(new, scope="T-02", expression="301 >= #20 * 327", message="利润不过高", reason="本区关注")
    new.save()
    desk.qtbot.waitUntil(lambda: "L-001" in codes(desk), timeout=WAIT)
    assert district.chosen().check.code == "L-001"  # type: ignore[union-attr]
    assert named(desk, QLabel, "reviewLine").text() == desk.texts("review.outdated")
    with open_store(tmp_path / "440305.census") as store:
        assert store.scheme.check("L-001").reason == "本区关注"
    assert named(desk, QPushButton, "editRule").isEnabled()


def test_the_open_unit_is_judged_by_the_new_check(desk: Desk, district: RulesPage) -> None:
    desk.go("units")
    desk.window.page("units").open_unit(1)  # type: ignore[attr-defined]
    session = desk.entry.session
    assert "L-001" not in {one.check for one in session.findings}
    desk.go("rules")
    click(desk, "newRule")
    dialog = editor(desk)
    write(dialog, scope="T-02", expression="301 >= #20 * 327", message="利润不过高")
    dialog.save()
    desk.qtbot.waitUntil(lambda: "L-001" in {one.check for one in session.findings}, timeout=WAIT)


def test_a_contradiction_is_told_and_saved_only_on_the_person_s_word(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 < 302", message="相反")
    desk.qtbot.waitUntil(lambda: "互相矛盾" in said(new, "lint"), timeout=WAIT)
    new.save()
    desk.qtbot.waitUntil(lambda: desk.window.findChild(QMessageBox, "faulty") is not None, timeout=WAIT)
    assert "L-001" not in codes(desk)
    click(desk, "saveAnyway")
    desk.qtbot.waitUntil(lambda: "L-001" in codes(desk), timeout=WAIT)


def test_a_hint_is_shown_and_does_not_hold_up(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 + 1 >= 302", message="已在其中")
    desk.qtbot.waitUntil(lambda: said(new, "lint").startswith("提示："), timeout=WAIT)
    new.save()
    desk.qtbot.waitUntil(lambda: "L-001" in codes(desk), timeout=WAIT)


def test_a_check_is_tried_before_it_is_saved(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 >= 302", message="试")
    new.read()
    click(desk, "tryRule")
    assert said(new, "trialLine").startswith("通过 1，未通过 1，未能审 0；涉及 1 个单位。")
    [[uscc, name, finding]] = rows(desk, "trialExamples")
    assert (uscc, name) == (B, "乙公司")
    assert finding.startswith("试：营业收入(301) 1,000 千元")
    assert "L-001" not in codes(desk)
    write(new, expression="301 >= 327")
    desk.qtbot.waitUntil(lambda: said(new, "trialLine") == "")


def test_a_trial_that_fails_says_why(desk: Desk, new: RuleEditor, tmp_path: Path) -> None:
    write(new, expression="301 >= 302", message="试")
    new.read()
    (tmp_path / "440305.census").rename(tmp_path / "elsewhere.census")
    click(desk, "tryRule")
    assert "440305.census" in said(new, "trialTrouble")
    assert named(desk, QPushButton, "tryRule").isEnabled()


def begin_endless_trial(desk: Desk, dialog: RuleEditor, monkeypatch: pytest.MonkeyPatch) -> QPushButton:
    def endless(_store: object, _check: object, _period: str, progress: Progress) -> None:
        while True:
            progress(1, 2, "progress.trial")

    monkeypatch.setattr("survey.trial.trial", endless)
    write(dialog, expression="301 >= 302", message="试")
    dialog.read()
    desk.qtbot.mouseClick(named(desk, QPushButton, "tryRule"), Qt.MouseButton.LeftButton)
    stop = named(desk, QPushButton, "stopTrial")
    assert stop.isVisible()
    return stop


def test_a_trial_is_stopped_by_a_click(desk: Desk, new: RuleEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = begin_endless_trial(desk, new, monkeypatch)
    desk.qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    desk.settle()
    assert said(new, "trialTrouble") == desk.texts("error.cancelled")
    assert not stop.isVisible()


def test_leaving_the_editor_stops_its_trial(desk: Desk, new: RuleEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_endless_trial(desk, new, monkeypatch)
    new.reject()
    named(desk, QPushButton, "discard").click()
    desk.settle()
    assert desk.window.findChild(QMessageBox, "trouble") is None
    assert desk.window.sidebar.isEnabled()


def test_what_cannot_be_read_cannot_be_tried(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 >=")
    new.read()
    assert not named(desk, QPushButton, "tryRule").isEnabled()


def test_an_own_check_is_changed_copied_and_deleted(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    row = {"class": "B", "scope": "T-02", "expression": "301 >= 327", "message": "收入不小于利润", "family": "balance"}
    opened(desk, tmp_path, small, **row)
    choose(desk, "L-001")
    click(desk, "editRule")
    dialog = editor(desk)
    assert (dialog.expression.text(), dialog.row()["family"]) == ("301 >= 327", "balance")
    write(dialog, message="收入应不小于利润")
    dialog.save()
    desk.qtbot.waitUntil(lambda: "收入应不小于利润" in [row[4] for row in rows(desk)], timeout=WAIT)
    desk.qtbot.waitUntil(lambda: desk.window.findChild(RuleEditor, "ruleEditor") is None, timeout=WAIT)
    choose(desk, "F02")
    click(desk, "copyRule")
    dialog = editor(desk)
    assert (dialog.when.text(), dialog.expression.text()) == ("301@prev >= 1000", "0.5 <= 301/301@prev <= 2")
    assert dialog.windowTitle() == "新建本地审核 L-002"
    dialog.reject()
    choose(desk, "L-001")
    click(desk, "deleteRule")
    click(desk, "removeIt")
    assert "L-001" not in codes(desk)


def test_a_check_the_scheme_cannot_read_any_more_is_told(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    path = file_of(tmp_path, small, {A: SOUND})
    with open_store(path) as store, store.atomic():
        facts = {**dict.fromkeys(localchecks.COLUMNS, ""), "class": "A", "scope": "T-02", "expression": "301 >= 999",
                 "message": "旧"}  # fmt: skip
        store.execute("INSERT INTO local_check VALUES ('L-001', ?, '', '')", (json.dumps(facts),))
    desk.open(path)
    desk.go("rules")
    banner = named(desk, QWidget, "lostRules")
    assert banner.isVisible()
    click(desk, "mendRule")
    dialog = editor(desk)
    assert dialog.expression.text() == "301 >= 999"
    write(dialog, expression="301 >= 327")
    dialog.save()
    desk.qtbot.waitUntil(lambda: not banner.isVisible(), timeout=WAIT)
    assert "L-001" in codes(desk)


# The city's control


def decide(desk: Desk, dialog: QWidget, **texts: str) -> None:
    for name, text in texts.items():
        field = dialog.findChild(QWidget, f"control_{name}")
        if isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(text))
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
        else:
            assert isinstance(field, QLineEdit)
            field.setText(text)
    accept = dialog.findChild(QPushButton, "accept")
    desk.qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)


def test_the_city_switches_a_check_off_and_takes_that_back(desk: Desk, city: RulesPage) -> None:
    choose(desk, "F01")
    click(desk, "ruleRule")
    decide(desk, named(desk, RulingDialog, "rulingDialog"), action="off", day="2020-01-01", official="王", reason=WHY)
    assert next(row for row in rows(desk) if row[1] == "F01")[-1] == "停用"
    assert f"自 2020-01-01 起停用：{WHY}（王，" in detail(desk)
    assert rows(desk, "rulings") == [["F01", "停用", "2020-01-01", WHY, "王"]]
    click(desk, "liftRule")
    assert rows(desk, "rulings") == []
    assert next(row for row in rows(desk) if row[1] == "F01")[-1] == ""


def test_a_ruling_that_says_nothing_is_refused_in_plain_words(desk: Desk, city: RulesPage) -> None:
    choose(desk, "F01")
    click(desk, "ruleRule")
    dialog = named(desk, RulingDialog, "rulingDialog")
    decide(desk, dialog, action="off", official="王", reason="无")
    assert "说明至少要 6 个字" in named(desk, QLabel, "problem").text()
    decide(desk, dialog, day="明天", reason=WHY)
    assert "“明天”不是日期" in named(desk, QLabel, "problem").text()
    assert dialog.isVisible()


def test_another_class_can_be_tried_before_it_is_decided(desk: Desk, city: RulesPage) -> None:
    choose(desk, "F01")
    click(desk, "ruleRule")
    dialog = named(desk, RulingDialog, "rulingDialog")
    assert not dialog.trial.run.isEnabled()
    dialog.action.setCurrentIndex(dialog.action.findData("C"))
    desk.qtbot.mouseClick(dialog.trial.run, Qt.MouseButton.LeftButton)
    desk.settle()
    assert "执行后：0 个单位将由此不能正式上报，1 个单位不再受阻。" in named(desk, QLabel, "trialLine").text()


def test_a_unit_is_exempted_by_its_name_and_the_exemption_taken_back(desk: Desk, city: RulesPage) -> None:
    choose(desk, "F01")
    click(desk, "exemptRule")
    dialog = named(desk, ExemptDialog, "exemptDialog")
    dialog.unit.setFocus()
    desk.qtbot.keyClicks(dialog.unit, "ygs")
    assert dialog.findChild(QListWidget, "control_found").count() == 1
    decide(desk, dialog, official="王", reason=WHY)
    assert [row[:4] for row in rows(desk, "exemptions")] == [[B, "乙公司", "F01", "2025"]]
    city.tabs.setCurrentIndex(1)
    named(desk, QTableView, "exemptions").selectRow(0)
    click(desk, "control_unexempt")
    assert rows(desk, "exemptions") == []


def test_an_unknown_unit_is_refused_in_plain_words(desk: Desk, city: RulesPage) -> None:
    city.tabs.setCurrentIndex(1)
    click(desk, "control_exempt")
    dialog = named(desk, ExemptDialog, "exemptDialog")
    decide(desk, dialog, unit="nobody", check="F01", official="王", reason=WHY)
    assert "nobody" in named(desk, QLabel, "problem").text()


def test_the_signed_list_is_adopted_by_a_district_that_sees_what_changes(
    desk: Desk, city: RulesPage, tmp_path: Path, small: Scheme
) -> None:
    choose(desk, "F01")
    click(desk, "ruleRule")
    decide(desk, named(desk, RulingDialog, "rulingDialog"), action="off", day="2020-01-01", official="王", reason=WHY)
    city.control.sign(tmp_path / "list.json", "王处长")
    assert "第 1 号控制清单已写入" in named(desk, QLabel, "controlResult").text()
    assert "第 1 号清单，王处长" in named(desk, QLabel, "controlLine").text()
    page = opened(desk, tmp_path, small)
    assert "没有采用市级控制清单" in named(desk, QLabel, "controlLine").text()
    page.control.adopt(tmp_path / "list.json")
    dialog = named(desk, AdoptDialog, "adoptDialog")
    assert [dialog.changes.item(at).text() for at in range(dialog.changes.count())] == [
        f"F01：停用，自 2020-01-01 起（{WHY}）"
    ]
    decide(desk, dialog)
    assert "执行市级第 1 号控制清单（王处长，" in named(desk, QLabel, "controlLine").text()
    assert next(row for row in rows(desk) if row[1] == "F01")[-1] == "停用"
    assert desk.window.findChild(QPushButton, "control_sign") is None


def test_a_list_that_was_changed_is_refused_in_plain_words(
    desk: Desk, city: RulesPage, tmp_path: Path, small: Scheme
) -> None:
    city.control.sign(tmp_path / "list.json", "王处长")
    path = tmp_path / "list.json"
    path.write_text(path.read_text("utf-8").replace("王处长", "李处长"), "utf-8")
    page = opened(desk, tmp_path, small)
    page.control.adopt(path)
    box = named(desk, QMessageBox, "trouble")
    assert "签发后被改动过" in box.text()
    box.close()


def test_nobody_signs_without_a_name(desk: Desk, city: RulesPage) -> None:
    city.tabs.setCurrentIndex(1)
    click(desk, "control_sign")
    dialog = named(desk, SignDialog, "signDialog")
    decide(desk, dialog, official=" ")
    assert named(desk, QLabel, "problem").text() == "请写明由谁签发。"
    with open_store(desk.window.path) as store:  # type: ignore[arg-type]
        assert control.rulings(store) == []


def test_the_check_page_goes_on_when_a_check_was_removed(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    page = opened(
        desk, tmp_path, small, scope="T-02", expression="301 >= #20 * 327", message="利润不过高", **{"class": "B"}
    )
    review = desk.go("check")
    review.check()  # type: ignore[attr-defined]
    desk.settle()
    with open_store(tmp_path / "440305.census") as store:
        localchecks.remove(store, "L-001")
    desk.go("rules")
    page.refresh()
    desk.go("check")
    review._fill_groups()  # type: ignore[attr-defined]
    review.findings._fill()  # type: ignore[attr-defined]
    told = {row[3]: row[5] for row in rows(desk, "review")}
    assert told["L-001"].startswith("利润不过高")


def test_counts_of_former_checks_are_not_shown_as_theirs(desk: Desk, district: RulesPage, tmp_path: Path) -> None:
    desk.go("check").check()  # type: ignore[attr-defined]
    desk.settle()
    district.refresh()
    at = codes(desk).index("F01")
    counts = rows(desk)[at][6:9]
    assert counts[1] == "1"
    with open_store(tmp_path / "440305.census") as store:
        localchecks.save(
            store, {"class": "B", "scope": "T-02", "expression": "301 >= 327", "message": "收入不小于利润"}
        )
    district.refresh()
    assert rows(desk)[codes(desk).index("F01")][6:9] == ["", "", ""]


def test_whoever_writes_on_has_not_asked_to_save(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 >= #20 * 327", message="利润不过高")
    new.save()
    new.expression.setPlainText("[main_revenue] <")
    new.expression.setPlainText("[main_revenue] < 9")
    desk.qtbot.waitUntil(lambda: not new._linter.busy and not new._read_timer.isActive(), timeout=WAIT)
    desk.settle()
    assert new.isVisible()
    assert "L-001" not in codes(desk)


def test_a_check_that_somebody_else_removed_is_not_edited(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    page = opened(desk, tmp_path, small, scope="T-02", expression="301 >= 327", message="收入", **{"class": "B"})
    with open_store(tmp_path / "440305.census") as store:
        localchecks.remove(store, "L-001")
    page._edit_code("L-001")
    assert "L-001" not in codes(desk)


def test_what_is_written_is_not_thrown_away_by_one_esc_too_many(desk: Desk, new: RuleEditor) -> None:
    write(new, expression="301 >= 327", message="收入不小于利润")
    desk.qtbot.keyClick(new, Qt.Key.Key_Escape)
    box = named(desk, QMessageBox, "unsaved")
    box.close()
    assert new.isVisible()
    assert new.expression.text() == "301 >= 327"
    new.reject()
    named(desk, QPushButton, "discard").click()
    desk.qtbot.waitUntil(lambda: desk.window.findChild(RuleEditor, "ruleEditor") is None, timeout=WAIT)


def test_nothing_written_is_nothing_to_ask_about(desk: Desk, district: RulesPage) -> None:
    click(desk, "newRule")
    editor(desk).reject()
    assert desk.window.findChild(QMessageBox, "unsaved") is None
