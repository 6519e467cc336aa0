"""Files taken to their places together with what a survey file remembers of them: both are so afterwards, or neither.

They are written to a hidden folder on the same disk. The survey file notes which folder that is; the note goes with the
transaction that remembers them. One that is found at the next opening, with a list of what was to be moved, tells that
the program was killed in between: then what was moved is taken away, and what stood there before is put back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, runtime_checkable

from survey.errors import SurveyError
from survey.filemark import is_census

# How folders begin in which files wait for their places.
HIDDEN = ".census-desk-"
NOTE = "placing:"
# What nobody has written to for an hour was left by a program that was killed; other machines may be at work too.
LEFT_AFTER = 3600
_NEW, _BEFORE, _LISTED, _MOVES = "new", "before", "listed", "moves.json"


@runtime_checkable
class Noting(Protocol):
    """What tells of a file, and notes beforehand where it waits for its place."""

    def note(self, hidden: Path, folder: Path) -> None:
        """Keeps, for good, that a folder is filled with what is to stand in another."""

    def abandon(self, error: BaseException) -> None:
        """Nothing was done, and nothing is noted any more."""


class Remembering(Protocol):
    """A survey file, as far as it matters here."""

    def execute(self, sql: str, parameters: Sequence[object] = ...) -> sqlite3.Cursor: ...

    def atomic(self) -> AbstractContextManager[None]: ...


@contextmanager
def placed(folder: Path, told: AbstractContextManager[object]) -> Iterator[Path]:
    """A folder to write files to; in the end all of them are in `folder`, or, where it failed, what was there before.

    `told` is entered once all is written, and left once all stands: what cannot be told of does not stand. Raises
    OSError, SurveyError `over_census`.
    """
    standing = next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
    with TemporaryDirectory(prefix=HIDDEN, dir=standing, ignore_cleanup_errors=True) as name:
        hidden = Path(name)
        (hidden / _NEW).mkdir()
        if isinstance(told, Noting):
            told.note(hidden, folder)
        try:
            yield hidden / _NEW
            with told:
                _move(hidden, folder)
        except BaseException as error:
            _take_back(hidden, folder)
            if isinstance(told, Noting):
                told.abandon(error)
            raise


def note_of(hidden: Path, folder: Path) -> tuple[str, str]:
    """What a survey file notes among the desk's facts."""
    where = {"hidden": str(hidden.absolute()), "folder": str(folder.absolute())}
    return NOTE + hidden.name, json.dumps(where, ensure_ascii=False)


def tidy(store: Remembering, desk: dict[str, str]) -> None:
    """Takes back what a killed program has moved without its being remembered, as notes among the desk's facts tell.

    What cannot be done now is done at the next opening. A note may be anybody's: it reaches no further than the folder
    in which its own hidden one lies.
    """
    for key in [one for one in desk if one.startswith(NOTE)]:
        hidden, folder = _read_note(desk.pop(key))
        if not (hidden.name.startswith(HIDDEN) and _within(folder, hidden.parent)):
            continue
        moved = (hidden / _MOVES).is_file()
        # A folder without a list may be somebody's who is at work; a disk that is away comes back.
        at_work = hidden.is_dir() and not moved and time.time() - hidden.stat().st_mtime < LEFT_AFTER
        if at_work or not hidden.parent.is_dir():
            continue
        with suppress(SurveyError, OSError), store.atomic():
            # Whoever moves anything has the file to himself meanwhile, and his note is gone when he is done.
            if store.execute("DELETE FROM desk WHERE key = ?", (key,)).rowcount:
                _take_back(hidden, folder)
                shutil.rmtree(hidden, ignore_errors=True)


def _read_note(text: str) -> tuple[Path, Path]:
    try:
        where = json.loads(text)
        return Path(where["hidden"]), Path(where["folder"])
    except (ValueError, KeyError, TypeError):
        return Path(), Path()


def _within(path: Path, folder: Path) -> bool:
    """Whether a path, its links followed, is a folder or lies in it."""
    return path.resolve().is_relative_to(folder.resolve())


def _move(hidden: Path, folder: Path) -> None:
    new = hidden / _NEW
    names = sorted(one.relative_to(new) for one in new.rglob("*") if one.is_file())
    parents = {folder / above for name in names for above in name.parents} | set(folder.parents)
    made = sorted(str(one) for one in parents if not one.exists())
    moves = {"files": {name.as_posix(): _flushed(new / name) for name in names}, "made": made}
    log = hidden / _LISTED
    log.write_text(json.dumps(moves, ensure_ascii=False), encoding="utf-8")
    _flushed(log)
    # Half a list, where the disk is full, is none.
    log.replace(hidden / _MOVES)
    for name in names:
        target, before = folder / name, hidden / _BEFORE / name
        check_standing(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            before.parent.mkdir(parents=True, exist_ok=True)
            target.replace(before)
        (new / name).replace(target)


def check_standing(path: Path) -> None:
    """Raises SurveyError where no file may take a place: `over_census`, `cannot_write`."""
    if is_census(path):
        raise SurveyError("over_census", path=path)
    if path.is_dir():
        raise SurveyError("cannot_write", path=path, detail=os.strerror(errno.EISDIR))


def _take_back(hidden: Path, folder: Path) -> None:
    files, made = _moves(hidden / _MOVES)
    for name, digest in files.items():
        new, before, target = hidden / _NEW / name, hidden / _BEFORE / name, folder / name
        if not (_within(target.parent, folder) and _within(before.parent, hidden)):
            continue
        if before.exists():
            before.replace(target)
        elif not new.exists() and target.is_file() and _digest(target) == digest:
            target.unlink()
    for one in map(Path, reversed(made)):
        with suppress(OSError):
            if _within(one, hidden.parent):
                one.rmdir()


def _moves(log: Path) -> tuple[dict[str, str], list[str]]:
    """What was to be moved, with the digest of each, and the folders that were made for it."""
    if not log.is_file():
        return {}, []
    try:
        found = json.loads(log.read_text(encoding="utf-8"))
        return dict(found["files"]), list(map(str, found["made"]))
    except (ValueError, KeyError, TypeError):
        return {}, []


def _flushed(path: Path) -> str:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
