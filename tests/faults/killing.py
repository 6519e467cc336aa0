"""Kills a step of work at a random moment, and sees what it has left."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from doer import OTHER, WORD, _derived

from survey import backup, journal, keyring
from survey import store as stores
from survey.errors import SurveyError
from survey.placing import NOTE
from survey.store import Store

# What tells of the moment, or follows from what does.
_MOMENTS = {"at", "hash", "applied_at", "digest", "facts", "created", "responses", "lines", "standards", "data", "made"}
# What checking remembers so as not to check again, and what is made at first need.
_REMEMBERED = {"result", "result_part", "result_check", "touched", "journal", "desk_key", "chain"}
_NOT_COMPARED = {"created", "last_digest", "last_parent"}
_TARGETS = ("out.xlsx", "out.sqlite", "review.xlsx", "rescued.census")
_LEFT = 7200


@dataclass
class Count:
    """How often a step was killed, how often in the midst of its work, and what was found wrong."""

    tries: int = 0
    midway: int = 0
    lost: int = 0
    before: int = 0


class Doer:
    """The process whose children are killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "doer.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, step: str, folder: Path, after: float | None) -> tuple[bool, float]:
        """Whether the step was done, and how long it worked; it is killed some seconds `after` it began."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{step} {folder}\n")
        self._process.stdin.flush()
        # The child may say that it has begun before its number is said.
        first, second = (self._process.stdout.readline().strip() for _ in range(2))
        child = int(first if first.isdigit() else second)
        start = time.monotonic()
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                # With the readers that it has started, as when the power fails.
                os.killpg(child, signal.SIGKILL)
        said = list(iter(lambda: self._process.stdout.readline().strip(), "gone"))  # type: ignore[union-attr]
        return "done" in said, time.monotonic() - start


class Kills:
    """One step from one state, again and again."""

    def __init__(self, doer: Doer, step: str, pristine: Path, folder: Path, dice: random.Random) -> None:
        self.count = Count()
        self._doer = doer
        self._step = step
        self._pristine = pristine
        self._folder = folder
        self._dice = dice
        self._fresh()
        self._before = digest(folder)
        self._targets = {self._before: targets(folder)}
        done, self._seconds = doer.run(step, folder, None)
        assert done, step
        self._after = digest(folder)
        self._targets[self._after] = targets(folder)
        self._fresh()
        _, again = doer.run(step, folder, None)
        self._seconds = min(self._seconds, again)

    def _fresh(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._pristine, self._folder)

    def kill(self) -> list[str]:
        """One kill; gives what is wrong afterwards."""
        self._fresh()
        done, _ = self._doer.run(self._step, self._folder, self._dice.uniform(0, 1.05 * self._seconds))
        self.count.tries += 1
        self.count.midway += not done
        wrong = [*self._wrong(), *self._left()]
        self.count.lost += bool(wrong)
        return wrong

    def _wrong(self) -> list[str]:
        path = self._folder / "desk.census"
        if not path.exists():
            return ["no file"]
        try:
            found = digest(self._folder)
        except (SurveyError, sqlite3.Error) as error:
            return [f"does not open: {error}"]
        wrong = [] if found in (self._before, self._after) else ["neither before nor after"]
        self.count.before += found == self._before
        with closing(_open(path)) as opened:
            if opened.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                wrong.append("integrity")
            wrong += [f"journal {one}" for one in journal.verify(opened)]
        return wrong + [f"of another moment: {name}" for name in amiss(self._folder, self._targets, found)]

    def _left(self) -> list[str]:
        """What stays beside the file an hour later, once it has been opened and its targets are written again."""
        past = time.time() - _LEFT
        for one in self._folder.rglob(".*"):
            os.utime(one, (past, past))
        backup.sweep(self._folder / "desk.census")
        own = [one.name for one in self._folder.iterdir() if one.name.startswith(".desk") or one.is_dir()]
        return [f"left behind: {name}" for name in own if name.startswith(".")]


def _open(path: Path) -> Store:
    if keyring.is_encrypted(path):
        for word in (WORD, OTHER):
            key = _derived(path, word)
            if keyring.opens(path, key):
                keyring.hold(path, key)
                break
    return stores.open(path)


def digest(folder: Path) -> str:
    """What a desk's file says, but for moments."""
    digest = hashlib.sha256()
    with closing(_open(folder / "desk.census")) as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        for name in (one for one in names if one not in _REMEMBERED):
            columns = [row[1] for row in opened.execute(f"PRAGMA table_info({name})") if row[1] not in _MOMENTS]
            rows = sorted(
                repr(row)
                for row in opened.execute(f"SELECT {', '.join(columns) or 1} FROM {name}")
                # What waits for its place is noted for as long as somebody may be at work.
                if not (name == "desk" and (row[0] in _NOT_COMPARED or row[0].startswith(NOTE)))
            )
            digest.update(repr((name, rows)).encode())
        done = opened.execute("SELECT kind, subject FROM journal WHERE kind IN ('exported', 'returned') ORDER BY id")
        digest.update(repr(done.fetchall()).encode())
    return digest.hexdigest()


def targets(folder: Path) -> Mapping[str, object]:
    """What stands under the names of the files that a step writes."""
    found: dict[str, object] = {}
    for path in (folder / name for name in _TARGETS):
        if path.exists():
            found[path.name] = _content(path)
    for path in sorted((folder / "csv").glob("[!.]*/**/*.csv")) + sorted((folder / "csv").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[str(path.relative_to(folder))] = list(csv.reader(file))
    for path in sorted((folder / "receipts").glob("*.xlsx")):
        found[path.name] = _content(path)
    return found


def amiss(folder: Path, states: Mapping[str, Mapping[str, object]], found: str) -> list[str]:
    """Which files of a step are not as they are where the desk's file says what was `found`."""
    there, wanted = targets(folder), states.get(found, {})
    # A step that leaves the file as it was may have made nothing yet.
    names = there.keys() | (wanted if len(states) > 1 else ())
    return [name for name in names if there.get(name) != wanted.get(name)]


def _content(path: Path) -> object:
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return book.testzip(), sorted(book.namelist())
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as copy:
            return list(copy.iterdump())
    with closing(_open(path)) as opened:
        return opened.execute("PRAGMA integrity_check").fetchone(), opened.counts("2025")
