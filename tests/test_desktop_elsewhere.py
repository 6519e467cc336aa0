"""What happens on one page is known on the others: none shows, previews or takes back what is no longer true."""

from __future__ import annotations

from pathlib import Path

from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from senders import A, B, P, Sender, only, value
from test_desktop_merge import desk, page  # noqa: F401 - fixtures

from desktop.merge_page import MergePage
from survey import cells
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen


def test_a_unit_that_is_open_follows_a_decision_and_an_import(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    city = stores.create(tmp_path / "city.census", small, P, None)
    first, second = (Sender(tmp_path / "desks", small, code, texts) for code in (A, B))
    only(city, first.says({3: 30}))
    only(city, second.says({3: 300}))
    one = Desk(qtbot, qapp, tmp_path)
    one.open(city.path)
    units = one.go("units")
    units.open_unit(city.find_unit(code_of(3)))
    session = units.entry.session
    duplicates = one.go("duplicates")
    duplicates.tabs.setCurrentWidget(duplicates.contested)
    duplicates.contested.begin()
    duplicates.contested.count(1)
    one.settle()
    one.go("units")
    assert session.value("revenue") == value(city, 3) == 300
    session.commit("revenue", 31)
    session.undo.undo()
    assert value(city, 3) == 300
    table = tmp_path / "t.csv"
    table.write_text(f"统一社会信用代码,单位详细名称,从业人员期末人数\n{code_of(3)},演示3,77\n", encoding="utf-8")
    taking = one.go("import")
    taking.look_at([table])
    one.settle()
    taking.take.click()
    one.settle()
    one.go("units")
    assert session.value("employees") == value(city, 3, "employees") == 77
    for store in (city, first.store, second.store):
        store.close()


def test_the_forms_of_a_desk_that_are_open_follow_its_next_return(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, lists: Scheme, texts: Texts
) -> None:
    city = stores.create(tmp_path / "city.census", lists, P, None)
    sender = Sender(tmp_path / "desks", lists, B, texts)

    def says(land: int) -> Path:
        return sender.says({1: land}, lambda store: cells.write(store, store.desk_unit(), P, "land", land))

    only(city, says(5))
    second = says(6)
    one = Desk(qtbot, qapp, tmp_path)
    one.open(city.path)
    own = one.go("own")
    own.open_desk(city.find_unit(B))
    assert own.entry.session.value("land") == 5
    merge = one.go("merge")
    merge.look_at([second])
    one.settle()
    merge.take.click()
    one.settle()
    one.go("own")
    assert own.entry.session.value("land") == 6
    city.close()
    sender.store.close()


def test_a_preview_is_renewed_before_it_is_taken_where_a_cell_was_written_meanwhile(
    desk: Desk, page: MergePage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10}))
    page.look_at([sender.says({1: 12})])
    desk.settle()
    assert page.take.isEnabled()
    units = desk.go("units")
    units.open_unit(city.find_unit(code_of(1)))
    units.entry.session.commit("revenue", 999)
    desk.go("merge")
    assert (page.take.isEnabled(), page.renew.isVisible()) == (False, True)
    page.renew.click()
    desk.settle()
    assert page.take.isEnabled()
    [report] = page.model.reports
    assert [(one.kept, one.offered) for one in report.conflicts] == [(999, 12)]
