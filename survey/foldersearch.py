"""The tables and workbooks in folders, as a person who drops a folder means them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

# Endings of files that may hold a table; what a file really is its content tells.
ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".csv", ".tsv", ".txt")
# What Excel, WPS and LibreOffice lay beside a workbook that is open, and what systems hide.
_COMPANIONS = ("~$", ".~", "._", ".")


def tables_in(paths: Iterable[Path], also: str = "") -> list[Path]:
    """The files among some paths, and all tables in the folders among them, each once, in order of their names.

    `also` is one more ending of files that are wanted. A file that is named itself is taken whatever its name is.
    Folders whose name begins with _ hold what is said about tables, as beside an export, those with . what is hidden.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(one for one in _below(path) if is_table(one) or one.suffix == (also or None)))
        else:
            found[path] = None
    return list(found)


def passed_over(paths: Iterable[Path]) -> list[Path]:
    """The files in folders that may hold answers all the same, and that nobody reads: archives, documents, pictures."""
    below = (one for path in paths if path.is_dir() for one in _below(path))
    return [one for one in below if not is_table(one) and not one.name.startswith(_COMPANIONS)]


def _below(folder: Path) -> list[Path]:
    """The files of a folder and the folders in it; what vanishes meanwhile, or nobody may look into, is none."""
    found = sorted(Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return [
        one
        for one in found
        if one.is_file() and not any(part.startswith(("_", ".")) for part in one.relative_to(folder).parts[:-1])
    ]


def is_table(path: Path) -> bool:
    """Whether a file's name says that it may be a table, and no companion of an open one."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith(_COMPANIONS)
