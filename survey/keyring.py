"""The keys of encrypted survey files, held in memory while the program runs.

A key follows from the passphrase and from the file's salt as SQLCipher 4 derives it, so that any tool that knows
SQLCipher opens the file with the same passphrase.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from survey.beside import copies_of
from survey.connection import Key, connect, trouble
from survey.errors import SurveyError
from survey.filemark import SALT, is_encrypted
from survey.groupedcode import read_code
from survey.pages import authentic, legible

# https://www.zetetic.net/sqlcipher/design/
_ITERATIONS = 256_000
_KEY = 32

_keys: dict[Path, Key] = {}
# How files begin whose own salt is damaged.
_spoilt: dict[Path, bytes] = {}
_ask: Callable[[Path], str] | None = None


def ask_with(ask: Callable[[Path], str] | None) -> None:
    """Where the passphrase of a file comes from that nobody has unlocked; None: nowhere."""
    global _ask  # noqa: PLW0603 - one person sits before the program
    _ask = ask


def derive(passphrase: str, salt: bytes) -> Key:
    """PBKDF2-HMAC-SHA512, 256,000 rounds over the passphrase in Unicode's composed form."""
    text = unicodedata.normalize("NFC", passphrase).encode()
    return Key(hashlib.pbkdf2_hmac("sha512", text, salt, _ITERATIONS, _KEY), salt)


def unlock(path: Path, passphrase: str) -> None:
    """Opens a file for this run of the program by its passphrase or its recovery code.

    Raises SurveyError `wrong_passphrase`.
    """
    own = _salt(path)
    code = read_code(passphrase)
    # Where its beginning is damaged, a copy of the file still tells its salt.
    for salt in dict.fromkeys([own, *map(_salt, filter(is_encrypted, copies_of(path)))]):
        key = Key(code, salt) if code else derive(passphrase, salt)
        if _fits(path, key):
            hold(path, key)
            _spoilt[path.resolve()] = own
            return
    if not (code and legible(path, Key(code, own))):
        raise SurveyError("wrong_passphrase", path=path)
    hold(path, Key(code, own))


def hold(path: Path, key: Key | None) -> None:
    """Keeps the key of a file; None: there is none any more."""
    if key:
        _keys[path.resolve()] = key
    else:
        _keys.pop(path.resolve(), None)


def holding() -> bool:
    """Whether an encrypted file is at work: what the program lays aside is then kept off the disk."""
    return bool(_keys)


def forget(but: Path | None = None) -> None:
    """No key is kept any more, but that of one file."""
    kept = but and _keys.get(but.resolve())
    _keys.clear()
    if but and kept:
        _keys[but.resolve()] = kept


def key_of(path: Path) -> Key | None:
    """The key of a file; None where it is not encrypted.

    Raises SurveyError `passphrase_needed` where nobody has unlocked it, `wrong_passphrase`.
    """
    if not is_encrypted(path):
        return None
    key = _keys.get(path.resolve())
    if key is None or _salt(path) not in (key.salt, _spoilt.get(path.resolve())):
        if _ask is None:
            raise SurveyError("passphrase_needed", path=path)
        unlock(path, _ask(path))
        key = _keys[path.resolve()]
    return key


def key_of_copy(copy: Path, path: Path) -> Key | None:
    """The key of a copy of a file: the file's own where that has been unlocked and fits.

    Raises as `key_of` does; `wrong_passphrase` where the file's own does not fit and nobody is to be asked.
    """
    key = _keys.get(path.resolve())
    if key and is_encrypted(copy) and copy.resolve() not in _keys:
        # A copy bears the salt of its file.
        if _salt(copy) == key.salt and _fits(copy, key):
            hold(copy, key)
        elif _ask is None:
            raise SurveyError("wrong_passphrase", path=copy)
    return key_of(copy)


def _salt(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SALT)


def _fits(path: Path, key: Key) -> bool:
    """Whether a key is that of a file, even of one whose beginning is damaged."""
    return opens(path, key) or authentic(path, key)


def opens(path: Path, key: Key) -> bool:
    """Whether a key is that of a file; raises as `trouble` does where the disk does not let it be tried."""
    try:
        with trouble(path), closing(connect(path, key, mode="ro")) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
    except SurveyError as error:
        if error.code in ("not_ours", "damaged"):
            return False
        raise
    return True
