"""The page of duplicate units at the keyboard: search, decide, take back, and who counts a unit returned twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import WAIT, Desk, offscreen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot
from senders import A, B, P, Sender, only
from test_survey_lookalikes import TWICE, put, slipped

from desktop.duplicates_page import DuplicatesPage
from desktop.unit_card import UnitCardDialog
from survey import store as stores
from survey.scheme import Scheme
from survey.texts import Texts

pytestmark = offscreen

Key, Alt, Shift = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
BANK = "平安银行股份有限公司", "平安银行股份有限公司深圳坪山支行"


@pytest.fixture
def path(tmp_path: Path, small: Scheme, texts: Texts) -> Path:
    """A city's file: an enterprise thrice, another twice, a bank with a branch, two units returned twice."""
    store = stores.create(tmp_path / "city.census", small, P, None)
    put(store, code_of(1), TWICE[0], revenue=100, district=A)
    put(store, slipped(1), TWICE[1], revenue=300, district=B)
    put(store, code_of(1)[:14] + "W" + code_of(1)[15:], TWICE[0], revenue=100, district=B)
    put(store, code_of(3), "远望谷信息技术股份有限公司", revenue=7)
    put(store, slipped(3), "远望谷信息技术股份有限公司", revenue=7)
    put(store, code_of(5), BANK[0])
    put(store, code_of(6), BANK[1])
    for code, said in ((A, {11: 10, 12: 20}), (B, {11: 15, 12: 20})):
        sender = Sender(tmp_path / code, small, code, texts)
        only(store, sender.says(said))
        sender.store.close()
    store.close()
    return tmp_path / "city.census"


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.window._settings.who = "市级"
    opened.open(path)
    opened.go("duplicates")
    return opened


def page(desk: Desk) -> DuplicatesPage:
    found = desk.window.page("duplicates")
    assert isinstance(found, DuplicatesPage)
    return found


def search(desk: Desk) -> DuplicatesPage:
    button = desk.find(QPushButton, "searchHere")
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.settle()
    desk.qtbot.waitUntil(lambda: page(desk).alike.model.rowCount() > 0, timeout=WAIT)
    return page(desk)


def counted(path: Path) -> list[str]:
    store = stores.open(path, readonly=True)
    try:
        return [row.uscc for row in store.unit_list(P)]
    finally:
        store.close()


def verdicts(found: DuplicatesPage) -> list[str]:
    return [found.alike.model.index(row, 3).data() for row in range(found.alike.model.rowCount())]


def text(desk: Desk, name: str) -> str:
    label = desk.find(QLabel, name)
    assert isinstance(label, QLabel)
    assert label.isVisible()
    return label.text()


def tab(desk: Desk, at: int) -> None:
    """Ctrl+PageDown does not reach an offscreen tab bar; a person clicks it."""
    bar = page(desk).tabs.tabBar()
    desk.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())


def test_nothing_is_compared_until_somebody_asks(desk: Desk) -> None:
    found = page(desk)
    assert found.alike.model.rowCount() == 0
    assert desk.find(QPushButton, "searchHere").isVisible()
    assert not found.sure.isEnabled()
    assert [found.tabs.tabText(at) for at in range(3)] == ["疑似重复", "重复上报 2", "已判断"]


def test_a_group_is_seen_side_by_side_with_what_speaks_for_it(desk: Desk) -> None:
    found = search(desk)
    assert verdicts(found) == ["待判断"] * 3
    assert "代码只差一位 +9" in text(desk, "why")
    sides = found.alike.sides
    fields = [sides.index(row, 0).data().strip() for row in range(sides.rowCount())]
    code = fields.index("≠ 统一社会信用代码")
    group = found.alike.model.group(0)
    assert group is not None
    assert [sides.index(code, at).data() for at in (1, 2)] == list(group.units[:2])
    assert "主营业务收入" not in fields


def test_keys_decide_and_lead_to_the_next_group(desk: Desk, path: Path) -> None:
    found = search(desk)
    first, second = found.alike.model.group(0), found.alike.model.group(1)
    assert first
    assert second
    before = counted(path)
    desk.press(Key.Key_2)
    assert found.alike.list.currentIndex().row() == 1
    lost = [uscc for uscc in first.units if uscc != first.units[1]]
    assert [uscc for uscc in before if uscc not in counted(path)] == sorted(lost, key=before.index)
    assert text(desk, "decisionSaid").endswith("同一单位。按 U 撤销。")
    desk.press(Key.Key_N)
    assert verdicts(found) == ["同一单位", "不是重复", "待判断"]
    assert found.alike.list.currentIndex().row() == 2
    desk.press(Key.Key_B)
    assert verdicts(found)[2] == "分支机构"
    assert [found.tabs.tabText(at) for at in (0, 2)] == ["疑似重复", "已判断 3"]


def test_a_decision_is_taken_back_by_one_key(desk: Desk, path: Path) -> None:
    found = search(desk)
    before = counted(path)
    desk.press(Key.Key_1)
    assert counted(path) != before
    desk.press(Key.Key_U)
    assert counted(path) == before
    assert verdicts(found) == ["待判断"] * 3
    assert found.alike.list.currentIndex().row() == 0
    desk.press(Key.Key_U)
    assert text(desk, "decisionSaid") == desk.texts("lookalike.nothing_done")


def test_what_is_decided_is_not_decided_again_by_a_slip_of_the_finger(desk: Desk, path: Path) -> None:
    found = search(desk)
    desk.press(Key.Key_N)
    desk.press(Key.Key_Up)
    assert not found.alike._keep[0].isEnabled()
    before = counted(path)
    desk.press(Key.Key_1)
    assert counted(path) == before


