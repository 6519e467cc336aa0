"""Daily copies of a survey file."""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop.backup_words import cells as shown
from desktop.cli import main
from survey import cells, identity, journal, keyring, persons
from survey import store as stores
from survey.backup import KEPT, back_up, copies
from survey.beside import folder_of
from survey.encryption import protect
from survey.errors import SurveyError
from survey.files import UNTOLD, filling, replacing
from survey.restoration import restore
from survey.store import Store
from survey.texts import Texts

TODAY = date(2026, 3, 1)


def test_a_copy_opens_and_holds_what_was_there(district: Store) -> None:
    cells.add_unit(district, code_of(1), "演示数据", "2025")
    copy = back_up(district.path, TODAY)
    assert copy is not None
    opened = stores.open(copy)
    assert opened.find_unit(code_of(1)) is not None
    opened.close()


def test_one_copy_a_day_and_the_last_seven_are_kept(district: Store) -> None:
    days = [TODAY + timedelta(days=day) for day in range(10)]
    for day in days:
        assert back_up(district.path, day) is not None
        assert back_up(district.path, day) is None
    names = sorted(path.stem[-10:] for path in folder_of(district.path).iterdir())
    assert names == [day.isoformat() for day in days[-KEPT:]]


def test_a_damaged_file_makes_no_copy_and_drops_none(district: Store) -> None:
    back_up(district.path, TODAY)
    district.close()
    with district.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 30000)
    with pytest.raises(SurveyError, match="damaged"):
        back_up(district.path, TODAY + timedelta(days=1))
    assert len(list(folder_of(district.path).iterdir())) == 1


def test_a_place_that_cannot_be_written_to_keeps_nobody_from_working(district: Store) -> None:
    folder_of(district.path).write_text("in the way")
    assert back_up(district.path, TODAY) is None


def test_with_the_clock_put_back_the_copy_just_made_is_kept(district: Store) -> None:
    for day in range(KEPT + 2):
        back_up(district.path, TODAY + timedelta(days=day))
    wrong = back_up(district.path, date(2001, 1, 1))
    assert wrong
    assert wrong.exists()
    assert len(list(folder_of(district.path).iterdir())) == KEPT
    assert back_up(district.path, date(2001, 1, 1)) is None


def test_a_clock_behind_the_last_entry_is_told(district: Store) -> None:
    journal.record(district, "opened")
    journal.check_clock(district)
    row = ("2999-01-01T00:00:00+08:00",)
    district.execute(
        "INSERT INTO journal (id, at, who, kind, subject, facts, hash) VALUES (9, ?, '', '', '', '', '')", row
    )
    with pytest.raises(SurveyError, match="clock_back"):
        journal.check_clock(district)


@pytest.fixture
def used(district: Store) -> Path:
    """A closed file with a copy of the day before, and a change since."""
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    cells.write(district, unit, "2025", "revenue", 1)
    back_up(district.path, TODAY)
    cells.write(district, unit, "2025", "revenue", 2)
    district.close()
    return district.path


def revenue(path: Path) -> object:
    with closing(stores.open(path)) as opened:
        return cells.read(opened, 1, "2025").values["revenue"]


def test_a_copy_is_put_back_and_the_file_as_it_was_is_kept(used: Path) -> None:
    [copy] = copies(used)
    assert (copy.units, copy.daily, copy.behind(copy.changes + 1)) == (1, True, 1)
    kept = restore(used, copy.path, who="保密员")
    assert (revenue(used), revenue(kept)) == (1, 2)
    with closing(stores.open(used)) as opened:
        assert journal.verify(opened) == []
        assert [(one.kind, one.who) for one in journal.entries(opened)[:1]] == [("restored", "保密员")]
    again = next(one for one in copies(used) if one.path == kept)
    restore(used, again.path)
    assert revenue(used) == 2
    assert len(list(used.parent.glob("*.bak"))) == 2


def test_nothing_is_put_back_while_the_file_is_open(used: Path) -> None:
    with closing(stores.open(used)), pytest.raises(SurveyError, match="locked"):
        restore(used, copies(used)[0].path)
    assert revenue(used) == 2
    assert not list(used.parent.glob("*.bak"))


def test_a_damaged_file_is_kept_as_it_is_and_gives_place(used: Path) -> None:
    with used.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20_000)
    damaged = used.read_bytes()
    kept = restore(used, copies(used)[0].path)
    assert kept.read_bytes() == damaged
    assert revenue(used) == 1


def test_a_damaged_copy_is_told_and_is_not_put_back(used: Path) -> None:
    copy = copies(used)[0].path
    content = bytearray(copy.read_bytes())
    content[4096 * 2 : 4096 * 8] = b"\xff" * (4096 * 6)
    copy.write_bytes(content)
    with pytest.raises(SurveyError):
        restore(used, copy)
    assert revenue(used) == 2


def test_a_copy_opens_with_what_has_opened_its_file_and_else_it_is_told_that_it_is_locked(
    used: Path, texts: Texts
) -> None:
    protect(used, "first word 1")
    [copy] = copies(used)
    keyring.forget(but=used)
    [found] = copies(used)
    assert (found.trouble, found.units) == ("", copy.units)
    restore(used, copy.path)
    assert revenue(used) == 1
    keyring.forget()
    assert {shown(one, 0, texts)[5] for one in copies(used)} == {texts("backups.locked")}


