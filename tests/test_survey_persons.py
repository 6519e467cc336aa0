"""Persons and their roles: what each may do with a file, how they sign in, and that it is told who did what."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from senders import P, Sender

from desktop.cli import main
from desktop.mending import save_what_can_be_read
from desktop.persons_dialog import PersonsDialog
from desktop.sign_in_dialog import SignInDialog
from desktop.trouble import Trouble
from indicators import definition, localtable
from survey import (
    cells,
    columns,
    control,
    csvfolder,
    enrolment,
    identity,
    journal,
    persons,
    receiptbook,
    returns,
    statuses,
)
from survey import merge as merging
from survey import store as stores
from survey.backup import back_up
from survey.errors import SurveyError
from survey.persons import PERMITTED, ROLES, Action, Person, Role
from survey.review import Review
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen

SECRET = "tea at four"


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    yield
    identity.act_as("")
    identity.offer("", "")


@pytest.fixture
def staffed(city: Store, sender: Sender) -> Store:
    """A city's file with a unit, and a person of every role; nobody has signed in."""
    merging.merge(city, [sender.says({1: 1000})])
    persons.add(city, "保密员甲", "keeper", SECRET)
    persons.sign_in(city, "保密员甲", SECRET)
    for role in ROLES[:-1]:
        persons.add(city, role, role, SECRET)
    identity.act_as("")
    return city


def signed(store: Store, role: Role) -> None:
    persons.sign_in(store, "保密员甲" if role == "keeper" else role, SECRET)


def _merge(store: Store, sender: Sender, _folder: Path, _texts: Texts) -> Any:
    return merging.merge(store, [], dry_run=True)


