"""A copy put in the place of its survey file, which is kept as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from survey import journal
from survey import store as stores
from survey.backup import alone, copies
from survey.beside import kept_name
from survey.connection import Key, check, connect, connect_cipher, copy_to, trouble
from survey.encryption import write_under
from survey.errors import SurveyError
from survey.files import UNTOLD, replacing
from survey.keyring import hold, key_of
from survey.persons import permit
from survey.store import Store

# A file of which nothing can be told.
_MUTE = ("damaged", "not_ours", "no_file", "read_only_old")


def restore(path: Path, copy: Path, *, who: str = "") -> Path:
    """Puts a copy in the place of its file, which must not be open; gives where the file is kept as it was.

    Whoever opens the file afterwards finds that in its journal, done by `who` or whoever works now, and gives the
    passphrase of the copy; that of the file where the copy has none, for a file under a passphrase never loses it by
    this. Raises SurveyError `locked`, `damaged` (the copy), `cannot_write`, `passphrase_needed`, `wrong_passphrase`:
    then the file is as it was.
    """
    key = key_of(copy)
    wanted = key or (key_of(path) if path.exists() else None)
    kept = kept_name(path, stores.now())
    with trouble(copy), closing(connect(copy, key, mode="ro")) as source:
        if path.exists():
            _set_aside(path, kept)
        if wanted == key:
            copy_to(source, copy, path, key)
        else:
            _copy_under(copy, path, wanted)
    hold(path, wanted)
    with closing(stores.open(path)) as opened:
        journal.record(opened, "restored", copy.name, who=who, kept=kept.name)
    return kept


def _copy_under(copy: Path, path: Path, key: Key | None) -> None:
    """The same for a copy without the passphrase that its file has."""
    with (
        replacing(path, UNTOLD, census=True) as beside,
        closing(connect_cipher(f"{copy.resolve().as_uri()}?mode=ro", None)) as one,
    ):
        check(one, copy)
        beside.unlink()
        write_under(one, beside, key)


def decider(path: Path, copy: Path | None = None) -> Store | None:
    """Whose persons say who may put a copy in a file's place, or save what can be read of the file: the file's own.

    Where nobody can read those, the copy's; where none is named, those of the latest copy that opens. None where none
    of them tells of any. Raises SurveyError as `store.open` does where a passphrase is missing.
    """
    for one in (path, *([copy] if copy else _opening(path))):
        try:
            return _telling(one)
        except SurveyError as error:
            if error.code not in _MUTE:
                raise
    return None


def permit_whole(path: Path, copy: Path | None = None) -> None:
    """Only who keeps a file puts another in its place, or saves what is in it as a whole.

    Raises as `decider` and `persons.permit` do.
    """
    opened = decider(path, copy)
    if opened:
        with closing(opened):
            permit(opened, "keep")


def _opening(path: Path) -> Iterator[Path]:
    """The copies of a file that open, the latest first."""
    return (one.path for one in copies(path) if not one.trouble)


def _telling(path: Path) -> Store:
    opened = stores.open(path, readonly=True)
    try:
        with trouble(path):
            # By the index, which may be damaged alone, persons are looked for.
            found = opened.execute("PRAGMA integrity_check(person)").fetchone()
        if found != ("ok",):
            raise SurveyError("damaged", path=path)
    except BaseException:
        opened.close()
        raise
    return opened


def _set_aside(path: Path, kept: Path) -> None:
    """The file as it is under another name, with its log where that could not be taken in."""
    logs = [path.with_name(path.name + end) for end in ("-wal", "-shm")]
    _closed(path)
    for one in (path, *logs[:1]):
        if one.exists():
            target = kept.with_name(kept.name + one.name.removeprefix(path.name))
            with replacing(target, UNTOLD, census=True) as beside:
                beside.write_bytes(one.read_bytes())
    for one in logs:
        one.unlink(missing_ok=True)


def _closed(path: Path) -> None:
    """Raises SurveyError `locked` where somebody has the file open; what is damaged may be set aside as it is."""
    try:
        with trouble(path), closing(connect(path, key_of(path), mode="rw")) as connection:
            alone(connection)
    except SurveyError as error:
        if error.code not in ("damaged", "not_ours", "passphrase_needed", "wrong_passphrase"):
            raise
