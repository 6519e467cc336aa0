"""Files taken to their places together with what a survey file remembers of them: both are so afterwards, or neither.

They are written to a hidden folder on the same disk. The survey file notes which folder that is; the note goes with the
transaction that remembers them. One that is found at the next opening, with a list of what was to be moved, tells that
the program was killed in between: then what was moved is taken away, and what stood there before is put back. As long
as the hidden folder holds anything that stood there before, nobody removes it.
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
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol, runtime_checkable

from survey.beside import kept_name
from survey.errors import SurveyError
from survey.filemark import is_census

# How folders begin in which files wait for their places.
HIDDEN = ".census-desk-"
NOTE = "placing:"
# What ends the note of files that are remembered: they stay, whatever is left of their hidden folder.
DONE = "\ndone"
# What nobody has written to for an hour was left by a program that was killed; other machines may be at work too.
LEFT_AFTER = 3600
_NEW, _BEFORE, _LISTED, _MOVES = "new", "before", "listed", "moves.json"


@runtime_checkable
class Noting(Protocol):
    """What tells of a file, and notes beforehand where it waits for its place."""

    def note(self, hidden: Path, folder: Path) -> None:
        """Keeps, for good, that a folder is filled with what is to stand in another."""

    def abandon(self, error: BaseException, *, clean: bool) -> None:
        """Nothing was remembered; the note goes too where all is as it was."""

    def forget(self) -> None:
        """All stands and is remembered, and nothing waits any more."""


class Noted(Protocol):
    """A survey file, as far as it matters here."""

    @property
    def path(self) -> Path: ...

    def execute(self, sql: str, parameters: Sequence[object] = ...) -> sqlite3.Cursor: ...

    def atomic(self) -> AbstractContextManager[None]: ...


@contextmanager
def placed(folder: Path, told: AbstractContextManager[object]) -> Iterator[Path]:
    """A folder to write files to; in the end all of them are in `folder`, or, where it failed, what was there before.

    `told` is entered once all is written, and left once all stands: what cannot be told of does not stand. What cannot
    be put back at once waits in the hidden folder for the next opening. Raises OSError, SurveyError `cannot_write`,
    `over_census`.
    """
    standing = next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
    hidden = Path(mkdtemp(prefix=HIDDEN, dir=standing))
    noting = told if isinstance(told, Noting) else None
    try:
        (hidden / _NEW).mkdir()
        if noting:
            noting.note(hidden, folder)
        yield hidden / _NEW
        with told:
            _move(hidden, folder)
    except BaseException as error:
        clean = False
        with suppress(OSError):
            # A disk that was pulled out keeps what was moved.
            clean = hidden.is_dir() and _take_back(hidden, folder)
        if noting:
            noting.abandon(error, clean=clean)
        if clean:
            shutil.rmtree(hidden, ignore_errors=True)
        raise
    shutil.rmtree(hidden, ignore_errors=True)
    if noting:
        noting.forget()


def note_of(path: Path, hidden: Path, folder: Path) -> tuple[str, str]:
    """What the survey file at `path` notes among the desk's facts."""
    where = {"file": path.resolve(), "hidden": hidden.absolute(), "folder": folder.absolute()}
    return NOTE + hidden.name, json.dumps({key: str(value) for key, value in where.items()}, ensure_ascii=False)


def tidy(store: Noted, desk: dict[str, str]) -> None:
    """Takes back what a killed program has moved without its being remembered, as notes among the desk's facts tell.

    What cannot be done now is done at the next opening. A note may be anybody's: it is minded only in the file that it
    names, and reaches no further than the folder in which its own hidden one lies.
    """
    for key in [one for one in desk if one.startswith(NOTE)]:
        with suppress(SurveyError, OSError):
            where = _read_note(key, desk.pop(key), store.path)
            # A folder without a list may be somebody's who is at work; a disk that is away comes back.
            if where and where[0].parent.is_dir() and not _at_work(where[0]):
                with store.atomic():
                    # Whoever moves anything has the file to himself meanwhile; then his note says that he is done.
                    noted = store.execute("DELETE FROM desk WHERE key = ? RETURNING value", (key,)).fetchall()
                    if noted and (DONE in noted[0][0] or _take_back(*where)):
                        shutil.rmtree(where[0], ignore_errors=True)


