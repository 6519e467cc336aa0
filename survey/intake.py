"""Rows from outside taken into the survey file: told apart as new, changed, identical."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from survey import duplicates, responses
from survey.cells import refresh_all
from survey.form import Form, Item
from survey.formintake import FormIntake, differences
from survey.initials import initials
from survey.keyed import Keyed
from survey.scalar import Value
from survey.sql import literal, quote
from survey.store import Change, Store, place_text
from survey.taking import Collision, Decision, Key, Outcome, Rows, Taking
from survey.words import Words


class Intake:
    """Takes the rows of files into an open transaction of the store; `begin` names the file they come from.

    A blank never overwrites a value unless `blanks` says that it clears it. What people have `keyed`, or what is no
    longer as it was sent, is kept and told as a collision, unless the cell is `settled` in favour of the file. What
    is computed follows at the end, unless the source brings it (`computes` False). With a `batch` it is recorded
    what has to be put back to undo it. With the `words` of the `sender` rows are merged by field instead.
    """

    def __init__(
        self,
        store: Store,
        *,
        who: str = "",
        reason: str = "",
        blanks: bool = False,
        computes: bool = True,
        keyed: Keyed | None = None,
        settled: Collection[Decision] | None = frozenset(),
        batch: int | None = None,
        words: Words | None = None,
        sender: str = "",
    ) -> None:
        self._store = store
        self._sender = sender
        self._blanks = blanks
        self._computes = computes
        self._batch = batch
        self._taking = Taking(store, who, reason, blanks, keyed, settled, words)
        self._written: set[str] = set()
        self._units: dict[str, int] = dict(store.execute("SELECT uscc, id FROM unit"))
        self._unit_names: dict[int, str] = dict(store.execute("SELECT id, name FROM unit"))
        self._responses: dict[str, dict[int, int]] = {}
        self._first_response = self._next_response = int(store.execute(f"SELECT {responses.NEXT}").fetchone()[0])
        self._first_unit = self._next_unit = int(
            store.execute("SELECT coalesce(max(id), 0) + 1 FROM unit").fetchone()[0]
        )
        self._seen: set[Key] = set()
        self._cleared: set[str] = set()
        self._emptied: set[int] = set()

    def begin(self, source: int, *, repeated: bool = False) -> None:
        """What is taken from now on comes from this source and has an outcome of its own.

        A `repeated` file has been taken before: what is no longer as it says has been changed since.
        """
        self._taking.source = source
        self._taking.repeated = repeated
        self._taking.outcome = Outcome()

    @property
    def outcome(self) -> Outcome:
        """What became of the rows since the last `begin`."""
        return self._taking.outcome

    @property
    def new_units(self) -> tuple[int, int]:
        """The ids of the units this intake has added, from and to."""
        return self._first_unit, self._next_unit - 1

    @property
    def new_responses(self) -> tuple[int, int]:
        """The ids of the responses this intake has begun, from and to."""
        return self._first_response, self._next_response - 1

    def take(self, batch: Rows) -> None:
        """Writes a batch; what it changes in existing records is kept as changes."""
        if not batch.keys:
            return
        units = self._unit_ids(batch)
        numbers = self._response_ids(batch, units)
        for form in self._store.scheme.forms:
            items = [item for item in form.items if item.name in batch.columns]
            if items and form.is_list == bool(batch.lines):
                FormIntake(self._taking, form, items, batch, units, numbers).take()
        if "name" in batch.columns:
            self._rename(batch, units, numbers)
        self._written.update(batch.columns)
        self.outcome.seen.update(batch.keys)
        self._seen.update(batch.keys)

    def clear(self, codes: Collection[str]) -> None:
        """The return names these units, which are known, and has no answers of them."""
        self._cleared.update(codes)

    def finish(self) -> None:
        """Ends the intake: where blanks clear, rows that did not come are empty; what is computed follows."""
        others: Mapping[int, Key] = {}
        if self._blanks:
            told, others = self._known_keys()
            known = {**told, **others}
            for form in self._store.scheme.forms:
                if form.is_list:
                    self._drop_missing(form, known, told)
                elif self._taking.words is not None:
                    self._blank_missing(form, known)
        duplicates.mark(self._store)
        if self._computes:
            refresh_all(self._store, {period for _, period in self._seen}, self._written)
        if self._batch is not None:
            self._store.executemany(
                "INSERT OR IGNORE INTO batch_row (batch, form, response, line, inserted, source, source_row)"
                f" VALUES ({self._batch}, ?, ?, ?, ?, ?, ?)",
                [(*place, *was) for place, was in self._taking.replaced.items()],
            )
        self._forget(self._emptied & others.keys())

    def _forget(self, emptied: Collection[int]) -> None:
        """Responses that the return does not tell of, and of which nothing is left, have not begun."""
        for response in sorted(emptied):
            facts = self._store.execute(
                "SELECT id, unit, period, status, reason FROM response WHERE id = ?", (response,)
            ).fetchone()
            if responses.forget(self._store, response) and self._batch is not None:
                self._store.execute(
                    f"INSERT OR IGNORE INTO batch_forgotten VALUES ({self._batch}, ?, ?, ?, ?, ?)", facts
                )

    def _unit_ids(self, batch: Rows) -> list[int]:
        fresh: list[tuple[int, str, Value, str, str, str, str]] = []
        ids = []
        names = batch.names or [None] * len(batch.keys)
        districts = batch.districts or [self._store.district or ""] * len(batch.keys)
        for (uscc, _), name, district in zip(batch.keys, names, districts, strict=True):
            unit = self._units.get(uscc)
            if unit is None:
                unit = self._units[uscc] = self._next_unit
                self._next_unit += 1
                fresh.append((unit, uscc, name or "", district, batch.kind, initials(str(name or "")), self._sender))
                self._unit_names[unit] = str(name or "")
            ids.append(unit)
        self._store.executemany(
            "INSERT INTO unit (id, uscc, name, district, kind, initials, sender) VALUES (?, ?, ?, ?, ?, ?, ?)", fresh
        )
        return ids

    def _rename(self, batch: Rows, units: Sequence[int], numbers: Sequence[int]) -> None:
        """The register follows what units answer of their name in the file's own period, as far as it was taken."""
        form = self._store.scheme.form_of("name")
        named = zip(batch.keys, units, numbers, batch.columns["name"], strict=True)
        for (_, period), unit, response, said in named:
            if period != self._store.period or said in (None, self._unit_names[unit]):
                continue
            row = self._store.execute(f"SELECT name FROM {form.table} WHERE response = ?", (response,)).fetchone()
            name = str(row[0] or "") if row else ""
            if name and name != self._unit_names[unit]:
                if self._batch is not None and unit < self._first_unit:
                    self._store.execute(
                        "INSERT OR IGNORE INTO batch_name VALUES (?, ?, ?)", (self._batch, unit, self._unit_names[unit])
                    )
                self._unit_names[unit] = name
                self._store.name_unit(unit, "name", name)

    def _response_ids(self, batch: Rows, units: Sequence[int]) -> list[int]:
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
                self._taking.fresh.add(response)
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

    def _drop_missing(self, form: Form, known: Mapping[int, Key], told: Mapping[int, Key]) -> None:
        """Takes out the lines that a complete source no longer has, but for those that this desk holds."""
        seen = self._taking.lines_seen
        missing = [
            (key, response, line)
            for key, response, line, brought in self._rows_of(form, known)
            if (brought or response in told) and line not in seen.get((form.id, response), ())
        ]
        items = [item for item in form.items if not item.computed]
        names = ", ".join(quote(item.name) for item in items)
        gone: list[tuple[int, int]] = []
        changes: list[Change] = []
        for key, response, line in missing:
            source, number, *values = self._store.execute(
                f"SELECT source, source_row, {names} FROM {form.table} WHERE response = ? AND line = ?",
                (response, line),
            ).fetchone()
            if not self._held(key, items, line, source, values):
                gone.append((response, line))
                self._taking.replaced.setdefault((form.id, response, line), (0, source, number))
                blank = (None,) * len(items)
                changes += differences(self._units[key[0]], items, key[1], tuple(values), blank, line)
                self.outcome.changed.add(key)
        self._store.executemany(f"DELETE FROM {form.table} WHERE response = ? AND line = ?", gone)
        self._emptied.update(response for response, _ in gone)
        self._taking.log(changes)
        self._touch(form, [key for key, _, _ in missing])

    def _blank_missing(self, form: Form, known: Mapping[int, Key]) -> None:
        """A form of which a return has no row is blank, but for what this desk holds."""
        seen = self._taking.rows_seen.get(form.id, set())
        missing = [
            (key, response)
            for key, response, _, brought in self._rows_of(form, known)
            if brought and response not in seen
        ]
        if missing:
            keys = [key for key, _ in missing]
            blank = [None] * len(keys)
            batch = Rows(keys, [0] * len(keys), {item.name: blank for item in form.items})
            units, numbers = [self._units[uscc] for uscc, _ in keys], [response for _, response in missing]
            FormIntake(self._taking, form, form.items, batch, units, numbers).take()
            self._store.executemany(
                f"DELETE FROM {form.table} WHERE response = ? AND {responses.blank_row(form)}",
                [(one,) for one in numbers],
            )
            self._emptied.update(numbers)
            self._touch(form, keys)

    def _touch(self, form: Form, keys: Collection[Key]) -> None:
        """What is computed from rows that are gone follows."""
        if keys:
            self._seen.update(keys)
            self._written.update(item.name for item in form.items)

    def _rows_of(self, form: Form, known: Mapping[int, Key]) -> Iterator[tuple[Key, int, int, bool]]:
        """The rows of known responses: whose, response, line (0: none), and whether a return of this period brought it.

        In other periods than those a return tells of there may be answers of earlier years, which are not its to say.
        """
        if not known:
            return
        line = "line" if form.is_list else "0"
        brought = f"source IN (SELECT source FROM merge WHERE period = {literal(self._store.period)})"
        rows = self._store.execute(
            f"SELECT response, {line}, {brought} FROM {form.table} WHERE response BETWEEN ? AND ?",
            (min(known), max(known)),
        )
        for response, at, returned in rows.fetchall():
            if response in known:
                yield known[response], response, at, bool(returned)

    def _known_keys(self) -> tuple[dict[int, Key], dict[int, Key]]:
        """The responses of the source's respondents that were there before: those it tells of, and their others."""
        told = {self._known_responses(key[1])[self._units[key[0]]]: key for key in self.outcome.seen - self.outcome.new}
        if self._taking.words is None:
            return told, {}
        units = {self._units[uscc]: uscc for uscc in {*self._cleared, *(uscc for uscc, _ in self.outcome.seen)}}
        others = {
            response: (units[unit], period)
            for period in self._store.periods()
            for unit, response in self._known_responses(period).items()
            if unit in units and response not in told and (units[unit], period) not in self.outcome.new
        }
        return told, others

    def _held(self, key: Key, items: Sequence[Item], line: int, source: int | None, values: Sequence[Value]) -> bool:
        """Whether this desk holds a line that its sender has no longer, or never had; what the sender had is told."""
        words = self._taking.words
        if words is None:
            return False
        held, imported = words.of(self._units[key[0]], key[1]), words.imported(source)
        kept = imported
        for item, value in zip(items, values, strict=True):
            place = place_text(item.name, line)
            if value is None or place not in held or held[place] == value:
                continue
            kept = True
            if held[place] is not None:
                self.outcome.collisions.append(Collision(key, item.name, line, value, None, 0))
        return kept
