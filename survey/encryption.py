"""Survey files under a passphrase: SQLCipher encrypts every page, its log and its journals (AES-256, HMAC-SHA512)."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from survey import journal
from survey import store as stores
from survey.backup import alone, sweep
from survey.beside import copies_of
from survey.connection import Key, connect_cipher, is_database_error, trouble
from survey.errors import Cancelled, SurveyError
from survey.filemark import SALT, SUFFIX, is_encrypted
from survey.files import UNTOLD, replacing
from survey.keyring import derive, hold, key_of, opens
from survey.progress import Progress

LEAST = 8
"""Characters that a passphrase has at least."""
_STEPS = 100_000


def protect(
    path: Path,
    passphrase: str,
    progress: Progress | None = None,
    left: Callable[[Path], None] | None = None,
    *,
    who: str = "",
) -> Key | None:
    """The file, and its backups, anew under another passphrase, or under none (''); gives the new key.

    The file must not be open. Its journal tells that `who`, or whoever works now, has done it. What was there gives
    place once the new one is whole; `left` is told of backups that stay as they are, since the passphrase of before
    does not open them, or they cannot be replaced. Raises SurveyError `short_passphrase`, `passphrase_needed`,
    `locked`, `damaged`, `cannot_write`, `not_census`, Cancelled: then the file is as it was.
    """
    if SUFFIX not in map(str.lower, path.suffixes):
        # Under another name it would not be known for what it is.
        raise SurveyError("not_census", path=path)
    if passphrase and len(passphrase) < LEAST:
        raise SurveyError("short_passphrase", least=LEAST)
    key = derive(passphrase, secrets.token_bytes(SALT)) if passphrase else None
    before = key_of(path)
    copies = copies_of(path)
    _replace(path, before, key, progress, lambda beside: _tell(beside, key, path.name, who))
    # What killed programs have left is as readable as the file was.
    sweep(path, after=0)
    for copy in copies:
        own = before if is_encrypted(copy) else None
        try:
            if own and not opens(copy, own):
                raise SurveyError("wrong_passphrase", path=copy)
            _replace(copy, own, key, progress, lambda _beside: None)
        except SurveyError:
            if left:
                left(copy)
    return key


def _replace(
    path: Path, before: Key | None, key: Key | None, progress: Progress | None, tell: Callable[[Path], None]
) -> None:
    with replacing(path, UNTOLD, census=True) as beside:
        _rewrite(path, before, beside, key, progress)
        tell(beside)
        shutil.copymode(path, beside)
    hold(path, key)


def _tell(beside: Path, key: Key | None, name: str, who: str) -> None:
    """The entry is in the new file before that takes its place, and in no other."""
    hold(beside, key)
    try:
        with closing(stores.open(beside)) as opened:
            journal.record(opened, "keys", name, who=who, passphrase="*" if key else "")
    finally:
        hold(beside, None)


def _rewrite(path: Path, before: Key | None, beside: Path, key: Key | None, progress: Progress | None) -> None:
    beside.unlink()
    with trouble(path), closing(connect_cipher(f"{path.resolve().as_uri()}?mode=rw", before)) as source:
        alone(source)
        write_under(source, beside, key, progress)


def write_under(source: sqlite3.Connection, beside: Path, key: Key | None, progress: Progress | None = None) -> None:
    """All that an open file holds, anew under another key, at a path where nothing stands; by SQLCipher alone."""
    source.execute("ATTACH ? AS other KEY ?", (str(beside), key.literal if key else ""))
    with _stoppable(source, progress):
        source.execute("SELECT sqlcipher_export('other')")
    for name in ("application_id", "user_version"):
        source.execute(f"PRAGMA other.{name} = {source.execute(f'PRAGMA main.{name}').fetchone()[0]}")
    source.execute("PRAGMA other.journal_mode = WAL")
    source.execute("DETACH other")


@contextmanager
def _stoppable(source: sqlite3.Connection, progress: Progress | None) -> Iterator[None]:
    """One long statement that the person may stop; nobody knows how far it is."""
    stopped: list[Cancelled] = []

    def go_on() -> bool:
        try:
            if progress:
                progress(0, 0, "progress.protect")
        except Cancelled as error:
            stopped.append(error)
        return bool(stopped)

    source.set_progress_handler(go_on, _STEPS)
    try:
        yield
    except Exception as error:
        if stopped and is_database_error(error):
            raise stopped[0] from error
        raise
    finally:
        source.set_progress_handler(None, 0)
