"""What can still be read of a damaged survey file, in a new one.

Row by row is read what the pages give, whatever has become of those that lead to them; where they do not, the rows of
the latest copy that has them fill the gap. Nothing is guessed: what is neither in the file nor in a copy is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from survey import journal
from survey import scheme as schemes
from survey import store as stores
from survey.beside import copies_of
from survey.blueprint import SCHEMA, Line
from survey.connection import Key, connect, is_database_error, trouble
from survey.errors import SurveyError
from survey.filemark import APPLICATION_ID, is_encrypted
from survey.files import UNTOLD, replacing
from survey.form import Form
from survey.journal import Break
from survey.keyring import hold, key_of
from survey.migrations import MIGRATIONS
from survey.pages import Image, image
from survey.progress import Progress
from survey.salvage import Salvage, Table
from survey.scheme import Scheme
from survey.sql import literal, quote

# What a file says of itself, where its own note of that is lost, by what else it holds.
_TOLD = {
    "period": "SELECT max(period) FROM response",
    "district": "SELECT CASE WHEN EXISTS (SELECT 1 FROM merge) OR count(DISTINCT district) > 1 THEN ''"
    " ELSE coalesce(max(district), '') END FROM unit",
    "sender": "SELECT sender FROM receipt WHERE direction = 'sent' ORDER BY id DESC LIMIT 1",
    "sequence": "SELECT CAST(coalesce(max(sequence), 0) AS TEXT) FROM receipt WHERE direction = 'sent'",
    "last_digest": "SELECT digest FROM receipt WHERE direction = 'sent' ORDER BY id DESC LIMIT 1",
}

# What checking remembers would be of answers that may be lost: it is computed anew.
_COMPUTED = ("result", "result_part", "result_check", "touched")

# Rows between which the person can stop.
_OFTEN = 5_000


@dataclass(frozen=True)
class Rescue:
    """What was saved into `target`; `failed` counts the pages whose HMAC did not hold, `copy` is what filled gaps.

    `orphans` are rows that belong to rows that are lost, `breaks` where the records of what was done have a gap.
    `strange` tables were known by their rows alone, `told` is what the file says of itself by what else it holds,
    `scheme` where its scheme was taken from, `forms` what that asks, `foreign` tables stayed behind: the program does
    not make such. `by_code`: the passphrase opens neither file any more, the code does.
    """

    target: Path
    tables: tuple[Table, ...]
    failed: int
    copy: Path | None
    orphans: int
    strange: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    scheme: Path | None = None
    breaks: tuple[Break, ...] = ()
    by_code: bool = False
    foreign: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()

    @property
    def read(self) -> int:
        return sum(table.read for table in self.tables)

    @property
    def filled(self) -> int:
        return sum(table.filled for table in self.tables)

    @property
    def damaged(self) -> tuple[Table, ...]:
        """The tables of which something could not be read."""
        return tuple(table for table in self.tables if not table.is_whole)


def rescue(
    path: Path, target: Path, progress: Progress | None = None, others: Sequence[Path] = (), *, who: str = ""
) -> Rescue:
    """Saves what can be read of a file, and of its copies what cannot, into a new file under the same passphrase.

    The damaged one is left as it is; the new one tells that `who`, or whoever works now, did it. Where neither it nor a
    copy has its scheme, that of one of the `others` is taken, folders of schemes or survey files, if it is the same.
    Raises SurveyError `no_file`, `exists`, `passphrase_needed`, `cannot_write`, `scheme_lost`, `nothing_rescued`,
    Cancelled.
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
        with _or_nothing(path), trouble(target), closing(connect(beside, key)) as out:
            done = _Rescue(path, found, out, key, others).run(target, progress)
    hold(target, key)
    with _gone_on_trouble(target), _or_nothing(path):
        try:
            opened = stores.open(target)
        except SurveyError as error:
            raise SurveyError("nothing_rescued", path=path) from error
        with closing(opened):
            breaks = journal.verify(opened)
            journal.record(opened, "rescued", path.name, who=who, read=done.read, filled=done.filled)
    return replace(done, breaks=tuple(breaks), by_code=found.unchecked)


@contextmanager
def _or_nothing(path: Path) -> Iterator[None]:
    """Whatever else SQLite complains of, the damage made no file of it."""
    try:
        yield
    except Exception as error:
        if not is_database_error(error):
            raise
        raise SurveyError("nothing_rescued", path=path) from error


