"""DuckDB as the engine of a large file: it reads the survey file where it lies, column by column."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import files
from pathlib import Path
from typing import Any

import duckdb

from survey.sql import literal

_EXTENSION = "duckdb-extension-sqlite-scanner"


class DuckEngine:
    """A connection of its own, which reads the last committed state of a survey file."""

    name = "duckdb"
    materialized = "AS MATERIALIZED"
    unindexed = ""

    def __init__(self, path: Path) -> None:
        # Nothing is fetched: the one extension it needs lies beside the program.
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        self._connection.execute(f"LOAD {literal(str(_extension()))}")
        self._connection.execute(f"ATTACH {literal(str(path))} AS survey (TYPE sqlite, READ_ONLY)")
        self._connection.execute("USE survey")

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        """Lets the file go."""
        self._connection.close()


def _extension() -> Path:
    found = next(one for one in files(_EXTENSION) or () if one.suffix == ".duckdb_extension")
    return Path(str(found.locate()))
