"""Writing a file so that a full disk or a crash harms nothing."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter.exceptions import FileCreateError

from survey.errors import SurveyError
from survey.placing import HIDDEN, LEFT_AFTER, Noting, check_standing, holds, placed

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 70
# What Windows takes for a device whatever follows the dot.
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{name}{digit}" for name in ("COM", "LPT") for digit in "123456789")}


# A disk in memory, as Linux has it.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is made by the system under a name nobody knows before


_DAY = 86_400

Told = AbstractContextManager[object]
"""What tells of a file that is written: entered once all is written, left once the file stands."""
UNTOLD: Told = nullcontext()
"""Of a file that holds nothing of any unit nobody has to tell."""


def safe(name: str) -> str:
    """A name that every system takes as a file's; '' where nothing is left of it."""
    plain = _UNSAFE.sub("_", name)[:_LONGEST].strip(" .-")
    return f"_{plain}" if plain.partition(".")[0].rstrip(" ").upper() in _DEVICES else plain


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What the disk complains of, as SurveyError `cannot_write`."""
    try:
        yield
    except (OSError, FileCreateError) as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SurveyError("cannot_write", path=path, detail=detail) from error


@contextmanager
def replacing(path: Path, told: Told, *, census: bool = False) -> Iterator[Path]:
    """A name beside the target to write to; when all went well it is flushed and takes the target's place.

    What cannot be `told` of does not stand. Raises SurveyError `cannot_write` with what the system says, `over_census`
    where a survey file stands there and `census` does not say that another one is to take its place.
    """
    check_target(path, census=census)
    clear(path.parent, rf"\.{re.escape(path.stem)}\.\d+{re.escape(path.suffix)}")
    with in_words(path):
        if isinstance(told, Noting):
            with _alone(path, told) as beside:
                yield beside
        else:
            with _beside(path, told) as beside:
                yield beside


@contextmanager
def _alone(path: Path, told: Told) -> Iterator[Path]:
    with placed(path.parent, told) as new:
        beside = new / path.name
        beside.touch()
        yield beside


@contextmanager
def _beside(path: Path, told: Told) -> Iterator[Path]:
    """The same where nothing is noted: of survey files, and of what nobody has to be told."""
    beside = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        # Trouble with the place shows before any work is done for it.
        beside.touch()
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        with told:
            beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def check_target(path: Path, *, census: bool = False) -> None:
    """Whether a file may be written at a path; raises SurveyError as `replacing` does."""
    check_standing(path, census=census)
    if not path.parent.is_dir():
        raise SurveyError("cannot_write", path=path, detail=os.strerror(errno.ENOENT))


def clear(folder: Path, names: str, after: float = LEFT_AFTER) -> None:
    """Removes from a folder what killed programs have left there: hidden files of such names, folders of `placed`.

    What is younger than `after` seconds may be somebody's who is at work; of folders an hour counts in any case, and
    those that hold what stood somewhere before stay.
    """
    now = time.time()
    with suppress(OSError):
        for one in folder.iterdir():
            age = now - one.stat().st_mtime
            if one.name.startswith(HIDDEN):
                left = age >= LEFT_AFTER and not holds(one)
            else:
                left = age >= after and re.fullmatch(rf"{names}(-journal|-wal|-shm)?", one.name) is not None
            if left and one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            elif left:
                one.unlink(missing_ok=True)


@contextmanager
def filling(folder: Path, told: Told) -> Iterator[Path]:
    """A folder on the same disk to write files to; in the end all of them are in `folder`, or none and as it was.

    What cannot be `told` of does not stand. Raises SurveyError `cannot_write`.
    """
    with in_words(folder), placed(folder, told) as new:
        yield new


def write_json(path: Path, content: object, told: Told) -> None:
    """Facts for another program; raises SurveyError `cannot_write`, with what was there left as it is."""
    with replacing(path, told) as beside:
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that nobody else may look into, in memory where the system has a disk there; it is gone at the end.

    What programs that were killed have left there is gone a day later.
    """
    if _MEMORY.is_dir():
        clear(_MEMORY, r"census-desk-\w+", _DAY)
    with TemporaryDirectory(prefix="census-desk-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)
