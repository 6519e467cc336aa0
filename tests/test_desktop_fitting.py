"""Pages on small screens: tables that do not scroll sideways, warnings that unfold, what was tried together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop_desk import Desk, offscreen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot
from test_desktop_merge import drop
from test_survey_merge import B, Sender, only, written

from desktop.fitting import Fitting
from desktop.merge_page import MergePage
from desktop.merge_trial import Step, renewed, stale
from desktop.notice import Notice
from desktop.pages import Page
from desktop.register_dialog import RegisterDialog
from desktop.rows_model import RowsModel, table_view
from survey.mergereport import MergeReport, UnitOutcome
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen

SMALL, USUAL = (910, 512), (1366, 768)


@pytest.fixture
def sender(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[Sender]:
    one = Sender(tmp_path / "sent", small, B, texts)
    yield one
    one.store.close()


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store) -> Desk:
    found = Desk(qtbot, qapp, tmp_path)
    found.open(city.path)
    return found


def hidden(view: QTableView) -> list[int]:
    return [at for at in range(view.model().columnCount()) if view.isColumnHidden(at)]


def scrolls(view: QTableView) -> bool:
    return view.horizontalScrollBar().maximum() > 0


def test_columns_that_can_be_spared_go_one_by_one_and_come_back(qtbot: QtBot) -> None:
    model = RowsModel(["name", "first", "second", "third"])
    view = table_view(model, "some", "some", (100, 100, 100, 100), 0)
    qtbot.addWidget(view)
    Fitting(view, (2, 1), 100)
    view.resize(420, 200)
    view.show()
    assert hidden(view) == []
    view.resize(380, 200)
    assert hidden(view) == [2]
    view.resize(250, 200)
    assert hidden(view) == [1, 2]
    view.resize(420, 200)
    assert hidden(view) == []


def test_a_column_that_has_nothing_to_say_stays_away(qtbot: QtBot) -> None:
    model = RowsModel(["name", "first", "second"])
    view = table_view(model, "some", "some", (100, 100, 100), 0)
    qtbot.addWidget(view)
    fitting = Fitting(view, (), 100)
    view.resize(600, 200)
    view.show()
    fitting.without({1})
    assert hidden(view) == [1]
    fitting.without(())
    assert hidden(view) == []


@pytest.mark.parametrize("size", [SMALL, USUAL])
def test_no_list_of_the_city_scrolls_sideways(desk: Desk, sender: Sender, city: Store, size: tuple[int, int]) -> None:
    desk.window.resize(*size)
    only(city, sender.says({1: 10, 2: 20}))
    written(city, 1, 11)
    only(city, sender.says({1: 12, 2: 20}))
    conflicts = desk.go("conflicts")
    assert not scrolls(conflicts.view)
    desk.press(Qt.Key.Key_1)
    desk.settle()
    conflicts.settled.setCurrentIndex(1)
    conflicts.load()
    assert conflicts.model.rowCount() == 1
    assert "决定：" in conflicts.detail.text()
    assert not scrolls(conflicts.view)
    merge = desk.go("merge")
    drop(merge, sender.says({1: 13, 2: 21}))
    desk.settle()
    assert not any(scrolls(view) for view in (merge.table, merge.preview.unit_view, merge.preview.cell_view))
    register = RegisterDialog(desk.window.page("board")._desk, desk.window)
    desk.qtbot.addWidget(register)
    register.resize(min(1180, size[0]), 480)
    register.show()
    assert not scrolls(register.view)


def test_a_small_screen_leaves_room_for_the_units_of_a_return(desk: Desk, sender: Sender, city: Store) -> None:
    desk.window.resize(*SMALL)
    only(city, sender.says(dict.fromkeys(range(1, 9), 10)))
    page = desk.go("merge")
    assert isinstance(page, MergePage)
    drop(page, sender.says(dict.fromkeys(range(1, 7), 11)))
    desk.settle()
    assert page.tight
    view = page.preview.unit_view
    # Laid out once the window has drawn it.
    desk.qtbot.waitUntil(lambda: view.viewport().height() // view.verticalHeader().defaultSectionSize() >= 4)
    desk.window.resize(*USUAL)
    assert not page.tight


def test_a_tight_page_says_what_it_is_for_in_the_tooltip_of_its_heading(qtbot: QtBot) -> None:
    page = Page("汇总", "把上报表放进来。")
    qtbot.addWidget(page)
    page.resize(855, 448)
    page.show()
    labels = {label.text(): label for label in page.findChildren(type(page._about))}
    assert labels["把上报表放进来。"].isHidden()
    assert labels["汇总"].toolTip() == "把上报表放进来。"
    page.resize(1100, 700)
    assert labels["把上报表放进来。"].isVisible()


def test_a_notice_is_a_line_that_unfolds_where_there_is_little_room(qtbot: QtBot, texts: Texts) -> None:
    notice = Notice("some", texts)
    qtbot.addWidget(notice)
    notice.say(["第一条", "第二条"])
    assert notice.label.isVisible()
    notice.fit(tight=True)
    assert notice.label.isHidden()
    assert notice.short.text() == "第一条　第二条"
    qtbot.mouseClick(notice.more, Qt.MouseButton.LeftButton)
    assert notice.label.text() == "第一条\n第二条"
    assert notice.label.isVisible()
    notice.say([])
    assert notice.isHidden()


A, D, C = Path("a"), Path("d"), Path("c")


@pytest.mark.parametrize(
    ("now", "old"),
    [
        ([Step(A), Step(D), Step(C)], []),
        ([Step(A), Step(D)], []),
        ([Step(D), Step(C)], [D, C]),
        ([Step(A), Step(C)], [C]),
        ([Step(A), Step(D), Step(C, frozenset({"1"}))], []),
        ([Step(A), Step(D, frozenset({"1"})), Step(C)], [C]),
        ([], []),
    ],
)
def test_what_comes_after_something_else_than_was_tried_is_stale(now: list[Step], old: list[Path]) -> None:
    assert stale([Step(A), Step(D), Step(C)], now) == old


def test_what_was_added_to_what_was_tried_is_stale() -> None:
    assert stale([Step(D)], [Step(A), Step(D)]) == [A, D]
    assert stale([Step(A)], [Step(A), Step(D)]) == [D]


def test_units_that_are_left_out_are_still_listed_after_a_return_was_tried_anew() -> None:
    first, second = UnitOutcome("1", "一", "changed", 2), UnitOutcome("2", "二", "new")
    before = MergeReport("a", A, units=[first, second])
    after = MergeReport("a", A, units=[second])
    assert renewed(before, after, {"1"}).units == [second, first]
    assert renewed(before, after, ()) is after
