"""Writing a file so that a full disk or a crash harms nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.errors import SurveyError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside the target to write to; when all went well it is flushed and takes the target's place.

    Raises SurveyError `cannot_write` with what the system says.
    """
    beside = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise SurveyError("cannot_write", path=path, detail=error.strerror or str(error)) from error
    finally:
        beside.unlink(missing_ok=True)
