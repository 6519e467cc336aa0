"""Survey files under a passphrase: nothing readable on the disk, nothing lost, nobody in."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st

from survey import cells, journal, keyring, queries, querybook, questionnairebook, returns, reviewbook
from survey import store as stores
from survey.backup import back_up
from survey.beside import copies_of
from survey.encryption import protect
from survey.errors import Cancelled, SurveyError
from survey.filemark import is_census, is_encrypted
from survey.files import UNTOLD, replacing
from survey.groupedcode import read_code, write_code
from survey.plainbook import rows_aside
from survey.review import Review
from survey.scheme import Scheme
from survey.standing import Standing
from survey.store import Store
from survey.texts import Texts

WORD, OTHER = "河套 电池 correct", "另一个 口令 2025"
_HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM unit").fetchone()
print("open", flush=True)
input()
"""
NAME = "演示数据微电子有限公司"


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Keys live as long as the program; a test is one."""
    yield
    keyring._keys.clear()
    keyring.ask_with(None)


@pytest.fixture
def plain(district: Store) -> Path:
    """A closed file with a few units."""
    for number in range(40):
        cells.add_unit(district, code_of(number), f"{NAME}{number}", "2025")
    back_up(district.path, date(2026, 3, 1))
    district.close()
    return district.path


def content(path: Path) -> list[str]:
    """Everything that a file holds."""
    with_key = keyring.key_of(path)
    from survey.connection import connect

    connection = connect(path, with_key, mode="ro")
    found = [
        *map(repr, connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")),
        repr([connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")]),
        repr(connection.execute("PRAGMA journal_mode").fetchone()),
    ]
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    # What was done to it is told in it.
    for table in sorted(set(tables) - {"journal", "chain"}):
        found += sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))
    connection.close()
    return found


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no disk in memory here")
def test_what_is_written_out_of_an_encrypted_file_leaves_no_rows_on_the_disk(
    plain: Path, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    protect(plain, WORD)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with closing(stores.open(plain)) as store:
        unit = store.unit_list("2025")[0].id
        for name, value in {"revenue": 2000, "main_revenue": 9600}.items():
            cells.write(store, unit, "2025", name, value)
        queries.ask(store, unit, Standing(store, "2025").open(unit)[0])
        returns.write(store, tmp_path / "return.xlsx", texts)
        questionnairebook.write(store, unit, "2025", tmp_path / "one.xlsx", texts)
        review = Review(store, "2025")
        reviewbook.write(store, review, review.findings(), tmp_path / "review.xlsx", texts)
        querybook.write(store, [unit], "2025", tmp_path / "query.xlsx", texts)
    assert len(list(tmp_path.glob("*.xlsx"))) == 4
    # A plain file's would go there.
    keyring._keys.clear()
    with pytest.raises(OSError, match="nowhere"), rows_aside():
        pass


def locked_again(*paths: Path) -> None:
    for path in paths:
        keyring.hold(path, None)


def test_encrypting_and_back_changes_nothing(plain: Path) -> None:
    before = content(plain)
    protect(plain, WORD)
    assert content(plain) == before
    protect(plain, OTHER)
    assert content(plain) == before
    protect(plain, "")
    assert content(plain) == before
    assert not is_encrypted(plain)


def told(path: Path) -> list[tuple[str, str, str]]:
    with closing(stores.open(path)) as opened:
        assert journal.verify(opened) == []
        return [(one.who, one.subject, one.facts) for one in journal.entries(opened, "keys")]


def test_the_journal_tells_of_another_passphrase_once_it_is_made_and_of_none_that_was_not(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_paths: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copymode", no_room)
        with pytest.raises(SurveyError, match="cannot_write"):
            protect(plain, WORD)
    assert told(plain) == []
    protect(plain, WORD, who="保密员")
    protect(plain, "", who="另一位")
    assert told(plain) == [
        ("另一位", plain.name, '{"passphrase": ""}'),
        ("保密员", plain.name, '{"passphrase": "*"}'),
    ]


def test_a_passphrase_of_which_the_journal_cannot_tell_is_not_set(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise SurveyError("disk_full", path=plain)

    with monkeypatch.context() as patched:
        patched.setattr(journal, "_append", full)
        with pytest.raises(SurveyError, match="disk_full"):
            protect(plain, WORD)
    assert not is_encrypted(plain)
    assert told(plain) == []
    assert [one.name for one in plain.parent.iterdir() if one.name.startswith(".")] == []


def test_nothing_readable_is_on_the_disk_while_it_is_open(plain: Path) -> None:
    protect(plain, WORD)
    opened = stores.open(plain)
    with opened.atomic():
        for number in range(100, 400):
            cells.add_unit(opened, code_of(number), f"{NAME}{number}", "2025")
    opened.execute(
        "CREATE TEMP TABLE much AS SELECT a.name FROM unit a, unit b, (SELECT 1 UNION SELECT 2) LIMIT 200000"
    )
    back_up(plain, date(2026, 3, 2))
    files = [path for path in plain.parent.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    for path in files:
        held = path.read_bytes()
        assert NAME.encode() not in held, path
        assert b"SQLite format" not in held[:100], path
    opened.close()


def test_the_backups_are_encrypted_with_it_and_open_with_its_passphrase(plain: Path) -> None:
    [copy] = copies_of(plain)
    old = shutil.copy(plain, plain.with_name(f"{plain.stem}-2026-01-01{plain.suffix}.bak"))
    protect(plain, WORD)
    for path in (copy, old):
        assert is_encrypted(path)
        locked_again(path)
        with pytest.raises(SurveyError, match="passphrase_needed"):
            stores.open(path)
        keyring.unlock(path, WORD)
        assert len(content(path)) == len(content(plain))


def test_the_passphrase_and_the_code_open_it_and_nothing_else_does(plain: Path) -> None:
    key = protect(plain, WORD)
    assert key is not None
    for wrong in ("", WORD + " ", WORD.upper(), write_code(bytes(32)), key.code[:-1]):
        locked_again(plain)
        with pytest.raises(SurveyError, match="wrong_passphrase"):
            keyring.unlock(plain, wrong)
        with pytest.raises(SurveyError, match="passphrase_needed"):
            stores.open(plain)
    for right in (WORD, key.code, key.code.lower().replace("-", " "), key.code.replace("0", "O")):
        locked_again(plain)
        keyring.unlock(plain, right)
        stores.open(plain).close()


def test_a_passphrase_typed_on_another_system_is_the_same(plain: Path) -> None:
    protect(plain, "caf\u00e9 12345")
    locked_again(plain)
    keyring.unlock(plain, "cafe\u0301 12345")


def test_a_changed_passphrase_makes_the_old_one_and_its_code_void(plain: Path) -> None:
    first = protect(plain, WORD)
    second = protect(plain, OTHER)
    assert first
    assert second
    for wrong in (WORD, first.code):
        with pytest.raises(SurveyError, match="wrong_passphrase"):
            keyring.unlock(plain, wrong)
    for right in (OTHER, second.code):
        keyring.unlock(plain, right)


def test_any_tool_that_knows_sqlcipher_opens_it_with_the_passphrase(plain: Path) -> None:
    from sqlcipher3 import dbapi2

    protect(plain, WORD)
    connection = dbapi2.connect(str(plain))
    connection.execute(f"PRAGMA key = '{WORD}'")
    assert connection.execute("SELECT count(*) FROM unit").fetchone() == (40,)
    connection.close()


def test_what_is_deleted_is_gone_from_the_file_whichever_build_of_sqlite_opens_it(plain: Path) -> None:
    """Builds differ in what they do by themselves."""
    for word in ("", WORD):
        if word:
            protect(plain, word)
        with closing(stores.open(plain)) as store:
            assert store.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_python_alone_cannot_open_it(plain: Path) -> None:
    protect(plain, WORD)
    connection = sqlite3.connect(plain)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connection.execute("SELECT * FROM sqlite_master")
    connection.close()


def test_an_open_file_is_not_written_anew(plain: Path) -> None:
    # SQLite tells another process's locks; those of its own it tells only where one library holds both.
    holder = subprocess.Popen([sys.executable, "-c", _HOLDS, str(plain)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    with pytest.raises(SurveyError, match="locked"):
        protect(plain, WORD)
    assert not is_encrypted(plain)
    holder.communicate(b"\n")
    protect(plain, WORD)
    opened = stores.open(plain)
    opened.execute("SELECT * FROM unit").fetchone()
    with pytest.raises(SurveyError, match="locked"):
        protect(plain, OTHER)
    opened.close()


@pytest.mark.parametrize("word", ["1234567", "七个字的口令哦"])
def test_a_short_passphrase_is_refused(plain: Path, word: str) -> None:
    before = plain.read_bytes()
    with pytest.raises(SurveyError, match="short_passphrase"):
        protect(plain, word)
    assert plain.read_bytes() == before


def test_cancelling_leaves_the_file_as_it_was(tmp_path: Path, small: Scheme) -> None:
    store = stores.create(tmp_path / "large.census", small, "2025", "440305")
    with store.atomic():
        store.executemany(
            "INSERT INTO unit (uscc, name, district) VALUES (?, ?, '')", [(str(at), NAME * 9) for at in range(30_000)]
        )
    store.close()
    before = store.path.read_bytes()

    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        protect(store.path, WORD, stop)
    assert store.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["large.census"]


def test_a_full_place_leaves_the_file_as_it_was(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plain.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SurveyError, match="cannot_write"):
        protect(plain, WORD)
    assert plain.read_bytes() == before


def test_a_file_replaced_by_another_asks_anew(plain: Path, tmp_path: Path) -> None:
    kept = Path(shutil.copy(plain, tmp_path / "other.census"))
    protect(plain, WORD)
    protect(kept, OTHER)
    shutil.copy(kept, plain)
    with pytest.raises(SurveyError, match="passphrase_needed"):
        stores.open(plain)


def test_an_encrypted_file_is_never_overwritten_by_an_export(plain: Path) -> None:
    protect(plain, WORD)
    assert is_census(plain)
    with pytest.raises(SurveyError, match="over_census"), replacing(plain, UNTOLD):
        pass


def test_a_damaged_page_is_told_as_damage(plain: Path) -> None:
    protect(plain, WORD)
    for copy in copies_of(plain):
        copy.unlink()
    with plain.open("r+b") as file:
        file.seek(plain.stat().st_size - 4000)
        file.write(b"\xff" * 100)
    with pytest.raises(SurveyError, match="damaged"):
        back_up(plain, date(2026, 3, 3))


def test_a_neighbours_copies_are_left_alone(plain: Path) -> None:
    neighbour = plain.with_name(f"{plain.stem}-2{plain.suffix}")
    for at in ("2026-01-01", "20260101-120000"):
        shutil.copy(plain, plain.with_name(f"{neighbour.stem}-{at}{plain.suffix}.bak"))
    protect(plain, WORD)
    assert [path for path in plain.parent.glob("*-2-*.bak") if is_encrypted(path)] == []


def test_copies_of_a_file_with_brackets_in_its_name_are_found(plain: Path) -> None:
    named = plain.rename(plain.with_name("普查[2025].census"))
    copy = Path(shutil.copy(named, named.with_name("普查[2025]-20260101-120000.census.bak")))
    protect(named, WORD)
    assert is_encrypted(copy)


def test_capital_letters_in_the_ending_are_no_other_ending(plain: Path) -> None:
    named = plain.rename(plain.with_name("X.CENSUS"))
    protect(named, WORD)
    locked_again(named)
    keyring.unlock(named, WORD)
    stores.open(named).close()
    with pytest.raises(SurveyError, match="not_census"):
        protect(named.rename(named.with_name("x.db")), OTHER)


def test_a_file_that_was_not_copied_whole_is_asked_for_its_passphrase_and_not_written_over(plain: Path) -> None:
    protect(plain, WORD)
    locked_again(plain)
    with plain.open("r+b") as file:
        file.truncate(plain.stat().st_size - 100)
    with pytest.raises(SurveyError, match="passphrase_needed"):
        stores.open(plain)
    with pytest.raises(SurveyError, match="over_census"), replacing(plain, UNTOLD):
        pass


def test_a_copy_that_cannot_be_replaced_is_told_and_the_file_is_encrypted(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [copy] = copies_of(plain)
    move = Path.replace

    def stuck(self: Path, target: Path) -> Path:
        if Path(target) == copy:
            raise OSError(26, "Text file busy")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", stuck)
    left: list[Path] = []
    assert protect(plain, WORD, left=left.append) is not None
    assert left == [copy]
    assert is_encrypted(plain)
    stores.open(plain).close()


def test_what_killed_programs_have_left_is_gone_and_the_mode_stays(plain: Path) -> None:
    leftover = plain.with_name(f".{plain.stem}.4711{plain.suffix}")
    shutil.copy(plain, leftover)
    plain.chmod(0o600)
    protect(plain, WORD)
    assert not leftover.exists()
    assert plain.stat().st_mode & 0o777 == 0o600


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_code_is_read_as_written_and_a_slip_is_seen(raw: bytes, at: int, other: str) -> None:
    code = write_code(raw)
    assert read_code(code) == raw
    bare = code.replace("-", "")
    if bare[at] != other:
        assert read_code(bare[:at] + other + bare[at + 1 :]) is None
    assert read_code("passphrase") is None
