"""Daily copies of a survey file beside it, each checked before it is trusted, the oldest dropped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from survey.connection import connect, trouble
from survey.errors import SurveyError
from survey.files import replacing
from survey.keyring import key_of

KEPT = 7


def folder_of(path: Path) -> Path:
    """Where the copies of a survey file are."""
    return path.with_name(f"{path.stem}-backup")


def copies_of(path: Path) -> list[Path]:
    """Every copy that the program has made of a survey file: of the days, and before its tables were changed."""
    days = folder_of(path).glob(f"{path.stem}-*{path.suffix}")
    return sorted([*days, *path.parent.glob(f"{path.stem}-*{path.suffix}.bak")])


def back_up(path: Path, today: date) -> Path | None:
    """The day's copy, made once; None where there is one already or the place cannot be written to.

    The copy is whole even while the file is open elsewhere. Raises SurveyError `damaged` where the
    file does not hold together: then the copies of the days before are kept.
    """
    folder = folder_of(path)
    target = folder / f"{path.stem}-{today.isoformat()}{path.suffix}"
    if target.exists():
        return None
    try:
        folder.mkdir(exist_ok=True)
        with replacing(target) as beside:
            _copy(path, beside)
    except (OSError, SurveyError) as error:
        if isinstance(error, SurveyError) and error.code == "damaged":
            raise
        # A stick that is write-protected or full must not keep anyone from working.
        return None
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def _copy(path: Path, target: Path) -> None:
    with trouble(path):
        key = key_of(path)
        source, copy = connect(path, key, mode="ro"), connect(target, key)
        try:
            source.backup(copy)
            if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise SurveyError("damaged", path=path)
        finally:
            source.close()
            copy.close()
