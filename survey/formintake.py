"""The rows of one form taken into the survey file: inserted, put in place of others, or left as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from survey.form import Form, Item
from survey.responses import blank_row
from survey.scalar import Value
from survey.sql import quote
from survey.store import Change, place_text
from survey.taking import Cleared, Collision, Rows, Taking, Values, Written
from survey.words import Words

_CLOSE = 4


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
            for response, line in zip(self._responses, self._lines, strict=True):
                taking.lines_seen.setdefault((form.id, response), set()).add(line)
        elif taking.words is not None:
            taking.rows_seen.setdefault(form.id, set()).update(set(self._responses) - taking.fresh)
        existing = {} if taking.empty[form.id] else self._existing()
        taking.empty[form.id] = False
        if not existing and taking.fresh.issuperset(self._responses) and not self._batch.sent:
            self._begin()
        else:
            self._compare(existing)

    @property
    def _lines(self) -> Sequence[int]:
        return self._batch.lines if self._form.is_list else [0] * len(self._responses)

    def _begin(self) -> None:
        """Rows of respondents of whom the file holds nothing yet."""
        taking, form = self._taking, self._form
        if taking.keyed is not None:
            rows = zip(*self._columns, strict=True)
            for response, line, values in zip(self._responses, self._lines, rows, strict=True):
                taking.says((form.id, response, line), self._items, values)
        # What another file of the same intake has begun is changed by this one.
        taking.outcome.changed.update(set(self._batch.keys) - taking.outcome.new)
        lines = [self._batch.lines] if form.is_list else []
        self._insert(
            zip(self._responses, *lines, repeat(taking.source), self._batch.rows, *self._columns, strict=False)
        )

    def _compare(self, existing: Mapping[tuple[int, int], _Stored]) -> None:
        """Rows against those that are there."""
        taking, form = self._taking, self._form
        inserted: list[tuple[object, ...]] = []
        updated: list[tuple[object, ...]] = []
        changes: list[Change] = []
        nothing = _Stored(None, None, (None,) * len(self._items))
        for at, values in enumerate(zip(*self._columns, strict=True)):
            response, line, number = self._responses[at], self._lines[at], self._batch.rows[at]
            before, place = existing.get((response, line)), (form.id, response, line)
            old = (before or nothing).values
            same = old == values and not taking.compares
            merged = old if same else self._merged(at, line, before or nothing, values)
            taking.says(place, self._items, values)
            if merged == old:
                # A blank row says nothing of a respondent who is known.
                continue
            key = (response, line) if form.is_list else (response,)
            if before is None:
                inserted.append((*key, taking.source, number, *merged))
            else:
                updated.append((taking.source, number, *merged, *key))
            changes += self._changed(at, line, old, merged)
            if response not in taking.fresh or before is not None:
                was = before or nothing
                taking.replaced.setdefault(place, (int(before is None), was.source, was.row))
        self._insert(inserted)
        self._update(updated)
        taking.log(changes)

    def _changed(self, at: int, line: int, old: Values, merged: Values) -> list[Change]:
        """Notes what became of a row; what was not in the file before is no change to be recorded."""
        key, outcome = self._batch.keys[at], self._taking.outcome
        if key in outcome.new:
            return []
        found = differences(self._units[at], self._items, key[1], old, merged, line)
        if found:
            # What is computed alone is no change: it follows from what stands here.
            outcome.changed.add(key)
        outcome.written += [Written(key, change, self._batch.rows[at]) for change in found]
        return found

    def _merged(self, at: int, line: int, old: _Stored, values: Sequence[Value | Cleared]) -> Values:
        """What a row's cells hold afterwards."""
        blanks = self._taking.blanks
        merged = tuple(
            before if value is None and not blanks else None if isinstance(value, Cleared) else value
            for before, value in zip(old.values, values, strict=True)
        )
        if self._taking.words is not None:
            return self._by_word(at, line, old, merged, self._taking.words)
        if self._taking.keyed is None:
            return merged
        said = self._taking.said((self._form.id, self._responses[at], line))
        return tuple(
            self._settled(at, line, item, (before, after), said) if before != after and not item.computed else after
            for item, before, after in zip(self._items, old.values, merged, strict=True)
        )

    def _by_word(self, at: int, line: int, old: _Stored, offered: Values, words: Words) -> Values:
        """The three-way merge of a row: base is what the sender said last."""
        held, imported = words.of(self._units[at], self._batch.keys[at][1]), words.imported(old.source)
        if not held and not imported:
            return offered
        return tuple(
            self._by_field(at, line, item, (before, after), held, imported)
            for item, before, after in zip(self._items, old.values, offered, strict=True)
        )

    def _by_field(
        self, at: int, line: int, item: Item, cell: tuple[Value, Value], held: Mapping[str, Value], imported: bool
    ) -> Value:
        """What a cell holds afterwards: what only one side has changed is taken, what both have waits for a person."""
        before, after = cell
        place = place_text(item.name, line)
        unsaid = place not in held and imported and before is not None
        base = held.get(place) if place in held or unsaid else before
        if item.computed or base == before:
            return after
        if after != base or unsaid:
            # Of what was taken in here a blank is a word as well: the next return is held against it.
            one = Collision(self._batch.keys[at], item.name, line, before, after, self._batch.rows[at])
            outcome = self._taking.outcome
            (outcome.agreed if after in (before, base) else outcome.collisions).append(one)
        return before

    def _settled(self, at: int, line: int, item: Item, cell: tuple[Value, Value], said: Mapping[str, Value]) -> Value:
        """What a cell holds afterwards that the file would change: somebody may have meant what it holds."""
        before, after = cell
        taking, key = self._taking, self._batch.keys[at]
        between_files = said.get(item.name, after) != after
        converted = self._converted(at, line, item, after)
        if converted and taking.repeated:
            # The file says once more what was put right when it first came.
            return before
        held = between_files or converted or self._held(at, line, item, before)
        collision = Collision(key, item.name, line, before, after, self._batch.rows[at])
        if not held or taking.settles(collision.decision, between_files=between_files):
            return after
        taking.outcome.collisions.append(collision)
        return before

    def _held(self, at: int, line: int, item: Item, before: Value) -> bool:
        """Whether a cell stands as it is until a person decides otherwise."""
        taking, batch = self._taking, self._batch
        assert taking.keyed
        sent = batch.sent.get(item.name)
        if sent is not None:
            return before != sent[at]
        # What differs from a file that was taken before has been changed since; so may have what nobody knows of.
        known = (batch.doubtful or taking.repeated) and before is not None
        return known or taking.keyed.by_hand(self._units[at], batch.keys[at][1], item.name, line)

    def _converted(self, at: int, line: int, item: Item, value: Value) -> bool:
        """Whether a cell holds this very value, converted from another unit of measure."""
        keyed, period = self._taking.keyed, self._batch.keys[at][1]
        return (
            value is not None
            and keyed is not None
            and (keyed.converted(self._units[at], period, item.name, line) == value)
        )

    def _existing(self) -> dict[tuple[int, int], _Stored]:
        line = "line" if self._form.is_list else "0"
        first, last = min(self._responses), max(self._responses)
        # Ids that lie close together are read in one go; the ids are the program's own numbers.
        scattered = last - first > _CLOSE * len(self._responses)
        where = f"IN ({', '.join(map(str, set(self._responses)))})" if scattered else f"BETWEEN {first} AND {last}"
        rows = self._store.execute(
            f"SELECT response, {line}, source, source_row, {self._names} FROM {self._form.table} WHERE response {where}"
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
        """Rows in place of others; a line of which nothing is left is gone."""
        if rows:
            where = "response = ? AND line = ?" if self._form.is_list else "response = ?"
            assignments = ", ".join(f"{quote(item.name)} = ?" for item in self._items)
            self._store.executemany(
                f"UPDATE {self._form.table} SET source = ?, source_row = ?, {assignments} WHERE {where}", rows
            )
        if rows and self._form.is_list:
            responses = {row[-2] for row in rows}
            self._store.executemany(
                f"DELETE FROM {self._form.table} WHERE response = ? AND {blank_row(self._form)}",
                [(response,) for response in responses],
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
