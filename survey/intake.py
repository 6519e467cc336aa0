"""Rows from outside taken into the survey file: told apart as new, changed, identical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.cells import refresh_all
from survey.form import Form, Item, Respondent
from survey.initials import initials
from survey.scalar import Value
from survey.sql import quote
from survey.store import Change, Store

Key = tuple[str, str]


@dataclass(frozen=True)
class Batch:
    """Some rows of a foreign table: whom and when each is about, and the columns by item name.

    A key is (uscc, period), each at most once in a batch; every column is as long as `keys`. Rows of
    a list form name their `lines`; then a key comes once a line. `kind` is who answers.
    """

    keys: Sequence[Key]
    rows: Sequence[int]
    columns: Mapping[str, Sequence[Value]]
    districts: Sequence[str] = ()
    names: Sequence[Value] = ()
    lines: Sequence[int] = ()
    kind: Respondent = "unit"


@dataclass
class Outcome:
    """What happened to the units of all batches, by (uscc, period)."""

    new: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    seen: set[Key] = field(default_factory=set)

    @property
    def identical(self) -> set[Key]:
        return self.seen - self.new - self.changed


class Intake:
    """Takes batches of one source into an open transaction of the store.

    A blank never overwrites a value unless `blanks` says that it clears it. What is computed follows
    at the end, unless the source brings it (`computes` False).
    """

    def __init__(
        self,
        store: Store,
        source: int,
        *,
        who: str = "",
        reason: str = "",
        blanks: bool = False,
        computes: bool = True,
    ) -> None:
        self._store = store
        self._source = source
        self._who = who
        self._reason = reason
        self._blanks = blanks
        self._computes = computes
        self._written: set[str] = set()
        self._units: dict[str, int] = dict(store.execute("SELECT uscc, id FROM unit"))
        self._unit_names: dict[int, str] = dict(store.execute("SELECT id, name FROM unit"))
        self._responses: dict[str, dict[int, int]] = {}
        self._lines_seen: dict[tuple[str, int], set[int]] = {}
        self._next_response = self._last("response") + 1
        self._next_unit = self._last("unit") + 1
        self._empty = {
            form.id: not store.execute(f"SELECT 1 FROM {form.table} LIMIT 1").fetchone() for form in store.scheme.forms
        }
        self.outcome = Outcome()

    def take(self, batch: Batch) -> None:
        """Writes a batch; what it changes in existing records is kept as changes."""
        if not batch.keys:
            return
        units = self._unit_ids(batch)
        responses = self._response_ids(batch, units)
        for form in self._store.scheme.forms:
            items = [item for item in form.items if item.name in batch.columns]
            if items and form.is_list == bool(batch.lines):
                take = self._take_lines if form.is_list else self._take_form
                take(batch, form, items, units, responses)
        self._written.update(batch.columns)
        self.outcome.seen.update(batch.keys)

    def finish(self) -> None:
        """Ends the intake: where blanks clear, lines that did not come are gone; what is computed follows."""
        if self._blanks:
            for form in self._store.scheme.forms:
                if form.is_list:
                    self._drop_missing(form)
        if self._computes:
            refresh_all(self._store, {period for _, period in self.outcome.seen}, self._written)

    def _last(self, table: str) -> int:
        return int(self._store.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])

    def _unit_ids(self, batch: Batch) -> list[int]:
        fresh: list[tuple[int, str, Value, str, str, str]] = []
        renamed: list[tuple[Value, str, int]] = []
        ids = []
        names = batch.names or [None] * len(batch.keys)
        districts = batch.districts or [self._store.district or ""] * len(batch.keys)
        for (uscc, period), name, district in zip(batch.keys, names, districts, strict=True):
            unit = self._units.get(uscc)
            if unit is None:
                unit = self._units[uscc] = self._next_unit
                self._next_unit += 1
                fresh.append((unit, uscc, name or "", district, batch.kind, initials(str(name or ""))))
                self._unit_names[unit] = str(name or "")
            elif name and period == self._store.period and self._unit_names[unit] != name:
                renamed.append((name, initials(str(name)), unit))
                self._unit_names[unit] = str(name)
            ids.append(unit)
        self._store.executemany(
            "INSERT INTO unit (id, uscc, name, district, kind, initials) VALUES (?, ?, ?, ?, ?, ?)", fresh
        )
        self._store.executemany("UPDATE unit SET name = ?, initials = ? WHERE id = ?", renamed)
        return ids

    def _response_ids(self, batch: Batch, units: Sequence[int]) -> list[int]:
        fresh: list[tuple[int, int, str]] = []
        ids = []
        for key, unit in zip(batch.keys, units, strict=True):
            period = key[1]
            known = self._known_responses(period)
            response = known.get(unit)
            if response is None:
                response = known[unit] = self._next_response
                self._next_response += 1
                fresh.append((response, unit, period))
                self.outcome.new.add(key)
            ids.append(response)
        self._store.executemany(
            "INSERT INTO response (id, unit, period, status) VALUES (?, ?, ?, 'in_progress')", fresh
        )
        return ids

    def _known_responses(self, period: str) -> dict[int, int]:
        if period not in self._responses:
            self._responses[period] = dict(
                self._store.execute("SELECT unit, id FROM response WHERE period = ?", (period,))
            )
        return self._responses[period]

    def _take_form(
        self, batch: Batch, form: Form, items: Sequence[Item], units: Sequence[int], responses: Sequence[int]
    ) -> None:
        columns = [batch.columns[item.name] for item in items]
        names = ", ".join(quote(item.name) for item in items)
        existing = {} if self._empty[form.id] else self._existing(form, names, responses)
        insert = (
            f"INSERT INTO {form.table} (response, source, source_row, {names})"
            f" VALUES (?, {self._source}, ?{', ?' * len(items)})"
        )
        everything = zip(responses, batch.rows, *columns, strict=True)
        self._empty[form.id] = False
        if not existing and self.outcome.new.issuperset(batch.keys):
            self._store.executemany(insert, everything)
            return
        fresh = []
        changes: list[Change] = []
        updates: list[tuple[object, ...]] = []
        for position, (response, row, *values) in enumerate(everything):
            old = existing.get(response)
            key = batch.keys[position]
            if old is None:
                fresh.append((response, row, *values))
                if key not in self.outcome.new and any(value is not None for value in values):
                    self.outcome.changed.add(key)
            elif old != tuple(values):
                merged = self._merged(old, values)
                if merged != old:
                    self.outcome.changed.add(key)
                    updates.append((row, *merged, response))
                    changes += _differences(units[position], items, key[1], old, merged)
        self._store.executemany(insert, fresh)
        self._update(form, items, updates, changes)

    def _take_lines(
        self, batch: Batch, form: Form, items: Sequence[Item], units: Sequence[int], responses: Sequence[int]
    ) -> None:
        names = ", ".join(quote(item.name) for item in items)
        existing = {} if self._empty[form.id] else self._existing_lines(form, names, responses)
        self._empty[form.id] = False
        columns = [batch.columns[item.name] for item in items]
        fresh: list[tuple[object, ...]] = []
        updates: list[tuple[object, ...]] = []
        changes: list[Change] = []
        blank = (None,) * len(items)
        for position, (response, line, row, *values) in enumerate(
            zip(responses, batch.lines, batch.rows, *columns, strict=True)
        ):
            key = batch.keys[position]
            self._lines_seen.setdefault((form.id, response), set()).add(line)
            old = existing.get((response, line))
            merged = tuple(values) if old is None else self._merged(old, values)
            if old is None:
                fresh.append((response, line, row, *merged))
            elif merged != old:
                updates.append((row, *merged, response, line))
            if merged != (old or blank) and key not in self.outcome.new:
                self.outcome.changed.add(key)
                changes += _differences(units[position], items, key[1], old or blank, merged, line)
        marks = ", ?" * len(items)
        self._store.executemany(
            f"INSERT INTO {form.table} (response, line, source, source_row, {names})"
            f" VALUES (?, ?, {self._source}, ?{marks})",
            fresh,
        )
        self._update(form, items, updates, changes, "response = ? AND line = ?")

    def _existing_lines(
        self, form: Form, names: str, responses: Sequence[int]
    ) -> dict[tuple[int, int], tuple[Value, ...]]:
        rows = self._store.execute(
            f"SELECT response, line, {names} FROM {form.table} WHERE response BETWEEN ? AND ?",
            (min(responses), max(responses)),
        )
        return {(row[0], row[1]): row[2:] for row in rows}

    def _drop_missing(self, form: Form) -> None:
        """Takes out the lines that a complete source no longer has."""
        items = [item for item in form.items if not item.computed]
        names = ", ".join(quote(item.name) for item in items)
        unit_of = {
            self._known_responses(period)[self._units[uscc]]: (uscc, period) for uscc, period in self.outcome.seen
        }
        gone = []
        changes: list[Change] = []
        for response, line, *values in self._store.execute(f"SELECT response, line, {names} FROM {form.table}"):
            key = unit_of.get(response)
            if key and line not in self._lines_seen.get((form.id, response), ()):
                gone.append((response, line))
                blank = (None,) * len(items)
                changes += _differences(self._units[key[0]], items, key[1], tuple(values), blank, line)
                self.outcome.changed.add(key)
        self._store.executemany(f"DELETE FROM {form.table} WHERE response = ? AND line = ?", gone)
        self._store.log(changes, who=self._who, reason=self._reason, source=self._source)

    def _merged(self, old: tuple[Value, ...], values: Sequence[Value]) -> tuple[Value, ...]:
        if self._blanks:
            return tuple(values)
        return tuple(before if value is None else value for before, value in zip(old, values, strict=True))

    def _existing(self, form: Form, names: str, responses: Sequence[int]) -> dict[int, tuple[Value, ...]]:
        # Ids of a batch lie close together: one range scan beats a thousand look-ups.
        rows = self._store.execute(
            f"SELECT response, {names} FROM {form.table} WHERE response BETWEEN ? AND ?",
            (min(responses), max(responses)),
        )
        return {row[0]: row[1:] for row in rows}

    def _update(
        self,
        form: Form,
        items: Sequence[Item],
        updates: Sequence[tuple[object, ...]],
        changes: Sequence[Change],
        where: str = "response = ?",
    ) -> None:
        if not updates:
            self._store.log(changes, who=self._who, reason=self._reason, source=self._source)
            return
        assignments = ", ".join(f"{quote(item.name)} = ?" for item in items)
        self._store.executemany(
            f"UPDATE {form.table} SET source = {self._source}, source_row = ?, {assignments} WHERE {where}",
            updates,
        )
        self._store.log(changes, who=self._who, reason=self._reason, source=self._source)


def _differences(
    unit: int,
    items: Sequence[Item],
    period: str,
    before: Sequence[Value],
    after: Sequence[Value],
    line: int = 0,
) -> list[Change]:
    """The cells that differ, as changes; what is computed follows from others and is not told."""
    return [
        Change(unit, item, period, old, new, line)
        for item, old, new in zip(items, before, after, strict=True)
        if old != new and not item.computed
    ]
