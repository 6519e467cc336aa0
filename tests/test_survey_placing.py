"""Files that a survey file remembers: killed at whichever step, both are so afterwards, or neither."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT, code_of

from survey import cells, csvfolder, journal, returns
from survey import store as stores
from survey.errors import SurveyError
from survey.files import filling, replacing
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
    moves = {"files": {name: hashlib.sha256(b"own").hexdigest()}, "made": [str(home)]}
    (hidden / "moves.json").write_text(json.dumps(moves))
    (hidden / "before" / "own.txt").write_bytes(b"another's")
    note = json.dumps({"hidden": str(hidden), "folder": str(tmp_path / folder)})
    with closing(stores.open(path)) as store:
        store.execute("INSERT INTO desk VALUES (?, ?)", (f"{NOTE}{hidden.name}", note))
    stores.open(path).close()
    assert own.read_bytes() == b"own"


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
