"""Survey files under a passphrase: SQLCipher encrypts every page, its log and its journals (AES-256, HMAC-SHA512)."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from survey.backup import alone, copies_of
from survey.connection import Key, connect_cipher, is_database_error, trouble
from survey.errors import Cancelled, SurveyError
from survey.filemark import SALT, is_encrypted
from survey.files import replacing
from survey.keyring import derive, hold, key_of, opens
from survey.progress import Progress

LEAST = 8
"""Characters that a passphrase has at least."""
_STEPS = 100_000


def protect(path: Path, passphrase: str, progress: Progress | None = None) -> Key | None:
    """The file, and its backups, anew under another passphrase, or under none (''); gives the new key.

    The file must not be open. What was there gives place once the new ones are whole; a backup that the passphrase
    of before does not open is left as it is. Raises SurveyError
    `short_passphrase`, `passphrase_needed`, `locked`, `damaged`, `cannot_write`, Cancelled: then the file is as it was.
    """
    if passphrase and len(passphrase) < LEAST:
        raise SurveyError("short_passphrase", least=LEAST)
    key = derive(passphrase, secrets.token_bytes(SALT)) if passphrase else None
    before = key_of(path)
    copies = [copy for copy in copies_of(path) if not is_encrypted(copy) or (before and opens(copy, before))]
    # All are written before the first takes its place, and the file does so before its copies.
    with ExitStack() as written:
        for at in (*copies, path):
            beside = written.enter_context(replacing(at, census=True))
            _rewrite(at, before if is_encrypted(at) else None, beside, key, progress)
    for at in (*copies, path):
        hold(at, key)
    return key


def _rewrite(path: Path, before: Key | None, beside: Path, key: Key | None, progress: Progress | None) -> None:
    beside.unlink()
    with trouble(path), closing(connect_cipher(f"{path.resolve().as_uri()}?mode=rw", before)) as source:
        alone(source)
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