def test_a_unit_is_left_out_of_a_decision_about_the_others(desk: Desk, path: Path) -> None:
    found = search(desk)
    row = next(row for row in range(3) if len(found.alike.model.groups[row].units) == 3)
    for _ in range(row):
        desk.press(Key.Key_Down)
    out, kept, lost = found.alike.model.groups[row].units
    desk.press(Key.Key_1, Alt)
    desk.press(Key.Key_1)
    assert verdicts(found)[row] == "待判断"
    desk.press(Key.Key_2)
    left = counted(path)
    assert out in left
    assert kept in left
    assert lost not in left


def test_space_goes_to_the_next_open_group_and_round(desk: Desk) -> None:
    found = search(desk)
    desk.press(Key.Key_Down)
    desk.press(Key.Key_N)
    desk.press(Key.Key_Space)
    assert found.alike.list.currentIndex().row() == 0
    desk.press(Key.Key_Space)
    assert found.alike.list.currentIndex().row() == 2


def test_a_tie_is_turned_round_before_it_is_made(desk: Desk) -> None:
    found = search(desk)
    desk.press(Key.Key_Down)
    desk.press(Key.Key_Down)
    branch = found.alike._ties[0]
    said = branch.text()
    desk.press(Key.Key_X)
    assert branch.text() != said
    desk.press(Key.Key_X)
    desk.press(Key.Key_B)
    [tie] = page(desk)._desk.store.execute("SELECT unit, kind, other FROM unit_link").fetchall()
    assert tuple(tie[1:]) == ("branch_of", code_of(5))


def test_fields_that_are_the_same_are_shown_on_request(desk: Desk) -> None:
    sides = search(desk).alike.sides
    before = sides.rowCount()
    desk.press(Key.Key_A)
    assert sides.rowCount() >= before
    assert desk.window.page("duplicates").alike.everything.isChecked()  # type: ignore[attr-defined]


def test_all_that_is_sure_becomes_one_unit_each(desk: Desk, path: Path) -> None:
    found = search(desk)
    assert found.sure.isEnabled()
    before = len(counted(path))
    desk.qtbot.mouseClick(found.sure, Qt.MouseButton.LeftButton)
    desk.settle()
    desk.qtbot.waitUntil(lambda: len(counted(path)) < before, timeout=WAIT)
    assert "合并确定的" in text(desk, "duplicatesLine")
    assert not found.sure.isEnabled()


def test_decisions_are_there_after_the_file_was_opened_again_and_are_taken_back(
    desk: Desk, path: Path, qtbot: QtBot
) -> None:
    search(desk)
    before = counted(path)
    desk.press(Key.Key_1)
    desk.open(path)
    desk.go("duplicates")
    tab(desk, 2)
    found = page(desk).decided
    assert found.model.rowCount() == 1
    sides = found.sides
    heads = [sides.headerData(at, Qt.Orientation.Horizontal) for at in range(1, sides.columnCount())]
    assert sum(head.endswith("（保留）") for head in heads) == 1
    counts = [sides.index(row, 0).data() for row in range(sides.rowCount())]
    row = counts.index("≠ 是否计入")
    assert sorted({sides.index(row, at).data() for at in range(1, sides.columnCount())}) == ["不计入", "计入"]
    desk.press(Key.Key_U)
    assert counted(path) == before
    assert found.model.rowCount() == 0


def test_a_unit_returned_twice_is_counted_where_a_person_says(desk: Desk, path: Path) -> None:
    tab(desk, 1)
    found = page(desk).contested
    assert [found.model.index(0, at).data() for at in (0, 2, 3)] == [code_of(11), "福田区", "按区顺序"]
    assert "1 个单位" in text(desk, "contestedLine")
    desk.press(Key.Key_2)
    assert [found.model.index(0, at).data() for at in (2, 3)] == ["南山区", "已定"]
    store = stores.open(path, readonly=True)
    unit = store.find_unit(code_of(11))
    assert store.execute("SELECT sender FROM unit WHERE id = ?", (unit,)).fetchone()[0] == B
    assert tuple(store.execute("SELECT sender, who FROM counted").fetchone()) == (B, "市级")
    store.close()
    desk.press(Key.Key_U)
    assert [found.model.index(0, at).data() for at in (2, 3)] == ["福田区", "按区顺序"]


def test_all_chosen_units_are_counted_where_one_key_says(desk: Desk) -> None:
    tab(desk, 1)
    found = page(desk).contested
    desk.press(Key.Key_Down, Shift)
    desk.press(Key.Key_2)
    assert [found.model.index(row, 2).data() for row in (0, 1)] == ["南山区", "南山区"]
    assert "已定 2 个单位" in text(desk, "contestedSaid")


def test_the_card_of_a_unit_tells_that_it_counts_no_more_and_who_said_so(desk: Desk, path: Path) -> None:
    before = counted(path)
    search(desk)
    desk.press(Key.Key_1)
    [lost, *_] = [uscc for uscc in before if uscc not in counted(path)]
    store = desk.window.page("duplicates")._desk.store  # type: ignore[attr-defined]
    card = UnitCardDialog(page(desk)._desk, store.find_unit(lost), desk.window)
    shown = card.findChild(QTextBrowser).toPlainText()  # type: ignore[union-attr]
    card.deleteLater()
    assert "计入 → 不计入" in shown
    assert "市级" in shown
