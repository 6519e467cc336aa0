"""The tables and workbooks in folders, as a person who drops a folder means them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Endings of files that may hold a table; what a file really is its content tells.
ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".csv", ".tsv", ".txt")
# What Excel, WPS and LibreOffice lay beside a workbook that is open, and what systems hide.
_COMPANIONS = ("~$", ".~", "._", ".")


def tables_in(paths: Iterable[Path]) -> list[Path]:
    """The files among some paths, and all tables in the folders among them, each once, in order of their names.

    A file that is named itself is taken whatever its name is.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = (one for one in sorted(path.rglob("*")) if one.is_file() and is_table(one))
            found.update(dict.fromkeys(below))
        else:
            found[path] = None
    return list(found)


def is_table(path: Path) -> bool:
    """Whether a file's name says that it may be a table, and no companion of an open one."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith(_COMPANIONS)
