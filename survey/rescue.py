"""What can still be read of a damaged survey file, in a new one.

Table by table and row by row is read what the pages give; where they do not, the rows of the latest copy that has them
fill the gap. Nothing is guessed: what is neither in the file nor in a copy is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from survey import journal
from survey import store as stores
from survey.backup import copies_of
from survey.connection import Key, connect, is_database_error, trouble
from survey.errors import SurveyError
from survey.filemark import APPLICATION_ID, is_encrypted
from survey.files import UNTOLD, replacing
from survey.journal import Break
from survey.keyring import hold, key_of
from survey.pages import Image, image
from survey.progress import Progress
from survey.scheme import read
from survey.sql import quote

Gap = tuple[int, int]
# Rows that a page of a table holds at most, where nothing tells how far a table goes.
_ROWS_A_PAGE = 400
_BACK = (0, 997, 9_973)
_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"


@dataclass
class Table:
    """What became of a table: rows read, rows taken from a copy, and the numbers between which rows are missing.

    `doubtful`: all rows that it leads to were read, but its pages do not hold together, so that some may have gone.
    """

    name: str
    read: int = 0
    filled: int = 0
    gaps: list[Gap] = field(default_factory=list)
    doubtful: bool = False


@dataclass(frozen=True)
class Rescue:
    """What was saved into `target`; `failed` counts the pages whose HMAC did not hold, `copy` is what filled gaps.

    `orphans` are rows that belong to rows that are lost, `breaks` where the records of what was done have a gap.
    """

    target: Path
    tables: tuple[Table, ...]
    failed: int
    copy: Path | None
    orphans: int
    breaks: tuple[Break, ...] = ()

    @property
    def read(self) -> int:
        return sum(table.read for table in self.tables)

    @property
    def filled(self) -> int:
        return sum(table.filled for table in self.tables)

    @property
    def damaged(self) -> tuple[Table, ...]:
        """The tables of which something could not be read."""
        return tuple(table for table in self.tables if table.gaps or table.doubtful)


def rescue(path: Path, target: Path, progress: Progress | None = None, *, who: str = "") -> Rescue:
    """Saves what can be read of a file, and of its copies what cannot, into a new file under the same passphrase.

    The damaged one is left as it is; the new one tells that `who`, or whoever works now, did it. Raises SurveyError
    `no_file`, `exists`, `passphrase_needed`, `cannot_write`, `nothing_rescued`, Cancelled.
    """
    if not path.is_file():
        raise SurveyError("no_file", path=path)
    if target.exists():
        raise SurveyError("exists", path=target)
    key = key_of(path)
    with trouble(path):
        found = image(path, key)
    with replacing(target, UNTOLD, census=True) as beside:
        beside.unlink()
        with trouble(target), closing(connect(beside, key)) as out, closing(_in_memory(found)) as source:
            done = _Rescue(path, source, out, key).run(target, len(found.failed), progress)
    hold(target, key)
    try:
        opened = stores.open(target)
    except SurveyError as error:
        target.unlink()
        raise SurveyError("nothing_rescued", path=path) from error
    with closing(opened):
        breaks = journal.verify(opened)
        journal.record(opened, "rescued", path.name, who=who, read=done.read, filled=done.filled)
    return replace(done, breaks=tuple(breaks))


def _in_memory(found: Image) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(found.content)
    # One broken line of the schema must not hide the others.
    connection.execute("PRAGMA writable_schema = ON")
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


class _Rescue:
    """One file being read."""

    def __init__(self, path: Path, source: sqlite3.Connection, out: sqlite3.Connection, key: Key | None) -> None:
        self._path = path
        self._source = source
        self._out = out
        self._key = key

    def run(self, target: Path, failed: int, progress: Progress | None) -> Rescue:
        schema = self._schema()
        out, tables, copy = self._out, [], None
        out.execute("PRAGMA foreign_keys = OFF")
        out.execute("BEGIN")
        names = [name for kind, name, _ in schema if kind == "table"]
        for kind, _, sql in schema:
            if kind == "table":
                out.execute(sql)
        for at, name in enumerate(names):
            if progress:
                progress(at, len(names), "progress.rescue")
            tables.append(self._table(name))
        missing = [table for table in tables if table.gaps or table.doubtful]
        if missing:
            copy = self._filled(missing)
        if not self._scheme_holds():
            self._scheme_of_copy()
        for kind, _, sql in schema:
            if kind != "table":
                out.execute(sql)
        out.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        out.execute("COMMIT")
        out.execute("PRAGMA journal_mode = WAL")
        orphans = len(out.execute("PRAGMA foreign_key_check").fetchall())
        return Rescue(target, tuple(tables), failed, copy, orphans)

    def _scheme_holds(self) -> bool:
        """Whether the scheme is the one that the file was made with; nothing else shows that a letter is another."""
        wanted = self._out.execute("SELECT value FROM desk WHERE key = 'digest'").fetchone()
        try:
            found = read(dict(self._out.execute("SELECT name, text FROM scheme_file").fetchall()))
        except SurveyError:
            return False
        return wanted is None or found.digest == wanted[0]

    def _scheme_of_copy(self) -> None:
        for copy in self._copies():
            with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                rows = connection.execute("SELECT name, text FROM scheme_file").fetchall()
            self._out.execute("DELETE FROM scheme_file")
            self._out.executemany("INSERT INTO scheme_file (name, text) VALUES (?, ?)", rows)
            return

    def _schema(self) -> list[tuple[str, str, str]]:
        """What makes the tables, from the file or, where it does not say, from its latest copy."""
        try:
            if found := self._source.execute(_SCHEMA).fetchall():
                return found
        except sqlite3.DatabaseError:
            pass
        for copy in self._copies():
            with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                return connection.execute(_SCHEMA).fetchall()
        raise SurveyError("nothing_rescued", path=self._path)

    def _table(self, name: str) -> Table:
        table = Table(name)
        try:
            columns, key = self._shape(name)
        except sqlite3.DatabaseError:
            columns, key = [], ""
        if not columns:
            table.gaps.append((0, 0))
            return table
        insert = _insert(name, columns)
        for row in _rows(self._source, name, columns, key, table.gaps):
            table.read += self._put(insert, row, table)
        table.doubtful = not table.gaps and not self._sound(name)
        return table

    def _sound(self, name: str) -> bool:
        try:
            return bool(self._source.execute(f"PRAGMA integrity_check({quote(name)})").fetchone() == ("ok",))
        except sqlite3.DatabaseError:
            return False

    def _shape(self, name: str) -> tuple[list[str], str]:
        """A table's columns, and by which number its rows can be asked for; '' where there is none."""
        columns = self._source.execute(f"PRAGMA table_info({quote(name)})").fetchall()
        apart = self._source.execute(f"SELECT wr FROM pragma_table_list({quote(name)})").fetchone()
        first = [column[1] for column in columns if column[5] == 1 and column[2] == "INTEGER"]
        return [column[1] for column in columns], "rowid" if apart and not apart[0] else (*map(quote, first), "")[0]

    def _put(self, insert: str, row: Sequence[object], table: Table) -> int:
        """Writes a row; one that is not what its table takes was not read."""
        try:
            return self._out.execute(insert, row[1:]).rowcount
        except Exception as error:
            if not is_database_error(error):
                raise
            number = row[0] if isinstance(row[0], int) else 0
            table.gaps.append((number, number))
            return 0

    def _filled(self, missing: Sequence[Table]) -> Path | None:
        """Rows that could not be read, from the latest copy that opens."""
        for copy in self._copies():
            with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                for table in missing:
                    self._fill(connection, table)
            return copy
        return None

    def _fill(self, copy: sqlite3.Connection, table: Table) -> None:
        name = quote(table.name)
        wanted = [column[1] for column in self._out.execute(f"PRAGMA table_info({name})")]
        held = [column[1] for column in copy.execute(f"PRAGMA table_info({name})")]
        if wanted != held:
            return
        insert = _insert(table.name, wanted)
        key = "rowid" if copy.execute(f"SELECT wr FROM pragma_table_list({name})").fetchone() == (0,) else ""
        select = f"SELECT {', '.join(map(quote, wanted))} FROM {name}"
        for low, high in table.gaps:
            within = f" WHERE rowid BETWEEN {low} AND {high}" if key and high else ""
            table.filled += self._out.executemany(insert, copy.execute(select + within)).rowcount
        # Rows that no page leads to any more are missed by their count alone.
        if copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] > table.read + table.filled:
            table.filled += self._out.executemany(insert, copy.execute(select)).rowcount

    def _copies(self) -> Iterator[Path]:
        """The copies that open with the file's key, the latest first."""
        for copy in sorted(copies_of(self._path), key=lambda one: one.stat().st_mtime, reverse=True):
            try:
                with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                    sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            except Exception as error:
                if not is_database_error(error):
                    raise
                continue
            if sound:
                yield copy

    def _key_of(self, copy: Path) -> Key | None:
        return self._key if is_encrypted(copy) else None


