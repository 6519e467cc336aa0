"""A disk that is full, that cannot be written to, or that is gone: said in plain words, and nothing lost.

The disks are small ones in memory, which only the administrator may make, and which a suite that is stopped would leave
behind: they are tried by `make faults` alone.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import code_of
from doer import STEPS, TEXTS, WORD, _derived
from killing import amiss, digest, targets
from states import pristine

from desktop.session import Session
from survey import cells, journal, keyring, sqlitecopy
from survey import store as stores
from survey.errors import SurveyError, sentence

pytestmark = pytest.mark.skipif("TRIES" not in os.environ, reason="tried by `make faults`")

CASES = [(step, encrypted) for step in STEPS for encrypted in (False, True) if not (step == "migration" and encrypted)]
TRIES = int(os.environ.get("TRIES", "42"))
# What a step may want more than the file already takes, in KiB: from nothing to too much to fail.
_MOST = 1_200
_WORDS = {"disk_full", "cannot_write", "read_only", "cannot_open", "read_only_old", "disk_fails"}

Disk = Callable[[int], Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Makes the disk of a number of KiB."""
    place = tmp_path / "disk"
    place.mkdir()

    def make(size: int) -> Path:
        _away(place)
        if not _run("mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)):
            pytest.skip("only the administrator makes disks")
        return place

    yield make
    _away(place)


def _away(place: Path) -> None:
    """The disk is gone, also one that somebody still looks at."""
    while os.path.ismount(place) and _run("umount", "-l", str(place)):
        pass


def _run(*command: str) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run(command, check=False, capture_output=True).returncode == 0


def _size(folder: Path) -> int:
    """KiB in whole pages, and a few for what lies beside."""
    return sum(-(-path.stat().st_size // 4096) * 4 for path in folder.rglob("*") if path.is_file()) + 64


def _copied(source: Path, place: Path, step: str) -> Path:
    folder = place / "work"
    shutil.copytree(source, folder)
    for path in folder.rglob("*.census"):
        if keyring.is_encrypted(path):
            keyring.hold(path, _derived(path, WORD))
    # The schema's own log takes its place when the file is first opened.
    if step != "migration":
        digest(folder)
    return folder


def _outcome(step: str, folder: Path) -> str:
    """What became of a step: that it was done, or why not, for which there is a sentence."""
    try:
        STEPS[step](folder)
    except SurveyError as error:
        return error.code if sentence(error, TEXTS) else ""
    return "done"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doer.say", lambda _line: None)


@pytest.mark.parametrize(("step", "encrypted"), CASES)
def test_on_a_disk_that_fills_up_a_step_is_done_or_not_begun(
    disk: Disk, tmp_path: Path, step: str, encrypted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    made = pristine(tmp_path, step, encrypted=encrypted)
    dice, outcomes = random.Random(step), Counter[str]()
    whole = _copied(made, disk(64 << 10), step)
    states = {} if step == "migration" else {digest(whole): targets(whole)}
    STEPS[step](whole)
    states[digest(whole)] = targets(whole)
    for _ in range(max(2, TRIES // len(CASES))):
        folder = _copied(made, disk(_size(made) + int(_MOST * dice.random() ** 3)), step)
        outcome = _outcome(step, folder)
        assert outcome in {"done", *_WORDS}
        outcomes[outcome] += 1
        # Somebody makes room, and looks.
        assert _run("mount", "-o", "remount,size=64m", str(folder.parent))
        found = digest(folder)
        assert found in states
        assert amiss(folder, states, found) == []
        assert not [one for one in folder.iterdir() if one.name.startswith((".desk", ".out", ".census-desk"))]
    if TRIES > 42:
        with capsys.disabled():
            print(f"\nfull disk  {step:12} {'encrypted' if encrypted else 'plain':10} {dict(outcomes)}", end="")


@pytest.mark.parametrize(("step", "encrypted"), CASES)
def test_on_a_disk_that_cannot_be_written_to_a_step_is_refused(
    disk: Disk, tmp_path: Path, step: str, encrypted: bool
) -> None:
    made = pristine(tmp_path, step, encrypted=encrypted)
    folder = _copied(made, disk(64 << 10), step)
    held = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert _run("mount", "-o", "remount,ro", str(folder.parent))
    with pytest.raises(SurveyError) as caught:
        STEPS[step](folder)
    assert caught.value.code in _WORDS
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == held


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_stick_that_is_pulled_loses_only_the_cell_being_typed(disk: Disk, tmp_path: Path, encrypted: bool) -> None:
    made = pristine(tmp_path, "entry", encrypted=encrypted)
    place = disk(64 << 10)
    folder = _copied(made, place, "entry")
    with closing(stores.open(folder / "desk.census")) as store:
        session = Session(store, lambda: "")
        session.open(1, "2025")
        session.rewrite([("revenue", 0, 41)], "")
        away = tmp_path / "drawer"
        shutil.copytree(folder, away)
        assert _run("umount", "-l", str(place))
        with pytest.raises(SurveyError, match="file_gone"):
            session.rewrite([("revenue", 0, 42)], "")
    path = away / "desk.census"
    if encrypted:
        keyring.hold(path, _derived(path, WORD))
    with closing(stores.open(path)) as again:
        unit = again.find_unit(code_of(0))
        assert unit
        assert cells.read(again, unit, "2025").values["revenue"] == 41
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_on_a_full_disk_nothing_leaves_the_file_untold_to_another_disk(disk: Disk, tmp_path: Path) -> None:
    """Whoever fills the disk so that the journal has no room exports nothing to a stick."""
    made, outcomes = pristine(tmp_path, "entry", encrypted=False), Counter[bool]()
    for free in range(0, 96, 4):
        folder = _copied(made, disk(64 << 10), "entry")
        stick = tmp_path / f"stick{free}"
        stick.mkdir()
        with closing(stores.open(folder / "desk.census")) as store:
            before = len(journal.entries(store))
            _fill(folder.parent, free)
            with suppress(SurveyError):
                sqlitecopy.write(store, stick / "out.db", TEXTS)
            stands = (stick / "out.db").exists()
            assert [one for one in stick.iterdir() if one.name != "out.db"] == []
        (folder.parent / "filler").unlink()
        with closing(stores.open(folder / "desk.census")) as store:
            assert len(journal.entries(store)) - before == stands
            assert journal.verify(store) == []
        outcomes[stands] += 1
    assert set(outcomes) == {True, False}


def _fill(place: Path, free: int) -> None:
    """Nothing is free on a disk any more but some KiB."""
    with (place / "filler").open("wb") as file:
        left = shutil.disk_usage(place).free - (free << 10)
        file.write(b"\0" * max(left, 0))
