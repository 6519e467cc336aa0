"""The rows of one form taken into the survey file: inserted, put in place of others, or left as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from survey.form import Form, Item, Respondent
from survey.keyed import Keyed
from survey.scalar import Value
from survey.sql import quote
from survey.store import Change, Store

Key = tuple[str, str]
Values = tuple[Value, ...]
# A cell: the unit's code, the period, the item, the line (0: none).
Cell = tuple[str, str, str, int]


class Cleared:
    """Stands in a column where a cell is to become blank."""


CLEARED = Cleared()


@dataclass(frozen=True)
class Rows:
    """Some rows of a foreign table: whom and when each is about, and the columns by item name.

    A key is (uscc, period), each at most once in a batch; every column is as long as `keys`. Rows of
    a list form name their `lines`; then a key comes once a line. `kind` is who answers. `sent` has, column by
    column, what stood in the cells when the form was sent out.
    """

    keys: Sequence[Key]
    rows: Sequence[int]
    columns: Mapping[str, Sequence[Value | Cleared]]
    districts: Sequence[str] = ()
    names: Sequence[Value] = ()
    lines: Sequence[int] = ()
    kind: Respondent = "unit"
    sent: Mapping[str, Sequence[Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Collision:
    """A cell that was not taken: the file offers one value, and the survey file holds another one on purpose."""

    key: Key
    item: str
    line: int
    kept: Value
    offered: Value
    row: int

    @property
    def cell(self) -> Cell:
        return *self.key, self.item, self.line


@dataclass(frozen=True)
class Written:
    """A cell of a respondent who was known before: what it held, what it holds now, and the row it came from."""

    key: Key
    change: Change
    row: int


@dataclass
class Outcome:
    """What happened to the respondents of a file, by (uscc, period)."""

    new: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    seen: set[Key] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)
    collisions: list[Collision] = field(default_factory=list)

    @property
    def identical(self) -> set[Key]:
        return self.seen - self.new - self.changed


class Taking:
    """What the intake of a source's rows shares between its forms.

    `settled` None settles every cell; `fresh` are the responses that this intake has begun, `replaced` the rows of
    other responses as they were by (form, response, line): whether the row is new, its source and row number.
    """

    def __init__(
        self,
        store: Store,
        who: str,
        reason: str,
        blanks: bool,
        keyed: Keyed | None,
        settled: Collection[Cell] | None,
    ) -> None:
        self.store = store
        self.blanks = blanks
        self.source = 0
        # The first source of this intake.
        self.first = 0
        self.outcome = Outcome()
        self.fresh: set[int] = set()
        self.lines_seen: dict[tuple[str, int], set[int]] = {}
        self.replaced: dict[tuple[str, int, int], tuple[int, int | None, int | None]] = {}
        self._cells: set[Cell] = set()
        self.empty = {
            form.id: not store.execute(f"SELECT 1 FROM {form.table} LIMIT 1").fetchone() for form in store.scheme.forms
        }
        self._who = who
        self._reason = reason
        self._keyed = keyed
        self._settled = settled

    def log(self, changes: Sequence[Change]) -> None:
        """Keeps what was changed, in the file and for the sources that follow."""
        if changes:
            self.store.log(changes, who=self._who, reason=self._reason, source=self.source)

    def by_hand(self, unit: int, key: Key, item: Item, line: int) -> bool:
        """Whether a cell was keyed by a person, and stands as it is until one decides otherwise."""
        return self._keyed is not None and self._keyed.by_hand(unit, key[1], item.name, line)

    def converts(self, unit: int, key: Key, item: Item, line: int, value: Value) -> bool:
        """Whether a cell holds this very value, converted from another unit of measure."""
        return (
            value is not None
            and self._keyed is not None
            and (self._keyed.converted(unit, key[1], item.name, line) == value)
        )

    def brought(self, cell: Cell, form: Form, response: int) -> bool:
        """Whether an earlier source of this intake has answered a cell: no file is taken for the better one."""
        new = self.replaced.get((form.id, response, cell[3]), (0,))[0]
        return response in self.fresh or bool(new) or cell in self._cells

    def wrote(self, cells: Iterable[Cell]) -> None:
        """Notes cells of respondents who were known before."""
        self._cells.update(cells)

    def settles(self, cell: Cell) -> bool:
        """Whether a person has decided that the file is right about a cell."""
        return self._settled is None or cell in self._settled

    @property
    def holds(self) -> bool:
        """Whether any cell of the file may be held against a source."""
        return self._keyed is not None and self._settled is not None


class _Stored(NamedTuple):
    """A row as the survey file holds it: the source and row number it came from, its values."""

    source: int | None
    row: int | None
    values: Values


class FormIntake:
    """The columns of a batch that belong to one form."""

    def __init__(
        self,
        taking: Taking,
        form: Form,
        items: Sequence[Item],
        batch: Rows,
        units: Sequence[int],
        responses: Sequence[int],
    ) -> None:
        self._taking = taking
        self._store = taking.store
        self._form = form
        self._items = items
        self._batch = batch
        self._units = units
        self._responses = responses
        self._names = ", ".join(quote(item.name) for item in items)
        self._columns = [batch.columns[item.name] for item in items]

    def take(self) -> None:
        taking, form = self._taking, self._form
        if form.is_list:
            for response, line in zip(self._responses, self._batch.lines, strict=True):
                taking.lines_seen.setdefault((form.id, response), set()).add(line)
        existing = {} if taking.empty[form.id] else self._existing()
        taking.empty[form.id] = False
        if not existing and taking.fresh.issuperset(self._responses) and not self._batch.sent:
            lines = [self._batch.lines] if form.is_list else []
            # What another file of the same intake has begun is changed by this one.
            taking.outcome.changed.update(set(self._batch.keys) - taking.outcome.new)
            self._insert(
                zip(self._responses, *lines, repeat(taking.source), self._batch.rows, *self._columns, strict=False)
            )
        else:
            self._compare(existing)

    def _compare(self, existing: Mapping[tuple[int, int], _Stored]) -> None:
        """Rows against those that are there."""
        taking, keys = self._taking, self._batch.keys
        lines = self._batch.lines if self._form.is_list else [0] * len(keys)
        inserted: list[tuple[object, ...]] = []
        updated: list[tuple[object, ...]] = []
        changes: list[Change] = []
        nothing = _Stored(None, None, (None,) * len(self._items))
        for at, values in enumerate(zip(*self._columns, strict=True)):
            response, line, number = self._responses[at], lines[at], self._batch.rows[at]
            before = existing.get((response, line))
            old = (before or nothing).values
            if before and old == values:
                continue
            merged = self._merged(at, line, before or nothing, values)
            if merged == old:
                # A blank row says nothing of a respondent who is known.
                continue
            place = (response, line) if self._form.is_list else (response,)
            if before is None:
                inserted.append((*place, taking.source, number, *merged))
            else:
                updated.append((taking.source, number, *merged, *place))
            changes += self._changed(at, line, old, merged)
            if response not in taking.fresh:
                was = before or nothing
                taking.replaced.setdefault((self._form.id, response, line), (int(before is None), was.source, was.row))
        self._insert(inserted)
        self._update(updated)
        taking.log(changes)

    def _changed(self, at: int, line: int, old: Values, merged: Values) -> list[Change]:
        """Notes what became of a row; what was not in the file before is no change to be recorded."""
        key, outcome = self._batch.keys[at], self._taking.outcome
        if key in outcome.new:
            return []
        outcome.changed.add(key)
        if self._responses[at] in self._taking.fresh:
            return []
        found = differences(self._units[at], self._items, key[1], old, merged, line)
        outcome.written += [Written(key, change, self._batch.rows[at]) for change in found]
        self._taking.wrote((*key, change.item.name, line) for change in found)
        return found

    def _merged(self, at: int, line: int, old: _Stored, values: Sequence[Value | Cleared]) -> Values:
        """What a row's cells hold afterwards."""
        blanks = self._taking.blanks
        merged = tuple(
            before if value is None and not blanks else None if isinstance(value, Cleared) else value
            for before, value in zip(old.values, values, strict=True)
        )
        if not self._taking.holds:
            return merged
        # A row of the same intake was brought by another of its files.
        again = old.source is not None and old.source >= self._taking.first and old.source != self._taking.source
        return tuple(
            self._settled(at, line, item, before, after, again) if before != after and not item.computed else after
            for item, before, after in zip(self._items, old.values, merged, strict=True)
        )

    def _settled(self, at: int, line: int, item: Item, before: Value, after: Value, again: bool) -> Value:
        """What a cell holds afterwards that the file would change: somebody may have meant what it holds."""
        key, sent = self._batch.keys[at], self._batch.sent.get(item.name)
        collision = Collision(key, item.name, line, before, after, self._batch.rows[at])
        if self._taking.converts(self._units[at], key, item, line, after):
            # The file says once more what was put right when it first came.
            return before
        if sent is not None:
            held = before != sent[at]
        else:
            held = self._taking.by_hand(self._units[at], key, item, line)
        if again and before is not None and not held:
            held = self._taking.brought(collision.cell, self._form, self._responses[at])
        if not held or self._taking.settles(collision.cell):
            return after
        self._taking.outcome.collisions.append(collision)
        return before

    def _existing(self) -> dict[tuple[int, int], _Stored]:
        # Ids of a batch lie close together: one range scan beats a thousand look-ups.
        line = "line" if self._form.is_list else "0"
        rows = self._store.execute(
            f"SELECT response, {line}, source, source_row, {self._names} FROM {self._form.table}"
            " WHERE response BETWEEN ? AND ?",
            (min(self._responses), max(self._responses)),
        )
        return {(row[0], row[1]): _Stored(row[2], row[3], row[4:]) for row in rows}

    def _insert(self, rows: Iterable[tuple[object, ...]]) -> None:
        line, mark = ("line, ", "?, ") if self._form.is_list else ("", "")
        self._store.executemany(
            f"INSERT INTO {self._form.table} (response, {line}source, source_row, {self._names})"
            f" VALUES (?, {mark}?, ?{', ?' * len(self._items)})",
            iter(rows),
        )

    def _update(self, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            where = "response = ? AND line = ?" if self._form.is_list else "response = ?"
            assignments = ", ".join(f"{quote(item.name)} = ?" for item in self._items)
            self._store.executemany(
                f"UPDATE {self._form.table} SET source = ?, source_row = ?, {assignments} WHERE {where}", rows
            )


def differences(
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
