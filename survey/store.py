"""The survey file: one SQLite file a desk, one table a form, every change kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from survey import identity
from survey.beside import kept_name
from survey.chains import Chain, link
from survey.connection import connect, copy_to, in_plain_words, trouble
from survey.database import SharedDatabase
from survey.errors import SurveyError
from survey.expression import Column
from survey.filelayout import lay_out, prepared
from survey.filemark import APPLICATION_ID
from survey.form import Item, Respondent
from survey.formulas import Formulas
from survey.guard import Guard
from survey.initials import initials
from survey.keyring import key_of
from survey.migrations import MIGRATIONS
from survey.placing import tidy
from survey.record import DISPOSALS, valid_period
from survey.relation import Relation
from survey.rulebook import extended
from survey.scalar import Value
from survey.scheme import REGISTER_ITEMS, Scheme, read_once
from survey.sql import literal, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

CITY = "CITY"
# A chunk with everything that five hundred checks compute on the way takes some 200 MB.
CHUNK = 32_768


@dataclass(frozen=True)
class UnitRow:
    """A unit as the list shows it."""

    id: int
    uscc: str
    name: str
    district: str
    status: str


@dataclass(frozen=True)
class Chunk:
    """A part of the file as columns: response ids, lines (0 but on list forms), one array an item (see `vector`)."""

    responses: list[int]
    lines: list[int]
    columns: Mapping[str, NDArray[Any]]


def create(path: Path, scheme: Scheme, period: str, district: str | None, *, part: str = "", level: str = "") -> Store:
    """A new survey file; `district` None makes the city's. Nothing is overwritten.

    `part` is what the desk above calls this one, where that is no district's: an officer's part of a district, or a
    city in a province. `level` is `province` for the desk of one.
    """
    if path.exists():
        raise SurveyError("exists", path=path)
    if not valid_period(period):
        raise SurveyError("period", period=period)
    if district is not None and district not in scheme.districts.codes:
        known = " ".join(f"{code} {entry.label}" for code, entry in scheme.districts.codes.items())
        raise SurveyError("district", district=district, known=known)
    try:
        with trouble(path):
            database = _prepared(connect(path, key_of(path)))
            facts = {"period": period, "district": district or "", "created": now(), "part": part, "level": level}
            lay_out(database, scheme, facts)
    except BaseException:
        for leftover in (path, *_companions(path)):
            leftover.unlink(missing_ok=True)
        raise
    return Store(path, database, scheme)


def open(path: Path, *, readonly: bool = False) -> Store:  # noqa: A001 - `store.open` is what it is called with
    """The survey file at `path`.

    Raises SurveyError: `no_file`, `not_ours`, `file_newer`, `damaged`, `read_only_old`.
    """
    if not path.is_file():
        raise SurveyError("no_file", path=path)
    with trouble(path), _closed_on_trouble(connect(path, key_of(path), mode="ro" if readonly else "rwc")) as connection:
        database = _prepared(connection, readonly)
        if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise SurveyError("not_ours", path=path)
        _migrate(path, database, readonly)
        opened = Store(path, database, _scheme(database))
        if not readonly:
            tidy(opened, opened.desk)
        return opened


def _scheme(database: SharedDatabase) -> Scheme:
    mark = database.execute("SELECT value FROM desk WHERE key = 'digest'").fetchone()
    return read_once(mark[0] if mark else "", lambda: dict(database.execute("SELECT name, text FROM scheme_file")))


@contextmanager
def _closed_on_trouble(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Nobody is to find a file in use that could not be opened."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


class _RehearsedError(Exception):
    """Ends a rehearsal: what was tried is rolled back."""


def _prepared(connection: sqlite3.Connection, readonly: bool = False) -> SharedDatabase:
    database = prepared(connection)
    if not readonly:
        database.execute("PRAGMA synchronous = FULL")
    return database


def _companions(path: Path) -> tuple[Path, Path]:
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _migrate(path: Path, database: SharedDatabase, readonly: bool) -> None:
    known = {migration.name for migration in MIGRATIONS.pending(database)}
    applied = {migration.name for migration in MIGRATIONS.applied(database)}
    newer = applied - {migration.name for migration in MIGRATIONS._migrations}  # noqa: SLF001 - the library names no other way
    if newer:
        raise SurveyError("file_newer", path=path)
    if not known:
        return
    if readonly:
        raise SurveyError("read_only_old", path=path)
    copy_to(database.conn, path, kept_name(path, now()), key_of(path))
    MIGRATIONS.apply(database)


def now() -> str:
    """The present moment as it is recorded: local time to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