def _insert(name: str, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT OR IGNORE INTO {quote(name)} ({', '.join(map(quote, columns))}) VALUES ({places})"


def _rows(
    source: sqlite3.Connection, name: str, columns: Sequence[str], key: str, gaps: list[Gap]
) -> Iterator[Sequence[object]]:
    """The rows that can be read, each behind its number; what lies between goes into `gaps`.

    Where a range breaks off, the rest of it is halved until only what cannot be read is left.
    """
    select = f"SELECT {key or 0}, {', '.join(map(quote, columns))} FROM {quote(name)} NOT INDEXED"
    if not key:
        yield from _until_broken(source, select, gaps)
        return
    last = _last(source, name, key)
    ranges = [(_first(source, name, key), last)]
    while ranges:
        low, high = ranges.pop()
        try:
            for row in source.execute(f"{select} WHERE {key} BETWEEN ? AND ? ORDER BY {key}", (low, high)):
                if not low <= row[0] <= high:
                    # Pages that lead back to one another would be walked for ever.
                    raise sqlite3.DatabaseError
                yield row
                low = row[0] + (key == "rowid")
        except sqlite3.DatabaseError:
            if low >= high:
                _add(gaps, low)
            else:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _until_broken(source: sqlite3.Connection, select: str, gaps: list[Gap]) -> Iterator[Sequence[object]]:
    most = int(source.execute("PRAGMA page_count").fetchone()[0]) * _ROWS_A_PAGE
    try:
        yield from islice(source.execute(select), most)
    except sqlite3.DatabaseError:
        gaps.append((0, 0))


def _add(gaps: list[Gap], number: int) -> None:
    if gaps and gaps[-1][1] == number - 1:
        gaps[-1] = (gaps[-1][0], number)
    else:
        gaps.append((number, number))


def _first(source: sqlite3.Connection, name: str, key: str) -> int:
    return _number(source, f"SELECT min({key}) FROM {quote(name)}") or 0


def _last(source: sqlite3.Connection, name: str, key: str) -> int:
    """The last number of a table; where its end is broken, some more than the last that can be read."""
    most = int(source.execute("PRAGMA page_count").fetchone()[0]) * _ROWS_A_PAGE
    found = _number(source, f"SELECT max({key}) FROM {quote(name)}")
    if found is not None:
        return min(found, most)
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        # One of several, lest a gap in the midst be taken for the end.
        if any(_reaches(source, name, key, middle - back) for back in _BACK):
            low = middle
        else:
            high = middle - 1
    return low + _ROWS_A_PAGE


def _reaches(source: sqlite3.Connection, name: str, key: str, number: int) -> bool:
    sql = f"SELECT {key} FROM {quote(name)} NOT INDEXED WHERE {key} <= {number} ORDER BY {key} DESC LIMIT 1"
    return _number(source, sql) is not None


def _number(source: sqlite3.Connection, sql: str) -> int | None:
    """The number that is asked for, 0 where there is none; None where it cannot be read."""
    try:
        row = source.execute(sql).fetchone()
    except sqlite3.DatabaseError:
        return None
    return int(row[0] or 0) if row else 0
