"""Files and folders that are dropped on a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QDropEvent

from survey.foldersearch import is_table, tables_in

_RETURN, _SEALED = ".xlsx", ".sealed"


def paths_of(event: QDropEvent) -> list[Path]:
    """What was dropped, as far as it is on this computer."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def may_be_returns(paths: Sequence[Path]) -> bool:
    """Whether some paths are returns or folders, which may hold some."""
    return any(path.is_dir() or _is_return(path) for path in paths)


def returns_in(paths: Sequence[Path]) -> list[Path]:
    """The workbooks and sealed returns among some paths and in the folders among them, by their names."""
    return [path for path in tables_in(paths, _SEALED) if _is_return(path)]


def _is_return(path: Path) -> bool:
    return path.suffix == _SEALED or (path.suffix.lower() == _RETURN and is_table(path))
