"""Which tables a survey file has: those that the program's own steps and its scheme make, where it says they are.

What a file's list of tables says is never run: it may be anybody's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from survey.database import Database
from survey.filelayout import form_schema
from survey.forest import Stored, Tree
from survey.migrations import MIGRATIONS
from survey.scheme import Scheme
from survey.sql import quote

SCHEMA = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master"
_KINDS = ("table", "index", "trigger", "view")
_LATER = 1 << 20


class Line(NamedTuple):
    """A line of the schema: what it makes, of which table, the page that begins with."""

    kind: str
    name: str
    table: str
    root: int
    sql: str | None


@dataclass(frozen=True)
class Shape:
    """How a table keeps its rows: its columns as records have them, and the one that is a row's number ('': none)."""

    by_key: bool
    columns: tuple[Stored, ...]
    number: str


def schema_tree() -> Tree:
    """The tree of the schema itself, which every database begins with."""
    said = [Stored(name, "TEXT", empty=False) for name in ("type", "name", "tbl_name")]
    columns = (*said, Stored("rootpage", "INTEGER"), Stored("sql", "TEXT"))
    return Tree("sqlite_master", by_key=False, columns=columns, root=1, among=_KINDS)


class Blueprint:
    """An empty file with the tables that one has: those of the program's steps whose lines are most like its own ones,
    and those of its scheme.
    """

    def __init__(self, own: Sequence[Line], scheme: Scheme | None) -> None:
        self._own = {line.name: line for line in own}
        self._steps = _nearest({line.name: line.sql for line in own})
        self.plan = _opened(self._steps.content)
        if scheme:
            _add_forms(self.plan, scheme)
        lines = [Line(*row) for row in self.plan.execute(SCHEMA)]
        known = {line.name for line in lines}
        self.foreign = tuple(line.name for line in own if line.kind in ("table", "view") and line.name not in known)
        """Tables that the file tells of and the program does not make."""
        self._order = _order(self._own, lines)

    @property
    def lines(self) -> list[Line]:
        """What makes the file, tables first."""
        found = [
            Line(*row) for row in self.plan.execute(f"{SCHEMA} WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        ]
        return sorted(found, key=lambda line: _KINDS.index(line.kind))

    def steps(self) -> list[tuple[str, str, str]]:
        """What is noted of the steps by which the tables were made."""
        with closing(_opened(self._steps.content)) as reference:
            return reference.execute(
                f"SELECT migration_set, name, applied_at FROM {MIGRATIONS.migrations_table}"
            ).fetchall()

    def shape(self, table: str) -> Shape:
        facts = self.plan.execute(f"PRAGMA table_info({quote(table)})").fetchall()
        by_key = self.plan.execute(f"SELECT wr FROM pragma_table_list({quote(table)})").fetchone() == (1,)
        keys = [row for row in facts if row[5]]
        number = keys[0][1] if not by_key and len(keys) == 1 and keys[0][2] == "INTEGER" else ""
        columns = {row[1]: Stored(row[1], row[2], not row[3] or row[1] == number) for row in facts}
        if not by_key:
            return Shape(by_key, tuple(columns.values()), number)
        index = self.plan.execute(f"SELECT name FROM pragma_index_list({quote(table)}) WHERE origin = 'pk'").fetchone()[
            0
        ]
        order = [
            row[0] for row in self.plan.execute(f"SELECT name FROM pragma_index_xinfo({quote(index)}) ORDER BY seqno")
        ]
        return Shape(by_key, tuple(columns[name] for name in order), "")

    def indexes(self, table: str) -> list[str]:
        """The indexes of a table that hold an entry for each of its rows, and are trees of their own."""
        rows = self.plan.execute(
            f"SELECT name, origin FROM pragma_index_list({quote(table)}) WHERE NOT partial"
        ).fetchall()
        by_key = self.shape(table).by_key
        return [name for name, origin in rows if not (by_key and origin == "pk")]

    def trees(self, known: Mapping[str, int]) -> list[Tree]:
        """All tables and indexes; `known` says where those begin of which the file's own lines do not tell."""
        found = [schema_tree()]
        for line in map(Line._make, self.plan.execute(f"{SCHEMA} WHERE rootpage > 0")):
            own = self._own.get(line.name)
            root = own.root if own else known.get(line.name, 0)
            shape = self.shape(line.table)
            columns = shape.columns if line.kind == "table" else self._of_index(line)
            found.append(
                Tree(
                    line.name, shape.by_key if line.kind == "table" else True, columns, root,
                    self._order.get(line.name, _LATER), line.kind == "table",
                )
            )  # fmt: skip
        return found

    def _of_index(self, line: Line) -> tuple[Stored, ...]:
        columns = {column.name: column for column in self.shape(line.table).columns}
        rows = self.plan.execute(f"SELECT name FROM pragma_index_xinfo({quote(line.name)}) ORDER BY seqno")
        return tuple(columns[row[0]] if row[0] else Stored("", "INTEGER", empty=False) for row in rows)


@dataclass(frozen=True)
class _Steps:
    """What the schema says after some of the program's steps, by names, and a file of them."""

    said: Mapping[str, str | None]
    content: bytes


@cache
def _history() -> tuple[_Steps, ...]:
    """A file of no scheme after each of the program's steps, the latest first."""
    found = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        database = Database(connection, execute_plugins=False)
        names = [one.name for one in MIGRATIONS._migrations]  # noqa: SLF001 - the library names no other way
        for later in (*names[1:], None):
            MIGRATIONS.apply(database, stop_before=later)
            said = {line.name: line.sql for line in map(Line._make, connection.execute(SCHEMA))}
            found.append(_Steps(said, connection.serialize()))
    return tuple(reversed(found))


def _nearest(own: Mapping[str, str | None]) -> _Steps:
    """The step whose lines are most like those that are known; the latest where several are."""
    return max(_history(), key=lambda steps: sum(_likeness(own, *one) for one in steps.said.items()))


def _likeness(own: Mapping[str, str | None], name: str, sql: str | None) -> int:
    return 0 if name not in own else 1 if own[name] == sql else -1


def _add_forms(reference: sqlite3.Connection, scheme: Scheme) -> None:
    """The tables of the scheme's forms, watched where the steps have come so far as to watch any."""
    watched = reference.execute("SELECT 1 FROM sqlite_master WHERE name = 'touched'").fetchone()
    for form in scheme.forms:
        for statement in form_schema(form)[: None if watched else 1]:
            reference.execute(statement)


def _opened(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(content)
    return connection


def _order(own: Mapping[str, Line], lines: Sequence[Line]) -> dict[str, int]:
    """In which order the first pages of tables and indexes were made: as today, unless the file was written anew.

    Then it has them in the order of the schema, indexes that were made by themselves behind all tables.
    """
    today = {line.name: line.root for line in lines if line.root}
    same = sum(own[name].root == root for name, root in today.items() if name in own)
    if own and 2 * same < len(own.keys() & today.keys()):
        apart = {line.name for line in lines if line.kind == "index" and line.sql}
        return {name: at for at, name in enumerate(sorted(today, key=apart.__contains__))}
    return today
