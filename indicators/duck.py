"""DuckDB as the engine of a large file: it takes the columns it needs out of the survey file, and computes on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from importlib.metadata import files
from pathlib import Path
from typing import Any

import duckdb

from survey.relation import has_answers
from survey.scheme import Scheme
from survey.sql import literal, quote

_EXTENSION = "duckdb-extension-sqlite-scanner"


class DuckEngine:
    """A connection of its own, which reads the last committed state of a survey file."""

    name = "duckdb"
    materialized = "AS MATERIALIZED"
    unindexed = ""
    answered = True
    grouping_sets = True
    # The sums of so many groups lie near the processor.
    groups = 1000

    def __init__(self, path: Path, scheme: Scheme) -> None:
        self._path = path
        self._scheme = scheme
        # Nothing is fetched: the one extension it needs lies beside the program.
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        self._connection.execute(f"LOAD {literal(str(_extension()))}")
        self._connection.execute(f"ATTACH {literal(str(path))} AS survey (TYPE sqlite, READ_ONLY)")
        # Packed, a large city's answers take a fraction of the room.
        self._connection.execute("ATTACH ':memory:' AS taken (COMPRESS)")
        self._connection.execute("USE taken")

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Takes the columns of all periods, as figures refer to ever earlier ones, and the responses with answers."""
        self._take("unit", "SELECT id, uscc, name, district, kind FROM survey.unit")
        self._take("begun", "SELECT id, unit, period, status FROM survey.response")
        self._take("response", f"SELECT * FROM begun{self._but_empty()}")
        for table, names in columns.items():
            wanted = ", ".join(map(quote, names))
            self._take(table, f"SELECT {wanted} FROM survey.{table} WHERE response IN (SELECT id FROM response)")

    def _but_empty(self) -> str:
        """Leaves out the few responses without answers, which SQLite finds by its indexes."""
        kinds = dict.fromkeys(form.respondent for form in self._scheme.forms)
        empty = " OR ".join(f"(u.kind = {literal(kind)} AND NOT {has_answers(self._scheme, kind)})" for kind in kinds)
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            sql = f"SELECT r.id FROM response r JOIN unit u ON u.id = r.unit WHERE {empty}"
            found = [str(row[0]) for row in connection.execute(sql)]
        return f" WHERE id NOT IN ({', '.join(found)})" if found else ""

    def _take(self, name: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TABLE {quote(name)} AS {sql}")

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        """Lets the file go."""
        self._connection.close()


def _extension() -> Path:
    found = next(one for one in files(_EXTENSION) or () if one.suffix == ".duckdb_extension")
    return Path(str(found.locate()))