WORK: dict[Action, Callable[[Store, Sender, Path, Texts], Any]] = {
    "edit": lambda store, *_: cells.write(store, 1, P, "revenue", 5, reason="核实"),
    "decide": lambda store, *_: statuses.decide(store, [1], P, "returned", "数字不对，请核实"),
    "merge": _merge,
    "return": lambda store, _sender, folder, texts: returns.write(store, folder / "r.xlsx", texts),
    "export": lambda store, _sender, folder, texts: csvfolder.write(store, folder / "csv", texts),
    "keep": lambda store, *_: persons.add(store, "新人", "officer", SECRET),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", WORK)
def test_each_role_does_what_it_may_and_nothing_else(
    staffed: Store, sender: Sender, tmp_path: Path, texts: Texts, role: Role, action: Action
) -> None:
    signed(staffed, role)
    before = list(staffed.database.conn.iterdump())
    if action in PERMITTED[role]:
        if action == "return":
            with pytest.raises(SurveyError, match="city_has_no_return"):
                WORK[action](staffed, sender, tmp_path, texts)
            return
        WORK[action](staffed, sender, tmp_path, texts)
        return
    with pytest.raises(SurveyError, match=f"person_may_not.{action}"):
        WORK[action](staffed, sender, tmp_path, texts)
    assert list(staffed.database.conn.iterdump()) == before


def test_in_a_file_with_persons_nobody_works_unnamed(
    staffed: Store, sender: Sender, tmp_path: Path, texts: Texts
) -> None:
    for work in WORK.values():
        with pytest.raises(SurveyError, match="person_needed"):
            work(staffed, sender, tmp_path, texts)


def test_in_a_file_without_persons_everybody_does_everything(city: Store) -> None:
    assert all(persons.may(city, action) for action in WORK)


def test_other_ways_to_the_same_are_closed_too(staffed: Store, tmp_path: Path, texts: Texts) -> None:
    signed(staffed, "publisher")
    for work in (
        lambda: cells.add_unit(staffed, code_of(9), "演示", P),
        lambda: control.exempt(staffed, code_of(1), "T02-01", P, official="市", reason="确属特殊情况"),
        lambda: enrolment.withdraw(staffed, "440305"),
        lambda: receiptbook.write(staffed, "440305", tmp_path / "r.xlsx", texts),
        lambda: receiptbook.write_all(staffed, tmp_path / "all", texts),
        lambda: merging.undo(staffed, 1),
        lambda: columns.remember(staffed, "a|b", {0: "revenue"}),
        lambda: Review(staffed, P).run(),
    ):
        with pytest.raises(SurveyError, match="person_may_not"):
            work()


def test_the_desks_own_tables_are_of_those_who_write_or_publish(staffed: Store) -> None:
    catalogue = definition.load(staffed.scheme)
    first = next(iter(catalogue.indicators))
    text = f'[[table]]\nid = "x"\nkind = "breakdown"\ntitle = "演示"\nby = "district"\ncolumns = ["{first}"]\n'
    for role in ("reviewer", "keeper"):
        signed(staffed, role)  # type: ignore[arg-type]
        with pytest.raises(SurveyError, match="person_may_not"):
            localtable.save(staffed, text, catalogue)
    for role in ("publisher", "officer", "editor"):
        signed(staffed, role)  # type: ignore[arg-type]
        [saved] = localtable.save(staffed, text, catalogue)
        signed(staffed, "reviewer")
        with pytest.raises(SurveyError, match="person_may_not"):
            localtable.remove(staffed, saved.id)
        signed(staffed, role)  # type: ignore[arg-type]
        localtable.remove(staffed, saved.id)


def test_signing_in_takes_the_right_secret_and_a_wrong_one_is_told(staffed: Store) -> None:
    for name, secret in (("officer", "wrong one"), ("nobody", SECRET), ("officer", "")):
        with pytest.raises(SurveyError, match="person_wrong"):
            persons.sign_in(staffed, name, secret)
    refused = [one for one in journal.entries(staffed, "keys") if "person_wrong" in one.facts]
    assert len(refused) == 3
    assert persons.sign_in(staffed, "officer", SECRET) == Person("officer", "officer")
    cells_by = journal.entries(staffed)
    journal.record(staffed, "viewed", "x")
    assert journal.entries(staffed)[0].who == "officer"
    assert len(journal.entries(staffed)) == len(cells_by) + 1
    assert SECRET not in "\n".join(staffed.database.conn.iterdump())


def test_who_signed_in_to_one_file_has_not_signed_in_to_another(staffed: Store, district: Store) -> None:
    persons.add(district, "officer", "keeper", SECRET)
    signed(staffed, "officer")
    assert persons.current(district) is None


def test_a_keeper_always_stays(city: Store) -> None:
    with pytest.raises(SurveyError, match="person_first"):
        persons.add(city, "甲", "officer", SECRET)
    for name, secret, code in ((" ", SECRET, "person_nameless"), ("甲", "12345", "person_secret")):
        with pytest.raises(SurveyError, match=code):
            persons.add(city, name, "keeper", secret)
    persons.add(city, "甲", "keeper", SECRET)
    persons.sign_in(city, "甲", SECRET)
    persons.add(city, "乙", "officer", SECRET)
    for work in (lambda: persons.add(city, "甲", "officer", SECRET), lambda: persons.remove(city, "甲")):
        with pytest.raises(SurveyError, match="person_last"):
            work()
    with pytest.raises(SurveyError, match="no_person"):
        persons.remove(city, "丙")
    persons.remove(city, "乙")
    persons.remove(city, "甲")
    assert persons.may(city, "edit")


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_the_command_line_signs_in_by_name_and_file(city: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    assert run("persons", city.path, "add", "甲", "keeper", "--new-file", secret)[0] == 0
    assert run("persons", city.path, "add", "乙", "editor", "--new-file", secret)[0] == 2
    keeper = ("--person", "甲", "--person-file", secret)
    assert run(*keeper, "persons", city.path, "add", "乙", "editor", "--new-file", secret)[0] == 0
    assert "汇总编辑" in run(*keeper, "persons", city.path, "list")[1]
    out = tmp_path / "out"
    assert run("export", city.path, out)[0] == 2
    assert run(*keeper, "export", city.path, out)[0] == 2
    assert run("--person", "乙", "--person-file", secret, "export", city.path, out)[0] == 0
    assert run(*keeper, "persons", city.path, "remove", "乙")[0] == 0


def test_a_name_without_a_secret_is_no_attempt_and_is_told_what_is_missing(staffed: Store) -> None:
    before = len(journal.entries(staffed))
    code, said = run("--person", "editor", "check", staffed.path)
    assert code == 2
    assert "--person-file" in said
    assert "不对" not in said
    assert len(journal.entries(staffed)) == before


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


def answering(step: Callable[[QDialog], None]) -> None:
    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible():
            step(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def signs_in(role: Role) -> Callable[[QDialog], None]:
    def step(dialog: QDialog) -> None:
        assert isinstance(dialog, SignInDialog)
        at = dialog.name.findData("保密员甲" if role == "keeper" else role)
        dialog.name.setCurrentIndex(at)
        dialog.secret.setText("not this one")
        dialog.accept_button.click()
        assert dialog.isVisible()
        assert "不对" in dialog.problem.text()
        dialog.secret.setText(SECRET)
        dialog.accept_button.click()

    return step


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("editor", {"board", "merge", "units", "indicators"}, set()),
        ("reviewer", {"units", "check", "indicators"}, {"merge", "board", "import", "return"}),
        ("publisher", {"indicators"}, {"units", "check", "merge", "own"}),
    ],
)
def test_the_window_shows_what_the_role_is_for(
    desk: Desk, staffed: Store, role: Role, shown: set[str], hidden: set[str]
) -> None:
    staffed.close()
    answering(signs_in(role))
    desk.open(staffed.path)
    pages = set(desk.window.sidebar.shown)
    assert shown <= pages
    assert not hidden & pages


def test_a_keeper_sees_no_page_but_the_menu(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(signs_in("keeper"))
    desk.open(staffed.path)
    assert desk.window.sidebar.shown == ()
    assert any("不看资料" in label.text() for label in desk.window.findChildren(QLabel))
    desk.window.findChild(QAction, "menu_keys").trigger()


def test_a_reviewer_looks_at_answers_and_changes_none(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(signs_in("reviewer"))
    desk.open(staffed.path)
    desk.go("units").open_unit(1, form=1)
    session = desk.entry.session
    assert all(session.fixed(item) for form in session.forms for item in form.items)


def buttons(desk: Desk) -> set[str]:
    """What can be done on the page of the checks."""
    page = desk.go("rules")
    names = {one.objectName() for one in page.findChildren(QPushButton) if one.isVisibleTo(page)}
    return {one for one in names if one.endswith("Rule") or one.startswith("control_")}


def test_who_may_write_no_checks_reads_them_without_a_button_that_does(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(signs_in("reviewer"))
    desk.open(staffed.path)
    assert buttons(desk) == set()
    page = desk.window.page("rules")
    assert page.model.rowCount() > 0  # type: ignore[attr-defined]
    desk.window.close_file()
    answering(signs_in("officer"))
    desk.open(staffed.path)
    assert buttons(desk) == {"newRule", "editRule", "deleteRule", "copyRule"}
    desk.window.close_file()
    answering(signs_in("editor"))
    desk.open(staffed.path)
    assert {"newRule", "ruleRule", "exemptRule"} <= buttons(desk)


def test_a_later_scheme_is_offered_to_those_who_may_write(
    desk: Desk, staffed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop import upgrade_offer

    asked: list[str] = []
    monkeypatch.setattr(upgrade_offer, "_shipped", lambda opened: opened.scheme)
    monkeypatch.setattr(upgrade_offer, "_wanted", lambda *_: bool(asked.append(identity.acting())))
    staffed.close()
    for role in ("reviewer", "publisher", "keeper", "editor", "officer"):
        answering(signs_in(role))  # type: ignore[arg-type]
        desk.open(staffed.path)
        desk.window.close_file()
    assert asked == ["editor", "officer"]


def test_who_may_not_keep_is_told_in_the_menu(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(signs_in("officer"))
    desk.open(staffed.path)
    desk.window.findChild(QAction, "menu_protect").trigger()
    trouble = desk.window.findChild(Trouble)
    assert trouble is not None
    assert "不能管口令" in trouble.text()


def test_closing_the_file_signs_out(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(signs_in("editor"))
    desk.open(staffed.path)
    desk.window.close_file()
    assert identity.signed_in() is None
    answering(lambda dialog: dialog.reject())
    desk.open(staffed.path)
    assert desk.window.path is None


def test_the_passphrase_is_the_keepers_on_the_command_line_too(staffed: Store, tmp_path: Path) -> None:
    staffed.close()
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    assert run("passphrase", staffed.path, "--new-file", secret)[0] == 2
    assert run("--person", "editor", "--person-file", secret, "passphrase", staffed.path, "--new-file", secret)[0] == 2
    keeper = ("--person", "保密员甲", "--person-file", secret)
    assert run(*keeper, "passphrase", staffed.path, "--new-file", secret)[0] == 0


def test_a_file_is_rescued_by_who_keeps_it(desk: Desk, staffed: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    staffed.close()
    saved = tmp_path / "saved.census"
    assert run("rescue", staffed.path, saved)[0] == 2
    assert run("--person", "editor", "--person-file", secret, "rescue", staffed.path, saved)[0] == 2
    identity.act_as("")
    identity.offer("", "")
    answering(signs_in("editor"))
    save_what_can_be_read(desk.window, staffed.path, desk.texts)
    trouble = desk.window.findChild(Trouble)
    assert trouble is not None
    assert "不能管口令" in trouble.text()
    assert not saved.exists()
    assert run("--person", "保密员甲", "--person-file", secret, "rescue", staffed.path, saved)[0] == 0
    assert saved.exists()


def spoil(path: Path, name: str) -> None:
    """A table, or an index, of one page that nobody can read any more."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchall()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


@pytest.mark.parametrize("spoilt", ["person", "sqlite_autoindex_person_1"])
def test_where_the_persons_are_damaged_those_of_the_latest_copy_say_who_rescues(
    staffed: Store, tmp_path: Path, texts: Texts, spoilt: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    staffed.close()
    back_up(staffed.path, date(2026, 3, 1))
    spoil(staffed.path, spoilt)
    saved = tmp_path / "saved.census"
    refusal, said = run("rescue", staffed.path, saved)
    assert (refusal, saved.exists()) == (2, False)
    assert "要先登录" in said
    assert run("--person", "editor", "--person-file", secret, "rescue", staffed.path, saved)[0] == 2
    _, said = run("--person", "保密员甲", "--person-file", secret, "rescue", staffed.path, saved)
    assert texts("rescue.no_persons") not in said
    with closing(stores.open(saved)) as store:
        assert len(persons.persons(store)) == len(ROLES)


def test_where_nobody_tells_of_persons_any_more_whoever_opens_the_file_rescues_it_and_is_told(
    staffed: Store, tmp_path: Path, texts: Texts
) -> None:
    staffed.close()
    spoil(staffed.path, "person")
    code, said = run("rescue", staffed.path, tmp_path / "saved.census")
    assert code == 1
    assert texts("rescue.no_persons") in said
    with closing(stores.open(tmp_path / "saved.census")) as store:
        assert persons.persons(store) == []


def test_in_the_window_a_file_with_damaged_persons_is_rescued_by_a_keeper_of_the_copy(
    desk: Desk, staffed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed.close()
    back_up(staffed.path, date(2026, 3, 1))
    spoil(staffed.path, "person")
    saved = tmp_path / "saved.census"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    monkeypatch.setattr("desktop.mending._tell", lambda *_: None)
    answering(signs_in("keeper"))
    save_what_can_be_read(desk.window, staffed.path, desk.texts)
    answering(signs_in("keeper"))
    desk.qtbot.waitUntil(lambda: desk.window.path == saved)


@pytest.mark.parametrize(
    "command",
    ["check", "board", "returns", "conflicts", "duplicates", "indicators", "journal", "control list", "rules list"],
)
def test_nobody_reads_unnamed_on_the_command_line(staffed: Store, tmp_path: Path, command: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    staffed.close()
    name, *below = command.split()
    assert run(name, staffed.path, *below)[0] == 2
    assert run("--person", "editor", "--person-file", secret, name, staffed.path, *below)[0] != 2


def test_what_somebody_writes_bears_his_own_name(staffed: Store) -> None:
    signed(staffed, "editor")
    cells.write(staffed, 1, P, "revenue", 7, who="somebody else", reason="核实")
    assert staffed.execute("SELECT who FROM change ORDER BY id DESC").fetchone() == ("editor",)


def test_who_gives_up_signing_in_sees_nothing(desk: Desk, staffed: Store) -> None:
    staffed.close()
    answering(lambda dialog: dialog.reject())
    desk.open(staffed.path)
    assert desk.window.path is None


def test_who_may_not_keep_sees_the_persons_and_can_change_none(desk: Desk, staffed: Store) -> None:
    staffed.close()
    able: dict[str, set[bool]] = {}
    for role in ("officer", "keeper"):
        answering(signs_in(role))  # type: ignore[arg-type]
        desk.open(staffed.path)
        assert desk.window.desk
        dialog = PersonsDialog(desk.window.desk, desk.window)
        assert dialog.model.rowCount() == len(ROLES)
        dialog.view.setCurrentIndex(dialog.model.index(0, 0))
        able[role] = {one.isEnabled() for one in (dialog.name, dialog.role, dialog.secret, dialog.remove_button)}
        assert ("保密员登录" in dialog.said.text()) == (role == "officer")
        desk.window.close_file()
    assert able == {"officer": {False}, "keeper": {True}}


def test_persons_are_added_and_removed_in_the_window(desk: Desk, city: Store) -> None:
    city.close()
    desk.open(city.path)

    def work(dialog: QDialog) -> None:
        assert isinstance(dialog, PersonsDialog)
        assert dialog.role.currentData() == "keeper"
        QTest.keyClicks(dialog.name, "Keeper")
        QTest.keyClicks(dialog.secret, SECRET)
        dialog.findChild(QPushButton, "persons_add").click()
        assert dialog.model.rowCount() == 1
        # From the first person on, somebody has to sign in.
        assert not dialog.name.isEnabled()
        assert "登录" in dialog.said.text()
        dialog.reject()
        answering(lambda asked: asked.reject())

    answering(work)
    desk.window.findChild(QAction, "menu_persons").trigger()
    opened = stores.open(city.path)
    assert persons.persons(opened) == [Person("Keeper", "keeper")]
    opened.close()