@contextmanager
def _gone_on_trouble(target: Path) -> Iterator[None]:
    """Of a new file that cannot be used nothing stays, nor the copy that opening it has made."""
    before = copies_of(target)
    try:
        yield
    except BaseException:
        logs = [target.with_name(target.name + end) for end in ("-wal", "-shm")]
        for one in (target, *logs, *set(copies_of(target)).difference(before)):
            one.unlink(missing_ok=True)
        raise


class _Rescue:
    """One file being read."""

    def __init__(
        self, path: Path, found: Image, out: sqlite3.Connection, key: Key | None, others: Sequence[Path]
    ) -> None:
        self._path = path
        self._failed = len(found.failed)
        self._found = Salvage(found)
        self._out = out
        self._key = key
        self._others = others

    def run(self, target: Path, progress: Progress | None) -> Rescue:
        scheme, source = self._scheme()
        self._found.grow(scheme, self._known())
        out, lines = self._out, self._found.blueprint.lines
        out.execute("PRAGMA foreign_keys = OFF")
        out.execute("BEGIN")
        for line in lines:
            if line.kind != "trigger":
                out.execute(line.sql or "")
        tables = self._tables([line.name for line in lines if line.kind == "table"], progress)
        copy = self._filled([table for table in tables if not table.is_whole])
        told = self._told(scheme)
        self._noted(scheme, tables)
        for line in lines:
            if line.kind == "trigger":
                out.execute(line.sql or "")
        out.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        out.execute("COMMIT")
        out.execute("PRAGMA journal_mode = WAL")
        orphans = len(out.execute("PRAGMA foreign_key_check").fetchall())
        return Rescue(
            target, tuple(tables), self._failed, copy, orphans, self._found.strange, told, source,
            foreign=self._found.blueprint.foreign, forms=scheme.forms,
        )  # fmt: skip

    # The scheme, without which no table of a form is known

    def _scheme(self) -> tuple[Scheme, Path | None]:
        """The scheme that the file was made with, and from where, unless from the file itself."""
        self._found.grow(None, self._known())
        desk = {str(row[0]): str(row[1]) for row in self._values("desk")}
        known = list(self._schemes())
        seen = [scheme.digest for scheme, _ in known]
        for fits in (
            lambda scheme, _source: scheme.digest == desk.get("digest", scheme.digest),
            # The note itself is damaged: a sound copy, or two that say the same, are witnesses enough.
            lambda _scheme, source: source in self._copies,
            lambda scheme, _source: seen.count(scheme.digest) > 1,
        ):
            for scheme, source in known:
                if fits(scheme, source):
                    return scheme, source
        if not desk and not self._found.lines:
            raise SurveyError("nothing_rescued", path=self._path)
        raise SurveyError(
            "scheme_lost", path=self._path, scheme=desk.get("scheme", ""), version=desk.get("version", "")
        )

    def _schemes(self) -> Iterator[tuple[Scheme, Path | None]]:
        """Every scheme that may be the file's; nothing but the digest shows that a letter is another."""
        sources: list[Path | None] = [None, *self._copies, *self._others]
        for source in sources:
            try:
                yield self._scheme_in(source), source
            except SurveyError:
                continue

    def _scheme_in(self, source: Path | None) -> Scheme:
        if source is None:
            return schemes.read(self._texts())
        if source.is_dir():
            return schemes.load(source)
        key = self._key_of(source) if source in self._copies else key_of(source)
        with trouble(source), closing(connect(source, key, mode="ro")) as connection:
            if not self._same(connection, "scheme_file"):
                raise SurveyError("not_ours", path=source)
            return schemes.read(dict(connection.execute("SELECT name, text FROM scheme_file").fetchall()))

    def _texts(self) -> dict[str, str]:
        return {str(row[0]): str(row[1]) for row in self._values("scheme_file")}

    def _values(self, name: str) -> list[Sequence[object]]:
        return [values for _, _, values in self._found.rows(self._found.begun(name))]

    # What is in the file

    def _tables(self, names: Sequence[str], progress: Progress | None) -> list[Table]:
        tables = []
        for at, name in enumerate(names):
            if progress:
                progress(at, len(names), "progress.rescue")
            if name in _COMPUTED:
                continue
            table = self._found.begun(name)
            for count, (number, columns, values) in enumerate(self._found.rows(table), 1):
                if progress and count % _OFTEN == 0:
                    progress(at, len(names), "progress.rescue")
                self._put(table, number, columns, values)
            tables.append(table)
        for table in tables:
            self._found.finish(table)
        return tables

    def _put(self, table: Table, number: int, columns: tuple[str, ...], values: Sequence[object]) -> None:
        """Writes a row; one that is not what its table takes was not read."""
        try:
            done = self._out.execute(_insert(table.name, columns), values).rowcount
        except Exception as error:
            if not is_database_error(error):
                raise
            table.gaps.append((number, number))
            return
        table.read += done
        # It stands there already, or lacks what it must have.
        table.doubtful |= not done

    # What the copies have

    def _filled(self, missing: Sequence[Table]) -> Path | None:
        """Rows that could not be read, from the latest copy that opens."""
        if not missing or not self._copies:
            return None
        copy = self._copies[0]
        with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
            for table in missing:
                self._fill(connection, table)
        return copy

    def _fill(self, copy: sqlite3.Connection, table: Table) -> None:
        if not self._same(copy, table.name):
            return
        name = quote(table.name)
        wanted = [column[1] for column in self._out.execute(f"PRAGMA table_info({name})")]
        insert = _insert(table.name, tuple(wanted))
        by_number = copy.execute(f"SELECT wr FROM pragma_table_list({name})").fetchone() == (0,)
        select = f"SELECT {', '.join(map(quote, wanted))} FROM {name}"
        for low, high in table.gaps:
            within = f" WHERE rowid BETWEEN {low} AND {high}" if by_number and high else ""
            table.filled += self._out.executemany(insert, copy.execute(select + within)).rowcount
        # Rows that no page leads to any more are missed by their count alone.
        count = copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] if table.due is None else table.due
        if count > table.read + table.filled:
            table.filled += self._out.executemany(insert, copy.execute(select)).rowcount

    def _same(self, other: sqlite3.Connection, name: str) -> bool:
        """Whether a table of another file is made as this one's is; what it calls so may be anything else."""
        sql = f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = {literal(name)}"
        [made] = self._found.blueprint.plan.execute(sql).fetchone()
        return bool(other.execute(sql).fetchall() == [(made,)])

    @cached_property
    def _copies(self) -> list[Path]:
        """The copies that open with the file's key and hold together, the latest first."""
        found = sorted(copies_of(self._path), key=lambda one: one.stat().st_mtime, reverse=True)
        return [copy for copy in found if self._sound(copy)]

    def _sound(self, copy: Path) -> bool:
        try:
            with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except Exception as error:
            if not is_database_error(error):
                raise
            return False

    def _known(self) -> dict[str, int]:
        """Where tables begin, as the latest copy tells; a copy has the pages of its file."""
        for copy in self._copies[:1]:
            with closing(connect(copy, self._key_of(copy), mode="ro")) as connection:
                return {line.name: line.root for line in map(Line._make, connection.execute(SCHEMA))}
        return {}

    def _key_of(self, copy: Path) -> Key | None:
        return self._key if is_encrypted(copy) else None

    # What the file says of itself

    def _told(self, scheme: Scheme) -> dict[str, str]:
        """What is missing of the desk's own facts, by what else is there."""
        there = dict(self._out.execute("SELECT key, value FROM desk").fetchall())
        facts = {"scheme": scheme.id, "version": scheme.version, "digest": scheme.digest, "created": stores.now()}
        found = {key: self._out.execute(sql).fetchone() for key, sql in _TOLD.items()}
        facts |= {key: row[0] for key, row in found.items() if row and row[0] is not None}
        sender = facts.pop("sender", "")
        if sender in scheme.districts.codes:
            facts["district"] = sender
        missing = {key: value for key, value in facts.items() if key not in there}
        if "last_digest" in missing and there:
            # It has not sent anything yet, or it was sent by a version that did not note it.
            del missing["last_digest"]
        if "period" not in facts | there:
            raise SurveyError("nothing_rescued", path=self._path)
        if there.get("digest", scheme.digest) != scheme.digest:
            missing["digest"] = scheme.digest
        self._out.executemany("INSERT OR REPLACE INTO desk (key, value) VALUES (?, ?)", list(missing.items()))
        return missing

    def _noted(self, scheme: Scheme, tables: Sequence[Table]) -> None:
        """The scheme as a whole, and the program's own steps, which are known."""
        self._out.execute("DELETE FROM scheme_file")
        self._out.executemany("INSERT INTO scheme_file (name, text) VALUES (?, ?)", list(scheme.files.items()))
        self._out.executemany(
            f"INSERT OR IGNORE INTO {MIGRATIONS.migrations_table} (migration_set, name, applied_at) VALUES (?, ?, ?)",
            self._found.blueprint.steps(),
        )
        for table in tables:
            if table.name in ("scheme_file", MIGRATIONS.migrations_table):
                table.gaps, table.doubtful = [], False


def _insert(name: str, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT OR IGNORE INTO {quote(name)} ({', '.join(map(quote, columns))}) VALUES ({places})"