class Store:
    """An open survey file. A store belongs to the thread that opened it."""

    def __init__(self, path: Path, database: SharedDatabase, scheme: Scheme) -> None:
        self.path = path
        self.database = database
        self.scheme = scheme
        self._guard = Guard(path)
        self.lost_checks: Mapping[str, str] = {}
        self.reload_rules()
        self.desk: dict[str, str] = dict(database.execute("SELECT key, value FROM desk"))

    @cached_property
    def formulas(self) -> Formulas:
        return Formulas(self.scheme)

    def reload_rules(self) -> None:
        """The scheme with the desk's own checks and the rulings in force; what can no longer be read is told apart."""
        self.scheme, self.lost_checks = extended(self.scheme, self.execute, now()[:10])

    @property
    def period(self) -> str:
        return self.desk["period"]

    @property
    def district(self) -> str | None:
        """The desk's district code; None for the city."""
        return self.desk["district"] or None

    @property
    def is_city(self) -> bool:
        return self.district is None

    @property
    def part(self) -> str:
        """What the desk above calls this one, where that is no district's."""
        return self.desk.get("part", "")

    def place(self, lang: str = "zh") -> str:
        """Whose desk it is: the district, the part of it; '' for a city that sends nothing."""
        return " ".join(filter(None, (self.scheme.districts.label(self.district or "", lang), self.part)))

    @property
    def is_province(self) -> bool:
        return self.desk.get("level") == "province"

    @property
    def sends(self) -> bool:
        """Whether there is a desk above that takes returns from this one."""
        return bool(self.district or self.part)

    @property
    def takes_returns(self) -> bool:
        """Whether there are desks below: of a province, a city, or a district whose officers have parts of it."""
        return self.is_city or not self.part

    def close(self) -> None:
        self._guard.let_go()
        self.database.close()

    @contextmanager
    def atomic(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing: an error inside leaves the file as it was; so does a rehearsal (`keep` False).

        Nobody else writes meanwhile, and what is read inside stays true: another window waits, and is waited for some
        seconds, then SurveyError `locked` is raised.
        """
        desk, kept = dict(self.desk), False
        try:
            with trouble(self.path), suppress(_RehearsedError), self.database.atomic():
                yield
                if not keep:
                    raise _RehearsedError
            kept = keep
        finally:
            if not kept:
                # What is known of the desk is as the file has it.
                self.desk = desk

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """One statement; raises SurveyError where the file is in use elsewhere, or the disk fails."""
        try:
            return self.database.conn.execute(sql, parameters)
        except Exception as error:
            said = in_plain_words(error, self.path)
            if said:
                raise said from error
            raise

    def executemany(self, sql: str, rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> None:
        with trouble(self.path):
            self.database.conn.executemany(sql, rows)

    def set_desk(self, key: str, value: str) -> None:
        self.execute(
            "INSERT INTO desk VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )
        self.desk[key] = value

    # Units

    def unit_list(self, period: str) -> list[UnitRow]:
        """The units of the register as they came, with their status in a period."""
        rows = self.execute(
            """SELECT u.id, u.uscc, u.name, u.district, coalesce(r.status, 'due') FROM unit u
            LEFT JOIN response r ON r.unit = u.id AND r.period = ? WHERE u.kind = 'unit' ORDER BY u.id""",
            (period,),
        )
        return [UnitRow(*row) for row in rows]

    def counts(self, period: str) -> dict[str, int]:
        """How many units there are (`units`), and how many in each status of a period."""
        # All of them, less the few that are no units, from whom the join must begin: neither walks through the units.
        rows = self.execute(
            "SELECT status, sum(n) FROM (SELECT status, count(*) AS n FROM response WHERE period = ?1 GROUP BY 1"
            " UNION ALL SELECT r.status, -1 FROM unit u CROSS JOIN response r ON r.period = ?1 AND r.unit = u.id"
            " WHERE u.kind <> 'unit') GROUP BY 1",
            (period,),
        )
        by_status = {str(status): int(count) for status, count in rows if count}
        units = int(
            self.execute("SELECT count(*) - (SELECT count(*) FROM unit WHERE kind <> 'unit') FROM unit").fetchone()[0]
        )
        due = units - sum(by_status.values())
        return {"units": units, "due": by_status.pop("due", 0) + due, **by_status}

    def periods(self) -> list[str]:
        """The periods the file holds, the latest first."""
        # From one period straight to the one before.
        rows = self.execute(
            "WITH RECURSIVE held (period) AS (SELECT max(period) FROM response UNION ALL"
            " SELECT (SELECT max(period) FROM response WHERE period < held.period) FROM held WHERE period IS NOT NULL)"
            " SELECT period FROM held WHERE period IS NOT NULL"
        )
        return [row[0] for row in rows]

    def find_unit(self, uscc: str) -> int | None:
        row = self.execute("SELECT id FROM unit WHERE uscc = ?", (uscc,)).fetchone()
        return int(row[0]) if row else None

    def find_units(self, codes: Sequence[str]) -> list[int]:
        """The units of some codes; raises SurveyError `unknown_unit`."""
        found = {code: self.find_unit(code) for code in codes}
        for code, unit in found.items():
            if unit is None:
                raise SurveyError("unknown_unit", uscc=code)
        return [unit for unit in found.values() if unit is not None]

    def kind_of(self, unit: int) -> Respondent:
        """Who answers: a unit of the register, counted or not, a district's desk or the city's."""
        found: str = self.execute("SELECT kind FROM unit WHERE id = ?", (unit,)).fetchone()[0]
        return "district" if found == "district" else "city" if found == "city" else "unit"

    def desk_unit(self) -> int:
        """The desk itself as the one who answers the district's or the city's own forms; made where it is missing."""
        code = self.district or CITY
        found = self.find_unit(code)
        if found is None:
            name = self.scheme.districts.label(code) if self.district else self.scheme.title
            found = self._insert_unit(code, name, "district" if self.district else "city")
        return found

    def desks(self) -> list[tuple[int, str]]:
        """The desks that answer forms of their own: the city's, then the districts' as they are listed."""
        rows = self.execute("SELECT id, name, uscc, kind FROM unit WHERE kind IN ('district', 'city')").fetchall()
        order = list(self.scheme.districts.codes)
        rows.sort(key=lambda row: (row[3] != "city", order.index(row[2]) if row[2] in order else len(order)))
        return [(row[0], row[1]) for row in rows]

    def insert_unit(self, uscc: str, name: str, kind: Respondent = "unit") -> int:
        """A new unit without any answers; raises SurveyError `unit_exists`, `unit_withdrawn`."""
        found = self.find_unit(uscc)
        if found is not None:
            raise SurveyError("unit_withdrawn" if self.is_withdrawn(found) else "unit_exists", uscc=uscc)
        return self._insert_unit(uscc, name, kind)

    def is_withdrawn(self, unit: int) -> bool:
        """Whether a unit's sender returns it no more, so that it counts for nothing."""
        return bool(self.execute("SELECT kind = 'withdrawn' FROM unit WHERE id = ?", (unit,)).fetchone()[0])

    def _insert_unit(self, uscc: str, name: str, kind: Respondent) -> int:
        found = self.execute(
            "INSERT INTO unit (uscc, name, district, kind, initials) VALUES (?, ?, ?, ?, ?)",
            (uscc, name, self.district or "", kind, initials(name)),
        ).lastrowid
        assert found is not None
        return found

    def name_unit(self, unit: int, key: str, value: str) -> None:
        """The register follows what a unit answers of its own `name` and `uscc`."""
        if key == "uscc":
            # What was decided about look-alikes goes with the unit.
            for column in ("first", "second", "kept"):
                former = "(SELECT uscc FROM unit WHERE id = ?2)"
                self.execute(f"UPDATE OR REPLACE lookalike SET {column} = ?1 WHERE {column} = {former}", (value, unit))
        self.execute(f"UPDATE unit SET {quote(key)} = ? WHERE id = ?", (value, unit))
        if key == "name":
            self.execute("UPDATE unit SET initials = ? WHERE id = ?", (initials(value), unit))

    def register(self, unit: int) -> dict[str, Value]:
        """What the register says of a unit, keyed as expressions read it: `district@reg`."""
        row = self.execute("SELECT uscc, name, district FROM unit WHERE id = ?", (unit,)).fetchone()
        return {f"{name}@reg": value or None for name, value in zip(REGISTER_ITEMS, row, strict=True)}

    def log(self, changes: Sequence[Recorded], *, who: str, reason: str, source: int | None) -> None:
        """Appends to the record of changes; each row carries the hash of the one before."""
        # Where a file has persons, whoever has signed in is who it was.
        who = identity.acting() if identity.signed_in() else who
        last = self.execute("SELECT hash FROM change ORDER BY id DESC LIMIT 1").fetchone()
        previous, at, rows = last[0] if last else "", now(), []
        for change in changes:
            facts = (at, who, *change.facts(), reason, source)
            previous = link(previous, facts)
            rows.append((*facts, previous))
        self.executemany(
            "INSERT INTO change (at, who, unit, form, item, period, old, new, reason, source, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        if rows:
            number = self.execute("SELECT max(id) FROM change").fetchone()[0]
            self.anchor("change", number, previous)

    def anchor(self, chain: Chain, number: int, digest: str) -> None:
        """Where a chain of hashes ends, so that an end that is cut off is missed."""
        self.execute("INSERT OR REPLACE INTO chain VALUES (?, ?, ?)", (chain, number, digest))

    def add_source(
        self, name: str, kind: str, sha256: str, who: str = "", *, batch: int | None = None, path: Path | None = None
    ) -> int:
        """Records a file that came in, alone or in an import, and where it stood; gives its number."""
        found = self.execute(
            "INSERT INTO source (name, kind, sha256, who, at, batch, path) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, kind, sha256, who, now(), batch, str(path.resolve()) if path else ""),
        ).lastrowid
        assert found is not None
        return found

    def describe_source(self, source: int, kind: str, places: str) -> None:
        """Records what a file turned out to be, and where in it the answers stand."""
        self.execute("UPDATE source SET kind = ?, places = ? WHERE id = ?", (kind, places, source))

    def drop_source(self, source: int) -> None:
        """Forgets a file that brought nothing."""
        self.execute("DELETE FROM source WHERE id = ?", (source,))

    def set_statuses(self, period: str, statuses: Mapping[int, str]) -> None:
        """New statuses by response id, as checking gives them; what people have decided stands."""
        with self.atomic():
            self.executemany(
                "UPDATE response SET status = ? WHERE id = ? AND period = ? AND status NOT IN"
                f" ({', '.join(map(literal, (*DISPOSALS, 'returned', 'accepted')))})",
                [(status, response, period) for response, status in statuses.items()],
            )

    # The whole file

    def response_count(self, period: str, kind: Respondent = "unit") -> int:
        """How many respondents of a kind have begun a period."""
        return int(
            self.execute(
                "SELECT count(*) FROM response r JOIN unit u ON u.id = r.unit WHERE r.period = ? AND u.kind = ?",
                (period, kind),
            ).fetchone()[0]
        )

    def chunks(
        self, columns: Sequence[Column], period: str, base: str = "unit", only: Sequence[int] | None = None
    ) -> Iterator[Chunk]:
        """The records of a period, in order, as arrays of the columns asked for.

        `base` is what a record is: the answers of a respondent (`unit`, `district`, `city`), or a line
        of the list form of that id. With `only` those of some responses alone.
        """
        relation = Relation(self.scheme, period, tuple(columns), base)
        numbers = [column for column in columns if column.kind != "text"]
        texts = [column for column in columns if column.kind == "text"]
        selected = ", ".join(["r.id", relation.line(), *(relation.place(column) for column in (*numbers, *texts))])
        middle = 2 + len(numbers)
        # The ids are the program's own numbers; there may be more of them than a statement has places for.
        chosen = "" if only is None else f" AND r.id IN ({', '.join(map(str, map(int, only)))})"
        cursor = self.execute(f"SELECT {selected} {relation.source()}{chosen} ORDER BY 1, 2")
        while rows := cursor.fetchmany(CHUNK):
            found = _arrays(numbers, [row[2:middle] for row in rows], "float64")
            found |= _arrays(texts, [row[middle:] for row in rows], "object")
            yield Chunk([row[0] for row in rows], [row[1] for row in rows], found)

    def units_of(self, responses: Sequence[int]) -> dict[int, UnitRow]:
        """The units of some responses, by response id."""
        found: dict[int, UnitRow] = {}
        for start in range(0, len(responses), 500):
            part = responses[start : start + 500]
            rows = self.execute(
                "SELECT r.id, u.id, u.uscc, u.name, u.district, r.status FROM response r JOIN unit u ON u.id = r.unit"
                f" WHERE r.id IN ({', '.join('?' * len(part))})",
                part,
            )
            found.update((row[0], UnitRow(*row[1:])) for row in rows)
        return found


class Recorded(Protocol):
    """What the record of changes takes: unit, form, place, period, old, new."""

    def facts(self) -> tuple[object, ...]: ...


@dataclass(frozen=True)
class Change:
    """One cell of one unit that got another value; `line` counts on list forms."""

    unit: int
    item: Item
    period: str
    old: Value
    new: Value
    line: int = 0

    def facts(self) -> tuple[object, ...]:
        return self.unit, self.item.form, place_text(self.item.name, self.line), self.period, self.old, self.new


def place_text(item: str, line: int) -> str:
    """An item and its line (0: none) as a change is recorded."""
    return f"{item}[{line}]" if line else item


def place_of(text: str) -> tuple[str, int]:
    """The item and line of a change as it is recorded: `revenue`, or `product_revenue[3]`."""
    name, _, line = text.partition("[")
    return name, int(line.removesuffix("]") or 0) if line else 0


def _arrays(columns: Sequence[Column], rows: Sequence[tuple[Value, ...]], kind: str) -> dict[str, NDArray[Any]]:
    """The columns of rows that have values of one kind, by key; None is NaN among numbers."""
    import numpy as np

    # Row by row numpy reads four times as fast as column by column.
    table = np.ascontiguousarray(np.array(rows, dtype=kind).reshape(len(rows), len(columns)).T)
    return {column.key: values for column, values in zip(columns, table, strict=True)}