def holds(hidden: Path) -> bool:
    """Whether a hidden folder holds what stood somewhere before, or tells what was moved."""
    return (hidden / _MOVES).exists() or (hidden / _BEFORE).exists()


def _read_note(key: str, text: str, path: Path) -> tuple[Path, Path] | None:
    """The hidden folder of a note and the one it is for; None where the note is not one to act upon."""
    try:
        where = json.loads(text.removesuffix(DONE))
        file, hidden, folder = (Path(where[one]) for one in ("file", "hidden", "folder"))
    except (ValueError, KeyError, TypeError):
        return None
    ours = key == NOTE + hidden.name and hidden.name.startswith(HIDDEN) and not hidden.is_symlink()
    return (hidden, folder) if ours and file == path.resolve() and _within(folder, hidden.parent) else None


def _at_work(hidden: Path) -> bool:
    return hidden.is_dir() and not holds(hidden) and time.time() - hidden.stat().st_mtime < LEFT_AFTER


def _within(path: Path, folder: Path) -> bool:
    """Whether a path, its links followed, is a folder or lies in it."""
    return path.resolve().is_relative_to(folder.resolve())


def _move(hidden: Path, folder: Path) -> None:
    new = hidden / _NEW
    names = sorted(one.relative_to(new) for one in new.rglob("*") if one.is_file())
    parents = {folder / above for name in names for above in name.parents} | set(folder.parents)
    made = sorted(str(one) for one in parents if not one.exists())
    files = {name.as_posix(): [_flushed(new / name), (folder / name).exists()] for name in names}
    log = hidden / _LISTED
    log.write_text(json.dumps({"files": files, "made": made}, ensure_ascii=False), encoding="utf-8")
    _flushed(log)
    # Half a list, where the disk is full, is none.
    log.replace(hidden / _MOVES)
    for name in names:
        target, before = folder / name, hidden / _BEFORE / name
        check_standing(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                before.parent.mkdir(parents=True, exist_ok=True)
                target.replace(before)
            (new / name).replace(target)
        except OSError as error:
            raise SurveyError("cannot_write", path=target, detail=error.strerror or str(error)) from error
    for place in {(folder / name).parent for name in names}:
        _flush_names(place)


def check_standing(path: Path, *, census: bool = False) -> None:
    """Raises SurveyError where no file may take a place: `over_census`, `cannot_write`, of a device `no_plain_file`."""
    if path.is_dir():
        raise SurveyError("cannot_write", path=path, detail=os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise SurveyError("no_plain_file", path=path)
    if not census and is_census(path):
        raise SurveyError("over_census", path=path)


def _take_back(hidden: Path, folder: Path) -> bool:
    """Makes all as it was before `_move`, as often as one likes; whether nothing is left to be put back."""
    files, made = _moves(hidden / _MOVES)
    for name, (digest, stood) in files.items():
        new, before, target = hidden / _NEW / name, hidden / _BEFORE / name, folder / name
        if not (_within(target.parent, folder) and _within(before.parent, hidden)):
            continue
        # What somebody has saved there since is left alone.
        ours = not target.exists() or (target.is_file() and _digest(target) == digest)
        if before.is_file():
            before.replace(target if ours else kept_name(target, datetime.now().isoformat()))
        elif ours and not stood and not new.exists():
            target.unlink(missing_ok=True)
    for one in map(Path, reversed(made)):
        with suppress(OSError):
            if _within(one, hidden.parent):
                one.rmdir()
    return not any(one.is_file() for one in (hidden / _BEFORE).rglob("*"))


def _moves(log: Path) -> tuple[dict[str, tuple[str, bool]], list[str]]:
    """What was to be moved, with the digest of each and whether another stood there; the folders made for it."""
    if not log.is_file():
        return {}, []
    try:
        found = json.loads(log.read_text(encoding="utf-8"))
        files = {name: (str(digest), bool(stood)) for name, (digest, stood) in found["files"].items()}
        return files, list(map(str, found["made"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}, []


def _flush_names(folder: Path) -> None:
    """What a folder lists outlasts a power cut, where the system can do that for a folder."""
    with suppress(OSError):
        listed = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(listed)
        finally:
            os.close(listed)


def _flushed(path: Path) -> str:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
