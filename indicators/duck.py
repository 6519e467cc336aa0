"""DuckDB as the engine of a large file: it takes the columns it needs out of the survey file, and computes on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from importlib.metadata import files
from pathlib import Path
from typing import Any

import duckdb

from survey.connection import connect
from survey.keyring import key_of
from survey.relation import has_answers
from survey.scheme import Scheme
from survey.sql import literal, quote

_UNIT = ("id", "uscc", "name", "district", "kind")
_RESPONSE = ("id", "unit", "period", "status")
# How SQLite's types are called there, and in the frames by which rows are handed over.
_TYPES: Mapping[str, tuple[str, Any]] = {
    "INTEGER": ("BIGINT", "Int64"), "REAL": ("DOUBLE", "Float64"), "TEXT": ("VARCHAR", "object"),
}  # fmt: skip
_ROWS = 50_000
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
        self._key = key_of(path)
        if self._key:
            # What is encrypted it cannot attach: the columns are handed over, and never laid aside on a disk.
            self._connection.execute("SET temp_directory = ''")
            self._connection.execute("ATTACH ':memory:' AS survey (COMPRESS)")
        else:
            self._connection.execute(f"LOAD {literal(str(_extension()))}")
            self._connection.execute(f"ATTACH {literal(str(path))} AS survey (TYPE sqlite, READ_ONLY)")
        # Packed, a large city's answers take a fraction of the room.
        self._connection.execute("ATTACH ':memory:' AS taken (COMPRESS)")
        self._connection.execute("USE taken")

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Takes the columns of all periods, as figures refer to ever earlier ones, and the responses with answers."""
        if self._key:
            self._hand_over({"unit": _UNIT, "response": _RESPONSE, **columns})
        self._take("unit", f"SELECT {', '.join(_UNIT)} FROM survey.unit")
        self._take("begun", f"SELECT {', '.join(_RESPONSE)} FROM survey.response")
        self._take("response", f"SELECT * FROM begun{self._but_empty()}")
        for table, names in columns.items():
            wanted = ", ".join(map(quote, names))
            self._take(table, f"SELECT {wanted} FROM survey.{table} WHERE response IN (SELECT id FROM response)")

    def reach(self, tables: Iterable[str]) -> None:
        """Makes tables of the file readable as `survey.<name>`, with all their columns."""
        if self._key:
            self._hand_over(dict.fromkeys(tables, ()))

    def _but_empty(self) -> str:
        """Leaves out the few responses without answers, which SQLite finds by its indexes."""
        kinds = dict.fromkeys(form.respondent for form in self._scheme.forms)
        empty = " OR ".join(f"(u.kind = {literal(kind)} AND NOT {has_answers(self._scheme, kind)})" for kind in kinds)
        with closing(connect(self._path, self._key, mode="ro")) as connection:
            sql = f"SELECT r.id FROM response r JOIN unit u ON u.id = r.unit WHERE {empty}"
            found = [str(row[0]) for row in connection.execute(sql)]
        return f" WHERE id NOT IN ({', '.join(found)})" if found else ""

    def _hand_over(self, columns: Mapping[str, Sequence[str]]) -> None:
        """The columns of an encrypted file, all where none are named, some rows at a time, into memory alone."""
        import pandas as pd

        with closing(connect(self._path, self._key, mode="ro")) as source:
            for table, wanted in columns.items():
                types = {row[1]: row[2] for row in source.execute(f"PRAGMA table_info({quote(table)})")}
                names = wanted or list(types)
                fields = ", ".join(f"{quote(name)} {_TYPES[types[name]][0]}" for name in names)
                self._connection.execute(f"CREATE OR REPLACE TABLE survey.{quote(table)} ({fields})")
                cursor = source.execute(f"SELECT {', '.join(map(quote, names))} FROM {quote(table)}")
                while rows := cursor.fetchmany(_ROWS):
                    sides = zip(names, zip(*rows, strict=True), strict=True)
                    chunk = pd.DataFrame({name: pd.array(side, dtype=_TYPES[types[name]][1]) for name, side in sides})
                    self._connection.register("chunk", chunk)
                    self._connection.execute(f"INSERT INTO survey.{quote(table)} SELECT * FROM chunk")
                    self._connection.unregister("chunk")

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
