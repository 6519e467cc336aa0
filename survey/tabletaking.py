"""A flat table taken into the survey file, one unit or one line of a list form a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from survey.celladdress import column_letters
from survey.flat import Part, Skipped, Trouble
from survey.header import LINE, PERIOD, Header
from survey.importreport import Damage, FileReport, ImportReport, OtherUnit, Rejection, collided, written
from survey.intake import Intake
from survey.listlines import ListLines, line_number
from survey.record import valid_period
from survey.repairs import Proposal, Repairs
from survey.scalar import Value
from survey.store import Store
from survey.taking import Key, Rows
from survey.turnover import Registered


class TableTaking:
    """What the tables of an import share: the period of rows that name none, the register as it was before."""

    def __init__(self, store: Store, report: ImportReport, period: str) -> None:
        self.store = store
        self.report = report
        self.period = period
        self.headers: list[Header] = []
        self._listed: dict[str, tuple[Value, Value]] = {}

    @cached_property
    def register(self) -> list[Registered]:
        """The units as they are before anything is taken."""
        rows = self.store.execute("SELECT uscc, name, district FROM unit WHERE kind = 'unit' ORDER BY id")
        return [Registered(*row) for row in rows]

    @cached_property
    def repairs(self) -> Repairs:
        return Repairs((one.uscc, one.name, one.district) for one in self.register)

    def list_units(self, keys: Sequence[Key], names: Sequence[Value], districts: Sequence[Value]) -> None:
        """Notes the units of some rows with what the rows say of them."""
        rows = zip(keys, names, districts, strict=True)
        self._listed.update((uscc, (name, place)) for (uscc, period), name, place in rows if period == self.period)

    @property
    def listed(self) -> Iterator[Registered]:
        """The units that the tables list for the period."""
        for uscc, (name, district) in self._listed.items():
            yield Registered(uscc, str(name or ""), str(district or ""))


class Table:
    """One file of flat tables that is being taken."""

    def __init__(self, taking: TableTaking, file: FileReport, intake: Intake) -> None:
        self._taking = taking
        self._store = taking.store
        self._report = taking.report
        self._file = file
        self._intake = intake
        self._header: Header | None = None
        self._columns: dict[str, str] = {}
        self._seen: set[Key] = set()
        self._lines: ListLines | None = None

    @cached_property
    def _known(self) -> frozenset[str]:
        """The codes of the units that were in the register before this file."""
        return frozenset(row[0] for row in self._store.execute("SELECT uscc FROM unit"))

    @cached_property
    def _withdrawn(self) -> frozenset[str]:
        """The codes of the units that nobody returns any more: what is said of them would count for nothing."""
        return frozenset(row[0] for row in self._store.execute("SELECT uscc FROM unit WHERE kind = 'withdrawn'"))

    def take(self, part: Any) -> None:
        """A part of the file as `flat` reads it."""
        if isinstance(part, Skipped):
            (self._report.hidden if part.hidden else self._report.skipped).append((self._file.name, part.sheet))
        elif isinstance(part, Header):
            self._head(part)
        else:
            self._intake.take(self._rows(part))
            self._fields(part.sheet)

    def _head(self, header: Header) -> None:
        name = self._file.name
        self._header, self._seen = header, set()
        self._lines = ListLines(self._store, self._store.scheme.form(header.form)) if header.form else None
        self._columns = {item: column_letters(at) for at, item in header.names.items()}
        self._report.unknown_columns += [(name, header.sheet, heading) for _, heading in header.unknown]
        self._report.units_differ += [
            OtherUnit(
                name, header.sheet, column_letters(at), one.heading, header.names[at], one.unit,
                self._store.scheme.item(header.names[at]).unit, one.factor,
            )
            for at, one in header.measures.items()
        ]  # fmt: skip
        if header.told:
            self._report.told.append((name, header.sheet))
        self._taking.headers.append(header)

    def _fields(self, sheet: str) -> None:
        """What the last rows changed, or would have changed, with the cells it stands in."""
        outcome, name = self._intake.outcome, self._file.name
        self._report.note(
            written(one, name, sheet, self._cell(one.change.item.name, one.row)) for one in outcome.written
        )
        self._report.note(collided(one, name, sheet, self._cell(one.item, one.row)) for one in outcome.collisions)
        self._file.collisions += len(outcome.collisions)
        outcome.written.clear()
        outcome.collisions.clear()

    def _cell(self, item: str, row: int) -> str:
        """The cell of an item; its row alone where the table has no column of it."""
        return f"{self._columns.get(item, '')}{row}"

    def _reject(self, rejection: Rejection) -> None:
        self._report.reject(rejection)
        self._file.rejected += 1

    def _trouble(self, sheet: str, one: Trouble) -> None:
        name, proposals = self._file.name, tuple[Proposal, ...]()
        if one.damage:
            district = one.district or self._store.district or ""
            proposals = tuple(self._taking.repairs.propose(one.found, one.name, district, one.joined))
            self._report.damage.append(
                Damage(name, sheet, one.cell, one.found, one.damage, one.name, not one.whole_row, proposals)
            )
        if one.code:
            self._reject(Rejection(name, sheet, one.cell, one.found, one.code, one.facts, one.whole_row, proposals))

    def _rows(self, part: Part) -> Rows:
        """The rows that can be taken; the rest is reported."""
        header, items = self._header, self._store.scheme.items
        assert header
        for one in part.problems:
            self._trouble(part.sheet, one)
        self._report.mended.update(part.mended)
        self._report.totals += [(self._file.name, part.sheet, number) for number in part.totals]
        columns = {
            name: values for name, values in part.columns.items() if name not in items or not items[name].computed
        }
        periods = columns.pop(PERIOD, None) or [self._taking.period] * len(part.rows)
        numbers = columns.pop(LINE, None) or [None] * len(part.rows)
        if header.form:
            columns.pop("uscc")
            return self._on_lines(part, periods, numbers, columns)
        kept, keys = self._keys(part, periods, range(len(part.rows)))
        rows = [part.rows[position] for position in kept]
        if len(kept) < len(part.rows):
            columns = _only(columns, kept)
        own = self._store.district
        if "district" not in columns and own:
            columns["district"] = [None if uscc in self._known else own for uscc, _ in keys]
        placed = columns.get("district") or [None] * len(kept)
        self._taking.list_units(keys, columns.get("name") or [None] * len(kept), placed)
        districts = [own] * len(kept) if own else [str(code or "") for code in placed]
        return Rows(keys, rows, columns, districts, columns.get("name", ()))

    def _on_lines(
        self, part: Part, periods: Sequence[Value], numbers: Sequence[Value], columns: dict[str, list[Value]]
    ) -> Rows:
        """The rows of a list form with their lines; one that answers nothing makes no line."""
        filled = [at for at in range(len(part.rows)) if any(column[at] is not None for column in columns.values())]
        kept, keys = self._keys(part, periods, filled)
        stated = [line_number(str(numbers[at] or "")) for at in kept]
        sound = [place for place, number in enumerate(stated) if number is not None]
        assert self._lines
        given = self._lines.numbers(
            [keys[place] for place in sound], [stated[place] or 0 for place in sound],
            _only(columns, [kept[place] for place in sound]),
        )  # fmt: skip
        found = dict(zip(sound, given, strict=True))
        for place, number in enumerate(stated):
            if found.get(place) is None:
                code = "row.line" if number is None else "row.line_twice"
                self._reject_row(part, kept[place], keys[place], code, str(numbers[kept[place]]))
        taken = [(place, line) for place, line in found.items() if line is not None]
        places = [kept[place] for place, _ in taken]
        lines = [line for _, line in taken]
        rows = [part.rows[at] for at in places]
        return Rows([keys[place] for place, _ in taken], rows, _only(columns, places), lines=lines)

    def _keys(self, part: Part, periods: Sequence[Value], filled: Sequence[int]) -> tuple[list[int], list[Key]]:
        """The positions of the rows that can be taken, and whom they are about."""
        assert self._header
        keys: list[Key] = []
        kept: list[int] = []
        for position in filled:
            key = (str(part.columns["uscc"][position]), str(periods[position] or self._taking.period))
            twice = key in self._seen and not self._header.form
            code = "row.period" if not valid_period(key[1]) else "row.twice" if twice else ""
            if key[0] in self._withdrawn:
                code = "row.withdrawn"
            if code:
                self._reject_row(part, position, key, code)
                continue
            self._seen.add(key)
            keys.append(key)
            kept.append(position)
        return kept, keys

    def _reject_row(self, part: Part, position: int, key: Key, code: str, line: str = "") -> None:
        facts = {"uscc": key[0], "period": key[1], "line": line}
        cell = f"{part.rows[position]}"
        self._reject(Rejection(self._file.name, part.sheet, cell, line or key[0], code, facts, whole_row=True))


def _only(columns: Mapping[str, Sequence[Value]], positions: Sequence[int]) -> dict[str, list[Value]]:
    """Some rows of the columns."""
    return {name: [values[at] for at in positions] for name, values in columns.items()}
