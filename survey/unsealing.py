"""Sealed files, and workbooks under a password, opened for reading.

They are opened into a folder that nobody else may look into, in memory where the system has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from survey.connection import is_trouble_with
from survey.enrolment import desk_key
from survey.envelope import is_sealed, unseal
from survey.errors import SurveyError
from survey.files import private_folder
from survey.officelock import is_locked, unlock
from survey.store import Store


@contextmanager
def unsealed(store: Store, paths: Sequence[Path]) -> Iterator[list[Path | SurveyError]]:
    """Where each file can be read, or why it cannot be opened; what was opened is gone at the end."""
    with private_folder() as folder:
        yield [_opened(store, path, folder / f"{at}.xlsx") for at, path in enumerate(paths)]


def _opened(store: Store, path: Path, target: Path) -> Path | SurveyError:
    try:
        content = _content(store, path)
    except SurveyError as error:
        if is_trouble_with(error, store.path):
            raise
        return error
    if content is None:
        return path
    target.write_bytes(content)
    return target


def _content(store: Store, path: Path) -> bytes | None:
    """What is inside; None where the file is to be read as it is."""
    if is_sealed(path):
        return unseal(path, desk_key(store))
    return unlock(path) if is_locked(path) else None


def named(error: SurveyError, path: Path) -> SurveyError:
    """Trouble with what was read is trouble with the file that the person knows."""
    return SurveyError(error.code, **(error.facts | ({"path": path} if "path" in error.facts else {})))
