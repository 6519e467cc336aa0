"""Copies of a survey file: made daily and checked before they are trusted, and looked into."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from survey.beside import copies_of, daily, folder_of
from survey.connection import connect, copy_to, is_database_error, trouble
from survey.errors import SurveyError
from survey.files import clear
from survey.keyring import key_of, key_of_copy
from survey.placing import LEFT_AFTER

KEPT = 7


def back_up(path: Path, today: date) -> Path | None:
    """The day's copy, made once; None where there is one already or the place cannot be written to.

    The copy is whole even while the file is open elsewhere. Raises SurveyError `damaged` where the
    file does not hold together: then the copies of the days before are kept.
    """
    folder = folder_of(path)
    target = folder / f"{path.stem}-{today.isoformat()}{path.suffix}"
    sweep(path)
    if target.exists():
        return None
    try:
        folder.mkdir(exist_ok=True)
        key = key_of(path)
        with trouble(path), closing(connect(path, key, mode="ro")) as source:
            copy_to(source, path, target, key)
    except (OSError, SurveyError) as error:
        if isinstance(error, SurveyError) and error.code == "damaged":
            raise
        # A stick that is write-protected or full must not keep anyone from working.
        return None
    # Where the clock has been put back, today's is not the last by name.
    for old in [one for one in daily(path) if one != target][: -(KEPT - 1)]:
        old.unlink(missing_ok=True)
    return target


def sweep(path: Path, after: float = LEFT_AFTER) -> None:
    """Removes what programs that were killed have left of the file and its copies, once it is `after` seconds old."""
    names = rf"\.{re.escape(path.stem)}(-[-\d]+)?({re.escape(path.suffix)})?\.\d+({re.escape(path.suffix)}|\.bak)"
    for folder in (path.parent, folder_of(path)):
        clear(folder, names, after)


@dataclass(frozen=True)
class Copy:
    """A copy of a survey file; `at` is when it was made by the file's own time, `size` in bytes.

    Of one that cannot be read `trouble` tells why (a code of the catalogue), and nothing else is known.
    """

    path: Path
    at: str
    size: int
    daily: bool
    trouble: str = ""
    units: int = 0
    changes: int = 0
    last_change: str = ""
    last_who: str = ""

    def behind(self, changes: int) -> int:
        """How many changes the file has had since."""
        return max(0, changes - self.changes)


def copies(path: Path) -> list[Copy]:
    """What the copies of a file hold, the latest first."""
    found = [_looked_into(one, path, daily=one.suffix != ".bak") for one in copies_of(path)]
    return sorted(found, key=lambda one: (one.changes, one.at), reverse=True)


def changes_of(path: Path) -> int:
    """How many changes a file has had; 0 where it cannot be read."""
    return _looked_into(path, path, daily=False).changes


def _looked_into(path: Path, whose: Path, *, daily: bool) -> Copy:
    facts = path.stat()
    at = datetime.fromtimestamp(facts.st_mtime).astimezone().isoformat(timespec="seconds")
    try:
        key = key_of_copy(path, whose)
        with trouble(path), closing(connect(path, key, mode="ro")) as connection:
            units = connection.execute("SELECT count(*) FROM unit").fetchone()[0]
            last = connection.execute("SELECT id, at, who FROM change ORDER BY id DESC LIMIT 1").fetchone()
    except SurveyError as error:
        return Copy(path, at, facts.st_size, daily, error.code)
    except Exception as error:
        if not is_database_error(error):
            raise
        return Copy(path, at, facts.st_size, daily, "damaged")
    return Copy(path, at, facts.st_size, daily, "", units, *(last or (0, "", "")))


def alone(connection: sqlite3.Connection) -> None:
    """Nobody else has the file open, nor opens it meanwhile, and nothing is left in its log."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
