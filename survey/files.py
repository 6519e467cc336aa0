"""Writing a file so that a full disk or a crash harms nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter.exceptions import FileCreateError

from survey.errors import SurveyError

# What marks a SQLite file as a survey file.
APPLICATION_ID = 0x43454E53
# What it is called; an encrypted one begins with salt and can be told by its name alone.
SUFFIX = ".census"
SALT = 16
_MAGIC = b"SQLite format 3\0"
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 70
_HEAD = 72
_PAGE = 4096


def safe(name: str) -> str:
    """A name that every system takes as a file's."""
    return _UNSAFE.sub("_", name)[:_LONGEST].strip(" .-")


def is_census(path: Path) -> bool:
    """Whether a survey file stands at a path; nothing else is ever written in its place."""
    head = _head(path)
    return (head.startswith(_MAGIC) and int.from_bytes(head[68:72], "big") == APPLICATION_ID) or is_encrypted(path)


def is_encrypted(path: Path) -> bool:
    """Whether a file can only be a survey file under a passphrase, as its name says and its beginning hides."""
    head = _head(path)
    named = SUFFIX in path.suffixes and len(head) == _HEAD and not head.startswith(_MAGIC)
    return named and path.stat().st_size % _PAGE == 0


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)


@contextmanager
def replacing(path: Path, *, census: bool = False) -> Iterator[Path]:
    """A name beside the target to write to; when all went well it is flushed and takes the target's place.

    Raises SurveyError `cannot_write` with what the system says, `over_census` where a survey file stands there
    and `census` does not say that another one is to take its place.
    """
    if not census and is_census(path):
        raise SurveyError("over_census", path=path)
    beside = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        # Trouble with the place shows before any work is done for it.
        beside.touch()
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except (OSError, FileCreateError) as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SurveyError("cannot_write", path=path, detail=detail) from error
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """A folder on the same disk to write files to; in the end all of them are in `folder`, or, where it failed, none.

    Raises SurveyError `cannot_write`.
    """
    standing = next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
    try:
        with TemporaryDirectory(prefix=".census-desk-", dir=standing) as beside:
            yield Path(beside)
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(Path(beside).iterdir()):
                path.replace(folder / path.name)
    except OSError as error:
        raise SurveyError("cannot_write", path=folder, detail=error.strerror or str(error)) from error


def write_json(path: Path, content: object) -> None:
    """Facts for another program; raises SurveyError `cannot_write`, with what was there left as it is."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
