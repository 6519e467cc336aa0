"""Files that a survey file remembers: killed at whichever step, both are so afterwards, or neither."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT, code_of

from survey import cells, csvfolder, foldersearch, journal, placing, returns
from survey import store as stores
from survey.encryption import protect
from survey.errors import SurveyError
from survey.files import UNTOLD, filling, replacing
from survey.placing import NOTE
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

# The program dies before the n-th time that a file changes its place; 0: before it forgets what it has noted.
_DYING = """
import os, sys
from pathlib import Path
from survey import csvfolder, placing, returns, store, texts
step, path, target = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
words = texts.load(Path("assets/i18n"), "zh")
opened = store.open(path)
moved, move = 0, Path.replace
def dying(self, target):
    global moved
    moved += 1
    if moved == step:
        os._exit(7)
    return move(self, target)
Path.replace = dying
if step == 0:
    # All is moved, and nothing of it remembered yet.
    move_all = placing._move
    placing._move = lambda *where: (move_all(*where), os._exit(7))
(returns if target.suffix else csvfolder).write(opened, target, words)
os._exit(0)
"""


def die(step: int, path: Path, target: Path) -> bool:
    """Whether the program died; it has nothing more to do at some step."""
    command = [sys.executable, "-c", _DYING, str(step), path, target]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 7


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    path = tmp_path / "desk.census"
    with closing(stores.create(path, small, "2025", "440305")) as store:
        for number in range(3):
            cells.write(store, cells.add_unit(store, code_of(number), "演示数据", "2025"), "2025", "revenue", number)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """What a person sees in a folder."""
    seen = (one for one in sorted(folder.rglob("*")) if one.is_file() and "/." not in one.as_posix())
    return {str(one.relative_to(folder)): one.read_bytes() for one in seen}


def opened(path: Path) -> tuple[int, int]:
    """How many returns were sent and how many exports were made, as the file says."""
    past = time.time() - 7200
    for hidden in path.parent.rglob(".census-desk-*"):
        os.utime(hidden, (past, past))
    with closing(stores.open(path)) as store:
        assert not list(path.parent.rglob(".census-desk-*"))
        assert not [key for key in store.desk if key.startswith(NOTE)]
        assert store.execute("SELECT count(*) FROM desk WHERE key LIKE ?", (f"{NOTE}%",)).fetchone() == (0,)
        assert journal.verify(store) == []
        return len(store.execute("SELECT 1 FROM receipt").fetchall()), len(journal.entries(store, "exported"))


@pytest.mark.parametrize("there", [False, True])
def test_a_return_is_there_and_remembered_or_neither(path: Path, tmp_path: Path, texts: Texts, there: bool) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if there:
        (out / "return.xlsx").write_bytes(b"before")
    before = contents(out)
    for step in range(3):
        died = die(step, path, out / "return.xlsx")
        if not died:
            assert opened(path) == (1, 0)
            continue
        assert opened(path) == (0, 0)
        assert contents(out) == before
    with closing(stores.open(path)) as store:
        assert returns.write(store, out / "return.xlsx", texts).manifest.sequence == 1


def test_a_folder_is_all_new_or_all_as_it_was(path: Path, tmp_path: Path, texts: Texts) -> None:
    out = tmp_path / "out"
    with closing(stores.open(path)) as store:
        csvfolder.write(store, out, texts)
        (out / "own.txt").write_text("somebody's own")
        before = contents(out)
        cells.write(store, 1, "2025", "revenue", 77)
    steps = 0
    while die(steps, path, out):
        assert opened(path) == (0, 1)
        assert contents(out) == before
        steps += 1
    assert steps > 2 * 4, "every file that was there is put aside, and every new one is moved"
    assert opened(path) == (0, 2)
    now = contents(out)
    assert now.keys() == before.keys()
    assert any(b"77" in content for content in now.values())
    assert now["own.txt"] == b"somebody's own"


@pytest.mark.parametrize(
    ("folder", "name"),
    [("home", "own.txt"), ("stick", "../home/own.txt"), ("stick", "link/own.txt"), ("stick", "{home}/own.txt")],
)
def test_a_note_reaches_no_further_than_its_own_folder(path: Path, tmp_path: Path, folder: str, name: str) -> None:
    home, stick = tmp_path / "home", tmp_path / "stick"
    hidden = stick / ".census-desk-x"
    home.mkdir()
    (hidden / "before").mkdir(parents=True)
    (stick / "link").symlink_to(home)
    own = home / "own.txt"
    own.write_bytes(b"own")
    name = name.format(home=home)
    # Content that would take its place, and the digest by which it would be taken away.
    moves = {"files": {name: [hashlib.sha256(b"own").hexdigest(), False]}, "made": [str(home)]}
    (hidden / "moves.json").write_text(json.dumps(moves))
    (hidden / "before" / "own.txt").write_bytes(b"another's")
    note = json.dumps({"file": str(path), "hidden": str(hidden), "folder": str(tmp_path / folder)})
    with closing(stores.open(path)) as store:
        store.execute("INSERT INTO desk VALUES (?, ?)", (f"{NOTE}{hidden.name}", note))
    stores.open(path).close()
    assert own.read_bytes() == b"own"


@pytest.mark.parametrize("name", ["elsewhere", "linked"])
def test_a_folder_that_is_not_a_hidden_one_of_the_programs_is_not_removed(
    path: Path, tmp_path: Path, name: str
) -> None:
    own = tmp_path / "elsewhere" / "own.txt"
    own.parent.mkdir()
    own.write_text("own")
    os.utime(own.parent, (0, 0))
    hidden = own.parent
    if name == "linked":
        hidden = tmp_path / ".census-desk-x"
        hidden.symlink_to(own.parent)
    note = json.dumps({"file": str(path), "hidden": str(hidden), "folder": str(tmp_path)})
    with closing(stores.open(path)) as store:
        store.execute("INSERT INTO desk VALUES (?, ?)", (f"{NOTE}{hidden.name}", note))
    stores.open(path).close()
    assert own.read_text() == "own"


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"hidden": 1, "folder": 2}', '{"hidden": "/", "folder": "/"}'])
def test_a_note_that_nobody_wrote_is_left_alone(path: Path, note: str) -> None:
    with closing(stores.open(path)) as store:
        store.execute("INSERT INTO desk VALUES (?, ?)", (f"{NOTE}x", note))
    with closing(stores.open(path)) as store:
        assert f"{NOTE}x" not in store.desk


def test_a_file_that_cannot_give_place_leaves_all_others_as_they_were(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    out = tmp_path / "out"
    written = csvfolder.write(district, out, texts)
    written[-1].unlink()
    written[-1].mkdir()
    before = contents(out)
    cells.add_unit(district, code_of(1), "演示数据", "2025")
    with pytest.raises(SurveyError, match="cannot_write"):
        csvfolder.write(district, out, texts)
    assert contents(out) == before
    assert len(journal.entries(district, "exported")) == 1
    assert not [one for one in (*tmp_path.iterdir(), *out.iterdir()) if one.name.startswith(".")]


@pytest.mark.parametrize("census", [False, True])
def test_what_is_no_plain_file_stays_what_it_is(district: Store, tmp_path: Path, census: bool) -> None:
    pipe = tmp_path / "null"
    os.mkfifo(pipe)
    for told in (UNTOLD, journal.Telling(district, "exported")):
        with (
            pytest.raises(SurveyError, match="no_plain_file"),
            replacing(pipe, told, census=census) as beside,
        ):
            beside.write_text("x")
    with (
        pytest.raises(SurveyError, match="no_plain_file"),
        filling(tmp_path, journal.Telling(district, "exported")) as new,
    ):
        (new / "null").write_text("x")
    assert pipe.is_fifo()


def test_a_folder_that_fails_halfway_is_not_there(district: Store, tmp_path: Path) -> None:
    held = set(tmp_path.iterdir())

    def fail() -> None:
        with filling(tmp_path / "out", journal.Telling(district, "exported")) as beside:
            (beside / "one").mkdir()
            (beside / "one" / "a.csv").write_text("a")
            raise OSError(28, "No space left on device")

    with pytest.raises(SurveyError, match="cannot_write"):
        fail()
    assert set(tmp_path.iterdir()) == held
    assert opened(district.path) == (0, 0)


def test_what_another_window_is_writing_just_now_is_left_to_it(district: Store, tmp_path: Path) -> None:
    with filling(tmp_path / "out", journal.Telling(district, "exported")) as beside:
        (beside / "a.csv").write_text("a")
        stores.open(district.path).close()
    assert (tmp_path / "out" / "a.csv").read_text() == "a"
    assert opened(district.path) == (0, 1)


def test_what_is_not_remembered_takes_nothing_from_what_was_there(district: Store, tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("before")

    def fail() -> None:
        with replacing(target, journal.Telling(district, "exported")) as beside:
            beside.write_text("after")
            district.execute("DROP TABLE chain")

    with pytest.raises(sqlite3.OperationalError):
        fail()
    assert target.read_text() == "before"


# After it was killed


def killed(path: Path, target: Path) -> Path:
    """The hidden folder of a return whose way to its place, where another stood, was cut off before it was noted."""
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(b"before")
    assert die(0, path, target)
    [hidden] = target.parent.glob(".census-desk-*")
    return hidden


def test_what_is_remembered_stays_whatever_is_left_of_its_way(
    path: Path, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "return.xlsx"
    target.parent.mkdir()
    target.write_bytes(b"before")

    remove = shutil.rmtree

    def die_there(where: Path, **how: bool) -> None:
        if Path(where).name.startswith(placing.HIDDEN):
            raise SystemExit
        remove(where, **how)

    with closing(stores.open(path)) as store:
        # It ends when all is kept, and the hidden folder is still there.
        monkeypatch.setattr(placing.shutil, "rmtree", die_there)
        with pytest.raises(SystemExit):
            returns.write(store, target, texts)
        monkeypatch.undo()
    assert list(target.parent.glob(".census-desk-*"))
    sent = target.read_bytes()
    assert opened(path) == (1, 0)
    assert target.read_bytes() == sent != b"before"


def test_what_somebody_has_saved_since_is_left_alone(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "return.xlsx"
    killed(path, target)
    target.write_bytes(b"three hours of work")
    assert opened(path) == (0, 0)
    assert target.read_bytes() == b"three hours of work"
    assert [one.read_bytes() for one in target.parent.glob("return-*.bak")] == [b"before"]


def test_what_stood_there_before_is_nobodys_to_sweep(path: Path, tmp_path: Path, texts: Texts, small: Scheme) -> None:
    target = tmp_path / "out" / "return.xlsx"
    hidden = killed(path, target)
    os.utime(hidden, (0, 0))
    with closing(stores.create(tmp_path / "other.census", small, "2025", "440305")) as other:
        csvfolder.write(other, target.parent, texts)
        with replacing(target.parent / "list.json", journal.Telling(other, "exported")) as beside:
            beside.write_text("{}")
    protect(path, "a passphrase of some length")
    assert opened(path) == (0, 0)
    assert target.read_bytes() == b"before"


def test_a_copy_of_the_file_takes_nothing_back(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "return.xlsx"
    hidden = killed(path, target)
    copy = Path(shutil.copy(path, tmp_path / "copy.census"))
    now = target.read_bytes()
    stores.open(copy).close()
    assert target.read_bytes() == now
    assert hidden.is_dir()


def test_it_is_taken_back_as_often_as_one_likes(path: Path, tmp_path: Path, texts: Texts) -> None:
    out = tmp_path / "out"
    with closing(stores.open(path)) as store:
        csvfolder.write(store, out, texts)
    before = contents(out)
    # The same once more, so that each new file equals the one that stood there.
    assert die(0, path, out)
    [hidden] = out.glob(".census-desk-*")
    assert placing._take_back(hidden, out)
    assert placing._take_back(hidden, out)
    assert contents(out) == before


def test_what_cannot_be_put_back_at_once_waits_for_the_next_opening(
    district: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    csvfolder.write(district, out, texts)
    before = contents(out)
    cells.add_unit(district, code_of(1), "演示数据", "2025")
    move = Path.replace

    def held(self: Path, target: Path) -> Path:
        # The last file is open in another program, and by the time the first is to be put back, that one is too.
        if (target.parent.parent.name, target.name) == ("before", "字段说明.csv") or "before" in self.parts:
            raise PermissionError(13, "in use", str(self))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(SurveyError, match="cannot_write"):
        csvfolder.write(district, out, texts)
    monkeypatch.setattr(Path, "replace", move)
    assert opened(district.path) == (0, 1)
    assert contents(out) == before


def test_a_return_that_could_not_take_its_place_was_not_sent(
    path: Path, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "return.xlsx"
    move = Path.replace

    def held(self: Path, to: Path) -> Path:
        if to == target:
            raise PermissionError(13, "in use", str(self))
        return move(self, to)

    with closing(stores.open(path)) as store:
        monkeypatch.setattr(Path, "replace", held)
        with pytest.raises(SurveyError, match="cannot_write") as refused:
            returns.write(store, target, texts)
        assert refused.value.facts["path"] == target
        monkeypatch.setattr(Path, "replace", move)
        manifest = returns.write(store, target, texts).manifest
    assert (manifest.sequence, manifest.parent) == (1, "")


def test_what_waits_for_its_place_is_not_found_in_a_folder(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "return.xlsx"
    killed(path, target)
    assert foldersearch.tables_in([target.parent]) == [target]
