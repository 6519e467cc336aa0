"""Connections to survey files, plain by Python's SQLite, encrypted by SQLCipher, and what they complain of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from survey.errors import SurveyError
from survey.filemark import is_encrypted, is_headless
from survey.groupedcode import write_code

# Decrypting is what reading costs: pages that were read stay in memory, in KiB.
_CACHE = 131_072
# How long one window waits for what another is writing, in seconds.
_PATIENCE = 5.0
_SAID = {
    "disk is full": "disk_full",
    "not a database": "not_ours",
    "malformed": "damaged",
    "locked": "locked",
    "readonly": "read_only",
    "unable to open": "cannot_open",
    "disk I/O error": "disk_fails",
}


@dataclass(frozen=True)
class Key:
    """What opens one encrypted file: 32 bytes, and the 16 bytes of salt that the file begins with."""

    raw: bytes
    salt: bytes

    def __repr__(self) -> str:
        return "Key()"

    @property
    def code(self) -> str:
        """The recovery code: the key itself, to be printed once and kept apart from the file."""
        return write_code(self.raw)

    @property
    def literal(self) -> str:
        """As SQLCipher takes a key that needs no derivation."""
        return f"x'{self.raw.hex()}{self.salt.hex()}'"


def connect(path: Path, key: Key | None, *, mode: str = "rwc") -> sqlite3.Connection:
    """A connection that begins no transactions by itself; `mode` as in SQLite's addresses."""
    address = f"{path.resolve().as_uri()}?mode={mode}"
    connection = (
        connect_cipher(address, key) if key else sqlite3.connect(address, _PATIENCE, uri=True, isolation_level=None)
    )
    # What is deleted is gone from the file; not every build of SQLite does so by itself.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def connect_cipher(address: str, key: Key | None) -> sqlite3.Connection:
    """The same by SQLCipher, which can also read what is not encrypted."""
    from sqlcipher3 import dbapi2

    # It is built from the same source as Python's own, and only its name tells them apart.
    connection = cast("sqlite3.Connection", dbapi2.connect(address, _PATIENCE, uri=True, isolation_level=None))
    # What is wrong is said by exceptions, not on stderr.
    connection.execute("PRAGMA cipher_log_level = NONE")
    if key:
        connection.execute(f'PRAGMA key = "{key.literal}"')
        try:
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        except BaseException:
            connection.close()
            raise
    return connection


def copy_to(source: sqlite3.Connection, path: Path, target: Path, key: Key | None) -> None:
    """A whole copy of the open file at `path`, its log included, checked before it stands under its name.

    Raises SurveyError `cannot_write`, `damaged`, `disk_full`.
    """
    # It brings along what writes workbooks, for which no first window waits.
    from survey.files import UNTOLD, replacing

    with replacing(target, UNTOLD, census=True) as beside, trouble(path), closing(connect(beside, key)) as copy:
        source.backup(copy)
        check(copy, path)


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises SurveyError `damaged` where the pages of what stands at `path` do not hold together."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise SurveyError("damaged", path=path)


def is_database_error(error: Exception) -> bool:
    """Whether SQLite complains, whichever of the two."""
    return isinstance(error, sqlite3.DatabaseError) or any(
        kind.__name__ == "DatabaseError" and kind.__module__.startswith("sqlcipher3") for kind in type(error).__mro__
    )


def in_plain_words(error: Exception, path: Path) -> SurveyError | None:
    """What SQLite or the disk complains about, as a person can do something about it; None for everything else."""
    if isinstance(error, PermissionError):
        return SurveyError("cannot_open", path=path)
    if not is_database_error(error):
        return None
    code = next((code for words, code in _SAID.items() if words in str(error)), "")
    # Whose key has been tried is a survey file, and a page of it does not hold.
    if code == "not_ours" and (is_encrypted(path) or is_headless(path)):
        code = "damaged"
    return SurveyError(code, path=path) if code else None


def is_trouble_with(error: SurveyError, path: Path) -> bool:
    """Whether it is the survey file at `path`, or its disk, that fails: then nothing more can be done with it."""
    return error.code in _SAID.values() and error.facts.get("path") == path


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Says in plain words what SQLite or the disk complains about."""
    try:
        yield
    except Exception as error:
        said = in_plain_words(error, path)
        if said:
            raise said from error
        raise