def test_a_copy_under_another_passphrase_asks_for_its_own(used: Path, texts: Texts) -> None:
    protect(used, "first word 1")
    [copy] = copies(used)
    aside = copy.path.read_bytes()
    protect(used, "second word 2")
    copy.path.write_bytes(aside)
    keyring.hold(copy.path, None)
    assert copies(used)[0].trouble == "wrong_passphrase"
    assert shown(copies(used)[0], 0, texts)[5] == texts("backups.other_passphrase")
    keyring.unlock(copy.path, "first word 1")
    restore(used, copy.path)
    assert revenue(used) == 1
    keyring.hold(used, None)
    keyring.unlock(used, "first word 1")


def test_a_plain_copy_takes_the_place_of_an_encrypted_file_under_its_passphrase(used: Path) -> None:
    copy = copies(used)[0].path
    plain = copy.read_bytes()
    protect(used, "first word 1")
    copy.write_bytes(plain)
    kept = restore(used, copy)
    assert keyring.is_encrypted(used)
    assert "演示数据".encode() not in used.read_bytes()
    for one, wanted in ((used, 1), (kept, 2)):
        keyring.hold(one, None)
        keyring.unlock(one, "first word 1")
        assert revenue(one) == wanted
    with closing(stores.open(used)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert journal.verify(opened) == []
        assert journal.entries(opened)[0].kind == "restored"
    assert copy.read_bytes() == plain


def test_where_the_passphrase_is_not_known_no_plain_copy_takes_the_place_of_an_encrypted_file(used: Path) -> None:
    copy = copies(used)[0].path
    plain = copy.read_bytes()
    protect(used, "first word 1")
    copy.write_bytes(plain)
    before = used.read_bytes()
    keyring.hold(used, None)
    with pytest.raises(SurveyError, match="passphrase_needed"):
        restore(used, copy)
    assert used.read_bytes() == before
    assert not list(used.parent.glob("*.bak"))


def test_a_damaged_plain_copy_leaves_an_encrypted_file_as_it_was(used: Path) -> None:
    copy = copies(used)[0].path
    plain = bytearray(copy.read_bytes())
    plain[4096 * 8 : 4096 * 12] = b"\xff" * (4096 * 4)
    protect(used, "first word 1")
    copy.write_bytes(plain)
    before = used.read_bytes()
    with pytest.raises(SurveyError, match="damaged"):
        restore(used, copy)
    assert used.read_bytes() == before


@pytest.mark.parametrize("place", [0, 1, 40])
def test_over_a_damaged_file_the_persons_of_the_copy_decide(district: Store, tmp_path: Path, place: int) -> None:
    persons.add(district, "保密员甲", "keeper", "tea at four")
    path = district.path
    back_up(path, TODAY)
    district.close()
    content = bytearray(path.read_bytes())
    at = place * 4096
    content[at : at + 40 * 4096] = bytes(40 * 4096)
    path.write_bytes(content)
    secret = tmp_path / "secret"
    secret.write_text("tea at four", encoding="utf-8")
    try:
        run = CliRunner().invoke(main, ["backups", str(path), "--restore", "1"])
        assert run.exit_code == 2
        assert path.read_bytes() == content
        signed = ["--person", "保密员甲", "--person-file", str(secret)]
        run = CliRunner().invoke(main, [*signed, "backups", str(path), "--restore", "1"])
        assert run.exit_code == 0, run.output
    finally:
        identity.act_as("")
        identity.offer("", "")
    with closing(stores.open(path)) as opened:
        assert [one.name for one in persons.persons(opened)] == ["保密员甲"]


def test_the_command_line_lists_and_puts_back(used: Path) -> None:
    listed = CliRunner().invoke(main, ["backups", str(used)])
    assert listed.exit_code == 0, listed.output
    assert copies(used)[0].path.name in listed.output
    assert CliRunner().invoke(main, ["backups", str(used), "--restore", "2"]).exit_code == 2
    done = CliRunner().invoke(main, ["backups", str(used), "--restore", "1"])
    assert done.exit_code == 0, done.output
    assert revenue(used) == 1


def test_what_a_killed_program_left_goes_when_nobody_has_written_to_it_for_an_hour(used: Path) -> None:
    left = [used.with_name(f".{used.stem}.4711{used.suffix}"), folder_of(used) / f".{used.stem}-2026-02-01.4711.census"]
    others = [used.with_name(".other.4711.census"), used.with_name(f".{used.stem}.4712{used.suffix}")]
    table = used.with_name(".table.4711.xlsx")
    for one in (*left, *others, table):
        one.write_bytes(b"half")
    folder = used.with_name(".census-desk-abc")
    folder.mkdir()
    past = time.time() - 7200
    for one in (*left, others[0], table, folder):
        os.utime(one, (past, past))
    back_up(used, TODAY)
    assert not any(one.exists() for one in (*left, folder))
    assert all(one.exists() for one in (*others, table))
    with replacing(used.with_name("table.xlsx"), UNTOLD) as beside:
        beside.write_bytes(b"whole")
    assert not table.exists()


def test_a_folder_that_fails_halfway_is_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with filling(tmp_path / "out", UNTOLD) as beside:
            (beside / "one").mkdir()
            (beside / "one" / "a.csv").write_text("a")
            raise OSError(28, "No space left on device")

    with pytest.raises(SurveyError, match="cannot_write"):
        fail()
    assert list(tmp_path.iterdir()) == []
